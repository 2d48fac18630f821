"""The figures of chapter 05 show the data they are given, and the channel they choose is the right one."""

import numpy as np
import pytest

from course_lib.viz import decoder


def pictures(count, seed=0):
    return list(np.random.default_rng(seed).random((count, 3, 12, 16), dtype=np.float32))


def test_the_telling_channel_is_the_one_that_follows_alpha_with_its_sign_turned():
    rng = np.random.default_rng(1)
    alpha = np.zeros((12, 16))
    alpha[4:, 5:12] = 1
    channels = rng.normal(size=(5, 12, 16)) * 10
    channels[2] = 7 - alpha  # a small, shifted, inverted copy
    channels[4] = 0  # a dead channel
    np.testing.assert_allclose(decoder.telling_channel(channels, alpha), alpha - alpha.mean(), atol=1e-9)


def test_the_telling_channel_is_found_on_a_coarser_grid():
    alpha = np.zeros((12, 16))
    alpha[:, 8:] = 1
    channels = np.random.default_rng(2).normal(size=(3, 3, 4))
    channels[1] = np.array([0, 0, 1, 1]) * 5.0
    np.testing.assert_allclose(decoder.telling_channel(channels, alpha), channels[1] - 2.5)


def test_overview_draws_frame_levels_alpha_and_cut_out():
    frame, foreground = pictures(2)
    alpha = np.random.default_rng(3).random((1, 12, 16))
    maps = [np.random.default_rng(k).normal(size=(4, 3 * k, 4 * k)) for k in (1, 2, 3, 4, 5)]
    figure = decoder.overview(frame, maps, alpha, foreground)
    shown = [ax.images[0].get_array() for ax in figure.axes]
    assert [image.shape[:2] for image in shown] == [
        (12, 16),
        (3, 4),
        (6, 8),
        (9, 12),
        (12, 16),
        (15, 20),
        (12, 16),
        (12, 16),
    ]
    np.testing.assert_allclose(shown[6], alpha[0], rtol=1e-6)


def test_drift_and_curves_are_plotted_as_given():
    ax = decoder.drift([1, 2, 3], [0, 0, 0], [0.1, 0.2, 0.3]).axes[0]
    assert [line.get_ydata().tolist() for line in ax.lines] == [[0.1, 0.2, 0.3], [0, 0, 0]]
    curves = {"a": [0.5, 0.6, 0.4], "b": [0.1, 0.1, 0.9], "c": [0.2, 0.0, 0.1]}
    ax = decoder.ablation_over_time(curves).axes[0]
    assert [list(line.get_ydata()) for line in ax.lines] == list(curves.values())
    assert [text.get_text() for text in ax.texts] == ["a", "b, frame 2", "c"]


def test_readings_show_five_mattes_and_both_curves():
    mattes = [np.full((1, 2, 3), value) for value in (0.1, 0.2, 0.3, 0.4, 0.5)]
    errors, limits = [5, 4, 3, 2, 1], [5.5, 4.5, 3.5, 2.5, 1.5]
    figure = decoder.readings(mattes, (16, 8, 4, 2, 1), errors, limits)
    assert [float(ax.images[0].get_array()[0, 0]) for ax in figure.axes[:5]] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert [list(line.get_ydata()) for line in figure.axes[5].lines] == [limits, errors]


def test_bars_have_the_lengths_given():
    damage = {"no f1": {"α, edge": 0.3, "F, edge": 0.1}, "no memory": {"α, edge": 0.05, "F, edge": 0.02}}
    figure = decoder.ablation_places(damage)
    assert [[bar.get_width() for bar in ax.patches] for ax in figure.axes] == [[0.3, 0.05], [0.1, 0.02]]
    figure = decoder.costs(["decode4", "decode0"], [221_376, 7_408], [130_000_000, 1_080_000_000])
    assert [[bar.get_width() for bar in ax.patches] for ax in figure.axes] == [[221.376, 7.408], [0.13, 1.08]]


def test_picture_grids_hold_every_picture_once():
    frame, *rest = pictures(9)
    mattes = {f"variant {k}": np.full((1, 12, 16), k / 10) for k in range(8)}
    figure = decoder.ablation_mattes(frame, mattes)
    assert [ax.get_title() for ax in figure.axes] == ["frame", *mattes]
    figure = decoder.finale(rest[:2], [np.zeros((1, 12, 16)), np.ones((1, 12, 16))], rest[2:4], [0, 7])
    assert [len(ax.images) for ax in figure.axes] == [1] * 6
    np.testing.assert_allclose(figure.axes[5].images[0].get_array(), rest[3].transpose(1, 2, 0))
    borders = {"drop": rest[4][:, -3:], "zeros": rest[5][:, -3:], "exists": rest[6][:, -3:]}
    figure = decoder.pyramid_borders(rest[:4], borders)
    assert [ax.get_title() for ax in figure.axes if ax.images] == ["12 × 16"] * 4 + list(borders)
    figure = decoder.residual(frame, np.zeros((3, 12, 16)), rest[0], dict(zip("abc", rest[:3], strict=True)))
    np.testing.assert_allclose(figure.axes[1].images[0].get_array(), 0.5)
