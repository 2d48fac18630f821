"""The methods that are built on others, and the table: against brute force, equations and invariances."""

import os
import subprocess
import sys
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.spatial import cKDTree
from torch import nn

from course_lib.errors import CourseError
from course_lib.evaluation import method_table
from course_lib.evaluation.method_table import METHODS
from course_lib.matting import RobustVideoMatting
from course_lib.matting.baselines import (
    Extras,
    bilinear,
    closed_form,
    hard_segmentation,
    interface,
    knn,
    one_frame_delay,
    patch_refinement,
    per_frame_network,
    recurrent_network,
    trimap_from_mask,
    with_one_frame_delay,
    with_own_trimap,
)
from course_lib.matting.baselines.patch_refinement import choose_patches, uncertainty
from course_lib.matting.baselines.upsampling import reduce

NOTHING = Extras()


@pytest.fixture(scope="module")
def clip():
    return torch.rand(5, 3, 40, 56, generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def network(clip):
    torch.manual_seed(0)
    model = RobustVideoMatting().eval()
    for head in (model.project_mat, model.project_seg):
        nn.init.normal_(head.conv.weight, std=3)
    with torch.no_grad():  # logits on both sides of the threshold
        model.project_seg.conv.bias -= model(clip[None], segmentation_pass=True)[0].median()
    return model


class Brightness(nn.Module):
    """Called as RVM is. alpha is the red channel; the state counts frames; no segmentation head."""

    segmentation_available = False

    def forward(self, frames, state=0, *, downsample_ratio=1.0):
        alpha = frames[..., :1, :, :]
        return frames, alpha, state + 1


def test_knn_solves_the_papers_linear_system():
    """By hand: neighbours by a k-d tree, W, L = I − D⁻¹W, and a dense solution."""
    generator = np.random.default_rng(0)
    image = generator.random((9, 11, 3)) * 0.2
    image[:, 5:] += 0.6
    trimap = np.full((9, 11), 0.5)
    trimap[:, :2], trimap[:, -2:] = 0, 1
    y, x = np.mgrid[0:1:9j, 0:1:11j]
    weights = np.zeros((99, 99))
    for count, place in ((20, 2.0), (10, 0.1)):
        features = np.column_stack([image.reshape(-1, 3), place * x.ravel(), place * y.ravel()]).astype(np.float32)
        neighbours = cKDTree(features).query(features, k=count)[1]
        for pixel, near in enumerate(neighbours):
            weights[pixel, near] += 1
            weights[near, pixel] += 1
    laplacian = np.eye(99) - weights / weights.sum(1, keepdims=True)
    known = (trimap != 0.5).ravel()
    system = laplacian + 100 * np.diag(known)  # pymatting's λ
    expected = np.linalg.solve(system, 100 * known * trimap.ravel()).clip(0, 1).reshape(9, 11)
    frames = torch.from_numpy(image).permute(2, 0, 1)[None]
    found = knn(frames, Extras(trimap=torch.from_numpy(trimap)[None, None]))[0, 0].numpy()
    np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize("method", [closed_form, knn])
def test_a_trimap_that_knows_one_side_or_all_is_answered_and_one_that_knows_nothing_is_refused(method, clip):
    trimap = torch.full((5, 1, 40, 56), 0.5)
    trimap[0, :, :9] = 0
    trimap[1, :, :9] = 1
    trimap[2] = (torch.arange(56) > 20).float()
    trimap[3:] = 0
    found = method(clip, Extras(trimap=trimap))
    assert torch.equal(found[0], torch.zeros(1, 40, 56))
    assert torch.equal(found[1], torch.ones(1, 40, 56))
    assert torch.equal(found[2:], trimap[2:])
    trimap[4] = 0.5
    with pytest.raises(ValueError, match="trimap of frame 4"):
        method(clip, Extras(trimap=trimap))


@pytest.mark.parametrize("call", ["closed_form(x, Extras(trimap=a))", "estimate_foreground(x, a)"])
def test_pymatting_leaves_torch_its_threads(call):
    """In a process of its own: numba sets the count when pymatting is first imported."""
    code = (
        "import torch; from course_lib.matting.baselines import Extras, closed_form, estimate_foreground;"
        "x, a = torch.rand(1, 3, 24, 24), torch.zeros(1, 1, 24, 24); a[..., 9:14] = 0.5; a[..., 14:] = 1;"
        f"{call}; print(torch.get_num_threads())"
    )
    environment = os.environ | {"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "2"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "1"


def test_own_trimap_is_that_of_the_segmenter(clip):
    truth = torch.zeros(5, 1, 40, 56)
    truth[:, :, 8:30, 10:40] = 1

    def look(frames, extras):
        return extras.trimap

    def find(frames, extras):
        return truth

    given = Extras(trimap=torch.ones(5, 1, 40, 56))
    found = with_own_trimap(look, find)(clip, given)
    assert torch.equal(found, trimap_from_mask(truth, 2))  # 10/256 of 40 pixels
    assert (given.trimap == 1).all()


def test_without_memory_each_frame_is_a_clip_of_its_own(clip, network, monkeypatch):
    recurrent, apart = recurrent_network(network), per_frame_network(network)
    one_by_one = torch.cat([recurrent(frame[None], NOTHING) for frame in clip])
    torch.testing.assert_close(apart(clip, NOTHING), one_by_one, atol=1e-4, rtol=0)
    torch.testing.assert_close(apart(clip.flip(0), NOTHING).flip(0), apart(clip, NOTHING), atol=1e-4, rtol=0)
    whole = recurrent(clip, NOTHING)
    assert (whole - one_by_one).abs().max() > 1e-3, "the memory does something"
    monkeypatch.setattr(interface, "PIXELS_AT_ONCE", 2 * 40 * 56)
    torch.testing.assert_close(recurrent(clip, NOTHING), whole, atol=1e-4, rtol=0)
    torch.testing.assert_close(apart(clip, NOTHING), one_by_one, atol=1e-4, rtol=0)


def test_hard_segmentation_is_the_heads_or_alphas(clip, network):
    with torch.no_grad():
        logits = network(clip[None], segmentation_pass=True)[0][0]
    mask = hard_segmentation(network)(clip, NOTHING)
    assert set(mask.unique().tolist()) == {0.0, 1.0}
    certain = logits.abs() > 1e-3
    assert torch.equal(mask[certain] > 0, logits[certain] > 0)
    strict = hard_segmentation(network, threshold=0.9)(clip, NOTHING)
    assert strict.sum() < mask.sum()
    red = hard_segmentation(Brightness(), threshold=0.25)(clip, NOTHING)
    assert torch.equal(red > 0, clip[:, :1] > 0.25)


def test_one_frame_delay_is_the_papers_rule_pixel_by_pixel():
    alpha = torch.randint(0, 8, (7, 1, 6, 5), generator=torch.Generator().manual_seed(0)) / 16
    expected = alpha.clone()
    for t in range(1, 6):
        for y in range(6):
            for x in range(5):
                before, now, after = (alpha[k, 0, y, x].item() for k in (t - 1, t, t + 1))
                if abs(before - after) <= 0.1 and abs(now - before) > 0.1 and abs(now - after) > 0.1:
                    expected[t, 0, y, x] = (before + after) / 2
    found = one_frame_delay(alpha)
    assert torch.equal(found, expected)
    assert not torch.equal(found, alpha)
    assert torch.equal(one_frame_delay(alpha.flip(0)), found.flip(0))
    assert torch.equal(one_frame_delay(alpha[:2]), alpha[:2])


def test_one_frame_delay_mends_a_flash_and_keeps_a_movement(clip):
    flash = torch.full((5, 1, 40, 56), 0.8)
    flash[2] = 0
    smoothed = with_one_frame_delay(lambda frames, extras: flash)(clip, NOTHING)
    torch.testing.assert_close(smoothed, torch.full_like(flash, 0.8))
    assert flash[2].max() == 0, "the method's own matte is left alone"
    moving = (torch.arange(5)[:, None, None, None] >= torch.arange(5)).float().expand(5, 1, 4, 5)
    assert torch.equal(one_frame_delay(moving), moving)


def test_uncertainty_is_at_the_edges_only():
    alpha = torch.zeros(1, 1, 8, 8)
    alpha[..., 4:] = 1
    assert uncertainty(alpha).sum(2).flatten().tolist() == [0, 0, 0, 8, 0, 0, 0, 0]
    assert uncertainty(torch.full((1, 1, 8, 8), 0.5)).unique().tolist() == [1]


def test_patches_are_the_most_uncertain_ones_and_no_more():
    alpha = torch.zeros(1, 1, 16, 20)
    alpha[..., 5, 6] = 0.5  # in the patch at (16, 16) of the large frame
    alpha[..., 13:15, 18:20] = 0.5  # in the last one, which the frame cuts off
    assert choose_patches(alpha, (64, 78), patch=16, count=9).tolist() == [[48, 64], [16, 16]]
    assert choose_patches(alpha, (64, 78), patch=16, count=1).tolist() == [[48, 64]]
    assert choose_patches(torch.ones(1, 1, 16, 20), (64, 78), patch=16, count=9).tolist() == []


@pytest.mark.parametrize("size", [(64, 96), (70, 101)])
def test_patches_bring_back_what_the_small_picture_lost(size):
    """The network tells alpha from colour alone: with all patches the result is what it gives at full size."""
    rows, columns = torch.meshgrid(torch.arange(float(size[0])), torch.arange(float(size[1])), indexing="ij")
    truth = (((columns - 50) ** 2 + (rows - 34) ** 2).sqrt() < 25 + 3 * torch.sin(rows)).float()[None, None]
    frames = truth.expand(2, 3, *size)
    small = bilinear(Brightness(), 4)(frames, NOTHING)
    refined = patch_refinement(Brightness(), 4, patch=16, margin=8, count=1000)(frames, NOTHING)
    assert refined.shape == (2, 1, *size)
    error, before = ((one - truth).abs().mean() for one in (refined, small))
    assert error < 0.45 * before
    some = patch_refinement(Brightness(), 4, patch=16, margin=8, count=3)(frames, NOTHING)
    assert error < (some - truth).abs().mean() < before
    touched = (some - small).abs().amax((0, 1)) > 0
    assert 0 < touched.sum() <= 3 * 16 * 16


def test_a_patch_that_sees_nobody_changes_nothing(clip):
    class Distance(Brightness):
        """Blind in patches, which are 4-D; sees in the clip."""

        def forward(self, frames, *states, downsample_ratio=1.0):
            _, alpha, state = super().forward(frames)
            return frames, alpha if frames.ndim == 5 else torch.zeros_like(alpha), state

    expected = bilinear(Distance(), 4)(clip, NOTHING)
    assert torch.equal(patch_refinement(Distance(), 4, patch=16, margin=8)(clip, NOTHING), expected)


def test_bilinear_enlarges_the_matte_of_the_small_frames(clip):
    expected = F.interpolate(
        F.interpolate(clip[:, :1], scale_factor=1 / 4, mode="bilinear"), scale_factor=4, mode="bilinear"
    )
    torch.testing.assert_close(bilinear(Brightness(), 4)(clip, NOTHING), expected)
    assert reduce(clip[..., :3, :], 4).shape == (5, 3, 1, 14)


def test_wrong_options_and_wrong_input_are_named(clip, network):
    with pytest.raises(ValueError, match="multiples of factor"):
        patch_refinement(network, 4, patch=30)
    for method in (
        recurrent_network(network),
        METHODS["grabcut"].build(),
        bilinear(network),
        per_frame_network(network),
    ):
        with pytest.raises(ValueError, match="one clip"):
            method(clip[None], NOTHING)
        with pytest.raises(ValueError, match="uint8"):
            method((clip * 255).byte(), NOTHING)
    with pytest.raises(ValueError, match=r"trimap is \(5, 1, 40, 40\), but these frames need \(5, 1, 40, 56\)"):
        closed_form(clip, Extras(trimap=torch.zeros(5, 1, 40, 40)))
    with pytest.raises(ValueError, match=r"clean_plate is \(1, 3, 40, 56\)"):
        METHODS["background-difference"].build()(clip, Extras(clean_plate=clip[:1]))


def test_the_table_says_what_each_method_is_and_is_given():
    for name, entry in METHODS.items():
        assert entry.name == name
        assert entry.what.endswith(".")
        assert entry.source
        assert ("true alpha" in " ".join(entry.needs)) == ("true alpha" in entry.what)
    with pytest.raises(FrozenInstanceError):
        METHODS["knn"].needs = ()


def test_a_run_that_is_not_recorded_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(method_table, "RESULTS", tmp_path)
    for name in ("rvm-mobilenetv3-laptop", "hard-segmentation-laptop", "background-matting", "deep-guided-filter-4x"):
        with pytest.raises(CourseError, match="is not recorded yet: results/"):
            METHODS[name].build()
    weights = tmp_path / "other.pth"
    torch.save({"a": torch.zeros(1)}, weights)
    with pytest.raises(CourseError, match="no checkpoint of the background-matting network"):
        METHODS["background-matting"].build(weights=weights)


@pytest.fixture(scope="module")
def puppet():
    """Scenes by side. Methods that look at a quarter of the size need a larger picture."""
    from course_lib.evaluation.scenes import puppet_scene

    return {
        side: puppet_scene(1, side, side, frames, "val", "a", "a", framing="bust")
        for side, frames in ((96, 3), (384, 1))
    }


@pytest.mark.parametrize("name", METHODS)
def test_on_a_puppet_each_method_is_far_better_than_one_half_everywhere(name, puppet):
    from course_lib.evaluation.evaluate import extras_of

    try:
        method = METHODS[name].build()
    except CourseError as error:
        assert "not recorded yet" in str(error)  # noqa: PT017 - runs are trained one after the other
        pytest.skip(str(error))
    scene = puppet[384 if name.endswith("4x") else 96]
    alpha = method(scene.frames, extras_of(scene))
    assert alpha.shape == scene.alpha.shape
    assert alpha.dtype == torch.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1
    assert (alpha - scene.alpha).abs().mean() < 0.4 * (0.5 - scene.alpha).abs().mean()


@pytest.mark.parametrize("make", [recurrent_network, per_frame_network, hard_segmentation])
def test_a_network_looks_at_the_size_of_its_training(make, network, clip, monkeypatch):
    monkeypatch.setattr(network, "trained_side", 28)  # the clip is 56 wide
    found = make(network, downsample_ratio="auto")(clip, NOTHING)
    assert found.shape == clip[:, :1].shape
    assert torch.equal(found, make(network, downsample_ratio=0.5)(clip, NOTHING))
    assert not torch.equal(found, make(network)(clip, NOTHING))
