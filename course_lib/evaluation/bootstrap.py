"""How far an average over clips could be off: the percentile bootstrap.

Efron & Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13. Draw as many clips as there are, with replacement, and
average them; do so many times; the middle 95 % of these averages are the interval. A clip is drawn whole, since its frames are
alike. It is drawn from its own set, so that every resample holds the sets in the same shares (stratified). The paper reports no
intervals.

An interval tells how much another choice of *such* clips would change the number. It knows nothing of clips of another kind,
nor of another training of the same network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

RESAMPLES = 10_000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """An average over clips and its bootstrap interval. NaN where nothing is known: of no clip, or between one clip a set."""

    mean: float
    low: float
    high: float
    clips: int

    def __str__(self) -> str:
        return f"{self.mean:.4g} [{self.low:.4g}, {self.high:.4g}]"

    @property
    def reach(self) -> float:
        """How far the interval goes from the mean, on the side where it goes further: for tables with little room."""
        return max(self.high - self.mean, self.mean - self.low)


def bootstrap_interval(
    values: Float[np.ndarray, "N"], sets: Sequence[str] | None = None, seed: int = 0, resamples: int = RESAMPLES
) -> Interval:
    """One value per clip → their mean and its interval. NaN values count as not measured; `sets` names each clip's set.

    Raises ValueError where `sets` has another length.
    """
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    labels = _labels(values, sets)[known]
    values = values[known]
    if len(values) == 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    if max(np.unique(labels, return_counts=True)[1]) == 1:
        return Interval(float(values.mean()), np.nan, np.nan, len(values))
    means = values[draw_clips(labels, seed, resamples)].mean(axis=1)  # (resamples,)
    low, high = limits(means)
    return Interval(float(values.mean()), low, high, len(values))


def draw_clips(labels: Sequence[str], seed: int, resamples: int) -> Int[np.ndarray, "resamples N"]:
    """Indices of clips: each row is a resample with as many clips of each label as there are."""
    rng, labels = np.random.default_rng(seed), np.asarray(labels)
    columns = []
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        columns.append(members[rng.integers(len(members), size=(resamples, len(members)))])
    return np.concatenate(columns, axis=1)


def limits(statistics: Float[np.ndarray, "resamples"]) -> tuple[float, float]:
    """What the middle 95 % lie between."""
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(statistics, [tail, 100 - tail])
    return float(low), float(high)


def _labels(values: np.ndarray, sets: Sequence[str] | None) -> np.ndarray:
    if sets is None:
        return np.full(len(values), "")
    if len(sets) != len(values):
        raise ValueError(f"{len(values)} values, but {len(sets)} names of sets")
    return np.asarray(sets)
