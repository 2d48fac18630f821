"""Figures of chapter 07 draw the numbers that they are given."""

import numpy as np
import pytest
import torch

from course_lib.viz import losses as figures

RNG = np.random.default_rng(7)


def maps(count, height=8, width=10):
    return list(torch.from_numpy(RNG.random((count, height, width))).float())


def pictures(axes):
    return [ax.images[0].get_array() for ax in axes if ax.images]


def titles(axes):
    return [ax.get_title() for ax in axes]


def cell_texts(ax):
    return {text.get_position(): text.get_text() for text in ax.texts}


def test_five_opinions_scales_every_price_to_its_own_maximum():
    true_alpha, alpha, *prices = maps(7)
    named = {name: scale * price for name, scale, price in zip("abcde", (1, 2, 3, 4, 50), prices, strict=True)}
    axes = figures.five_opinions(torch.rand(3, 8, 10), true_alpha, alpha, named).axes
    np.testing.assert_allclose(pictures(axes)[1], true_alpha)
    np.testing.assert_allclose(pictures(axes)[2], alpha)
    assert titles(axes)[3:] == list("abcde")
    np.testing.assert_allclose(pictures(axes)[7], named["e"])
    assert axes[7].images[0].get_clim() == pytest.approx((0, float(named["e"].max())))


def test_equally_wrong_has_a_column_for_each_matte_and_a_row_for_each_frame():
    mattes = {"true": torch.stack(maps(2)), "late": torch.stack(maps(2))}
    axes = figures.equally_wrong(mattes, [3, 4]).axes
    drawn = pictures(axes)
    np.testing.assert_allclose(drawn[1], mattes["late"][0])
    np.testing.assert_allclose(drawn[2], mattes["true"][1])
    assert titles(axes) == ["true", "late", "", ""]
    assert [text.get_text() for ax in axes for text in ax.texts] == ["frame 3", "frame 4"]


def test_pyramid_draws_levels_above_layers_on_one_scale():
    levels = [torch.rand(8, 12), torch.rand(4, 6)]
    layers = [torch.rand(8, 12) - 0.5, 3 * torch.rand(4, 6)]
    axes = figures.pyramid(levels, layers).axes
    for drawn, expected in zip(pictures(axes), [*levels, *layers], strict=True):
        np.testing.assert_allclose(drawn, expected)
    assert titles(axes)[:2] == ["8 × 12", "4 × 6"]
    limit = float(layers[1].max())
    assert [ax.images[0].get_clim() for ax in axes[2:]] == [pytest.approx((-limit, limit))] * 2


def test_layers_by_fault_draws_plain_left_and_weighted_right():
    plain = {"blur": RNG.random(5), "hand": RNG.random(5)}
    weighted = {name: 2.0 ** np.arange(5) * values for name, values in plain.items()}
    left, right = figures.layers_by_fault(plain, weighted).axes
    np.testing.assert_array_equal(left.lines[0].get_ydata(), plain["blur"])
    np.testing.assert_array_equal(right.lines[1].get_ydata(), weighted["hand"])
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["blur", "hand"]


def test_price_of_change_counts_from_frame_one_and_shows_the_whole_of_both_panels():
    alone = {"true": RNG.random(7), "frozen": np.zeros(7)}
    against = {"true": np.zeros(7), "frozen": 9 * RNG.random(7)}
    left, right = figures.price_of_change(alone, against).axes
    np.testing.assert_array_equal(left.lines[0].get_xdata(), np.arange(1, 8))
    np.testing.assert_array_equal(left.lines[0].get_ydata(), alone["true"])
    np.testing.assert_array_equal(right.lines[1].get_ydata(), against["frozen"])
    assert left.get_ylim() == right.get_ylim()
    assert right.get_ylim()[0] == 0
    assert right.get_ylim()[1] >= against["frozen"].max()


def test_masked_colour_draws_answer_mask_and_two_prices():
    foreground, masked = torch.rand(2, 3, 8, 10)
    l1, coherence = maps(2)
    drawn = pictures(figures.masked_colour(foreground, masked, l1, coherence).axes)
    np.testing.assert_allclose(drawn[0], foreground.permute(1, 2, 0))
    np.testing.assert_allclose(drawn[1], masked.permute(1, 2, 0))
    np.testing.assert_allclose(drawn[2:], [l1, coherence])


@pytest.mark.parametrize("breaks", [True, False])
def test_cross_entropy_marks_where_the_naive_formula_is_infinite(breaks):
    logits = np.arange(6.0)
    naive = np.array([0, 1, 2, 3, np.inf, np.inf]) if breaks else logits
    left, right = figures.cross_entropy(logits, logits, naive, [0.0, 1.0], {"slope": [0.2, 0.4]}).axes
    np.testing.assert_array_equal(left.lines[0].get_ydata(), logits)
    assert np.isfinite(left.lines[1].get_ydata()).sum() == (4 if breaks else 6)
    assert [patch.get_bbox().intervalx.tolist() for patch in left.patches] == ([[4, 5]] if breaks else [])
    np.testing.assert_array_equal(right.lines[0].get_ydata(), [0.2, 0.4])


def test_matrix_writes_every_price_and_colours_it_as_a_share_of_its_column():
    values = np.array([[1.0, 0.0], [4.0, 0.0], [2.0, 30.0]])
    (ax,) = figures.matrix(values, ["blur", "late", "tint"], ["pha_l1", "total"], split=2).axes
    np.testing.assert_allclose(ax.images[0].get_array(), [[0.25, 0], [1, 0], [0.5, 1]])
    assert cell_texts(ax)[(1, 2)] == "30.0"
    assert cell_texts(ax)[(0, 1)] == "4.0"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["blur", "late", "tint"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["pha\nl1", "total"]
    assert list(ax.lines[0].get_ydata()) == [1.5, 1.5]


def test_gradients_draws_each_term_up_to_its_own_limit():
    errors = dict(zip(("offset", "late"), maps(2), strict=True))
    forces = {name: dict(zip(("L1", "coherence"), maps(2), strict=True)) for name in errors}
    axes = figures.gradients(errors, forces, {"L1": 1, "coherence": 5}).axes
    drawn = pictures(axes)
    np.testing.assert_allclose(drawn[0], errors["offset"])
    np.testing.assert_allclose(drawn[5], forces["late"]["coherence"])
    assert [ax.images[0].get_clim() for ax in axes[:3]] == [(-1, 1), (-1, 1), (-5, 5)]
    assert titles(axes)[1:3] == ["L1, ± 1", "coherence, ± 5"]


def test_repaired_writes_what_is_left_under_the_mattes():
    mattes = dict(zip(("start", "L1 alone"), maps(2), strict=True))
    figure = figures.repaired([[0.44, 1.06], [0, 1]], ["hand", "offset"], ["L1 alone", "no L1"], mattes)
    np.testing.assert_allclose(pictures(figure.axes)[:2], list(mattes.values()))
    table = figure.axes[-1]
    np.testing.assert_allclose(table.images[0].get_array(), [[0.44, 1.06], [0, 1]])
    assert cell_texts(table)[(0, 0)] == "0.44"
    assert cell_texts(table)[(1, 0)] == "1.06"
    assert [label.get_text() for label in table.get_xticklabels()] == ["L1\nalone", "no\nL1"]


def test_in_doubt_draws_pixels_as_squares():
    named = dict(zip(("one truth", "L1"), maps(2), strict=True))
    axes = figures.in_doubt(named).axes
    np.testing.assert_allclose(pictures(axes), list(named.values()))
    assert titles(axes) == ["one truth", "L1"]
    assert axes[0].images[0].get_interpolation() == "nearest"


def test_doubt_in_time_draws_the_evidence_and_both_answers():
    evidence, answers = RNG.random(12), {"L1": RNG.random(12), "both": RNG.random(12)}
    (ax,) = figures.doubt_in_time(evidence, answers).axes
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), evidence)
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), answers["L1"])
    np.testing.assert_array_equal(ax.lines[2].get_ydata(), answers["both"])
    assert [line.get_label() for line in ax.lines[1:3]] == ["L1", "both"]
