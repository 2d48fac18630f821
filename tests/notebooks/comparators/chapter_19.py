"""Chapter 19: the flicker that the notebook measures is the lab's."""

import numpy as np

from course_lib.widgets.model_lab.results import flicker as library_flicker

from ..comparing import draws


def flicker(notebook_function):
    """Some pixels stand still and some do not; two frames; a clip in which everything moves."""
    draw = draws(1900)
    for frames in (0.5 + 0.02 * draw(5, 3, 6, 7), 0.5 + 0.02 * draw(2, 3, 4, 5), draw(3, 3, 4, 4)):
        alpha = draw(len(frames), 1, *frames.shape[-2:]).sigmoid()
        np.testing.assert_allclose(notebook_function(frames, alpha), library_flicker(frames, alpha), rtol=1e-6)


COMPARATORS = {"course_lib.widgets.model_lab.results.flicker": flicker}
