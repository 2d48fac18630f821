"""Figures of chapter 06 draw the numbers that they are given, cut to the box that they mark."""

import numpy as np
import pytest
import torch

from course_lib.viz import guided_filter as figures

RNG = np.random.default_rng(6)
FRAME = RNG.random((3, 32, 32))
BOX = (4, 8, 16)  # top, left, side


def mattes(*names):
    return {name: RNG.random((32, 32)) for name in names}


def rectangles(ax):
    return [patch.get_bbox().bounds for patch in ax.patches]


def pictures(figure):
    return {ax.get_title(): np.asarray(ax.images[0].get_array()) for ax in figure.axes if ax.images}


def test_detail_cuts_every_picture_to_the_box_and_marks_it_in_the_overview():
    drawn = mattes("bilinear", "fast", "truth")
    figure = figures.detail(FRAME, BOX, drawn, "title")
    shown = pictures(figure)
    assert list(shown) == ["frame", "in the box", *drawn]
    for name, matte in drawn.items():
        np.testing.assert_allclose(shown[name], matte[4:20, 8:24], rtol=1e-6)
    np.testing.assert_allclose(shown["in the box"], FRAME[:, 4:20, 8:24].transpose(1, 2, 0), rtol=1e-6)
    by_torch = torch.nn.functional.avg_pool2d(torch.as_tensor(FRAME), 4).permute(1, 2, 0)
    np.testing.assert_allclose(shown["frame"], by_torch, rtol=1e-5)
    assert rectangles(figure.axes[0]) == [(2.0, 1.0, 4.0, 4.0)]


def test_detail_marks_patches_before_the_box():
    figure = figures.detail(FRAME, BOX, mattes("plain"), squares=[(0, 0, 8), (8, 16, 8)])
    assert rectangles(figure.axes[0]) == [(0, 0, 2, 2), (4, 2, 2, 2), (2, 1, 4, 4)]
    assert figure.axes[0].get_title() == "2 patches"


def test_four_corners_add_up_to_the_sum_of_the_window():
    values = RNG.integers(0, 9, (6, 8))
    integral = np.pad(values, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    picture, table = figures.four_corners(values, integral, top=2, left=3, side=3).axes
    assert rectangles(picture) == [(2.5, 1.5, 3, 3)]
    signs = [1 if text.get_text() == "+" else -1 for text in table.texts if text.get_text() in "+−"]
    corners = [(round(y + 0.5), round(x + 0.5)) for x, y, _, _ in rectangles(table)]
    total = sum(sign * integral[corner] for sign, corner in zip(signs, corners, strict=True))
    assert total == values[2:5, 3:6].sum()


def test_local_lines_run_from_the_darkest_to_the_brightest_pixel():
    x = np.array([0.2, 0.4, 0.6, 0.3, 0.5, 0.3, 0.4, 0.2, 0.6])
    windows = {"edge": (10, 12, x, 1 - x, -1.0, 1.0), "inside": (8, 20, x, np.ones(9), 0.0, 1.0)}
    figure = figures.local_lines(RNG.random((32, 32)), BOX, windows, limit=1)
    guide, edge, _ = figure.axes
    points, line = edge.lines
    np.testing.assert_array_equal(points.get_ydata(), 1 - x)
    np.testing.assert_allclose(line.get_xdata(), [0.2, 0.6])
    np.testing.assert_allclose(line.get_ydata(), [0.8, 0.4])
    assert edge.get_title() == "edge: A = -1.00"
    left, top, width, height = rectangles(guide)[0]  # in the box, centred on the middle of pixel (10, 12)
    assert (left + width / 2, top + height / 2, width) == (12 - 8, 10 - 4, 3)


def test_row_draws_images_in_colour_and_mattes_in_grey():
    shown = pictures(figures.row({"frame": FRAME, **mattes("matte")}, BOX))
    assert shown["frame"].shape == (16, 16, 3)
    assert shown["matte"].shape == (16, 16)


def test_coefficients_show_the_same_place_at_both_sizes():
    slope, offset, small = (torch.rand(8, 8) for _ in range(3))
    large = torch.rand(32, 32)
    figure = figures.coefficients(slope, offset, small, large, 4, BOX)
    shown = pictures(figure)
    np.testing.assert_allclose(shown["slope A"], slope[1:5, 2:6])
    np.testing.assert_allclose(shown["A · I + b, large"], large[4:20, 8:24])
    assert figure.axes[1].images[0].get_clim() == (-2, 2)


def test_slopes_keep_their_sign():
    maps = {"fast": RNG.normal(size=(8, 8)), "deep": RNG.normal(size=(8, 8))}
    shown = pictures(figures.slopes(RNG.random((3, 8, 8)), RNG.normal(size=(1, 8, 8)), maps, (1, 2, 4)))
    np.testing.assert_allclose(shown["deep"], maps["deep"][1:5, 2:6], rtol=1e-6)
    assert shown["small alpha"].min() >= 0


def test_loss_curve_is_relative_to_the_fixed_filter():
    losses = np.stack([np.linspace(2, 1, 60), np.full(60, 2.0)], axis=1)
    (ax,) = figures.loss_curve(losses, window=20).axes
    dots, running, one = ax.lines
    np.testing.assert_allclose(dots.get_ydata(), losses[:, 0] / 2)
    np.testing.assert_allclose(running.get_ydata()[0], losses[:20, 0].mean() / 2)
    assert running.get_xdata()[-1] == 59
    assert set(one.get_ydata()) == {1}


def test_scene_by_scene_orders_the_scenes_by_the_first_method():
    scores = {"bilinear": [9.0, 3.0, 6.0], "deep": [4.0, 5.0, 2.0]}
    (ax,) = figures.scene_by_scene(scores).axes
    lines = {line.get_label(): list(line.get_ydata()) for line in ax.lines if not line.get_label().startswith("_")}
    assert lines == {"bilinear": [3, 6, 9], "deep": [5, 2, 4]}
    means = [line.get_ydata()[0] for line in ax.lines if line.get_label().startswith("_")]
    assert means == pytest.approx([6, 11 / 3])


def test_against_size_draws_each_picture_size_and_the_cost_in_thousand_millions():
    curves = {"768 × 768": ([96, 192], [5, 4], [3, 2]), "384 × 384": ([96], [6], [1])}
    mad, grad, cost = figures.against_size(curves, ([96, 192], [1e9, 4e9]), mark=144).axes
    assert [list(line.get_ydata()) for line in mad.lines[:2]] == [[5, 4], [6]]
    assert [list(line.get_ydata()) for line in grad.lines[:2]] == [[3, 2], [1]]
    assert list(cost.lines[0].get_ydata()) == [1, 4]
    assert cost.lines[1].get_xdata()[0] == 144
