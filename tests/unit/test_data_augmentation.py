"""Whole augmentations: determinism, identity, order and odds, one frame, crops, frame numbers, segmentation."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course_lib.data.augmentation import (
    AUTHORS_CROP,
    AUTHORS_SAMPLER,
    CLIPS,
    IMAGE_TRAIN,
    IN_ORDER,
    STILLS,
    VALIDATION,
    VARIED_SPEED,
    VIDEO_TRAIN,
    FrameSampler,
    MotionAugmentation,
    RandomCrop,
    motion,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def material(frames: int = 5, height: int = 36, width: int = 44) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A bright disc on black with soft edge, and a background of another size."""
    y, x = torch.meshgrid(torch.arange(float(height)), torch.arange(float(width)), indexing="ij")
    radius = torch.hypot(y - height / 2, x - width / 2)
    alpha = (12 - radius).clamp(0, 1).expand(frames, 1, height, width).contiguous()
    foreground = torch.tensor([0.9, 0.6, 0.4])[:, None, None] * alpha
    background = torch.rand(frames, 3, 40, 40, generator=seeded(9))
    return foreground, alpha, background


EVERYTHING = replace(VALIDATION, **{field.name: 1.0 for field in fields(VALIDATION)})
PRESETS = {"video": VIDEO_TRAIN, "image": IMAGE_TRAIN, "everything": EVERYTHING}


@pytest.mark.parametrize("preset", PRESETS)
def test_same_seed_same_clips_whatever_the_global_state(preset):
    augment = MotionAugmentation((32, 32), PRESETS[preset])
    torch.manual_seed(1)
    first = augment(*material(), seeded(7))
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = augment(*material(), seeded(7))
    third = augment(*material(), seeded(8))
    assert torch.equal(state, torch.get_rng_state())  # nothing was drawn from the global generator
    for one, same, other in zip(first, second, third, strict=True):
        assert torch.equal(one, same)
        assert not torch.equal(one, other)


@pytest.mark.parametrize("frames", [1, 2, 6])
@pytest.mark.parametrize("preset", PRESETS)
def test_shapes_and_ranges_for_any_length(preset, frames):
    augment = MotionAugmentation((24, 32), PRESETS[preset])
    for seed in range(6):
        inputs = material(frames)
        before = [clip.clone() for clip in inputs]
        foreground, alpha, background = augment(*inputs, seeded(seed))
        assert foreground.shape == background.shape == (frames, 3, 24, 32)
        assert alpha.shape == (frames, 1, 24, 32)
        for clip in (foreground, alpha, background):
            assert clip.isfinite().all()
            assert clip.min() >= 0
            assert clip.max() <= 1
        assert all(torch.equal(clip, copy) for clip, copy in zip(inputs, before, strict=True))


def test_without_any_step_nothing_changes():
    foreground, alpha, _ = material()
    background = torch.rand(5, 3, 36, 44, generator=seeded())
    result = MotionAugmentation((36, 44), VALIDATION)(foreground, alpha, background, seeded())
    for clip, expected in zip(result, (foreground, alpha, background), strict=True):
        assert torch.equal(clip, expected)


def test_without_any_step_another_size_is_a_plain_resize():
    foreground, alpha, background = material()
    _, small, backdrop = MotionAugmentation((20, 20), VALIDATION)(foreground, alpha, background, seeded())
    expected = F.interpolate(background, (20, 20), mode="bilinear", antialias=True)
    torch.testing.assert_close(backdrop, expected, rtol=0, atol=1e-5)
    # A picture of another shape is squeezed as a whole: the disc becomes an ellipse of the same share of the area.
    torch.testing.assert_close(small.mean(), alpha.mean(), rtol=0.02, atol=0)


@pytest.mark.parametrize(
    ("step", "foreground_changes", "alpha_changes", "background_changes"),
    [
        ("foreground_motion", True, True, False),
        ("placement", True, True, True),
        ("noise", True, False, True),
        ("colour", True, False, True),
        ("greyscale", True, False, True),
        ("sharpness", True, False, True),
        ("blur", True, True, True),
        ("background_motion", True, True, True),
        ("flip", True, True, True),
    ],
)
def test_each_step_touches_what_it_should(step, foreground_changes, alpha_changes, background_changes):
    _, alpha, background = material(4, 40, 40)
    alpha = alpha * torch.linspace(0.4, 1, 40)  # not its own mirror image
    foreground = torch.rand(4, 3, 40, 40, generator=seeded(3))
    augment = MotionAugmentation((40, 40), replace(VALIDATION, **{step: 1.0}))
    changed = torch.zeros(3, dtype=torch.bool)
    for seed in range(8):
        result = augment(foreground, alpha, background, seeded(seed))
        pairs = zip(result, (foreground, alpha, background), strict=True)
        changed |= torch.tensor([not torch.equal(clip, before) for clip, before in pairs])
    assert changed.tolist() == [foreground_changes, alpha_changes, background_changes]


def test_a_pause_repeats_one_frame_in_all_three():
    frames = torch.arange(8.0)[:, None, None, None].expand(8, 3, 2, 2) / 8
    augment = MotionAugmentation((2, 2), replace(VALIDATION, pause=1.0))
    for seed in range(20):
        foreground, alpha, background = augment(frames, frames[:, :1], frames, seeded(seed))
        shown = (foreground[:, 0, 0, 0] * 8).long().tolist()
        assert torch.equal(foreground, background)
        assert torch.equal(foreground[:, :1], alpha)
        held = [at for at in range(1, 8) if shown[at] == shown[at - 1]]
        assert held
        assert held == list(range(held[0], held[-1] + 1))  # one stretch
        assert all(shown[at] == at for at in range(8) if at not in held)


def test_the_steps_come_in_the_papers_order(monkeypatch):
    order = []

    def note(name):
        original = getattr(motion, name)
        monkeypatch.setattr(motion, name, lambda *a, **k: (order.append(name), original(*a, **k))[1])

    for name in ("warp", "add_noise", "motion_jitter", "greyscale", "adjust_sharpness", "gaussian_blur"):
        note(name)
    original = MotionAugmentation._pause
    monkeypatch.setattr(MotionAugmentation, "_pause", lambda *a: (order.append("pause"), original(*a))[1])
    MotionAugmentation((32, 32), EVERYTHING)(*material(), seeded(4))
    assert list(dict.fromkeys(order)) == [
        "warp",
        "add_noise",
        "motion_jitter",
        "greyscale",
        "adjust_sharpness",
        "gaussian_blur",
        "pause",
    ]


def test_one_joint_movement_keeps_person_and_background_together():
    """With the same picture as foreground and background, step 3 alone must give the same pixels."""
    picture = torch.rand(4, 3, 40, 40, generator=seeded(1))
    alpha = torch.ones(4, 1, 40, 40)
    together = 0
    for seed in range(40):
        augment = MotionAugmentation((40, 40), replace(VALIDATION, background_motion=1.0))
        foreground, moved, background = augment(picture, alpha, picture, seeded(seed))
        seen = (moved > 0.999).expand_as(foreground)
        if not torch.equal(moved, alpha) and torch.allclose(foreground[seen], background[seen], atol=1e-4):
            together += 1  # step 3 without step 2
    assert 3 < together < 20  # a quarter of the draws


def test_presets_are_the_papers():
    assert (VIDEO_TRAIN.foreground_motion, IMAGE_TRAIN.foreground_motion) == (0.3, 0.95)
    assert (VIDEO_TRAIN.noise, IMAGE_TRAIN.noise) == (0.1, 0.05)
    same = {"background_motion": 0.3, "placement": 1, "flip": 0.5, "colour": 0.3, "blur": 0.02, "pause": 0.03}
    for preset in (VIDEO_TRAIN, IMAGE_TRAIN):
        assert {name: getattr(preset, name) for name in same} == same
    assert all(getattr(VALIDATION, field.name) == 0 for field in fields(VALIDATION))


def test_clips_that_do_not_belong_together_are_refused():
    foreground, alpha, background = material()
    with pytest.raises(ValueError, match="do not belong together"):
        MotionAugmentation((8, 8), VIDEO_TRAIN)(foreground, alpha[:-1], background, seeded())


def test_crops_reach_every_size_and_place():
    where = torch.arange(64.0).expand(2, 1, 64, 64)  # the column of each pixel
    crop, generator = RandomCrop(multiple=16), seeded()
    sizes, lefts = set(), []
    for _ in range(300):
        one, other = crop([where, where.transpose(2, 3)], generator)
        assert one.shape == other.shape
        sizes.add(tuple(one.shape[-2:]))
        lefts.append(float(one[0, 0, 0, 0]))
    assert sizes == {(h, w) for h in (32, 48, 64) for w in (32, 48, 64)}
    assert min(lefts) < 1
    assert max(lefts) > 28  # 32 is the furthest


def test_the_authors_crop():
    """Height and width between half and one less than the whole; the larger side is never cut, the other one in its middle."""
    ramp = torch.linspace(-1, 1, 64).expand(1, 1, 64, 64)
    generator = seeded()
    sides = set()
    for _ in range(300):
        (cut,) = AUTHORS_CROP([ramp], generator)
        height, width = cut.shape[-2:]
        sides |= {height, width}
        row = cut[0, 0, 0]
        torch.testing.assert_close(row[0], -row[-1], rtol=0, atol=0.07)  # centred, to one pixel
        assert row[-1] == pytest.approx(1 if width >= height else width / height, abs=0.05)
    assert min(sides) == 32
    assert max(sides) == 63


def test_crops_take_batches_of_clips_and_refuse_mixed_sizes():
    batch = torch.rand(2, 3, 4, 32, 48)
    (cut,) = RandomCrop()([batch], seeded(2))
    assert cut.shape[:3] == (2, 3, 4)
    assert cut.shape[3] % 8 == cut.shape[4] % 8 == 0
    with pytest.raises(ValueError, match="one size"):
        RandomCrop()([batch, batch[..., 1:]], seeded())
    with pytest.raises(ValueError, match="no multiple of 64"):
        RandomCrop(multiple=64)([batch], seeded())


def test_a_whole_crop_is_the_picture_itself():
    picture = torch.rand(1, 3, 32, 32)
    assert torch.equal(RandomCrop(smallest=1)([picture], seeded())[0], picture)


def test_frame_numbers_of_every_speed_and_direction():
    assert IN_ORDER(10, 4, seeded()).tolist() == [0, 1, 2, 3]
    assert IN_ORDER(10, 4, seeded(), start=5).tolist() == [5, 6, 7, 8]
    assert FrameSampler((0.5,))(10, 5, seeded()).tolist() == [0, 0, 1, 1, 2]
    assert FrameSampler((3,), reverse=1)(10, 3, seeded()).tolist() == [6, 3, 0]


def test_ends_of_a_clip_turn_round_or_wrap():
    assert FrameSampler()(4, 9, seeded()).tolist() == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert FrameSampler(wrap=True)(4, 9, seeded()).tolist() == [0, 1, 2, 3, 0, 1, 2, 3, 0]
    assert FrameSampler()(1, 3, seeded()).tolist() == [0, 0, 0]
    for seed in range(60):
        ours, theirs = (sampler(9, 12, seeded(seed)) for sampler in (VARIED_SPEED, AUTHORS_SAMPLER))
        assert ours.min() >= 0
        assert ours.max() <= 8
        assert theirs.max() <= 8
        assert ours.diff().abs().max() <= 5  # no cut: never further than the fastest speed
    with pytest.raises(ValueError, match="cannot be drawn"):
        IN_ORDER(0, 3, seeded())


@pytest.mark.parametrize("augment", [STILLS, CLIPS], ids=["stills", "clips"])
def test_segmentation_keeps_mask_and_picture_aligned(augment):
    """A picture that is its own mask stays so, and the mask stays binary: no black corner, no grey edge."""
    y, x = np.mgrid[:50, :60]
    disc = torch.from_numpy(np.hypot(y - 25, x - 30) < 15).float().expand(3, 1, 50, 60)
    agree = []
    for seed in range(10):
        clip, mask = augment(0.25 + 0.5 * disc.expand(3, 3, 50, 60), disc, (32, 40), seeded(seed))
        assert clip.shape == (3, 3, 32, 40)
        assert mask.shape == (3, 1, 32, 40)
        assert set(mask.unique().tolist()) <= {0.0, 1.0}
        assert clip.min() > 0.05  # nothing black came in from outside
        bright = clip.mean(1, keepdim=True)
        threshold = (bright.amin() + bright.amax()) / 2
        agree.append(((bright > threshold) == (mask > 0.5)).float().mean())
        torch.testing.assert_close(clip[0], clip[2])  # one draw for all frames
    assert min(agree) > 0.97


def test_segmentation_is_deterministic():
    clip, mask = torch.rand(2, 3, 30, 30), (torch.rand(2, 1, 30, 30) > 0.5).float()
    one, same, other = (STILLS(clip, mask, (24, 24), seeded(seed)) for seed in (1, 1, 2))
    assert torch.equal(one[0], same[0])
    assert torch.equal(one[1], same[1])
    assert not torch.equal(one[0], other[0])
