"""Figures of chapter 04 draw the numbers that they are given."""

import numpy as np
import pytest
import torch

from course_lib.viz import conv_gru as figures

RNG = np.random.default_rng(4)
CURVE = RNG.random(30)


def pictures(axes):
    return [ax.images[0].get_array() for ax in axes if ax.images]


def texts(ax):
    return {text.get_text(): text.xy for text in ax.texts}


def test_shoulder_lost_shows_frames_then_each_matte():
    frames, alone, kept = torch.rand(3, 3, 8, 10), torch.rand(3, 8, 10), torch.rand(3, 8, 10)
    figure = figures.shoulder_lost(frames, alone, kept, [5, 6, 7])
    drawn = pictures(figure.axes)
    assert len(drawn) == 9
    np.testing.assert_allclose(drawn[1], frames[1].permute(1, 2, 0))
    np.testing.assert_allclose(drawn[3], alone[0])
    np.testing.assert_allclose(drawn[8], kept[2])
    assert [ax.get_title() for ax in figure.axes[:3]] == ["5", "6", "7"]


def test_shoulder_curve_counts_frames_from_the_first():
    (ax,) = figures.shoulder_curve(46, CURVE, 1 - CURVE).axes
    kept, alone = ax.lines
    np.testing.assert_array_equal(kept.get_xdata(), np.arange(46, 76))
    np.testing.assert_array_equal(kept.get_ydata(), 1 - CURVE)
    np.testing.assert_array_equal(alone.get_ydata(), CURVE)
    assert texts(ax)["each frame alone"] == (46 + CURVE.argmin(), CURVE.min())


def test_leaky_average_sets_rvm_apart_from_the_constants():
    mattes = {name: RNG.random((8, 10)) for name in ("z = 1", "RVM")}
    figure = figures.leaky_average(mattes, [1, 0.5], [0.0, 2.0, 1.0], [0.9, 0.5, 0.1])
    np.testing.assert_allclose(pictures(figure.axes)[1], mattes["RVM"], rtol=1e-6)
    constants, rvm = figure.axes[-1].lines
    assert list(constants.get_xdata()) == [0.0, 2.0]
    assert list(constants.get_ydata()) == [0.9, 0.5]
    assert (rvm.get_xdata()[0], rvm.get_ydata()[0]) == (1.0, 0.1)
    assert texts(figure.axes[-1])["z = 0.5"] == (2.0, 0.5)


def test_denoising_draws_every_run_and_names_each_method_once():
    errors = {"one": [CURVE], "two": [CURVE + 1, CURVE + 2]}
    figure = figures.denoising(80, errors, {"one": RNG.random((4, 5)), "two": RNG.random((4, 5))})
    ax = figure.axes[-1]
    assert ax.get_yscale() == "log"
    assert len(ax.lines) == 3
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), CURVE + 2)
    assert set(texts(ax)) == {"one", "two"}


def test_hidden_states_puts_the_shrunk_frame_before_its_channels():
    frame = torch.rand(3, 16, 24)
    channels = torch.rand(2, 4, 6) * 2 - 1
    figure = figures.hidden_states(frame, {"r": channels})
    first, *rest = pictures(figure.axes)
    by_torch = torch.nn.functional.avg_pool2d(frame, 4).permute(1, 2, 0)
    np.testing.assert_allclose(first, by_torch, atol=1e-6)
    np.testing.assert_allclose(rest, channels)
    assert figure.axes[-1].images[0].get_clim() == (-1, 1)


def test_gate_closes_keeps_the_scales_and_marks_the_box():
    frames, maps = torch.rand(2, 3, 8, 10), [torch.rand(2, 4, 5) for _ in range(3)]
    figure = figures.gate_closes(frames, *maps, [57, 58], box=(1, 2, 3, 1))
    o, z, h = (figure.axes[row].images[0] for row in (2, 4, 6))
    assert [image.get_clim() for image in (o, z, h)] == [(-1, 1), (0, 1), (-1, 1)]
    np.testing.assert_allclose(z.get_array(), maps[1][0])
    marked = [ax for ax in figure.axes if ax.patches]
    assert len(marked) == 6  # every map, no frame
    assert marked[0].patches[0].get_bbox().bounds == (1, 2, 3, 1)


def test_refused_change_shares_the_frame_axis():
    upper, lower = figures.refused_change(46, CURVE, CURVE / 2, 1 - CURVE).axes
    np.testing.assert_array_equal(upper.lines[0].get_ydata(), CURVE)
    np.testing.assert_array_equal(upper.lines[1].get_ydata(), CURVE / 2)
    np.testing.assert_array_equal(lower.lines[0].get_ydata(), 1 - CURVE)
    assert upper.lines[0].get_xdata()[0] == lower.lines[0].get_xdata()[0] == 46


def test_held_still_counts_from_one():
    (ax,) = figures.held_still({"state": CURVE, "no state": CURVE / 2}).axes
    assert ax.lines[0].get_xdata()[0] == 1
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), CURVE / 2)


def test_labels_at_the_ends_stay_a_line_apart():
    curves = {name: np.full(30, 0.1) * np.linspace(10, factor, 30) for name, factor in (("a", 1), ("b", 1.001))}
    (ax,) = figures.influence(curves).axes
    low, high = np.log(ax.get_ylim())
    heights = sorted(np.log(y) for _, y in texts(ax).values())
    assert heights[1] - heights[0] == pytest.approx(0.075 * (high - low))
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), curves["a"])


def test_after_a_cut_has_the_reset_row_first():
    fresh, carried = torch.rand(2, 8, 10), torch.rand(2, 8, 10)
    drawn = pictures(figures.after_a_cut(fresh, carried, [1, 20]).axes)
    np.testing.assert_allclose(drawn, torch.cat([fresh, carried]))


def test_gradient_through_time_names_a_vanishing_line_where_it_leaves():
    back = np.arange(30)
    lasting, vanishing = 0.99**back, 0.1**back
    (ax,) = figures.gradient_through_time({"shut": (lasting, lasting), "open": (vanishing, vanishing / 2)}).axes
    assert [line.get_linestyle() for line in ax.lines] == ["-", "--", "-", "--"]
    np.testing.assert_array_equal(ax.lines[3].get_ydata(), vanishing / 2)
    at, value = texts(ax)["open"]
    assert value == vanishing[at] > 1e-9 >= vanishing[at + 1]
    assert texts(ax)["shut"][0] == 29


def test_broken_writes_the_flicker_beside_each_row():
    mattes = {"intact": torch.rand(2, 8, 10), "swapped": torch.rand(2, 8, 10)}
    figure = figures.broken(mattes, {"intact": 0.456, "swapped": 6.3}, [48, 58])
    np.testing.assert_allclose(pictures(figure.axes)[2], mattes["swapped"][0])
    labels = [text.get_text() for ax in figure.axes for text in ax.texts]
    assert labels == ["intact\nflicker 0.46", "swapped\nflicker 6.30"]
