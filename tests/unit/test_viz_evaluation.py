"""Figures of chapter 10 draw the numbers that they are given."""

import numpy as np
import pytest
import torch

from course_lib.evaluation import Change, Interval
from course_lib.evaluation.published import published_results
from course_lib.viz import evaluation as figures

RNG = np.random.default_rng(10)


def shown(ax):
    (artist,) = ax.images
    return np.asarray(artist.get_array())


def test_same_error_puts_the_foreground_before_the_colour():
    foreground, matte = torch.rand(3, 6, 8), torch.rand(6, 8)
    figure = figures.same_error(foreground, {"truth": matte, "none": torch.zeros(6, 8)}, colour=(0.2, 0.4, 0.6))
    np.testing.assert_allclose(shown(figure.axes[0]), matte)
    expected = torch.lerp(torch.tensor([0.2, 0.4, 0.6])[:, None, None], foreground, matte)
    np.testing.assert_allclose(shown(figure.axes[2]), expected.permute(1, 2, 0), atol=1e-6)
    np.testing.assert_allclose(shown(figure.axes[3])[0, 0], [0.2, 0.4, 0.6], atol=1e-6)


def test_edges_share_a_scale_and_costs_have_their_own():
    maps = {"true": np.full((4, 5), 0.5), "soft": np.full((4, 5), 0.25)}
    figure = figures.edges(RNG.normal(size=(3, 3)), maps, {"a": np.full((4, 5), 0.1), "b": np.full((4, 5), 2.0)})
    limits = [ax.images[0].get_clim()[1] for ax in figure.axes]
    assert limits[1:] == pytest.approx([0.5, 0.5, 0.1, 2.0])
    low, high = figure.axes[0].images[0].get_clim()
    assert low == -high


def test_connection_ends_with_the_cost():
    steps, cost = {"p": RNG.random((4, 5)), "λ": RNG.random((4, 5))}, RNG.random((4, 5))
    figure = figures.connection(steps, cost)
    assert [ax.get_title() for ax in figure.axes] == ["p", "λ", "cost"]
    np.testing.assert_allclose(shown(figure.axes[2]), cost, rtol=1e-6)


def test_price_of_an_error_draws_the_absolute_error_beside_each_curve():
    x, costs = np.linspace(0, 1, 5), RNG.random(5)
    (ax,) = figures.price_of_an_error(x, {"true alpha 0.5": (0.5, costs)}).axes
    absolute, curve = ax.lines
    np.testing.assert_allclose(absolute.get_ydata(), [0.5, 0.25, 0, 0.25, 0.5])
    np.testing.assert_array_equal(curve.get_ydata(), costs)


def test_who_sees_what_colours_by_share_and_marks_what_is_overlooked():
    mattes = {"haze": np.zeros((3, 4)), "hole": np.ones((3, 4))}
    figure = figures.who_sees_what(mattes, {"MAD": [10, 10], "Grad": [0.04, 2]})
    table = figure.axes[-1]
    np.testing.assert_allclose(shown(table), [[1, 1], [0.02, 1]])
    looks = {text.get_text(): (text.get_weight(), text.get_color()) for text in table.texts}
    assert looks == {"10.00": ("normal", "white"), "0.04": ("bold", "black"), "2.00": ("normal", "white")}
    assert [label.get_text() for label in table.get_yticklabels()] == ["MAD", "Grad"]


def test_pairs_has_the_diagonal_and_both_curves():
    one, other, counts = RNG.random(6) + 5, RNG.random(6) + 6, np.array([4, 16, 64])
    clips, width = figures.pairs(one, other, ("a", "b"), counts, 8 / counts, 2 / counts, difference=0.5).axes
    np.testing.assert_array_equal(clips.lines[1].get_xydata(), np.stack([one, other], 1))
    assert clips.get_xlim() == clips.get_ylim() == pytest.approx((one.min() / 1.3, other.max() * 1.3))
    assert (clips.get_xlabel(), clips.get_ylabel()) == ("a", "b")
    np.testing.assert_array_equal(width.lines[0].get_ydata(), 8 / counts)
    np.testing.assert_array_equal(width.lines[1].get_ydata(), 2 / counts)
    assert width.lines[2].get_ydata()[0] == 0.5


def average(mean, low, high) -> dict:
    return {"mad": Interval(mean, low, high, clips=8)}


def change(low, high) -> dict:
    return {"mad": Change(1, 1, (low + high) / 2, low, high, clips=8)}


def test_forest_is_hollow_where_the_clips_cannot_tell():
    averages = {"ours": average(5, 4, 6), "mask": average(5.5, 4.4, 7), "plate": average(60, 50, 70)}
    changes = {"ours": change(0, 0), "mask": change(-0.1, 0.3), "plate": change(2, 12)}
    (ax,) = figures.forest(averages, changes, "ours", ["mad"]).axes
    spans, means = ax.lines[0:6:2], ax.lines[1:6:2]
    assert [list(line.get_xdata()) for line in spans] == [[4, 6], [4.4, 7], [50, 70]]
    assert [line.get_xdata()[0] for line in means] == [5, 5.5, 60]
    hollow = [line.get_markerfacecolor() == "white" for line in means]
    assert hollow == [False, True, False]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["ours", "mask", "plate"]
    assert ax.get_ylim() == (2.5, -0.5)  # the first row is on top


def test_groups_shows_clips_means_intervals_and_chance():
    errors = {"framing": {"bust": np.array([4.0, 6.0]), "full": np.array([20.0])}}
    intervals = {"framing": {"bust": (4, 6), "full": (np.nan, np.nan)}}
    (ax,) = figures.groups(errors, intervals, {"framing": {"bust": (5, 15), "full": (4, 20)}}).axes
    bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
    assert bars == [(5, 10), (4, 16)]
    clips, interval, mean = ax.lines[:3]
    np.testing.assert_array_equal(clips.get_xdata(), [4, 6])
    assert list(interval.get_xdata()) == [4, 6]
    assert mean.get_xdata()[0] == 5
    assert np.isnan(ax.lines[4].get_xdata()).all()  # one clip, no interval
    assert [label.get_text() for label in ax.get_yticklabels()] == ["bust (2)", "full (1)"]


def test_borrowed_truth_is_red_where_the_person_is_lost():
    exact, borrowed = torch.zeros(1, 4, 5), torch.zeros(1, 4, 5)
    exact[0, 0, 0], borrowed[0, 3, 4] = 1, 0.5
    figure = figures.borrowed_truth(torch.rand(3, 4, 5), exact, borrowed)
    difference = shown(figure.axes[3])
    assert (difference[0, 0], difference[3, 4]) == (1, -0.5)
    assert figure.axes[3].images[0].get_clim() == (-1, 1)


@pytest.mark.parametrize(("low", "high"), [(4.0, 45.0), (0.7, 3.0), (0.3, 150.0)])
def test_ticks_of_log_axes_are_plain_numbers_inside_the_range(low, high):
    averages = {"a": average(low, low, low), "b": average(high, high, high)}
    (ax,) = figures.forest(averages, {"a": change(0, 0), "b": change(1, 2)}, "a", ["mad"]).axes
    ticks = ax.get_xticks()
    assert len(ticks) >= 2
    assert min(ticks) >= 0.8 * low
    assert max(ticks) <= 1.2 * high
    assert all("e" not in ax.xaxis.get_major_formatter()(tick) for tick in ticks)


def test_published_numbers_are_the_papers():
    """Two that chapters quote, and the pooled row: the mean of still and moving is the paper's other table."""
    low = published_results("low resolution")
    assert low["VideoMatte240K 512x288"]["RVM"] == {"mad": 6.08, "mse": 1.47, "grad": 0.88, "conn": 0.41, "dtssd": 1.36}
    assert low["Adobe Image Matting 512x512"]["MODNet"]["fgr_mse"] == 9.51
    still, moving = published_results("still and moving").values()
    assert (still["RVM"]["mad"] + moving["RVM"]["mad"]) / 2 == pytest.approx(6.57)
    with pytest.raises(KeyError):
        published_results("nothing")
