"""Chapter 13: both normalisations and the pooling under maps of the notebook are the library's.

Not in 16 bits, where the library computes in 32 and the notebook does not: the chapter shows what comes of that.
"""

from course_lib.instances import activation_maps

from ..comparing import draws, same_function


def logits(seed: int):
    """Two pictures; one map; a map of a single cell; a map that is empty as far as numbers go."""
    draw = draws(seed)
    return [(3 * draw(2, 6, 5, 7),), (draw(1, 1, 4, 3),), (draw(1, 2, 1, 1),), (draw(1, 2, 3, 4) - 60,)]


def by_sigmoid(notebook_function):
    same_function(notebook_function, activation_maps.sigmoid_maps, cases=logits(130))


def by_softmax(notebook_function):
    """Also logits whose exponential no number holds."""
    same_function(
        notebook_function, activation_maps.softmax_maps, cases=[*logits(131), (900 + draws(132)(1, 2, 3, 3),)]
    )


def pooling(notebook_function):
    """One group, two, three and five; more maps than channels and fewer."""
    draw = draws(133)
    shapes = [(2, 6, 4, 2), (1, 4, 5, 1), (1, 6, 3, 3), (1, 5, 2, 5)]
    cases = [(draw(b, m, 3, 4), draw(b, c, 3, 4), groups) for b, m, c, groups in shapes]
    same_function(notebook_function, activation_maps.pool_under_maps, cases=cases)


_MODULE = "course_lib.instances.activation_maps."
COMPARATORS = {
    _MODULE + "sigmoid_maps": by_sigmoid,
    _MODULE + "softmax_maps": by_softmax,
    _MODULE + "pool_under_maps": pooling,
}
