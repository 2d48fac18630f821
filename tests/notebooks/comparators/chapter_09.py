"""Chapter 09: the flicker error and the one-frame delay that the notebook builds are the library's."""

from course_lib.evaluation.temporal import temporal_error
from course_lib.matting.baselines import one_frame_delay

from ..comparing import draws, same_function


def flicker(notebook_function):
    """Several frames, two, and one, which has none before it."""
    draw = draws(900)
    shapes = [(4, 1, 6, 7), (2, 1, 5, 3), (1, 1, 4, 4)]
    same_function(notebook_function, temporal_error, cases=[(draw(*shape), draw(*shape)) for shape in shapes])


def delay(notebook_function):
    """Some pixels stand out and some do not; other thresholds; clips that are too short."""
    draw = draws(901)
    clips = [0.1 * draw(*shape) + 0.5 for shape in [(6, 1, 9, 7), (3, 1, 5, 5), (2, 1, 4, 3), (1, 1, 2, 2)]]
    cases = [(clip,) for clip in clips] + [(clips[0], 0.02), (clips[0], 0.3)]
    same_function(notebook_function, one_frame_delay, cases=cases)


COMPARATORS = {
    "course_lib.evaluation.temporal.temporal_error": flicker,
    "course_lib.matting.baselines.one_frame_delay": delay,
}
