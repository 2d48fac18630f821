"""What a run is asked in common with every other, what it shows on its way, and what it says at the end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import CourseError

Progress = Callable[[int, int | None], None]
DEFAULT_QUALITY = 70


@dataclass(frozen=True)
class Report:
    """What a run did. seconds: from opening the input to the finished files; network_seconds: of these, in the network."""

    frames: int
    seconds: float
    network_seconds: float
    outputs: tuple[Path, ...]
    notes: tuple[str, ...]

    @property
    def fps(self) -> float:
        return self.frames / self.seconds


def check_request(quality: float, resize: tuple[int, int] | None) -> None:
    """CourseError for a quality or a size that there is not."""
    if not 0 <= quality <= 100:
        raise CourseError(f"--quality {quality} must be between 0 and 100.")
    if resize and min(resize) < 1:
        raise CourseError(f"--resize {resize[0]}x{resize[1]} must be at least 1x1.")


def shown(progress: bool | Progress, total: int | None, stack: ExitStack) -> Progress:
    """The caller's function, a bar on stderr, or nothing."""
    if callable(progress):
        return progress
    if not progress:
        return lambda done, total: None
    from tqdm import tqdm

    bar = stack.enter_context(tqdm(total=total, unit="frame", dynamic_ncols=True))
    return lambda done, total: bar.update(done - bar.n)
