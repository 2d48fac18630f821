"""Figures of chapter 01, tested by the data they show."""

import numpy as np
import pytest
import torch

from course_lib.viz import equation as figures


def draw(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def shown(ax):
    (artist,) = ax.images
    return np.asarray(artist.get_array())


def test_close_up_shows_the_same_square_of_picture_and_matte():
    photo, alpha = torch.from_numpy(draw(3, 40, 50)), torch.from_numpy(draw(1, 40, 50, seed=1))
    whole, close, matte = figures.edge_close_up(photo, alpha, top=5, left=11, size=9).axes
    np.testing.assert_array_equal(shown(close), photo[:, 5:14, 11:20].permute(1, 2, 0))
    np.testing.assert_array_equal(shown(matte), alpha[0, 5:14, 11:20])
    (square,) = whole.patches
    assert (square.get_xy(), square.get_width(), square.get_height()) == ((11, 5), 9, 9)


def test_layers_stand_in_the_order_of_the_equation():
    image, foreground, background, alpha = draw(3, 8, 8), draw(3, 8, 8, seed=1), draw(3, 8, 8, seed=2), draw(1, 8, 8)
    axes = figures.layers(image, foreground, background, alpha).axes
    assert [ax.get_title() for ax in axes] == ["I", "= α · F", "+ (1 − α) · B", "with this α"]
    for ax, layer in zip(axes, (image, foreground, background), strict=False):
        np.testing.assert_array_equal(shown(ax), layer.transpose(1, 2, 0))
    np.testing.assert_array_equal(shown(axes[3]), alpha[0])
    assert axes[3].images[0].get_clim() == (0, 1)


def test_the_mixture_of_each_explanation_is_computed_not_assumed():
    foregrounds, backgrounds, alphas = draw(5, 3), draw(5, 3, seed=1), draw(5, seed=2)
    image = draw(3, 30, 30, seed=3)
    close, table = figures.explanations(image, 12, 20, foregrounds, backgrounds, alphas).axes
    rows = shown(table)
    np.testing.assert_array_equal(rows[:2], [foregrounds, backgrounds])
    for k in range(5):
        np.testing.assert_allclose(rows[2, k], alphas[k] * foregrounds[k] + (1 - alphas[k]) * backgrounds[k], rtol=1e-6)
    assert [tick.get_text() for tick in table.get_xticklabels()] == [f"α = {value:.2f}" for value in alphas]
    np.testing.assert_array_equal(shown(close)[8, 8], image[:, 12, 20])
    assert close.patches[0].get_xy() == (7.5, 7.5), "the marked pixel is the one that is explained"


def test_measured_points_stand_over_the_predicted_curve():
    distance, measured, predicted = [0.3, 0.6], [0.1, 0.05], [0.09, 0.04]
    matte, curve = figures.noise_against_distance(draw(1, 9, 9), distance, measured, predicted).axes
    line, points = curve.lines
    np.testing.assert_array_equal(line.get_xydata(), np.stack([distance, predicted], 1))
    np.testing.assert_array_equal(points.get_xydata(), np.stack([distance, measured], 1))
    assert matte.images[0].get_clim() == (0, 1)


def test_four_families_shows_each_matte_over_its_own_error():
    truth, mattes = draw(1, 6, 7), {"one": draw(1, 6, 7, seed=1), "two": draw(1, 6, 7, seed=2)}
    figure = figures.four_families(draw(3, 6, 7), truth, mattes, {"one": 12.4, "two": 345.6})
    axes = np.array(figure.axes).reshape(2, 3)
    np.testing.assert_array_equal(shown(axes[1, 0]), truth[0])
    for column, (name, matte) in enumerate(mattes.items(), start=1):
        np.testing.assert_array_equal(shown(axes[0, column]), matte[0])
        np.testing.assert_array_equal(shown(axes[1, column]), abs(matte - truth)[0])
        assert axes[0, column].get_title() == name
        assert axes[1, column].images[0].get_clim() == (0, 1), "errors of all methods on one scale"
    assert [ax.get_title() for ax in axes[1, 1:]] == ["MAD 12", "MAD 346"]


@pytest.mark.parametrize("count", [1, 3])
def test_mattes_in_a_row(count):
    mattes = {f"matte {k}": draw(1, 5, 5, seed=k) for k in range(count)}
    axes = figures.mattes_in_a_row(mattes).axes
    for ax, (title, matte) in zip(axes, mattes.items(), strict=True):
        assert ax.get_title() == title
        np.testing.assert_array_equal(shown(ax), matte[0])


def test_a_slice_through_time_has_one_line_per_frame():
    frames, alpha = torch.from_numpy(draw(4, 3, 10, 12)), torch.from_numpy(draw(4, 1, 10, 12, seed=1))
    first, line, matte = figures.slices_through_time(frames, {"method": alpha}, row=7).axes
    np.testing.assert_array_equal(shown(first), frames[0].permute(1, 2, 0))
    assert list(first.lines[0].get_ydata()) == [7, 7]
    for t in range(4):
        np.testing.assert_array_equal(shown(line)[t], frames[t, :, 7].T)
        np.testing.assert_array_equal(shown(matte)[t], alpha[t, 0, 7])


def test_light_against_codes_draws_both_curves_beside_the_pictures():
    pictures = {"a": draw(3, 4, 4), "b": draw(3, 4, 4, seed=1)}
    ramp = np.linspace(0, 1, 5)
    *views, curve = figures.light_against_codes(pictures, ramp, ramp**0.5, ramp).axes
    for ax, picture in zip(views, pictures.values(), strict=True):
        np.testing.assert_array_equal(shown(ax), picture.transpose(1, 2, 0))
    np.testing.assert_array_equal([line.get_ydata() for line in curve.lines], [ramp**0.5, ramp])


def test_zooms_cut_the_same_square_from_every_picture():
    pictures = {"a": draw(3, 20, 20), "b": draw(3, 20, 20, seed=1)}
    for ax, (title, picture) in zip(figures.zooms(pictures, top=3, left=8, size=6).axes, pictures.items(), strict=True):
        assert ax.get_title() == title
        np.testing.assert_array_equal(shown(ax), picture[:, 3:9, 8:14].transpose(1, 2, 0))
        assert ax.images[0].get_interpolation() == "nearest"
