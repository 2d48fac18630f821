"""Is b better than a? The relative change of each metric, clip against the same clip.

Two intervals may overlap though b beats a on every clip, since most of their width is that some clips are hard for both. So the
same clips are drawn for both, and the change is computed from each draw:

    change = (mean b − mean a) / mean a        −0.15 reads "b is 15 % lower"
"""

from dataclasses import dataclass

import numpy as np

from course_lib.evaluation.bootstrap import RESAMPLES, draw_clips, limits
from course_lib.evaluation.evaluate import Evaluation


@dataclass(frozen=True)
class Change:
    """Of one metric from a to b, relative to a, with its bootstrap interval over clips; NaN where a has no error at all."""

    before: float
    after: float
    change: float
    low: float
    high: float
    clips: int

    def falls_by(self, share: float) -> bool:
        """Whether the measured change is a fall of at least `share` (0.15 is 15 %). The estimate, not its interval."""
        return self.change <= -share

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out 0: the sign would be the same with other such clips."""
        return self.high < 0 or self.low > 0

    def __str__(self) -> str:
        return f"{100 * self.change:+.1f} % [{100 * self.low:+.1f}, {100 * self.high:+.1f}]"


def compare(a: Evaluation, b: Evaluation, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Change]:
    """→ metric → change from a to b, over the clips and metrics that both have, drawn within their sets.

    A clip on which either has NaN is left out of that metric. ValueError where the two have no clip in common.
    """
    shared = [clip.name for clip in a.clips if clip.name in {other.name for other in b.clips}]
    if not shared:
        raise ValueError("the two evaluations have no clip in common")
    before, after = a.select(shared), b.select(shared)
    theirs = after.per_clip()
    return {
        metric: _change(values, theirs[metric], np.array(before.sets), seed, resamples)
        for metric, values in before.per_clip().items()
        if metric in theirs
    }


def _change(a: np.ndarray, b: np.ndarray, sets: np.ndarray, seed: int, resamples: int) -> Change:
    known = ~(np.isnan(a) | np.isnan(b))
    a, b, sets = a[known], b[known], sets[known]
    if len(a) == 0 or a.mean() == 0:
        return Change(*([float("nan")] * 5), len(a))
    drawn = draw_clips(sets, seed, resamples)
    before, after = a[drawn].mean(axis=1), b[drawn].mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw of clips on which a has no error
        low, high = limits(after / before - 1)
    return Change(float(a.mean()), float(b.mean()), float(b.mean() / a.mean() - 1), low, high, len(a))
