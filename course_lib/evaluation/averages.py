"""One number for many clips, in two ways. For clips of one length they agree, but for dtSSD.

- `average_over_frames`, as RVM's authors: for each frame index the mean over the clips that have it, then the mean over the
  indices. dtSSD's first frame, always 0, is averaged in. For comparing with the paper's tables.
- `average_over_clips`: the mean of each clip, then the mean over clips. A clip is a sample, whatever its length, and intervals
  are made from these samples (`clip_averages`). dtSSD's first frame is left out: nothing was measured there.

A foreground error of a frame without a subject is NaN and is left out of both; where all are, the average is NaN.
"""

from collections.abc import Mapping, Sequence

import numpy as np

Metrics = Mapping[str, np.ndarray]  # what `matting_metrics` returns for one clip: name → (T,)


def average_over_frames(clips: Sequence[Metrics]) -> dict[str, float]:
    """→ name → average. Clips may differ in length; ValueError if there are none or they hold different metrics."""
    averages = {}
    for name in _names(clips):
        table = np.full((len(clips), max(len(clip[name]) for clip in clips)), np.nan)  # (clips, frames)
        for row, clip in zip(table, clips, strict=True):
            row[: len(clip[name])] = clip[name]
        averages[name] = _mean(np.array([_mean(column) for column in table.T]))
    return averages


def average_over_clips(clips: Sequence[Metrics]) -> dict[str, float]:
    """→ name → average. Raises as above."""
    return {name: _mean(values) for name, values in clip_averages(clips).items()}


def clip_averages(clips: Sequence[Metrics]) -> dict[str, np.ndarray]:
    """→ name → (clips,), the mean of each clip. dtSSD of a clip of one frame is NaN."""
    return {
        name: np.array([_mean(clip[name][1:] if name == "dtssd" else clip[name]) for clip in clips])
        for name in _names(clips)
    }


def _names(clips: Sequence[Metrics]) -> list[str]:
    if not clips:
        raise ValueError("there are no clips to average over")
    names = list(clips[0])
    for clip in clips:
        if set(clip) != set(names):
            raise ValueError(f"all clips must have the same metrics: {', '.join(names)} and {', '.join(clip)} differ")
    return names


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
