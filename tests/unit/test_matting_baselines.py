"""The baselines on pictures whose matte is known."""

import cv2
import numpy as np
import pytest
import torch
from scipy import ndimage

from course_lib.matting import RobustVideoMatting
from course_lib.matting.baselines import (
    Extras,
    background_difference,
    central_box,
    closed_form,
    estimate_foreground,
    grabcut,
    recurrent_network,
    trimap_from_mask,
)
from course_lib.matting.equation import composite


@pytest.fixture(scope="module")
def scene():
    """A soft orange disk over a blue ramp, 2 frames of 48×64, the disk 3 px further right in the second."""
    rows, cols = torch.meshgrid(torch.arange(48.0), torch.arange(64.0), indexing="ij")
    alpha = torch.stack([((14 - ((rows - 24) ** 2 + (cols - x) ** 2).sqrt()) / 4 + 0.5).clamp(0, 1) for x in (30, 33)])[
        :, None
    ]
    foreground = torch.tensor([0.9, 0.5, 0.1])[:, None, None].expand(3, 48, 64)
    background = torch.stack([0.1 + 0 * rows, 0.2 + 0.1 * rows / 48, 0.5 + 0.4 * cols / 64])
    return composite(foreground, background, alpha), foreground, background, alpha


def mean_difference(one, other):
    return (one - other).abs().mean().item()


def test_closed_form_finds_the_soft_edge_inside_the_trimap(scene):
    frames, _, _, alpha = scene
    trimap = trimap_from_mask(alpha, radius=2)
    unknown = trimap == 0.5
    matte = closed_form(frames, Extras(trimap=trimap))
    assert matte.shape == (2, 1, 48, 64)
    assert matte.dtype == torch.float32
    assert torch.equal(matte[~unknown], alpha[~unknown].round())
    assert (matte - alpha)[unknown].abs().mean() < 0.02 < (trimap - alpha)[unknown].abs().mean()


def test_closed_form_prints_nothing(scene, capfd):
    frames, _, _, alpha = scene
    closed_form(frames[:1], Extras(trimap=trimap_from_mask(alpha[:1], radius=4)))
    assert capfd.readouterr() == ("", "")


def test_background_difference_is_a_ramp_of_the_colour_distance():
    plate = torch.zeros(3, 1, 5)
    frames = torch.zeros(2, 3, 1, 5)
    frames[:, 1, 0] = torch.tensor([0.0, 0.1, 0.15, 0.3, 1.0])
    expected = torch.tensor([0.0, 0.0, 0.25, 1.0, 1.0]).expand(2, 1, 1, 5)
    torch.testing.assert_close(background_difference(frames, Extras(clean_plate=plate)), expected)
    torch.testing.assert_close(
        background_difference(frames, Extras(clean_plate=frames.flip(-1)), low=0, high=1)[0, 0, 0],
        torch.tensor([1.0, 0.2, 0.0, 0.2, 1.0]),
    )


def test_grabcut_is_hard_right_and_repeatable(scene):
    frames, _, _, alpha = scene
    noisy = (frames + 0.02 * torch.randn(frames.shape, generator=torch.Generator().manual_seed(0))).clamp(0, 1)
    extras = Extras(box=(10, 5, 44, 38))
    cut = grabcut(noisy, extras)
    assert set(cut.unique().tolist()) == {0.0, 1.0}
    certain = (alpha == 0) | (alpha == 1)
    assert mean_difference(cut[certain], alpha[certain]) < 0.01
    cv2.setRNGSeed(99)
    assert torch.equal(grabcut(noisy, extras), cut)
    outside = cut.clone()
    outside[:, :, 5:43, 10:54] = 0
    assert outside.sum() == 0, "nobody outside the box"


def test_grabcut_without_a_box_takes_the_central_one(scene):
    frames = scene[0][:1]
    assert central_box(48, 64) == (4, 3, 56, 45)
    assert torch.equal(grabcut(frames, Extras()), grabcut(frames, Extras(box=central_box(48, 64))))


def test_a_network_as_a_method_sees_one_clip_from_an_empty_memory(scene):
    frames = scene[0]
    torch.manual_seed(0)
    model = RobustVideoMatting().eval()
    matte = recurrent_network(model)(frames, Extras())
    assert matte.shape == (2, 1, 48, 64)
    with torch.no_grad():
        _, first, *states = model(frames[:1])
        _, second, *_ = model(frames[1:], *states)
    torch.testing.assert_close(matte, torch.cat([first, second]), atol=1e-5, rtol=0)
    assert not matte.requires_grad


@pytest.mark.parametrize("radius", [1, 3, 7])
def test_trimap_is_what_the_distance_to_the_other_side_says(radius):
    mask = torch.zeros(2, 1, 40, 50)
    mask[0, 0, 10:32, 12:39] = 1
    mask[1, 0, :20, 25:] = 1
    mask[1, 0, 20, 25:] = 0.5
    trimap = trimap_from_mask(mask, radius)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)).astype(bool)
    for one, found in zip(mask[:, 0].numpy(), trimap[:, 0].numpy(), strict=True):
        foreground = ndimage.binary_erosion(one == 1, disk, border_value=1)
        background = ndimage.binary_erosion(one == 0, disk, border_value=1)
        np.testing.assert_array_equal(found, np.where(foreground, 1, np.where(background, 0, 0.5)))
    assert trimap.shape == mask.shape


def test_a_missing_extra_is_named(scene):
    for method, name in ((closed_form, "trimap"), (background_difference, "clean_plate")):
        with pytest.raises(ValueError, match=rf"needs a {name}: pass Extras\({name}=…\)"):
            method(scene[0], Extras())


def test_estimated_colours_explain_the_frame_and_are_nearer_than_the_frame(scene):
    frames, foreground, _, alpha = scene
    found, background = estimate_foreground(frames, alpha)
    assert found.shape == background.shape == frames.shape
    assert mean_difference(composite(found, background, alpha), frames) < 0.01
    soft = ((alpha > 0.05) & (alpha < 0.95)).expand_as(frames)
    truth = foreground.expand_as(frames)
    assert mean_difference(found[soft], truth[soft]) < 0.2 * mean_difference(frames[soft], truth[soft])
