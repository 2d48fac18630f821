"""`compare(a, b, clip)`: two contestants on one clip, as numbers, as a figure, and as a file."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from torch import nn

from course_lib.viz import lab as figures
from course_lib.widgets.model_lab.clips import LabClip, find_clip
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.contestants import find_contestant
from course_lib.widgets.model_lab.report import Report
from course_lib.widgets.model_lab.results import LabResult, result_of

UNITS = {
    "mad": "MAD ×1000",
    "mse": "MSE ×1000",
    "grad": "Grad",
    "conn": "Conn",
    "dtssd": "dtSSD",
    "flicker": "flicker /255",
}


def curves(result: LabResult) -> dict[str, Float[np.ndarray, "T"]]:
    """Each measure frame by frame. Flicker needs no truth; the others are there where there is one."""
    return {UNITS[name]: values for name, values in result.metrics.items()} | {UNITS["flicker"]: result.flicker}


def measures(result: LabResult) -> dict[str, float]:
    """Means over the frames; of flicker over all but the first, which has nothing before it."""
    flicker = UNITS["flicker"]
    return {name: float(values[1 if name == flicker else 0 :].mean()) for name, values in curves(result).items()}


@dataclass(frozen=True)
class Comparison(Report):
    """Two results on the same clip."""

    clip: LabClip
    a: LabResult
    b: LabResult
    about: tuple[str, str]

    @property
    def names(self) -> tuple[str, str]:
        return self.a.contestant, self.b.contestant

    @property
    def shown(self) -> tuple[str, str]:
        return self.clip.name, self.clip.note

    @property
    def measures(self) -> tuple[dict[str, float], dict[str, float]]:
        return measures(self.a), measures(self.b)

    def figure(self) -> Figure:
        """Frames, both mattes, what is wrong with them (or how they differ), the x–t slice and the errors over time."""
        return figures.comparison(self.clip, self.a, self.b)


def compare(
    a: str | nn.Module | Contestant = "rvm-mobilenetv3-published",
    b: str | nn.Module | Contestant = "state reset",
    clip: str | Path | LabClip = "carphone",
) -> Comparison:
    """Runs both, or takes them from the cache. By name (`contestant_names()`, `clip_names()`), or a network, or a video file.

    Raises CourseError for a name that there is not, and for weights that are not here.
    """
    contestants, found = (find_contestant(a), find_contestant(b)), find_clip(clip)
    first, second = (result_of(contestant, found) for contestant in contestants)
    return Comparison(found, first, second, tuple(contestant.what for contestant in contestants))
