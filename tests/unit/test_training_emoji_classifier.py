"""The classifier from which SparseInst starts: its pictures, its losses, its run, its weights."""

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from course_lib.cli.train import train
from course_lib.data.emoji_scenes import CLASS_NAMES, CLASSES, emoji_picture
from course_lib.errors import CourseError
from course_lib.instances.classifier import BackboneClassifier
from course_lib.instances.images import normalise
from course_lib.matting import RobustVideoMatting
from course_lib.training import emoji_classifier
from course_lib.training.emoji_classifier import (
    RECIPE,
    PictureBatches,
    class_losses,
    rate_at,
    train_emoji_classifier,
)
from course_lib.training.log import read_log
from course_lib.training.run_folder import CLASSIFIER_RUN, MATTING_RUN, save_weights
from course_lib.training.run_options import RunOptions
from course_lib.zoo import load_model

from .commands import train_defaults

TINY = replace(RECIPE, steps=2, batch=4, warmup=0, recalibration=1, log_every=1, checkpoint_every=1)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """Runs and checkpoints in folders of their own, and a matting run to start from."""
    monkeypatch.setattr("course_lib.training.stage.cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr("course_lib.training.loop.VALIDATION_BATCHES", 1)
    torch.manual_seed(0)
    matting = RobustVideoMatting().state_dict()
    for file in ("weights.safetensors", "stage-1.safetensors"):
        save_weights(tmp_path / "results" / MATTING_RUN / file, matting)
    return tmp_path / "results"


def run(home, name, chosen=TINY, **options):
    return train_emoji_classifier(name, chosen, RunOptions(device="cpu", results=home, **options))


def test_a_picture_shows_one_thing_near_its_middle_and_every_class_comes():
    seen = set()
    for seed in range(300):
        picture = emoji_picture(seed, 64, "val")
        assert len(picture.labels) == len(picture.masks) == len(picture.things) == 1
        seen.add(int(picture.labels[0]))
        rows, columns = picture.masks[0].nonzero(as_tuple=True)
        assert 6 < columns.float().mean() < 58, "near the middle"
        assert len(rows) > 40, "large enough to be named"
    assert seen == set(range(len(CLASSES)))
    again = emoji_picture(7, 64, "val")
    assert torch.equal(again.image, emoji_picture(7, 64, "val").image)
    with pytest.raises(CourseError, match="split='people'"):
        emoji_picture(0, 64, "people")


def test_each_map_names_the_thing_by_the_mean_of_its_pixels():
    torch.manual_seed(0)
    network = BackboneClassifier(num_classes=5).eval()
    images = torch.rand(2, 3, 64, 96)
    logits = network(images)
    assert logits.shape == (2, 3, 5)
    for place, features in enumerate(network.backbone(normalise(images))):
        head = network.heads[place]
        by_pixel = F.conv2d(features, head.weight[:, :, None, None], head.bias)  # named pixel by pixel, then averaged
        torch.testing.assert_close(logits[:, place], by_pixel.mean((2, 3)), atol=1e-5, rtol=1e-4)


def test_the_losses_are_those_of_the_three_maps():
    logits = torch.tensor([[[0.0, 2.0], [1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [3.0, 0.0], [0.0, 2.0]]])  # (B, 3, K)
    terms = class_losses(lambda frames: logits, {"frames": None, "labels": torch.tensor([0, 0])})
    by_hand = -logits.log_softmax(2)[:, :, 0].mean(0)
    torch.testing.assert_close(torch.stack([terms[name] for name in ("c3", "c4", "c5")]), by_hand)
    torch.testing.assert_close(terms["total"], by_hand.sum())
    assert terms["accuracy"] == 1.0, "C4 alone is right"


def test_batches_are_functions_of_their_number_and_shared_among_processes():
    whole = PictureBatches(3, 4, 64)[5]
    assert whole["frames"].shape == (4, 3, 64, 64)
    halves = [PictureBatches(3, 4, 64, rank=rank, processes=2)[5] for rank in (0, 1)]
    shared = torch.cat([half["frames"] for half in halves])
    assert all(any(torch.equal(mine, frame) for mine in shared) for frame in whole["frames"])
    assert not torch.equal(whole["labels"], PictureBatches(4, 4, 64)[5]["labels"])


def test_rates_rise_and_fall():
    assert rate_at(RECIPE, 0) < 0.02
    assert 0.97 < rate_at(RECIPE, RECIPE.warmup) < 1
    assert rate_at(RECIPE, RECIPE.steps // 2) == pytest.approx(0.5)
    assert 0 < rate_at(RECIPE, RECIPE.steps - 1) < 2e-4


def test_a_run_stores_what_differs_from_the_matting_run_and_can_be_loaded(home, monkeypatch):
    assert not run(home, CLASSIFIER_RUN, max_minutes=1e-9).finished
    report = run(home, CLASSIFIER_RUN, resume=True)
    assert report.finished
    assert set(report.validation) == {f"validation_{term}" for term in ("c3", "c4", "c5", "total", "accuracy")}
    assert [row["step"] for row in read_log(report.folder / "log.csv")] == [1, 2]
    own = load_file(report.folder / "weights.safetensors")
    assert "heads.0.weight" in own
    assert "backbone.features.12.block.0.0.weight" in own
    assert not [name for name in own if name.startswith(RECIPE.frozen)]
    network = load_model(report.folder / "weights.safetensors")
    assert isinstance(network, BackboneClassifier)
    assert network.class_names == CLASS_NAMES
    assert not network.training
    assert network(torch.rand(1, 3, 64, 64)).shape == (1, 3, len(CLASS_NAMES))
    with pytest.raises(CourseError, match="Continue it with --resume"):
        run(home, CLASSIFIER_RUN)


def test_without_a_matting_run_the_command_to_train_one_is_named(home):
    (home / MATTING_RUN / "weights.safetensors").unlink()
    with pytest.raises(CourseError, match="course train rvm --run rvm-mobilenetv3-laptop"):
        run(home, "mine")


def test_the_command(home, monkeypatch, capsys):
    def here(name, chosen, options):
        small = replace(TINY, steps=chosen.steps)
        return train_emoji_classifier(name, small, replace(options, results=home))

    monkeypatch.setattr(emoji_classifier, "train_emoji_classifier", here)
    train(**train_defaults() | {"model": "emoji-classifier", "device": "cpu", "workers": 0, "steps": 1})
    printed = capsys.readouterr().out
    assert "Run my-emoji-classifier, 1 steps." in printed
    assert "validation_accuracy" in printed
    with pytest.raises(CourseError, match="emoji-classifier has one stage"):
        train(**train_defaults() | {"model": "emoji-classifier", "stage": 2})
