"""Figures of chapter 13 by their data."""

import numpy as np
import torch
from matplotlib.colors import to_hex

from course_lib.viz import activation_equation as figures
from course_lib.viz.emoji_scenes import instance_colour, paint_instances


def random(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def two_masks() -> torch.Tensor:
    masks = torch.zeros(2, 32, 32, dtype=torch.bool)
    masks[0, 4:12, 4:12], masks[1, 16:28, 20:28] = True, True
    return masks


def test_every_object_has_its_map_and_its_colour():
    image, masks, blob = random(3, 32, 32), two_masks(), random(4, 4) - 0.5
    figure = figures.blob_or_maps(image, masks, blob, [random(4, 4), random(4, 4) / 9], "votes")
    picture, votes, first, second = figure.axes
    np.testing.assert_allclose(picture.images[0].get_array(), paint_instances(image, masks).transpose(1, 2, 0))
    np.testing.assert_allclose(votes.images[0].get_array(), blob.clamp(min=0))
    np.testing.assert_allclose(second.images[0].get_array(), random(4, 4) / 9, rtol=1e-6)
    assert second.images[0].get_clim()[1] == (random(4, 4) / 9).max()  # its own scale
    assert to_hex(first.title.get_color()) == to_hex(instance_colour(0))
    assert [len(ax.collections) for ax in figure.axes] == [0, 2, 2, 2]


def test_outlines_lie_on_the_borders_of_the_masks():
    _, votes, first = figures.blob_or_maps(random(3, 32, 32), two_masks(), random(4, 4), [random(4, 4)], "").axes
    path = votes.collections[0].get_paths()[0].vertices  # in cells of 8 pixels, the first is centred at 0
    np.testing.assert_allclose([path.min(), path.max()], [4 / 8 - 0.5, 12 / 8 - 0.5], atol=0.1)
    assert first.collections[0].get_linestyle() != first.collections[1].get_linestyle()  # the other one is dashed


def test_shouting_draws_every_object():
    (ax,) = figures.shouting(torch.tensor([1.0, 4.0]), {"sum": [2, 8], "mean": [2, 2]}, "cells").axes
    np.testing.assert_allclose([cloud.get_offsets() for cloud in ax.collections], [[[1, 2], [4, 8]], [[1, 2], [4, 2]]])
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_learning_draws_the_losses():
    (ax,) = figures.learning({"a": [1.0, 0.1], "b": [1.0, 0.5]}, "loss").axes
    assert [list(line.get_ydata()) for line in ax.lines] == [[1.0, 0.1], [1.0, 0.5]]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]


def test_far_apart_says_the_shares():
    values = torch.tensor([[0.3, 0, 0, 0.7]])
    figure = figures.far_apart(random(1, 4), {"rule": values})
    maps = [ax for ax in figure.axes if ax.texts]
    assert [text.get_text() for text in maps[0].texts] == ["30 %", "70 %"]
    np.testing.assert_allclose(maps[0].images[0].get_array(), values)


def test_a_number_out_of_place_is_bold():
    right, wrong = figures.who_is_joined({"right": [[0, 0], [1, 1]], "wrong": [[0, 1], [0, 1]]}).axes
    assert [text.get_weight() for text in right.texts] == ["normal"] * 4
    assert [text.get_text() for text in wrong.texts] == ["0", "1", "0", "1"]
    assert [text.get_weight() for text in wrong.texts] == ["normal", "bold", "bold", "normal"]
    np.testing.assert_allclose(wrong.images[0].get_array()[1, 0], instance_colour(0))
