"""What a source is, and what it hands on: one frame, when it is shown and what it was called. And the limits it keeps."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Protocol

import numpy as np

from course_lib.errors import CourseError

LARGEST_PICTURE = 8192 * 8192  # pixels; the network needs about 100 bytes for each


@dataclass(frozen=True)
class Frame:
    """`rgb` is (H, W, 3) uint8; `time` in seconds since the first frame; `file` is the picture file's name."""

    rgb: np.ndarray
    time: Fraction
    file: str | None = None

    @property
    def name(self) -> str | None:
        """The picture file's name without suffix."""
        return self.file and PurePath(self.file).stem


@dataclass(frozen=True)
class Span:
    """The part of a source to read: `start` and `duration` in seconds; a duration of None reaches to the end."""

    start: Fraction = Fraction(0)
    duration: Fraction | None = None

    @classmethod
    def of(cls, start: float = 0, duration: float | None = None) -> Span:
        if not 0 <= start < float("inf"):
            raise CourseError(f"--start {start} must be 0 or more seconds.")
        if duration is not None and not 0 < duration < float("inf"):
            raise CourseError(f"--duration {duration} must be more than 0 seconds.")
        return cls(_exact(start), None if duration is None else _exact(duration))

    @property
    def end(self) -> Fraction | None:
        return None if self.duration is None else self.start + self.duration


class Source(Protocol):
    """Frames to iterate over: of a video, of pictures, of a webcam. The attributes are explained by `VideoSource`."""

    path: Path
    span: Span
    rate: Fraction
    tick: Fraction
    total: int | None
    sound: Path | None
    origin: Fraction
    pixel_aspect: Fraction | None
    notes: list[str]
    one_size: bool

    def __iter__(self) -> Generator[Frame]: ...


def check_size(where: str, width: int, height: int) -> None:
    """CourseError for a picture too large to hold in memory as numbers."""
    if width * height > LARGEST_PICTURE:
        raise CourseError(
            f"{where} is {width}×{height} pixels, more than the {LARGEST_PICTURE / 1e6:.0f} million that fit in memory. "
            "If that is really its size, make a smaller copy first."
        )


def check_same_size(where: str, picture: np.ndarray, first: tuple[int, int]) -> None:
    """CourseError when (H, W) of `picture` is not `first`: the network's memory belongs to one size."""
    height, width = picture.shape[:2]
    if (height, width) != first:
        raise CourseError(
            f"{where} is {width}×{height} pixels, but the frames before it are {first[1]}×{first[0]}. "
            f"Bring all to one size: --resize {first[1]}x{first[0]}"
        )


def _exact(seconds: float) -> Fraction:
    return Fraction(seconds).limit_denominator(1_000_000)  # 0.1 is one tenth, not the nearest binary fraction
