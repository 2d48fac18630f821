"""Chapter 07: pyramid and losses of the notebook are the library's, on clips and sizes that the plain formulas take."""

import torch

from course_lib.matting import laplacian, losses

from ..comparing import draws, same_function


def shrink(notebook_function):
    draw = draws(seed=70)
    same_function(notebook_function, laplacian.shrink, cases=[(draw(2, 3, 8, 6),), (draw(1, 1, 4, 4),)])


def enlarge(notebook_function):
    draw = draws(seed=71)
    same_function(notebook_function, laplacian.enlarge, cases=[(draw(2, 3, 5, 2),), (draw(1, 1, 2, 2),)])


def laplacian_pyramid(notebook_function):
    """Even and odd sides, from the smallest that holds five layers; fewer layers of a smaller picture."""
    draw = draws(seed=72)
    cases = [(draw(2, 1, 64, 64),), (draw(1, 3, 65, 127),), (draw(1, 1, 12, 9), 2)]
    same_function(notebook_function, laplacian.laplacian_pyramid, cases=cases)


def laplacian_loss(notebook_function):
    draw = draws(seed=73)
    cases = [(draw(3, 1, 64, 70),), (draw(1, 2, 67, 128),)]
    same_function(notebook_function, laplacian.laplacian_loss, cases=cases)


def coherence(notebook_function):
    draw = draws(seed=74)
    same_function(notebook_function, losses.coherence, cases=[(draw(2, 4, 3, 5, 7),), (draw(1, 2, 1, 1, 1),)])


def matting_loss(notebook_function):
    """Nobody on about half of the pixels, so that the masks differ from frame to frame."""
    draw = draws(seed=75)
    sizes = [(2, 3, 64, 66), (1, 2, 65, 64)]
    cases = [tuple(draw(b, t, c, h, w) for c in (3, 1, 3, 1)) for b, t, h, w in sizes]
    assert all(0.4 < (case[3] > 0).double().mean() < 0.6 for case in cases)
    same_function(notebook_function, losses.matting_loss, cases=cases)


def segmentation_loss(notebook_function):
    """Masks of bool and of floats between 0 and 1, clips and stills; logits at which the naive formula is infinite."""
    draw = draws(seed=76)
    logits = draw(2, 3, 1, 4, 5)
    cases = [(40 * logits, logits > 0.3), (100 * draw(2, 1, 6, 3), torch.sigmoid(draw(2, 1, 6, 3)))]
    same_function(notebook_function, losses.segmentation_loss, cases=cases)


_PYRAMID, _LOSSES = "course_lib.matting.laplacian.", "course_lib.matting.losses."
COMPARATORS = {
    _PYRAMID + "shrink": shrink,
    _PYRAMID + "enlarge": enlarge,
    _PYRAMID + "laplacian_pyramid": laplacian_pyramid,
    _PYRAMID + "laplacian_loss": laplacian_loss,
    _LOSSES + "coherence": coherence,
    _LOSSES + "matting_loss": matting_loss,
    _LOSSES + "segmentation_loss": segmentation_loss,
}
