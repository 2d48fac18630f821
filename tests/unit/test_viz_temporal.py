"""Figures of chapter 09 draw the numbers that they are given."""

import numpy as np
import pytest
import torch

from course_lib.viz import temporal as figures

RNG = np.random.default_rng(9)
EIGHT = RNG.random(8) + 0.5


def pictures(axes):
    return [ax.images[0].get_array() for ax in axes if ax.images]


def test_slices_mark_the_row_and_draw_colours_only_where_asked():
    frame, colours, alpha = torch.rand(3, 8, 10), torch.rand(3, 6, 10), torch.rand(1, 6, 10)
    figure = figures.slices(frame, 5, {"clip": colours, "kept": alpha}, "clip")
    drawn = pictures(figure.axes)
    assert list(figure.axes[0].lines[0].get_ydata()) == [5, 5]
    np.testing.assert_allclose(drawn[1], colours.permute(1, 2, 0))
    np.testing.assert_allclose(drawn[2], alpha[0])
    assert figure.axes[2].images[0].get_clim() == (0, 1)


def test_faults_keep_their_order():
    mattes = {"good": torch.rand(6, 10), "frozen": torch.rand(6, 10)}
    figure = figures.faults(mattes)
    np.testing.assert_allclose(pictures(figure.axes), np.stack(list(mattes.values())))
    assert [ax.get_title() for ax in figure.axes] == ["good", "frozen"]


def test_flicker_maps_share_the_scale_of_the_largest():
    maps = {"reset": torch.rand(8, 10), "frozen": torch.zeros(8, 10)}
    figure = figures.flicker_maps(maps)
    limits = [ax.images[0].get_clim() for ax in figure.axes[:2]]
    assert limits == [(0, pytest.approx(float(maps["reset"].max())))] * 2


def test_fast_hand_shows_what_is_lost_last():
    lost = torch.rand(6, 6)
    figure = figures.fast_hand(torch.rand(3, 6, 6), {"now": torch.rand(6, 6), "delayed": torch.rand(6, 6)}, lost)
    np.testing.assert_allclose(pictures(figure.axes)[-1], lost)
    assert figure.axes[-1].images[0].get_clim() == (-1, 1)


def test_against_truth_dashes_what_is_delayed_and_pairs_scenes():
    curves = {"reset": EIGHT, "reset, delay": EIGHT / 2}
    time, mad, dtssd = figures.against_truth(curves, (EIGHT, EIGHT / 2), (EIGHT, EIGHT / 3)).axes
    assert [line.get_linestyle() for line in time.lines] == ["-", "--"]
    assert time.lines[0].get_xdata()[0] == 1
    points = [ax.lines[-1] for ax in (mad, dtssd)]
    np.testing.assert_array_equal(points[0].get_xdata(), EIGHT)
    np.testing.assert_array_equal(points[1].get_ydata(), EIGHT / 3)
    assert mad.get_xlim() == mad.get_ylim()


def test_steadiness_joins_the_two_points_of_a_scene():
    (ax,) = figures.steadiness({"reset": EIGHT, "kept": EIGHT / 2}, {"reset": EIGHT / 4, "kept": EIGHT / 3}).axes
    *joins, reset, kept = ax.lines
    assert len(joins) == 8
    np.testing.assert_allclose(joins[3].get_xdata(), [EIGHT[3], EIGHT[3] / 2])
    np.testing.assert_allclose(kept.get_ydata(), EIGHT / 3)
    np.testing.assert_allclose(reset.get_xdata(), EIGHT)


def test_remembering_takes_tensors_and_counts_from_zero():
    ratio, difference, flash = (torch.rand(n) + 0.1 for n in (8, 8, 12))
    left, right = figures.remembering(ratio, difference, flash).axes
    np.testing.assert_allclose(left.lines[-1].get_ydata(), ratio)
    assert [line.get_xdata()[-1] for line in right.lines] == [7, 11]
    np.testing.assert_allclose(right.lines[1].get_ydata(), flash)


def test_after_the_cut_has_the_frames_above_the_rows():
    frames, rows = torch.rand(3, 3, 6, 8), {"carried": torch.rand(3, 6, 8), "reset": torch.rand(3, 6, 8)}
    drawn = pictures(figures.after_the_cut(frames, rows, [1, 2, 6]).axes)
    assert len(drawn) == 9
    np.testing.assert_allclose(drawn[2], frames[2].permute(1, 2, 0))
    np.testing.assert_allclose(drawn[3:6], rows["carried"])


def test_cost_of_a_cut_draws_every_pair_and_both_means():
    carried = {"person": RNG.random((4, 6)), "nobody": RNG.random((4, 6))}
    axes = figures.cost_of_a_cut(carried, {name: values.min(0) for name, values in carried.items()}).axes
    for ax, values in zip(axes, carried.values(), strict=True):
        assert len(ax.lines) == 6
        np.testing.assert_allclose(ax.lines[4].get_ydata(), values.mean(0))
        np.testing.assert_allclose(ax.lines[5].get_ydata(), values.min(0))


def test_cut_detector_rings_the_true_cuts():
    distances = torch.tensor([0.1, 0.8, 0.2, 0.9])
    first, second = figures.cut_detector({"a": distances, "b": distances}, {"a": [2, 4], "b": []}, 0.5).axes
    points, cuts, threshold = first.lines
    np.testing.assert_array_equal(points.get_xdata(), [1, 2, 3, 4])
    np.testing.assert_allclose(cuts.get_ydata(), [0.8, 0.9])
    assert threshold.get_ydata()[0] == 0.5
    assert len(second.lines[1].get_xdata()) == 0


def test_reset_every_labels_the_periods():
    shown = {name: EIGHT * k for k, name in enumerate(("k = 1", "k = 8", "k = ∞"), start=1)}
    left, right = figures.reset_every(["1", "8", "∞"], [1, 0.9, 0.8], [1, 0.7, 0.6], shown).axes
    assert [label.get_text() for label in left.get_xticklabels()] == ["1", "8", "∞"]
    np.testing.assert_allclose(left.lines[1].get_ydata(), [1, 0.7, 0.6])
    np.testing.assert_allclose(right.lines[2].get_ydata(), 3 * EIGHT)
