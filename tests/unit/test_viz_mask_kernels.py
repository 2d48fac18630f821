"""Figures of chapter 14 by their data."""

import numpy as np
import pytest
import torch
from matplotlib.colors import to_rgb

from course_lib.viz import mask_kernels as figures
from course_lib.viz.boxes import quiet
from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.features import principal_colours
from course_lib.viz.style import PALETTE


def random(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def test_each_kernel_stands_above_its_mask():
    features, kernels, logits = random(1, 5, 4, 6), random(2, 5) - 0.5, 4 * random(2, 8, 12) - 2
    picture, shown, *pairs = figures.drawn_by_kernels(random(3, 16, 24), features, kernels, logits).axes
    assert picture.images[0].get_array().shape == (16, 24, 3)
    np.testing.assert_allclose(
        shown.images[0].get_array(), principal_colours(features[0]).transpose(1, 2, 0), atol=1e-6
    )
    assert shown.get_title() == "5 × 4 × 6"
    for n, (above, below) in enumerate(zip(pairs[::2], pairs[1::2], strict=True)):
        np.testing.assert_allclose(above.images[0].get_array(), kernels[n][None])
        np.testing.assert_allclose(below.images[0].get_array(), logits[n].sigmoid(), rtol=1e-5)
        low, high = above.images[0].get_clim()
        assert -low == high == pytest.approx(kernels[n].abs().max().item())


def test_points_are_pixels_by_their_owner():
    logits = torch.tensor([[[1.0, 2.0, 3.0]], [[4.0, 5.0, 6.0]]])
    masks = torch.tensor([[[True, False, False]], [[False, False, True]]])
    (ax,) = figures.pixels_as_points(logits, masks, ["cat", "dog"], -0.2).axes
    points = [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines[:3]]
    assert points == [([2.0], [5.0]), ([1.0], [4.0]), ([3.0], [6.0])]
    assert ax.lines[3].get_xdata()[0] == ax.lines[4].get_ydata()[0] == -0.2
    assert tuple(ax.lines[2].get_color()) == tuple(instance_colour(1))
    assert ax.get_ylabel() == "logit under the kernel of the dog"


def test_mixtures_share_the_scale_of_a_probability():
    maps = {"t = 0": random(3, 4), "t = 1": random(3, 4) / 10}
    axes = figures.mixtures(maps).axes
    assert [ax.images[0].get_clim() for ax in axes] == [(0, 1), (0, 1)]
    np.testing.assert_allclose(axes[1].images[0].get_array(), maps["t = 1"])


def test_moved_along_has_kernels_down_and_pictures_across():
    images, masks = [random(3, 6, 8), 1 - random(3, 6, 8)], random(2, 2, 6, 8) > 0.5
    axes = figures.moved_along(images, {"one": masks[0], "two": masks[1]}).axes
    for at, ax in enumerate(axes):
        row, column = divmod(at, 2)
        expected = paint_instances(quiet(images[column], 0.8), masks[row, column][None].numpy(), [row], 0.75)
        np.testing.assert_allclose(ax.images[0].get_array(), expected.transpose(1, 2, 0), atol=1e-6)
    assert [axes[0].texts[0].get_text(), axes[2].texts[0].get_text()] == ["one", "two"]


def test_told_apart_names_each_twins_iou():
    maps = random(2, 3, 5)
    axes = figures.told_apart({"a": (random(3, 6, 10), maps, [0.5, 0.25]), "b": (random(3, 6, 10), maps, [1, 0])}).axes
    titles = [ax.get_title() for ax in axes if ax.get_title()]
    assert titles[:2] == ["left one's kernel: IoU 0.50", "right one's kernel: IoU 0.25"]
    np.testing.assert_allclose(axes[2].images[0].get_array(), maps[1])
    assert axes[1].images[0].get_clim() == (0, 1)


def test_objectness_shows_shares():
    (ax,) = figures.objectness([0.5, 0.9], [0.1, 0.1, 0.1, 0.9]).axes
    heights = np.array([patch.get_height() for patch in ax.patches]).reshape(2, 25)
    assert heights.sum(axis=1) == pytest.approx([1, 1])
    assert heights[0, 2] == pytest.approx(0.75)  # 0.08 to 0.12
    assert {text.get_text() for text in ax.get_legend().get_texts()} == {"queries without an object: 4", "with one: 2"}


def test_borders_paints_what_only_one_mask_holds():
    one, other = np.zeros((2, 20, 30), bool)
    one[5:15, 5:15] = True
    other[5:15, 6:16] = True
    whole, part = figures.borders(random(3, 20, 30), (2, 12, 3, 18), {"first": one, "second": other}).axes
    (frame,) = whole.patches
    assert (frame.get_x(), frame.get_y(), frame.get_width(), frame.get_height()) == (2.5, 1.5, 15, 10)
    picture = part.images[0].get_array()
    assert picture.shape == (10, 15, 3)
    np.testing.assert_allclose(picture[5, 2], to_rgb(PALETTE["foreground"]), atol=1e-6)  # column 5: the first alone
    np.testing.assert_allclose(picture[5, 12], to_rgb(PALETTE["background"]), atol=1e-6)  # column 15: the second alone
    tint = picture[5, 7] - 0.35 * np.array(to_rgb(PALETTE["ours"]))  # both: over what is left of a grey picture
    assert np.ptp(tint) < 1e-6
    labels = [text.get_text() for text in part.get_legend().get_texts()]
    assert labels == ["both", "first only", "second only"]
