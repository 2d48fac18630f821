"""Chapter 04: the ConvGRU of the notebook is the library's."""

from course_lib.matting import ConvGRU

from ..comparing import draws, same_module


def conv_gru(notebook_class):
    """One frame, one frame without a state, a clip; batch 1 and odd sizes among them."""
    draw = draws(seed=4)
    cases = [
        (draw(2, 6, 9, 7), draw(2, 6, 9, 7)),
        (draw(1, 6, 5, 3), None),
        (draw(2, 3, 6, 5, 4), None),
        (draw(1, 3, 6, 1, 1), draw(1, 6, 1, 1)),
    ]
    same_module(notebook_class, ConvGRU, arguments=(6,), cases=cases)


COMPARATORS = {"course_lib.matting.ConvGRU": conv_gru}
