"""The bootstrap against what theory says of it, and comparisons against changes put in by hand."""

import math

import numpy as np
import pytest

from course_lib.evaluation import ClipResult, Evaluation, bootstrap_interval, compare
from course_lib.evaluation.bootstrap import draw_clips


def evaluation(**clips: float) -> Evaluation:
    """`s_name=value` → a clip s_name of set s whose MAD is value in both of its frames."""
    return Evaluation(
        tuple(ClipResult(name, {"set": name[0]}, {"mad": np.full(2, value)}) for name, value in clips.items())
    )


def test_the_interval_of_many_values_is_that_of_the_normal_distribution():
    values = np.random.default_rng(1).normal(5, 2, 400)
    interval = bootstrap_interval(values)
    error = 1.96 * values.std() / math.sqrt(400)
    assert interval.mean == pytest.approx(values.mean())
    assert interval.low == pytest.approx(values.mean() - error, abs=0.02)
    assert interval.high == pytest.approx(values.mean() + error, abs=0.02)
    assert interval.clips == 400


def test_the_same_seed_gives_the_same_interval():
    values = np.random.default_rng(2).random(12)
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)


def test_sets_keep_their_shares():
    labels = np.array(["a"] * 3 + ["b"] * 5)
    drawn = labels[draw_clips(labels, 0, 100)]
    assert ((drawn == "a").sum(axis=1) == 3).all()
    # Sets far apart, each without spread: drawn within the sets, nothing varies.
    interval = bootstrap_interval(np.array([1.0, 1, 1, 9, 9, 9]), ["a", "a", "a", "b", "b", "b"])
    assert (interval.low, interval.mean, interval.high) == (5, 5, 5)
    assert bootstrap_interval(np.array([1.0, 1, 1, 9, 9, 9])).low < 5


def test_nan_is_not_measured():
    assert bootstrap_interval(np.array([np.nan, 2.0, np.nan])).mean == 2
    assert bootstrap_interval(np.array([np.nan, 2.0, np.nan])).clips == 1
    assert bootstrap_interval(np.array([np.nan, 2.0, 4.0])).mean == 3
    assert math.isnan(bootstrap_interval(np.array([np.nan])).high)


def test_one_clip_a_set_says_nothing_of_the_spread():
    interval = bootstrap_interval(np.array([1.0, 5.0]), ["a", "b"])
    assert interval.mean == 3
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)


def test_every_value_needs_a_set():
    with pytest.raises(ValueError, match="2 values, but 1 names"):
        bootstrap_interval(np.array([1.0, 2.0]), ["a"])


def test_a_fall_that_every_clip_shows_is_certain_though_clips_differ_much():
    before = evaluation(a1=1.0, a2=10.0, b1=100.0, b2=50.0)
    after = evaluation(b2=40.0, b1=80.0, a2=8.0, a1=0.8)  # 20 % lower each, in another order
    change = compare(before, after)["mad"]
    assert change.change == pytest.approx(-0.2)
    assert change.low == pytest.approx(-0.2)
    assert change.high == pytest.approx(-0.2)
    assert change.certain
    assert change.falls_by(0.15)
    assert not change.falls_by(0.25)


def test_a_change_that_one_clip_makes_is_not_certain():
    change = compare(evaluation(a1=1.0, a2=1.0, a3=1.0), evaluation(a1=0.4, a2=1.1, a3=1.2))["mad"]
    assert change.change == pytest.approx(-0.1)
    assert not change.certain


def test_only_clips_in_common_count():
    change = compare(evaluation(a1=1.0, a2=7.0), evaluation(a1=2.0, a9=1.0))["mad"]
    assert (change.before, change.after, change.clips) == (1, 2, 1)
    with pytest.raises(ValueError, match="no clip in common"):
        compare(evaluation(a1=1.0), evaluation(a2=1.0))


def test_a_change_from_nothing_is_not_a_number():
    assert math.isnan(compare(evaluation(a1=0.0), evaluation(a1=1.0))["mad"].change)


def test_a_clip_that_either_side_could_not_measure_does_not_count():
    for before, after in (
        ({"a1": 1.0, "a2": math.nan}, {"a1": 2.0, "a2": 5.0}),
        ({"a1": 1.0, "a2": 5.0}, {"a1": 2.0, "a2": math.nan}),
    ):
        change = compare(evaluation(**before), evaluation(**after))["mad"]
        assert (change.before, change.after, change.clips) == (1, 2, 1)
