from fractions import Fraction

import pytest

from course_lib.video.timing import Clock, frame_rate

NTSC = Fraction(30000, 1001)
MILLISECOND = Fraction(1, 1000)


def test_constant_rate_in_exact_ticks_stays_as_it_is():
    clock = Clock(NTSC, Fraction(1, 30000))
    assert clock.tick == Fraction(1, 30000)
    assert [clock(1001 * i) for i in range(5)] == [i / NTSC for i in range(5)]


@pytest.mark.parametrize("rate", [NTSC, Fraction(24000, 1001), Fraction(60), Fraction(24)])
def test_milliseconds_go_back_to_the_grid_they_were_rounded_from(rate):
    clock = Clock(rate, MILLISECOND)
    stamps = [round(i / rate / MILLISECOND) for i in range(500)]
    times = [clock(stamp) for stamp in stamps]
    assert times == [i / rate for i in range(500)]
    assert all((time / clock.tick).denominator == 1 for time in times)
    assert clock.repaired == 0


def test_variable_rate_is_kept():
    clock = Clock(Fraction(15000, 1001), Fraction(1, 30000))
    stamps = [7, 1008, 3010, 3507, 4011, 9016]
    assert [clock(stamp) for stamp in stamps] == [Fraction(stamp - 7, 30000) for stamp in stamps]


def test_variable_rate_in_milliseconds_is_kept_where_it_is_off_the_grid():
    clock = Clock(Fraction(30), MILLISECOND)
    assert [clock(stamp) for stamp in (0, 50, 67, 110)] == [0, Fraction(50, 1000), Fraction(2, 30), Fraction(110, 1000)]


def test_missing_and_repeated_timestamps_still_increase_and_are_counted():
    clock = Clock(Fraction(25), Fraction(1, 25))
    times = [clock(stamp) for stamp in (None, None, 2, 2, 1, 9)]
    assert times == sorted(set(times))
    assert times[1] == Fraction(1, 25)
    assert times[-1] == Fraction(9, 25)
    assert clock.repaired == 3


@pytest.mark.parametrize("tick", [Fraction(1, 10**9), Fraction(1, 10_000_000), Fraction(1, 90000)])
def test_ticks_fit_an_mp4_header(tick):
    clock = Clock(Fraction(30001, 1001), tick)
    assert clock.tick.denominator <= 2**31 - 1
    time = clock(0), clock(round(1 / tick))
    assert abs(time[1] - 1) < Fraction(1, 10**6)


@pytest.mark.parametrize(
    ("candidates", "rate"),
    [
        ((Fraction(30000, 1001),), NTSC),
        ((None, Fraction(0), Fraction(25)), Fraction(25)),
        ((Fraction(90000), Fraction(24)), Fraction(24)),
        ((None, None), None),
        ((Fraction(2997, 100),), NTSC),
    ],
)
def test_the_first_believable_rate_counts(candidates, rate):
    found = frame_rate(*candidates)
    assert found == rate or abs(found - rate) < Fraction(1, 1000)
