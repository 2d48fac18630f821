"""`course train rvm` at 64²: the real network and data, from the first step to the folder of results, and what is refused."""

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file

from course_lib.cli.train import train
from course_lib.errors import CourseError
from course_lib.matting import RobustVideoMatting
from course_lib.training import rvm
from course_lib.training.log import read_log
from course_lib.training.recipes import PassSize, recipe
from course_lib.training.run_folder import KEPT
from course_lib.training.run_options import RunOptions
from course_lib.training.rvm import overfit_one_batch, starting_network, train_rvm
from course_lib.training.stage import checkpoint_path
from course_lib.training.stage_start import finished_weights
from course_lib.zoo import load_model

from .commands import train_defaults

TINY = replace(
    recipe(1),
    precision="no",
    steps=2,
    low=PassSize(64, 2, 2),
    segmentation=PassSize(64, 2, 1),
    recalibration=1,
    log_every=1,
    checkpoint_every=1,
)


def run(home, chosen=TINY, name="tiny", network=None, small_memory=False, **options):
    here = RunOptions(device="cpu", results=home, **options)
    return train_rvm(name, chosen, here, network=network, small_memory=small_memory, kinds=("texture",))


def without_seconds(path):
    return [{**row, "seconds": 0} for row in read_log(path)]


def test_a_run_leaves_its_folder_and_a_killed_one_the_same(home, monkeypatch):
    report = run(home)
    assert report.finished
    assert report.step == 2
    folder = home / "tiny"
    assert {entry.name for entry in folder.iterdir()} == {
        "card.md",
        "config.json",
        "log.csv",
        "metrics.json",
        "weights.safetensors",
    }
    assert load_model(folder / "weights.safetensors").segmentation_available
    config = json.loads((folder / "config.json").read_text())
    assert config["stages"]["1"]["recipe"]["low"] == {"size": 64, "frames": 2, "batch": 2, "downsample_ratio": 1.0}
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["validation after stage 1"] == report.validation

    class Killed(Exception):
        pass

    def die(self, *arguments):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("course_lib.training.loop.Trainer.validate", die)  # in step 2, before its checkpoint
        with pytest.raises(Killed):
            run(home, name="killed")
    torch.manual_seed(123)
    run(home, name="killed", resume=True)
    assert without_seconds(home / "killed" / "log.csv") == without_seconds(folder / "log.csv")
    weights = "weights.safetensors"
    assert (home / "killed" / weights).read_bytes() == (folder / weights).read_bytes()


def test_stage_3_starts_with_a_filter_that_hears_covariance_and_variance(home):
    run(home, replace(TINY, steps=1, stage=2), network=RobustVideoMatting())
    third = recipe(3)
    assert third.audible_statistics
    start, plain = (
        starting_network("tiny", replace(third, audible_statistics=audible), 0, results=home).state_dict()
        for audible in (True, False)
    )
    first = "refiner.conv.0.weight"  # (16, 24, 1, 1): 4 covariances, 4 variances, 16 hidden features
    torch.testing.assert_close(start[first][:, :8], 50 * plain[first][:, :8])
    assert torch.equal(start[first][:, 8:], plain[first][:, 8:])
    assert all(torch.equal(start[name], tensor) for name, tensor in plain.items() if name != first)


def test_high_resolution_trains_the_refiner_from_the_stage_before(home):
    with pytest.raises(CourseError, match="Stage 3 starts where stage 2 ends"):
        run(home, replace(TINY, stage=3))
    run(home, replace(TINY, steps=1, stage=2), network=RobustVideoMatting())
    before = torch.load(checkpoint_path("tiny", 2), weights_only=True)["model"]
    third = replace(recipe(3), precision="bf16", steps=1, low=TINY.low, segmentation=None, recalibration=0)
    third = replace(third, high=PassSize(128, 2, 1, downsample_ratio=0.5))
    report = run(home, third, small_memory=True)
    row = read_log(report.folder / "log.csv")[-1]
    assert (row["stage"], row["step"]) == (3, 1)
    assert row["high_total"] > 0
    after = torch.load(report.checkpoint, weights_only=True)["model"]
    assert not torch.equal(after["refiner.conv.0.weight"], before["refiner.conv.0.weight"])
    assert load_model(report.folder / "weights.safetensors").trained_side == 64  # what its network was shown


def test_an_unfinished_stage_is_no_start_for_the_next(home):
    assert not run(home, replace(TINY, steps=9), max_minutes=1e-9).finished
    with pytest.raises(CourseError, match=r"(?s)stands at step 1 of 9.*--resume --steps 1"):
        run(home, replace(TINY, stage=2))
    assert run(home, replace(TINY, steps=1), resume=True).finished  # left at that
    assert finished_weights("rvm", "tiny", 1, home).keys() == RobustVideoMatting().state_dict().keys()


def test_a_frozen_encoder_keeps_the_statistics_that_were_measured_anew_and_is_stored_once(home, monkeypatch):
    monkeypatch.setitem(KEPT, ("tiny", 1), "stage-1.safetensors")
    run(home)
    kept = load_file(home / "tiny" / "stage-1.safetensors")
    checkpoint = torch.load(checkpoint_path("tiny", 1), weights_only=True)["model"]
    statistics = "backbone.features.0.1.running_var"
    assert not torch.equal(kept[statistics], checkpoint[statistics].half())
    second = replace(TINY, stage=2, steps=1, rates=replace(TINY.rates, backbone=0.0))
    report = run(home, second)
    trained = torch.load(report.checkpoint, weights_only=True)["model"]
    assert torch.equal(trained[statistics].half(), kept[statistics])
    own = load_file(home / "tiny" / "weights.safetensors")
    assert own
    assert not [name for name in own if name.startswith("backbone.")]
    whole = load_model(home / "tiny" / "weights.safetensors").state_dict()
    assert all(torch.equal(whole[name].half(), tensor.half()) for name, tensor in kept.items() if name not in own)
    assert torch.equal(finished_weights("rvm", "tiny", 2, home)[statistics], kept[statistics])
    run(home, replace(second, stage=3))  # goes on from what is put together


def test_nothing_is_overwritten(home):
    with pytest.raises(CourseError, match="nothing to resume"):
        run(home, resume=True)
    checkpoint = checkpoint_path("tiny", 1)
    checkpoint.parent.mkdir(parents=True)
    checkpoint.touch()
    with pytest.raises(CourseError, match="has a checkpoint already"):
        run(home)
    checkpoint.unlink()
    (home / "tiny").mkdir(parents=True)
    (home / "tiny" / "config.json").write_text("{}")
    with pytest.raises(CourseError, match="holds a recorded run"):
        run(home)


def test_one_batch_can_be_learned():
    chosen = replace(TINY, low=PassSize(64, 2, 1))
    losses = overfit_one_batch(chosen, seed=0, steps=8, device="cpu", kinds=("texture",))
    assert len(losses) == 8
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "yolo"}, "no model yolo to train. There are: rvm, sparseinst"),
        ({"data": "photos"}, "--data is for sparseinst"),
        ({"stage": 7}, "--stage 7"),
        ({"profile": "phone"}, "--profile phone"),
        ({"steps": 0}, "--steps 0"),
        ({"max_minutes": 0.0}, "--max-minutes 0"),
        ({"max_minutes": float("nan")}, "--max-minutes nan"),
        ({"workers": -1}, "--workers -1"),
        ({"seed": -1}, "--seed -1"),
        ({"precision": "int8"}, "--precision int8"),
        ({"device": "tpu"}, "--device tpu"),
        ({"run": "../elsewhere"}, "--run"),
        ({"resume": True}, "nothing to resume"),
        ({"stage": 2, "run": "absent"}, "Stage 2 starts where stage 1 ends"),
    ],
)
def test_mistakes_on_the_command_line_are_named(home, options, message):
    with pytest.raises(CourseError, match=message):
        train(**({"model": "rvm", "stage": 1, "profile": "laptop"} | train_defaults() | options))


def test_the_command_says_how_to_continue_and_draws_a_picture(home, monkeypatch, capsys):
    monkeypatch.setattr(rvm, "RESULTS", home)
    monkeypatch.setattr("course_lib.training.recipes.recipe", lambda stage, profile: TINY)

    def here(name, chosen, options, small_memory):
        options = replace(options, results=home)
        return train_rvm(name, chosen, options, small_memory=small_memory, kinds=("texture",))

    monkeypatch.setattr(rvm, "train_rvm", here)
    train(model="rvm", **train_defaults() | {"device": "cpu", "workers": 0, "max_minutes": 1e-9})
    printed = capsys.readouterr().out
    assert (
        "Time is up. Continue with: course train rvm --stage 1 --profile laptop --run my-rvm-laptop --resume" in printed
    )
    assert str(home / "my-rvm-laptop" / "weights.safetensors") in printed
    train(model="rvm", **train_defaults() | {"device": "cpu", "workers": 0, "resume": True})
    printed = capsys.readouterr().out
    assert "Step 2 of 2" in printed
    assert str(home / "my-rvm-laptop" / "card.md") in printed
    assert "Time is up" not in printed
    pictures = checkpoint_path("my-rvm-laptop", 1).parent / "pictures"
    assert [picture.name for picture in pictures.iterdir()] == ["stage-1-step-000002.png"]
