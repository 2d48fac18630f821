"""Figures of chapter 03 by their data."""

import numpy as np

from course_lib.viz import lr_aspp as figures

RNG = np.random.default_rng(3)
FRAME = RNG.random((3, 18, 24))
MAPS = RNG.normal(size=(8, 3, 4))
GATE = np.array([0.5, 0.99, 0.01, 0.7, 0.97, 0.3, 0.96, 0.02])


def test_gate_swaps_puts_picture_and_mattes_in_order():
    mattes = [[np.full((18, 24), value) for value in row] for row in ([0.0, 0.1], [0.2, 0.3])]
    figure = figures.gate_swaps({"a": FRAME, "b": FRAME}, ["own", "other"], mattes, height=200)
    means = [ax.images[0].get_array().mean() for ax in figure.axes]
    np.testing.assert_allclose(means[1:3] + means[4:], [0.0, 0.1, 0.2, 0.3], atol=1e-6)
    assert [ax.get_title() for ax in figure.axes[:3]] == ["picture", "own", "other"]


def test_gate_profile_sorts_and_counts():
    figure = figures.gate_profile(GATE)
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert heights == sorted(GATE, reverse=True)
    texts = " ".join(text.get_text() for text in figure.axes[0].texts)
    assert "3 open" in texts
    assert "2 shut" in texts


def test_ranked_channels_start_with_largest_and_smallest_gate():
    figure = figures.ranked_channels(FRAME, MAPS, GATE, count=2)
    titles = [ax.get_title() for ax in figure.axes]
    assert [titles[1], titles[2], titles[4], titles[5]] == ["1: 0.9900", "4: 0.9700", "2: 0.0100", "7: 0.0200"]
    np.testing.assert_allclose(figure.axes[4].images[0].get_array(), MAPS[2])


def test_votes_have_a_scale_that_is_symmetric_about_zero():
    figure = figures.votes(FRAME, MAPS, GATE, count=2)
    image = figure.axes[1].images[0]
    np.testing.assert_allclose(image.get_array(), MAPS[1], atol=1e-6)
    low, high = image.get_clim()
    assert low == -high
    assert np.isclose(high, np.abs(MAPS[1]).max())


def test_switch_off_draws_the_curves_given():
    figure = figures.switch_off([0, 16, 32], {"small first": [0, 0, 50], "large first": [0, 60, 90]})
    assert [line.get_ydata().tolist() for line in figure.axes[0].lines] == [[0, 0, 50], [0, 60, 90]]


def test_gates_over_time_sorts_channels_by_their_mean():
    gates = RNG.random((5, 6))
    figure = figures.gates_over_time(gates, {0: FRAME, 4: FRAME})
    (picture,) = (ax.images[0].get_array() for ax in figure.axes if ax.get_xlabel() == "frame")
    assert picture.shape == (6, 5)
    assert (np.diff(picture.mean(axis=1)) <= 0).all()
    assert sorted(picture[:, 2]) == sorted(gates[2])


def test_crops_cuts_the_box_out_of_the_picture():
    figure = figures.crops(FRAME, {"part": (2, 10, 4, 20)}, [[np.zeros((8, 16))] * 3])
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), FRAME[:, 2:10, 4:20].transpose(1, 2, 0), atol=1e-6)


def test_taps_inside_draws_the_floor_of_one_tap_in_nine():
    figure = figures.taps_inside([8, 16], {"dilation 12": [1 / 9, 0.3]})
    lines = [list(line.get_ydata()) for line in figure.axes[0].lines]
    assert lines == [[1 / 9, 0.3], [1 / 9, 1 / 9]]
