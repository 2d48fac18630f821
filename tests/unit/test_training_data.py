"""Batches are a pure function of seed and step; the matting equation holds in them; masks are binary."""

import pytest
import torch

from course_lib.data.augmentation import VALIDATION, VIDEO_TRAIN
from course_lib.errors import CourseError
from course_lib.training.matting_data import MattingBatches, share
from course_lib.training.passes import passes, validation_pass
from course_lib.training.recipes import PassSize, recipe
from course_lib.training.segmentation_data import SegmentationBatches
from course_lib.training.streams import STREAMS, seeds

SHAPE = PassSize(64, 3, 2)
TEXTURES = ("texture",)  # nothing to fetch
MATTING = MattingBatches(5, SHAPE, VIDEO_TRAIN, kinds=TEXTURES)
SEGMENTATION = SegmentationBatches(5, SHAPE, kinds=TEXTURES)


@pytest.mark.parametrize("batches", [MATTING, SEGMENTATION])
def test_a_batch_depends_on_seed_and_step_alone(batches):
    torch.manual_seed(1)
    first = batches[3]
    batches[4]
    torch.manual_seed(2)
    again = batches[3]
    assert first.keys() == again.keys()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["frames"].mean(), batches[5]["frames"].mean())


def test_other_seeds_streams_and_numbers_have_other_seeds():
    addresses = [seeds(seed, stream, number) for seed in (0, 1) for stream in STREAMS for number in range(5)]
    assert len(set(addresses)) == len(addresses)


def test_matting_batches_have_their_shapes_and_ranges():
    batch = MATTING[0]
    height, width = batch["frames"].shape[-2:]
    assert batch["frames"].shape == batch["foreground"].shape == (2, 3, 3, height, width)
    assert batch["alpha"].shape == (2, 3, 1, height, width)
    assert 32 <= min(height, width) <= max(height, width) <= 64
    for tensor in batch.values():
        assert tensor.dtype == torch.float32
        assert 0 <= tensor.min() <= tensor.max() <= 1


def test_where_alpha_is_one_the_frame_is_the_foreground(monkeypatch):
    monkeypatch.setattr("course_lib.training.matting_data.film", lambda clip, address: clip)
    batch = MATTING[1]
    solid = (batch["alpha"] == 1).expand_as(batch["frames"])
    assert solid.any()
    torch.testing.assert_close(batch["frames"][solid], batch["foreground"][solid], atol=1e-6, rtol=0)


def test_the_camera_touches_the_frames_and_not_the_truth(monkeypatch):
    filmed = [MATTING[step] for step in range(4)]
    monkeypatch.setattr("course_lib.training.matting_data.film", lambda clip, address: clip)
    clean = [MATTING[step] for step in range(4)]
    same = [torch.equal(a["frames"][k], b["frames"][k]) for a, b in zip(filmed, clean, strict=True) for k in range(2)]
    assert {True, False} == set(same)  # half of the samples
    assert all(torch.equal(a["alpha"], b["alpha"]) for a, b in zip(filmed, clean, strict=True))


@pytest.mark.parametrize("kind", [MattingBatches, SegmentationBatches])
def test_two_processes_make_the_batch_of_one(kind):
    arguments = {"seed": 5, "shape": SHAPE, "kinds": TEXTURES} | (
        {"motion": VIDEO_TRAIN} if kind is MattingBatches else {}
    )
    whole = kind(**arguments)[1]
    halves = [kind(**arguments, rank=rank, processes=2)[1] for rank in (0, 1)]
    for name, tensor in whole.items():
        assert torch.equal(torch.cat([half[name] for half in halves]), tensor)


def test_no_sample_is_used_twice():
    numbers = [number for step in range(3) for rank in range(2) for number in share(step, 4, rank, 2)]
    assert numbers == list(range(12))


def test_stills_are_one_picture_before_augmentation():
    batches = MattingBatches(5, SHAPE, VALIDATION, stills=True, crop=None, kinds=TEXTURES)
    alpha = batches[0]["alpha"]
    assert torch.equal(alpha[:, 0], alpha[:, 1])
    moving = MattingBatches(5, SHAPE, VALIDATION, crop=None, kinds=TEXTURES)[0]["alpha"]
    assert not torch.equal(moving[:, 0], moving[:, 2])


def test_segmentation_alternates_between_clips_and_stills_with_binary_masks():
    clips, stills = SEGMENTATION[0], SEGMENTATION[1]
    assert clips["frames"].shape[:3] == (2, 3, 3)
    assert stills["frames"].shape[:3] == (6, 1, 3)
    for batch in (clips, stills):
        assert batch["mask"].shape == (*batch["frames"].shape[:2], 1, *batch["frames"].shape[-2:])
        assert set(batch["mask"].unique().tolist()) == {0, 1}


def test_training_and_validation_never_share_a_person():
    train = MattingBatches(0, SHAPE, VALIDATION, crop=None, kinds=TEXTURES)[0]
    held_out = MattingBatches(0, SHAPE, VALIDATION, split="val", crop=None, kinds=TEXTURES)[0]
    assert not torch.equal(train["alpha"], held_out["alpha"])
    assert validation_pass(recipe(1)).batches.split == "val"


def test_every_stage_has_its_passes():
    names = {stage: [p.name for p in passes(recipe(stage), 0)] for stage in (1, 2, 3, 4)}
    assert names[1] == names[2] == ["low", "segmentation"]
    assert names[3] == names[4] == ["low", "high", "segmentation"]


def test_processes_that_cannot_share_a_batch_are_refused():
    with pytest.raises(CourseError, match="batches of 4, which 3 processes"):
        passes(recipe(1), 0, processes=3)
