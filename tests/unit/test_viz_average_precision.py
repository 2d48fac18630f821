"""Figures of chapter 17 by their data."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from course_lib.viz import average_precision as figures
from course_lib.viz.emoji_scenes import instance_colour


def random(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def squares(*corners: int, side: int = 6, size: int = 32) -> torch.Tensor:
    """Masks (n,H,W): a square from each corner (c, c)."""
    masks = torch.zeros(len(corners), size, size, dtype=torch.bool)
    for mask, corner in zip(masks, corners, strict=True):
        mask[corner : corner + side, corner : corner + side] = True
    return masks


def test_only_the_first_masks_are_painted_in_the_colour_of_what_they_found():
    image = torch.full((3, 32, 32), 0.5)
    figure = figures.how_many_to_show(image, squares(2), squares(2, 20), [1, -1], (1, 2))
    one, two = (ax.images[0].get_array() for ax in figure.axes[1:])
    at = figures.SIDE / 32  # pixels of the figure for one of the picture
    middle, stray, nothing = (tuple([int(at * (corner + 3))] * 2) for corner in (2, 20, 27))
    mixed = 0.7 * instance_colour(1) + 0.3 * (1 - 0.8 * 0.5)
    np.testing.assert_allclose(one[middle], mixed, atol=0.5 / 19 + 1e-6)  # of 20 levels
    np.testing.assert_allclose(one[stray], one[nothing])  # nothing there yet
    assert two[stray].max() < one[stray].min()  # a grey shadow
    assert np.ptp(two[stray]) < 1e-6
    assert [ax.get_title() for ax in figure.axes] == ["truth: 1 objects", "its 1 best", "its 2 best"]


def test_the_better_mask_lies_on_top():
    both = squares(2, 4)
    painted = figures.paint_ranked(torch.ones(3, 32, 32), both, [0, 1])
    np.testing.assert_allclose(painted[:, 7, 2], instance_colour(0), atol=1e-6)  # an edge of the first
    np.testing.assert_allclose(painted[:, 4, 7], instance_colour(0), atol=1e-6)  # where they overlap


def test_the_table_of_overlaps_has_its_numbers_and_its_frames():
    ious = np.array([[0.9, 0.0], [0.2, 0.5]])
    figure = figures.overlaps_table(random(3, 32, 32), squares(2, 20), squares(2, 21), ious, [0.8, 0.7], 0.5)
    cells = {tuple(float(v) for v in [text.get_text()]): len(ax.patches) for ax in figure.axes for text in ax.texts}
    assert cells == {(0.9,): 1, (0.2,): 0, (0.0,): 0, (0.5,): 1}
    assert [ax.get_title() for ax in figure.axes[1:3]] == ["0.80", "0.70"]


def test_ranking_has_a_bar_for_each_detection():
    above, below = figures.ranking([True, False, True], [1, 0.5, 2 / 3], [0.25, 0.25, 0.5]).axes
    bars = {round(bar.get_x() + 0.5): bar.get_facecolor()[:3] for bar in above.patches}
    assert bars == {1: to_rgb(figures.RIGHT), 3: to_rgb(figures.RIGHT), 2: to_rgb(figures.WRONG)}
    np.testing.assert_allclose(below.lines[0].get_ydata(), [1, 0.5, 2 / 3])
    np.testing.assert_allclose(below.lines[1].get_ydata(), [0.25, 0.25, 0.5])


def test_curve_says_the_mean_of_the_samples():
    (ax,) = figures.curve([0.5, 1], [1, 0.5], [0, 0.5, 1], [1, 1, 0.5]).axes
    assert ax.texts[0].get_text() == "AP = 0.833"
    np.testing.assert_allclose(ax.lines[0].get_ydata(), [1, 1, 0.5])


def test_thresholds_average_each_curve():
    precision = np.array([[1, 1, 0.5, 0], [0.5, 0, 0, 0]])
    left, right = figures.thresholds([0.5, 0.75], precision, [0.7, 0.2], 0.375).axes
    assert len(left.lines) == 2
    np.testing.assert_allclose([bar.get_height() for bar in right.patches], [0.625, 0.125])
    np.testing.assert_allclose(right.lines[0].get_ydata(), [0.7, 0.2])
    assert {text.get_text() for text in left.texts} == {"IoU 0.50", "IoU 0.75"}


def test_thresholds_without_anything_found():
    left, right = figures.thresholds([0.5, 0.75], np.zeros((2, 4)), [0, 0], 0).axes
    assert right.get_ylim()[1] > 0
    assert len(left.lines) == 2


def test_what_moves_measures_against_the_first_row():
    table = {"as it is": {"AP50": 0.5, "AP75": 0.2, "AP": 0.3}, "shifted": {"AP50": 0.4, "AP75": 0.1, "AP": 0.2}}
    axes = figures.what_moves(table).axes
    for ax, metric in zip(axes, ("AP50", "AP75", "AP"), strict=True):
        assert [bar.get_width() for bar in ax.patches] == [row[metric] for row in table.values()]
        assert ax.lines[0].get_xdata()[0] == table["as it is"][metric]
    assert [label.get_text() for label in axes[0].get_yticklabels()] == ["as it is", "shifted"]


def test_shown_from_draws_every_number():
    (ax,) = figures.shown_from([0, 0.5], {"precision": [0.1, 0.9], "AP50": [0.5, 0.4]}).axes
    assert {line.get_label(): list(line.get_ydata()) for line in ax.lines} == {
        "precision": [0.1, 0.9],
        "AP50": [0.5, 0.4],
    }


def test_kinds_of_error_show_their_examples_and_their_costs():
    image, true, detected = random(3, 64, 64), squares(8, size=64)[0], squares(11, size=64)[0]
    examples = {
        "poor_mask": (image, true, detected, "cat"),
        "background": (image, None, detected, "dog"),
        "missed": (image, true, None, "cow"),
        "duplicate": None,
    }
    counts = dict.fromkeys(examples, 3) | {"background": 1200}
    costs = dict(zip(examples, (0.2, 0.0, -0.01, 0.0), strict=True))
    axes = figures.kinds_of_error(examples, counts, costs).axes
    above, below = axes[:4], axes[4:]
    assert [len(ax.images) for ax in above] == [1, 1, 1, 0]
    assert [ax.patches[0].get_height() for ax in below] == list(costs.values())
    assert below[1].texts[0].get_text() == "+0.000\n1,200 of them"
    assert len({ax.get_ylim() for ax in below}) == 1


@pytest.mark.parametrize("corner", [0, 29, 58])
def test_an_error_is_cut_out_as_a_square_inside_the_picture(corner):
    image, mask = random(3, 64, 64), squares(corner, size=64)[0]
    figure = figures.kinds_of_error({"missed": (image, mask, None, "cat")}, {"missed": 1}, {"missed": 0.1})
    shown = figure.axes[0].images[0].get_array()
    assert shown.shape[:2] == (
        figures.SIDE_OF_ERROR,
        figures.SIDE_OF_ERROR,
    )  # not squeezed: the mask is as wide as high
    dark = shown.max(axis=2) < 0.2
    assert abs(int(dark.any(axis=0).sum()) - int(dark.any(axis=1).sum())) <= 2


def test_intervals_reach_from_low_to_high():
    left, right = figures.with_intervals({"AP": (0.3, 0.2, 0.45)}, {10: 0.4, 40: 0.2}).axes
    assert list(left.lines[0].get_xdata()) == [0.2, 0.45]
    assert left.lines[1].get_xdata()[0] == 0.3
    np.testing.assert_allclose(right.lines[0].get_ydata(), right.lines[1].get_ydata())  # 0.4, 0.2: as one over the root
