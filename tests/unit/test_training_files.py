"""Checkpoints, the log and the folder of a run: whole, readable, refused when damaged."""

import json
import random

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from course_lib.errors import CourseError
from course_lib.matting import RobustVideoMatting
from course_lib.training.checkpoint import load_checkpoint, random_state, restore_random_state, save_checkpoint
from course_lib.training.files import read_json
from course_lib.training.log import CsvLog, read_log
from course_lib.training.run_folder import save_weights, write_card, write_metrics, write_stage
from course_lib.zoo import load_model

STATE = {
    "step": 3,
    "seconds": 1.5,
    "recipe": {"terms": ("a", "b"), "high": None},
    "seed": 0,
    "model": {"weight": torch.arange(3.0)},
    "optimizer": {"state": {}, "param_groups": []},
    "scaler": {},
    "log": {"sums": {}, "count": 0},
}


def test_a_checkpoint_comes_back_as_it_was(tmp_path):
    path = tmp_path / "runs" / "a" / "stage-1.pt"
    save_checkpoint(path, STATE | {"random": random_state()})
    state = load_checkpoint(path)
    assert torch.equal(state["model"]["weight"], STATE["model"]["weight"])
    assert {key: state[key] for key in ("step", "seconds", "recipe", "seed")} == {
        key: STATE[key] for key in ("step", "seconds", "recipe", "seed")
    }
    assert [entry.name for entry in path.parent.iterdir()] == ["stage-1.pt"]


def test_random_numbers_go_on_where_they_were():
    state = random_state()
    first = (random.random(), np.random.rand(), torch.rand(1))  # noqa: NPY002
    restore_random_state(state)
    assert (random.random(), np.random.rand(), torch.rand(1)) == first  # noqa: NPY002


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "code"])
def test_a_damaged_checkpoint_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "stage-1.pt"
    save_checkpoint(path, STATE | {"random": random_state()})
    data = path.read_bytes()
    if damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "other":
        torch.save({"weight": torch.ones(1)}, path)
    else:
        torch.save(CsvLog, path)  # needs code to be read
    with pytest.raises(CourseError, match=r"stage-1\.pt.*(\n.*)?Delete it"):
        load_checkpoint(path)


def test_a_checkpoint_that_cannot_be_written_leaves_the_one_before(tmp_path, monkeypatch):
    path = tmp_path / "stage-1.pt"
    save_checkpoint(path, STATE | {"random": random_state()})
    monkeypatch.setattr("os.fsync", lambda descriptor: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(CourseError, match=r"stage-1\.pt.*No space left"):
        save_checkpoint(path, STATE | {"step": 4, "random": random_state()})
    assert load_checkpoint(path)["step"] == 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["stage-1.pt"]


def written(tmp_path, stage=1, steps=(2, 4, 6)):
    log = CsvLog(tmp_path / "log.csv", stage, ["loss", "other"])
    log.start()
    for step in steps:
        log.add({"loss": float(step)})
        log.add({"loss": float(step) + 1})
        log.write(step, step / 2)
    return log


def test_a_row_holds_means_and_empty_cells(tmp_path):
    written(tmp_path)
    assert read_log(tmp_path / "log.csv")[1] == {"stage": 1, "step": 4, "seconds": 2, "loss": 4.5, "other": None}


def test_resuming_drops_rows_after_the_checkpoint_and_a_cut_row(tmp_path):
    written(tmp_path)
    path = tmp_path / "log.csv"
    path.write_text(path.read_text() + "1,8,4.0,9")
    CsvLog(path, 1, ["loss", "other"]).start(4)
    assert [row["step"] for row in read_log(path)] == [2, 4]
    assert path.read_text().endswith("\n")


def test_a_stage_started_anew_keeps_the_stages_before_it_only(tmp_path):
    written(tmp_path)
    log = written(tmp_path, stage=2)
    log.start()
    assert [(row["stage"], row["step"]) for row in read_log(log.path)] == [(1, 2), (1, 4), (1, 6)]


def test_sums_of_an_unfinished_row_travel_with_the_checkpoint(tmp_path):
    log = written(tmp_path)
    log.add({"loss": 10.0})
    other = CsvLog(log.path, 1, ["loss", "other"])
    other.load_state_dict(json.loads(json.dumps(log.state_dict())))
    other.add({"loss": 20.0})
    assert other.write(8, 4) == {"loss": 15.0}


def test_a_log_with_other_columns_is_refused(tmp_path):
    written(tmp_path)
    with pytest.raises(CourseError, match="other columns"):
        CsvLog(tmp_path / "log.csv", 1, ["loss"]).start(4)


def test_stored_weights_have_16_bits_and_load_as_a_model(tmp_path):
    torch.manual_seed(0)
    network = RobustVideoMatting().eval()
    path = tmp_path / "weights.safetensors"
    save_weights(path, network.state_dict())
    assert path.stat().st_size < 2.1 * 3_773_775
    stored = load_file(path)
    assert {tensor.dtype for name, tensor in stored.items() if not name.endswith("tracked")} == {torch.float16}
    frames = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(load_model(path)(frames)[1], network(frames)[1], atol=2e-3, rtol=0)


def test_a_run_on_top_of_others_weights_stores_its_own_tensors_alone(tmp_path):
    path = tmp_path / "weights.safetensors"
    state = RobustVideoMatting().state_dict()
    save_weights(path, state, only=("refiner.",))
    assert set(load_file(path)) == {name for name in state if name.startswith("refiner.")}
    with pytest.raises(CourseError, match="nothing to store"):
        save_weights(path, state, only=("memory.",))
    with pytest.raises(CourseError, match="16 bits"):
        save_weights(path, {"a": torch.tensor([1e6])})


def test_the_card_takes_its_numbers_from_the_other_files(tmp_path):
    low = {"batch": 4, "frames": 5, "size": 96}
    record = {
        "steps": 30,
        "seconds": 5400.0,
        "recipe": {"profile": "laptop", "steps": 40, "low": low, "precision": "bf16"},
        "machine": {"device": "CPU (x86_64)", "threads": 2},
    }
    write_stage(tmp_path, "mine", "A small network.", 7, 2, record)
    write_stage(tmp_path, "mine", "A small network.", 7, 1, record)
    write_metrics(tmp_path, "validation", {"total": 0.123456})
    write_metrics(tmp_path, "test puppets", {"mad": 5.5})
    write_card(tmp_path)
    assert list(read_json(tmp_path / "config.json")["stages"]) == ["1", "2"]
    card = (tmp_path / "card.md").read_text()
    for text in ("# mine", "A small network.", "30 of 40", "1.50", "4 × 5 frames of 96²", "0.1235", "| mad | 5.5 |"):
        assert text in card
    assert "What it cannot do" in card


def test_a_damaged_json_is_refused_by_name(tmp_path):
    (tmp_path / "metrics.json").write_text('{"a": ')
    with pytest.raises(CourseError, match=r"metrics\.json is damaged"):
        write_metrics(tmp_path, "a", {})
