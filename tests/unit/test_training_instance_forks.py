"""SparseInst's forks: equal budget, one change each, where they start, what they store."""

from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import load_file

from course_lib.evaluation import mask_average_precision
from course_lib.instances import SparseInst
from course_lib.training import instance_forks
from course_lib.training.fork import is_finished
from course_lib.training.instance_forks import (
    ABLATIONS,
    FORKS,
    FRESH_HEADS,
    HEADS,
    PEOPLE,
    RECIPE,
    STAGE_1,
    find_fork,
    forked_network,
)
from course_lib.training.instance_passes import Pictures, instance_passes, instance_validation
from course_lib.training.run_folder import save_weights
from course_lib.training.run_options import RunOptions
from course_lib.training.sparseinst import build
from course_lib.zoo import list_models, load_model

SMALL = {"steps": 1, "precision": "no", "recalibration": 1, "log_every": 1, "sides": (64,), "batch": 2}


@pytest.fixture(scope="module")
def parent():
    torch.manual_seed(5)
    return build(RECIPE, 36).state_dict()


@pytest.fixture
def home(tmp_path, monkeypatch, parent):
    """Results with the weights that forks start from; the sprites are in the real cache."""
    monkeypatch.setattr("course_lib.training.stage.cache_dir", lambda: tmp_path / "cache")
    monkeypatch.setattr("course_lib.training.loop.VALIDATION_BATCHES", 1)
    monkeypatch.setattr("course_lib.training.run_folder.RESULTS", tmp_path / "results")
    save_weights(tmp_path / "results" / STAGE_1, parent)
    return tmp_path / "results"


def test_each_fork_has_the_second_stage_and_one_change():
    changes = {}
    for fork in ABLATIONS:
        assert fork.parent == STAGE_1
        recipe, usual = asdict(fork.recipe), asdict(RECIPE)
        network = {key: value for key, value in recipe["network"].items() if value != usual["network"][key]}
        others = {key: value for key, value in recipe.items() if value != usual[key] and key != "network"}
        changes[fork.name.removeprefix("sparseinst-laptop-")] = network | others
    assert changes == {
        "control": {},
        "fresh-heads": {},
        "base": {"decoder": "base"},
        "softmax": {"decoder": "group_softmax"},
        "no-objectness": {"objectness": False},
        "no-coordinates": {"coordinates": False},
        "one-to-many": {"queries_per_object": 4},
        "area-targets": {"target_sampling": "area"},
    }
    assert RECIPE.frozen == ("backbone.", "encoder.")


def test_the_capstones_finder_goes_on_from_the_finished_run_with_people(home, parent):
    assert PEOPLE in FORKS
    assert PEOPLE not in ABLATIONS
    assert (PEOPLE.recipe.scenes, PEOPLE.recipe.frozen) == ("together", ("backbone.",))
    save_weights(home / "sparseinst-mobilenetv3-laptop" / "weights.safetensors", parent)
    fork = replace(PEOPLE, recipe=replace(PEOPLE.recipe, **SMALL))
    assert instance_forks.train_fork(fork, RunOptions(device="cpu", results=home)).finished
    own = load_file(home / fork.name / "weights.safetensors")
    assert {name.split(".")[0] for name in own} == {"encoder", "decoder"}
    assert "the backbone frozen" in (home / fork.name / "card.md").read_text()
    assert "person" in load_model(home / fork.name / "weights.safetensors").class_names


@pytest.mark.parametrize("fork", FORKS, ids=lambda fork: fork.name)
def test_a_fork_starts_from_its_parents_weights_where_they_fit(fork, parent):
    state = forked_network(fork, parent, 0).state_dict()
    changed = {name for name, tensor in state.items() if name not in parent or not torch.equal(tensor, parent[name])}
    heads = {name for name in state if any(f".{head}." in name for head in HEADS)}
    if fork is FRESH_HEADS or fork.name.endswith("base"):
        assert changed <= heads
        assert changed >= {name for name in heads if name.endswith(".weight")}  # biases start from the same constants
    elif fork.name.endswith("softmax"):
        assert changed == {"decoder.inst_branch.softmax_bias"}
    elif fork.name.endswith("no-coordinates"):
        assert changed == {f"decoder.{branch}_branch.{branch}_convs.0.weight" for branch in ("inst", "mask")}
        for name in changed:
            assert torch.equal(state[name], parent[name][:, 2:])
    else:
        assert not changed


def test_area_targets_reach_the_criterion_of_training_and_of_validation():
    recipe = find_fork("sparseinst-laptop-area-targets").recipe
    (train_pass,) = instance_passes(recipe, Pictures(), 0)
    for used in (train_pass, instance_validation(recipe, Pictures())):
        assert used.losses.criterion.target_sampling == "area"


def test_a_fork_of_the_criterion_is_trained_and_stored(home):
    fork = find_fork("sparseinst-laptop-area-targets")
    fork = replace(fork, recipe=replace(fork.recipe, **SMALL))
    assert instance_forks.train_fork(fork, RunOptions(device="cpu", results=home)).finished
    assert is_finished(fork, home)
    assert "by their area" in (home / fork.name / "card.md").read_text()


def test_a_fork_is_trained_stored_and_put_together_again(home):
    fork = find_fork("sparseinst-laptop-no-objectness")
    fork = replace(fork, recipe=replace(fork.recipe, **SMALL))
    report = instance_forks.train_fork(fork, RunOptions(device="cpu", results=home))
    assert report.finished
    assert is_finished(fork, home)
    own = load_file(home / fork.name / "weights.safetensors")
    assert own
    assert not [name for name in own if not name.startswith("decoder.") or ".objectness." in name]
    model = load_model(home / fork.name / "weights.safetensors")
    assert isinstance(model, SparseInst)
    assert model(torch.rand(1, 3, 64, 64)).objectness_logits is None
    assert "no objectness" in (home / fork.name / "card.md").read_text()
    before = (home / fork.name / "weights.safetensors").read_bytes()
    assert instance_forks.snapshot_fork(fork, home).step == 1
    assert (home / fork.name / "weights.safetensors").read_bytes() == before
    found = model.predict(torch.rand(1, 3, 64, 64))
    empty = [{"labels": torch.zeros(0, dtype=torch.long), "masks": torch.zeros(0, 64, 64, dtype=torch.bool)}]
    assert mask_average_precision(found, empty)["AP"] == -1


def test_the_table_of_models_has_them(home):
    names = [entry.name for entry in list_models()]
    assert {fork.name for fork in FORKS} <= set(names)
    (entry,) = [entry for entry in list_models() if entry.name == FRESH_HEADS.name]
    assert entry.command == f"course train sparseinst --fork {FRESH_HEADS.name}"
