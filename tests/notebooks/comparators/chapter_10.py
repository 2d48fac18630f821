"""Chapter 10: the metrics that the notebook builds are the library's, on mattes with ties, constant frames and odd sizes."""

import numpy as np
import torch

from course_lib.evaluation import bootstrap, connectivity, errors, gradient, temporal

from ..comparing import draws, same_function


def mattes(seed: int) -> list[tuple]:
    """Pairs of clips (T,1,H,W) in [0, 1]: several frames, one of odd size, one narrower than a kernel."""
    draw = draws(seed)
    shapes = [(3, 1, 12, 17), (2, 1, 9, 31), (1, 1, 5, 3)]
    return [tuple(draw(*shape).abs().clamp(max=1) for _ in range(2)) for shape in shapes]


def absolute(notebook_function):
    same_function(notebook_function, errors.mean_absolute_difference, cases=mattes(100))


def squared(notebook_function):
    same_function(notebook_function, errors.mean_squared_error, cases=mattes(101))


def edges(notebook_function):
    """Also frames that the stretch must leave at 0; slopes have no gradient where they vanish, so values only there."""
    same_function(notebook_function, gradient.gradient_error, cases=mattes(102))
    flat = torch.full((2, 1, 9, 9), 0.3, dtype=torch.float64), mattes(103)[0][0][:2, :, :9, :9]
    torch.testing.assert_close(notebook_function(*flat), gradient.gradient_error(*flat))


def level(notebook_function):
    """Few values, so that pieces are many, tie in size and sit exactly on thresholds; nothing at all; all ones."""
    rng = np.random.default_rng(104)
    for steps in (1, 2, 5, 10, 255):
        for _ in range(8):
            both = np.round(rng.random((11, 17)) * steps) / steps
            np.testing.assert_array_equal(notebook_function(both), connectivity.connected_level(both))
    for both in (np.zeros((4, 5)), np.ones((4, 5)), np.full((1, 1), 0.7)):
        np.testing.assert_array_equal(notebook_function(both), connectivity.connected_level(both))


def connected(notebook_function):
    """Not differentiable, in both: values only."""
    for p, g in mattes(105) + [(p.round(decimals=1), g.round(decimals=1)) for p, g in mattes(106)]:
        torch.testing.assert_close(notebook_function(p, g), connectivity.connectivity_error(p, g))


def flicker(notebook_function):
    same_function(notebook_function, temporal.temporal_error, cases=mattes(107)[:2])
    (still,) = mattes(108)[2:]
    torch.testing.assert_close(notebook_function(*still), temporal.temporal_error(*still))  # a clip of one frame


def resampled(notebook_function):
    """The notebook returns the means of the draws, the library what the middle 95 % of them lie between."""
    rng = np.random.default_rng(109)
    for values in (rng.random(16), rng.exponential(size=5), rng.random(2)):
        library = bootstrap.bootstrap_interval(values)
        np.testing.assert_allclose(
            np.percentile(notebook_function(values), [2.5, 97.5]), [library.low, library.high], rtol=1e-12
        )


_MODULE = "course_lib.evaluation."
COMPARATORS = {
    _MODULE + "errors.mean_absolute_difference": absolute,
    _MODULE + "errors.mean_squared_error": squared,
    _MODULE + "gradient.gradient_error": edges,
    _MODULE + "connectivity.connected_level": level,
    _MODULE + "connectivity.connectivity_error": connected,
    _MODULE + "temporal.temporal_error": flicker,
    _MODULE + "bootstrap.bootstrap_interval": resampled,
}
