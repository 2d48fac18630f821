"""A webcam as a source: `webcam`, or `webcam:1` for the second one. Frames come as fast as they are taken up.

A network that is slower than the camera sees fewer frames, each with the time at which it was taken, so the result plays at
the speed of life.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import cv2

from course_lib.errors import CourseError
from course_lib.video.frames import Frame, Span, check_same_size
from course_lib.video.timing import FALLBACK_RATE, frame_rate

NAME = re.compile(r"webcam(?::(\d+))?")
TICK = Fraction(1, 1000)  # seconds


class WebcamSource:
    """Iterate over `Frame`s until `span.duration` is over. Same attributes as `VideoSource`; a webcam has no sound here."""

    sound = None
    origin = Fraction(0)
    pixel_aspect = None
    tick = TICK
    one_size = True

    def __init__(self, path: Path, span: Span, resize: tuple[int, int] | None = None) -> None:
        if span.duration is None:
            raise CourseError(f"{path} has no end: say for how many seconds, such as --duration 20.")
        if span.start:
            raise CourseError(f"{path} has no beginning to skip: leave out --start.")
        self.path, self.span, self.resize = path, span, resize
        self.notes: list[str] = []
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # its complaints become one message
        self._camera = cv2.VideoCapture(int(NAME.fullmatch(path.name)[1] or 0))
        if not self._camera.isOpened():
            raise CourseError(f"{path}: there is no such camera, or another program uses it.")
        rate = Fraction(self._camera.get(cv2.CAP_PROP_FPS)).limit_denominator(1001)
        self.rate = frame_rate(rate) or FALLBACK_RATE
        self.total = None

    def __iter__(self) -> Iterator[Frame]:
        began, size, last = None, None, -TICK
        try:
            while True:
                taken, bgr = self._camera.read()
                if not taken:
                    raise CourseError(f"{self.path}: the camera gives no more pictures. Is it still plugged in?")
                now = time.monotonic()
                began = now if began is None else began
                moment = max(round((now - began) / TICK) * TICK, last + TICK)
                if moment >= self.span.duration:
                    return
                if self.resize:
                    bgr = cv2.resize(bgr, self.resize, interpolation=cv2.INTER_AREA)
                size = size or bgr.shape[:2]
                check_same_size(str(self.path), bgr, size)
                yield Frame(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), moment)
                last = moment
        finally:
            self._camera.release()


def is_webcam(path: Path) -> bool:
    """Whether the words mean a camera; a file of that name comes first."""
    return NAME.fullmatch(str(path)) is not None and not path.exists()
