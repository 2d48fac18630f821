"""Figures of chapter 11 by their data."""

from types import SimpleNamespace

import numpy as np
import torch

from course_lib.viz import boxes as figures
from course_lib.viz.emoji_scenes import instance_colour


def people() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    image = torch.rand(3, 12, 16, generator=torch.Generator().manual_seed(0))
    masks = torch.zeros(3, 12, 16, dtype=torch.bool)
    masks[0, 2:8, 1:5] = masks[1, 2:8, 5:9] = masks[2, 3:9, 11:15] = True
    boxes = torch.tensor([[1.0, 2, 5, 8], [5, 2, 9, 8], [11, 3, 15, 9]])
    return image, masks, boxes


def rectangles(ax) -> list[tuple]:
    return [(p.get_x(), p.get_y(), p.get_width(), p.get_height(), p.get_linestyle()) for p in ax.patches]


def test_survivors_dashes_the_box_that_is_deleted():
    image, masks, boxes = people()
    figure = figures.survivors(image, masks, boxes, torch.tensor([0, 2]))
    assert [ax.get_title() for ax in figure.axes] == ["the picture", "who is there: 3", "whose box stays: 2"]
    everyone, kept = (rectangles(ax) for ax in figure.axes[1:])
    assert everyone[1] == (4.5, 1.5, 4, 6, "-")
    assert sorted(box[4] for box in kept) == ["-", "-", "--"]
    assert kept[-1] == (4.5, 1.5, 4, 6, "--")
    painted = figure.axes[2].images[0].get_array()
    np.testing.assert_allclose(painted[3, 11], instance_colour(2), atol=1e-6)  # its own colour, on its outline
    np.testing.assert_allclose(painted[4, 6], figures.quiet(image)[:, 4, 6], atol=1e-6)  # the deleted one: nothing


def test_one_of_each_names_the_splits():
    scenes = {name: SimpleNamespace(image=torch.full((3, 4, 4), value)) for name, value in (("a", 0.2), ("b", 0.7))}
    figure = figures.one_of_each(scenes)
    assert [ax.get_title() for ax in figure.axes] == ["a", "b"]
    np.testing.assert_allclose(figure.axes[1].images[0].get_array(), 0.7, rtol=1e-6)


def test_nearest_anchors_shows_the_worst_and_sorts_all():
    image, _, boxes = people()
    figure = figures.nearest_anchors(image, boxes, boxes + 1, [0.9, 0.4, 0.6], shown=2, margin=1)
    left, right = figure.axes
    assert [box[4] for box in rectangles(left)] == ["-", "--", "-", "--"]
    assert rectangles(left)[1] == (5.5, 2.5, 4, 6, "--")
    assert [bar.get_height() for bar in right.patches] == [0.4, 0.6, 0.9]
    assert left.get_xlim() == (4, 15.5)  # from the second box to the edge of the picture


def test_dilemma_counts_pairs_and_draws_both_curves():
    figure = figures.dilemma([0.5, 0.9, 0.91], [0.1, 0.5], [0.3, 0.5], [4, 1], [0, 12])
    left, right = figure.axes
    heights = [patch.get_xy()[:, 1].max() for patch in left.patches]
    assert heights == [2, 1]
    assert [line.get_ydata().tolist() for line in right.lines] == [[4, 1], [0, 12]]


def test_crossing_writes_overlaps_and_both_counts():
    frames, masks = torch.rand(3, 3, 6, 6), torch.zeros(3, 2, 6, 6, dtype=torch.bool)
    figure = figures.crossing(frames, masks, [0.1, 0.7, 0.2], [2, 2, 2], [2, 1, 2], shown=[0, 1])
    *pictures, below = figure.axes
    assert [ax.get_title() for ax in pictures] == ["frame 0", "frame 1"]
    assert [line.get_ydata().tolist() for line in below.lines] == [[2, 2, 2], [2, 1, 2]]
    assert {"0.100", "0.700", "0.200"} <= {text.get_text() for text in below.texts}


def test_shapes_in_cells_writes_the_iou_where_there_is_one():
    mask = np.eye(4, dtype=bool)
    figure = figures.shapes_in_cells({"thing": {"truth": (mask, None), "coarse": (~mask, 0.25)}})
    assert [ax.get_title() for ax in figure.axes] == ["truth", "coarse: IoU 0.25"]
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), 1 - np.eye(4))


def test_sides_and_masks_draws_each_way_and_the_crossover():
    curves = {"thin": {"box": ([16, 32], [0.5, 0.5]), "map": ([16, 32], [0.1, 0.9])}}
    (ax,) = figures.sides_and_masks(curves, crossover=24).axes
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == [[0.5, 0.5], [0.1, 0.9]]
    assert list(ax.lines[2].get_xdata()) == [24, 24]


def test_named_by_lays_the_maps_together():
    image, masks, _ = people()
    maps = torch.zeros(2, 12, 16)
    maps[0, 1, 1], maps[1, 5, 5] = 1, 0.5
    figure = figures.named_by(image, maps, {"by a map": (masks, torch.tensor([0.5, 1.0, 0.75]))})
    heat = figure.axes[0].images[0].get_array()
    assert (heat[1, 1], heat[5, 5], heat.sum()) == (1, 0.5, 1.5)
    assert figure.axes[1].get_title() == "by a map\nIoU 0.50 to 1.00"


def test_quiet_is_grey_and_pale():
    pale = figures.quiet(torch.stack([torch.zeros(2, 2), torch.ones(2, 2), torch.full((2, 2), 0.5)]))
    np.testing.assert_allclose(pale, 0.65 + 0.35 * 0.5, rtol=1e-6)
