"""Chapter 06: both guided filters of the notebook, which take single frames, are the library's."""

from course_lib.matting import guided_filter

from ..comparing import draws, same_function, same_module


def inputs(draw, batch, large, small):
    """Large frames, small frames, residual, alpha and hidden features, in the order in which `forward` takes them."""
    sizes = (3, large), (3, small), (3, small), (1, small), (16, small)
    return tuple(draw(batch, channels, *size) for channels, size in sizes)


def cases(seed):
    """Four times enlarged, a ratio that is no whole number with odd sizes and batch 1, and the same size."""
    draw = draws(seed=seed)
    return [
        inputs(draw, 2, (20, 28), (5, 7)),
        inputs(draw, 1, (13, 9), (5, 4)),
        inputs(draw, 2, (6, 5), (6, 5)),
    ]


def fast(notebook_class):
    same_module(notebook_class, guided_filter.FastGuidedFilter, cases=cases(60))


def deep(notebook_class):
    same_module(notebook_class, guided_filter.DeepGuidedFilter, cases=cases(61))


def with_grey(notebook_function):
    draw = draws(seed=62)
    same_function(notebook_function, guided_filter.with_grey, cases=[(draw(2, 3, 4, 5),), (draw(1, 3, 1, 1),)])


_MODULE = "course_lib.matting.guided_filter."
COMPARATORS = {
    _MODULE + "FastGuidedFilter": fast,
    _MODULE + "DeepGuidedFilter": deep,
    _MODULE + "with_grey": with_grey,
}
