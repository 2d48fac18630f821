"""When each frame is shown: exact fractions of a second from whatever ticks a file counts in.

A container stores a timestamp as a whole number of ticks. MP4 ticks usually divide the frame's duration exactly; Matroska's
milliseconds do not, so 30000/1001 frames a second arrive as 0, 33, 67, 100, … The clock puts such timestamps back on the
grid they were rounded from and leaves every other one, those of a variable frame rate, where it is.
"""

from fractions import Fraction
from math import gcd

FALLBACK_RATE = Fraction(30)  # for pictures, and for videos that state no rate
FASTEST_RATE = 1000  # above this a header is damaged or counts ticks, not frames
LARGEST_TIMESCALE = 2**31 - 1  # what an MP4 header can hold


def frame_rate(*candidates: Fraction | None) -> Fraction | None:
    """The first believable rate in frames a second, such as 30000/1001; None if there is none."""
    for rate in candidates:
        if rate and 0 < rate <= FASTEST_RATE:
            return Fraction(rate).limit_denominator(1001)
    return None


class Clock:
    """Turns a stream's timestamps into seconds since its first frame, strictly increasing and multiples of `tick`.

    `repaired` counts the timestamps that were missing or did not increase.
    """

    def __init__(self, rate: Fraction, tick: Fraction) -> None:
        self.step = 1 / rate
        self.source_tick = tick
        common = _common_tick(self.step, tick)
        self.on_grid = common != tick and common.denominator <= LARGEST_TIMESCALE
        self.tick = common if self.on_grid else max(tick, Fraction(1, LARGEST_TIMESCALE))
        self.repaired = 0
        self._first: int | None = None
        self._last: Fraction | None = None

    def __call__(self, pts: int | None) -> Fraction:
        if self._first is None:
            self._first = pts or 0
            time = Fraction(0)
        elif pts is None:
            time = self._last + self.step
            self.repaired += 1
        else:
            time = self._exact((pts - self._first) * self.source_tick)
            if time <= self._last:
                time = self._last + self.tick
                self.repaired += 1
        self._last = time
        return time

    def _exact(self, time: Fraction) -> Fraction:
        if not self.on_grid:
            return round(time / self.tick) * self.tick
        nearest = round(time / self.step) * self.step
        return nearest if abs(time - nearest) <= self.source_tick else time


def _common_tick(a: Fraction, b: Fraction) -> Fraction:
    """The longest duration of which both are whole multiples."""
    return Fraction(gcd(a.numerator * b.denominator, b.numerator * a.denominator), a.denominator * b.denominator)
