"""Forks: where they start, what they store, how they are put together, and the table of models."""

import json
from dataclasses import asdict, replace

import pytest
import torch
from safetensors.torch import load_file, save_file

from course_lib.cli import train as cli
from course_lib.errors import CourseError
from course_lib.matting import ConvGRU, ConvLSTM, RobustVideoMatting
from course_lib.training import fork as fork_module
from course_lib.training import forks
from course_lib.training.fork import is_finished, is_recorded
from course_lib.training.forks import FORKS, RECIPE, STAGE_1, find_fork, forked_network, train_fork
from course_lib.training.log import read_log
from course_lib.training.recipes import PassSize
from course_lib.training.run_folder import save_weights
from course_lib.training.run_options import RunOptions
from course_lib.training.stage import checkpoint_path
from course_lib.zoo import list_models, load_model
from course_lib.zoo.sources import RVM_TFJS

from .commands import train_defaults

SMALL = {"steps": 1, "precision": "no", "recalibration": 1, "log_every": 1, "checkpoint_every": 1}
TINY_PASSES = {"low": PassSize(64, 2, 1), "segmentation": None}


def tiny(name):
    fork = find_fork(name)
    return replace(fork, recipe=replace(fork.recipe, **SMALL, **TINY_PASSES))


@pytest.fixture(scope="module")
def parent():
    torch.manual_seed(0)
    return RobustVideoMatting().state_dict()


@pytest.fixture
def home(home, monkeypatch, parent):
    """With the weights that forks start from."""
    monkeypatch.setattr("course_lib.training.run_folder.RESULTS", home)
    save_weights(home / STAGE_1, parent)
    return home


def run(fork, home, **options):
    return train_fork(fork, RunOptions(device="cpu", results=home, **options), kinds=("texture",))


def test_all_forks_but_one_have_the_same_budget_and_a_frozen_encoder():
    assert len({fork.name for fork in FORKS}) == 7
    for fork in FORKS:
        assert fork.recipe.rates.backbone == 0
    budgets = {(fork.recipe.steps, fork.recipe.low, fork.recipe.rates) for fork in FORKS if fork.parent == STAGE_1}
    assert budgets == {(RECIPE.steps, RECIPE.low, RECIPE.rates)}
    assert find_fork("rvm-laptop-control").recipe == RECIPE


def test_a_fork_stores_what_differs_and_is_put_together_again(home):
    fork = tiny("rvm-laptop-control")
    report = run(fork, home)
    assert report.finished
    assert is_finished(fork, home)
    own, base = load_file(home / fork.name / "weights.safetensors"), load_file(home / STAGE_1)
    assert not any(name.startswith(("backbone.", "refiner.")) for name in own)
    assert all(not torch.equal(tensor, base[name]) for name, tensor in own.items())
    state = load_model(home / fork.name / "weights.safetensors").state_dict()
    trained = torch.load(report.checkpoint, weights_only=True)["model"]
    for name, tensor in state.items():
        if "running" not in name:  # those are measured anew
            torch.testing.assert_close(tensor, trained[name].half().to(tensor), atol=0, rtol=0)
    assert "Changed: nothing (the control)" in (home / fork.name / "card.md").read_text()

    other = dict(base)
    other["project_mat.conv.bias"] = base["project_mat.conv.bias"] + 1
    save_file(other, home / STAGE_1)
    with pytest.raises(CourseError, match="has changed since"):
        load_model(home / fork.name / "weights.safetensors")
    (home / STAGE_1).unlink()
    with pytest.raises(CourseError, match=r"forks start from it.*course train rvm --stage 1"):
        load_model(home / fork.name / "weights.safetensors")


def test_a_fork_goes_on_from_its_checkpoint_and_from_its_snapshot(home):
    fork = tiny("rvm-laptop-convlstm")
    fork = replace(fork, recipe=replace(fork.recipe, steps=3))
    assert run(fork, home, max_minutes=1e-9).step == 1
    assert not is_finished(fork, home)
    assert run(fork, home, max_minutes=1e-9).step == 2
    checkpoint_path(fork.name, 1).unlink()
    assert run(fork, home).finished
    assert [row["step"] for row in read_log(home / fork.name / "log.csv")] == [1, 2, 3]
    config = json.loads((home / fork.name / "config.json").read_text())
    assert config["stages"]["1"]["resumed from the snapshot at step"] == [2]
    assert (
        len(config["parents"]["weights.safetensors"]["without"]) == 16
    )  # weights and biases of two convolutions, four times
    model = load_model(home / fork.name / "weights.safetensors")
    assert isinstance(model.decoder.decode1.gru, ConvLSTM)


def test_conv_lstm_keeps_all_other_weights(parent):
    state = forked_network(find_fork("rvm-laptop-convlstm"), parent, 0).state_dict()
    assert all(torch.equal(tensor, parent[name]) for name, tensor in state.items() if ".gru." not in name)


def test_the_full_width_memory_starts_with_its_second_half_as_it_was(parent):
    network = forked_network(find_fork("rvm-laptop-full-width"), parent, 0)
    full = network.decoder.decode3.gru
    half = ConvGRU(full.channels // 2)
    prefix = "decoder.decode3.gru."
    half.load_state_dict({name: parent[prefix + name] for name in half.state_dict()})
    x, h = torch.randn(2, 1, full.channels, 5, 7)
    expected = half.step(x[:, full.channels // 2 :], h[:, full.channels // 2 :])
    torch.testing.assert_close(full.step(x, h)[:, full.channels // 2 :], expected)


def test_the_published_network_gets_a_filter_and_none_of_its_weights_are_stored(home, parent, monkeypatch):
    published = parent_of_the_filter(parent)
    monkeypatch.setattr("course_lib.zoo.models.published_state", lambda: published)
    fork = find_fork("rvm-published-deep-filter")
    high = PassSize(64, 1, 1, downsample_ratio=0.5)
    fork = replace(fork, recipe=replace(fork.recipe, **{**SMALL, "recalibration": 0, "steps": 2}, high=high))
    run(fork, home, max_minutes=1e-9)
    checkpoint_path(fork.name, 3).unlink()
    report = run(fork, home)
    assert report.finished
    own = load_file(home / fork.name / "weights.safetensors")
    assert own
    assert all(name.startswith("refiner.") for name in own)
    trained = torch.load(report.checkpoint, weights_only=True)["model"]
    for name, tensor in published.items():
        assert torch.equal(trained[name], tensor), name
    config = json.loads((home / fork.name / "config.json").read_text())
    assert config["parents"]["weights.safetensors"]["sha256"] == RVM_TFJS.files["package/models/rvm.bin"]
    assert "GPL-3.0" in (home / fork.name / "card.md").read_text()
    model = load_model(home / fork.name / "weights.safetensors")
    assert not model.segmentation_available
    assert model.trained_side == 512  # as the network was published
    assert torch.equal(model.project_mat.conv.weight, published["project_mat.conv.weight"])


def test_the_table_says_what_is_trained_and_how_to_train_the_rest(home):
    name = "rvm-laptop-no-coherence"
    with pytest.raises(CourseError, match=f"{name} is not trained yet. To train it: course train rvm --fork {name}"):
        load_model(name)
    run(tiny(name), home)
    entries = {entry.name: entry for entry in list_models()}
    assert entries[name].present
    assert entries[name].size.endswith(" MB")
    assert entries[name].card.is_file()
    other = entries["rvm-laptop-control"]
    assert (other.present, other.size) == (False, "not trained yet")
    assert other.command == "course train rvm --fork rvm-laptop-control"
    assert load_model(name).segmentation_available
    assert load_model(name).trained_side == 512  # its filter is not trained
    (home / name / "weights.safetensors").unlink()
    assert is_recorded(find_fork(name), home) is False  # one step of 1,200
    assert is_recorded(tiny(name), home)
    assert not is_finished(tiny(name), home)  # so it can be trained again
    with pytest.raises(CourseError, match=f"{name} is recorded without its weights. To train it: course train rvm"):
        load_model(name)


def test_one_command_makes_all_and_skips_what_is_finished(home, monkeypatch, capsys):
    chosen = tuple(tiny(name) for name in ("rvm-laptop-control", "rvm-laptop-no-recurrence"))
    monkeypatch.setattr(forks, "FORKS", chosen)
    monkeypatch.setattr(fork_module, "is_finished", lambda fork: is_finished(fork, home))

    def here(fork, options):
        return train_fork(fork, replace(options, results=home), kinds=("texture",))

    monkeypatch.setattr(forks, "train_fork", here)
    command = {"model": "rvm", **train_defaults(), "device": "cpu", "workers": 0}
    cli.train(**command | {"fork": "all", "snapshot": True})
    assert capsys.readouterr().out.count("not begun here") == len(chosen)
    with pytest.raises(CourseError, match=r"rvm-laptop-control is not begun here\. Start it: course train rvm --fork"):
        cli.train(**command | {"fork": "rvm-laptop-control", "snapshot": True})
    cli.train(**command | {"fork": "rvm-laptop-control"})
    assert "nothing (the control); 1 steps" in capsys.readouterr().out
    cli.train(**command | {"fork": "all"})
    printed = capsys.readouterr().out
    assert "rvm-laptop-control: finished already" in printed
    assert "rvm-laptop-no-recurrence: state reset at each frame" in printed
    assert all(is_finished(fork, home) for fork in chosen)
    with pytest.raises(CourseError, match="--fork nothing: choose all, or one of rvm-laptop-control"):
        cli.train(**command | {"fork": "nothing"})
    with pytest.raises(CourseError, match="--fork has its own name, stage and recipe"):
        cli.train(**command | {"fork": "all", "stage": 2})


def test_a_fork_differs_from_the_control_in_what_it_says():
    control = find_fork("rvm-laptop-control")
    assert control.recipe == RECIPE
    changes = {}
    for fork in FORKS[1:-1]:
        assert fork.parent == control.parent
        different = {field for field in asdict(RECIPE) if getattr(fork.recipe, field) != getattr(RECIPE, field)}
        network = fork.build()
        changes[fork.name] = different, type(network.decoder.decode4.gru), network.decoder.decode4.gru.channels
    assert changes == {
        "rvm-laptop-no-recurrence": ({"recurrent"}, ConvGRU, 64),
        "rvm-laptop-no-segmentation": ({"segmentation"}, ConvGRU, 64),
        "rvm-laptop-convlstm": (set(), ConvLSTM, 64),
        "rvm-laptop-no-coherence": ({"matting_terms"}, ConvGRU, 64),
        "rvm-laptop-full-width": (set(), ConvGRU, 128),
    }
    assert not find_fork("rvm-laptop-no-recurrence").recipe.recurrent
    assert find_fork("rvm-laptop-no-segmentation").recipe.segmentation is None
    kept = find_fork("rvm-laptop-no-coherence").recipe.matting_terms
    assert set(RECIPE.matting_terms) - set(kept) == {"pha_coherence", "fgr_coherence"}


def test_the_filter_starts_with_statistics_that_it_can_hear(parent):
    network = forked_network(find_fork("rvm-published-deep-filter"), parent_of_the_filter(parent), 0)
    weight = network.refiner.conv[0].weight  # (16, 8 statistics + 16 features, 1, 1)
    statistics, features = weight[:, :8].abs().mean(), weight[:, 8:].abs().mean()
    assert 30 < statistics / features < 80


def parent_of_the_filter(state):
    return {name: tensor for name, tensor in state.items() if not name.startswith(("refiner.", "project_seg."))}
