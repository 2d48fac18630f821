"""Snapshots: what a run that is not finished leaves in results/, and how it goes on from that alone."""

import json
import os
import signal
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import load_file

from course_lib.errors import CourseError
from course_lib.training import recorder
from course_lib.training.files import write_json
from course_lib.training.log import read_log
from course_lib.training.loop import Trainer
from course_lib.training.recipes import PassSize, recipe, recipe_from
from course_lib.training.run_options import RunOptions
from course_lib.training.rvm import snapshot_rvm, train_rvm
from course_lib.training.stage import checkpoint_path
from course_lib.training.stage_start import finished_weights
from course_lib.zoo import load_model

TINY = replace(
    recipe(1),
    precision="no",
    steps=3,
    low=PassSize(64, 2, 1),
    segmentation=None,
    recalibration=1,
    log_every=1,
    checkpoint_every=1,
    validate_every=100,
)


def run(home, chosen=TINY, **options):
    return train_rvm("tiny", chosen, RunOptions(device="cpu", results=home, **options), kinds=("texture",))


def config(home):
    return json.loads((home / "tiny" / "config.json").read_text())


def test_a_run_goes_on_from_its_snapshot_on_another_machine(home, capsys):
    assert not run(home, max_minutes=1e-9).finished
    stored = load_file(home / "tiny" / "weights.safetensors")
    assert config(home)["stages"]["1"]["steps"] == 1
    assert not load_model(home / "tiny" / "weights.safetensors").training
    with pytest.raises(CourseError, match=r"stage 1 ends, and .* is not there|stands at step 1 of 3"):
        run(home, replace(TINY, stage=2))

    checkpoint_path("tiny", 1).unlink()  # another machine: nothing but what is committed
    with pytest.raises(CourseError, match="stands at step 1 of 3"):
        run(home, replace(TINY, stage=2))
    with pytest.raises(CourseError, match="another precision"):
        run(home, replace(TINY, precision="bf16"), resume=True)
    with pytest.raises(CourseError, match="another seed"):
        run(home, seed=7, resume=True)
    with pytest.raises(CourseError, match="Continue it with --resume"):
        run(home)
    report = run(home, resume=True)
    assert report.finished
    assert "from the 16-bit snapshot at step 1" in capsys.readouterr().out
    record = config(home)["stages"]["1"]
    assert (record["steps"], record["resumed from the snapshot at step"]) == (3, [1])
    assert "snapshot at step 1" in (home / "tiny" / "card.md").read_text()
    assert [row["step"] for row in read_log(home / "tiny" / "log.csv")] == [1, 2, 3]
    moments = torch.load(checkpoint_path("tiny", 1), weights_only=True)["optimizer"]["state"]
    assert {int(entry["step"]) for entry in moments.values()} == {2}  # Adam's averages began anew

    checkpoint_path("tiny", 1).unlink()
    weights = finished_weights("rvm", "tiny", 1, home)  # stage 2 starts from the snapshot
    assert all(torch.equal(weights[name], load_file(home / "tiny" / "weights.safetensors")[name]) for name in stored)
    assert not torch.equal(weights["project_mat.conv.weight"], stored["project_mat.conv.weight"])


def test_a_snapshot_of_a_checkpoint_is_the_one_that_the_run_writes(home):
    with pytest.raises(CourseError, match="Cannot read the checkpoint"):
        snapshot_rvm("tiny", results=home)
    run(home, max_minutes=1e-9)
    folder = home / "tiny"
    before = {name: (folder / name).read_bytes() for name in ("weights.safetensors", "log.csv")}
    (folder / "weights.safetensors").unlink()
    record = config(home)
    record["stages"]["1"]["machine"]["device"] = "the machine that trained"
    write_json(folder / "config.json", record)
    snapshot = snapshot_rvm("tiny", kinds=("texture",), results=home)
    assert config(home) == record
    assert (snapshot.stage, snapshot.step, snapshot.steps) == (1, 1, 3)
    assert {name: (folder / name).read_bytes() for name in before} == before


def test_the_stage_that_forks_start_from_is_kept(home, monkeypatch):
    monkeypatch.setitem(recorder.KEPT, ("tiny", 1), "stage-1.safetensors")
    run(home, replace(TINY, steps=2), max_minutes=1e-9)
    assert not (home / "tiny" / "stage-1.safetensors").exists()
    run(home, replace(TINY, steps=2), resume=True)
    first = (home / "tiny" / "stage-1.safetensors").read_bytes()
    assert first == (home / "tiny" / "weights.safetensors").read_bytes()
    run(home, replace(TINY, stage=2, steps=1))
    second = (home / "tiny" / "weights.safetensors").read_bytes()
    assert second != first
    snapshot_rvm("tiny", 1, kinds=("texture",), results=home)  # of an earlier stage: the later weights stay
    assert (home / "tiny" / "stage-1.safetensors").read_bytes() == first
    assert (home / "tiny" / "weights.safetensors").read_bytes() == second


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_after_its_step(home, monkeypatch, number):
    made = Trainer.train_step

    def interrupted(self, batches):
        os.kill(os.getpid(), number)
        return made(self, batches)

    before = signal.getsignal(number)
    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "train_step", interrupted)
        report = run(home)
    assert (report.interrupted, report.finished, report.step) == (True, False, 1)
    assert signal.getsignal(number) is before
    assert config(home)["stages"]["1"]["steps"] == 1
    assert torch.load(report.checkpoint, weights_only=True)["step"] == 1


@pytest.mark.parametrize("stage", [1, 3])
def test_a_recipe_comes_back_from_its_record(stage):
    chosen = recipe(stage)
    assert recipe_from(json.loads(json.dumps(asdict(chosen)))) == chosen
