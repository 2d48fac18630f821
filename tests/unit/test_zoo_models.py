"""`load_model`, `list_models` and the import of official files: what is recognised, and what wrong files are told."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch
from safetensors.torch import save_file

from course_lib.errors import CourseError
from course_lib.fetch import cached_paths
from course_lib.matting import RobustVideoMatting
from course_lib.training import instance_forks
from course_lib.training.forks import FORKS
from course_lib.zoo import list_models, load_model
from course_lib.zoo.official import import_official
from course_lib.zoo.sources import OFFICIAL, RVM_TFJS

VARIANTS = [
    ("mobilenetv3", "deep_guided_filter"),
    ("mobilenetv3", "fast_guided_filter"),
    ("resnet50", "deep_guided_filter"),
    ("resnet50", "fast_guided_filter"),
]


@pytest.fixture(scope="module")
def states():
    torch.manual_seed(0)
    return {variant: RobustVideoMatting(*variant).state_dict() for variant in VARIANTS}


@pytest.fixture
def state(states):
    return dict(states["mobilenetv3", "deep_guided_filter"])


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """And no recorded run."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("course_lib.training.run_folder.RESULTS", tmp_path / "results")
    return tmp_path / "cache"


@pytest.mark.parametrize("variant", VARIANTS, ids="-".join)
@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_checkpoint_is_recognised_by_its_keys(states, tmp_path, variant, suffix):
    path = tmp_path / f"weights{suffix}"
    (torch.save if suffix == ".pth" else save_file)(states[variant], path)
    model = load_model(path)
    assert not model.training
    assert model.segmentation_available
    assert not any(parameter.requires_grad for parameter in model.parameters())
    loaded = model.state_dict()
    assert list(loaded) == list(states[variant])
    for key, value in states[variant].items():
        torch.testing.assert_close(loaded[key], value, rtol=0, atol=0)


def test_a_checkpoint_without_project_seg_says_so_when_asked_to_segment(state, tmp_path):
    torch.save({key: value for key, value in state.items() if not key.startswith("project_seg.")}, tmp_path / "a.pth")
    model = load_model(str(tmp_path / "a.pth"))
    assert not model.segmentation_available
    with pytest.raises(RuntimeError, match="project_seg"):
        model(torch.rand(1, 3, 32, 32), segmentation_pass=True)


def one_less(state):
    del state["decoder.decode1.gru.hh.0.bias"]
    return state


def half_of_project_seg(state):
    del state["project_seg.conv.bias"], state["aspp.aspp2.1.weight"]
    return state


def one_more(state):
    return {**state, "decoder.decode9.weight": torch.zeros(1)}


def misshapen(state):
    return {**state, "project_mat.conv.weight": torch.zeros(3, 16, 1, 1)}


def another_network(state):
    return {"conv1.weight": torch.zeros(1), "fc.bias": torch.zeros(1)}


def wrapped(state):
    return {"epoch": 3, "network": state}


def a_whole_module(state):
    return torch.nn.Linear(1, 1)


WRONG = {
    one_less: r"lacks decoder\.decode1\.gru\.hh\.0\.bias\. It is not a complete",
    half_of_project_seg: r"lacks aspp\.aspp2\.1\.weight \(and 1 more\)",
    one_more: r"holds decoder\.decode9\.weight, which RVM does not have",
    misshapen: r"project_mat\.conv\.weight has shape \(3, 16, 1, 1\), but RVM needs \(4, 16, 1, 1\)",
    another_network: r"not an RVM checkpoint.*conv1\.weight, fc\.bias",
    wrapped: r"no plain state dict.*model\.state_dict\(\)",
    a_whole_module: r"cannot be read as weights",
}


@pytest.mark.parametrize("change", WRONG, ids=lambda change: change.__name__)
def test_a_wrong_checkpoint_is_told_what_is_wrong(state, tmp_path, change):
    path = tmp_path / "wrong.pth"
    torch.save(change(state), path)
    with pytest.raises(CourseError, match=WRONG[change]) as error:
        load_model(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize("fraction", [0, 0.001, 0.3, 0.9, 0.9999])
def test_a_truncated_file_is_one_clear_error(state, tmp_path, suffix, fraction):
    path = tmp_path / f"cut{suffix}"
    (torch.save if suffix == ".pth" else save_file)(state, path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * fraction)])
    with pytest.raises(CourseError, match=f"cut{suffix} cannot be read as weights"):
        load_model(path)


def test_a_file_cannot_run_code(tmp_path):
    marker = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return marker.touch, ()

    torch.save({"backbone.features.0.0.weight": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(CourseError):
        load_model(tmp_path / "evil.pth")
    assert not marker.exists()


def test_unknown_names_list_the_known_ones():
    with pytest.raises(CourseError, match=r"no file rvm-mobilenet\.(?s:.*)rvm-mobilenetv3-published"):
        load_model("rvm-mobilenet")


def test_an_official_model_that_is_not_here_names_the_command(empty_cache):
    with pytest.raises(CourseError, match=r"rvm_resnet50\.pth.*--source official --backbone resnet50"):
        load_model("rvm-resnet50-official")


@pytest.mark.weights
def test_the_table_is_true():
    load_model("rvm-mobilenetv3-published")
    entries = {entry.name: entry for entry in list_models()}
    brought = {
        name: entries[name] for name in ("rvm-mobilenetv3-published", *(file.name for file in OFFICIAL.values()))
    }
    runs = set(entries) - set(brought)
    bases = {"rvm-mobilenetv3-laptop", "emoji-classifier-laptop", "sparseinst-mobilenetv3-laptop"}
    assert runs == bases | {fork.name for fork in (*FORKS, *instance_forks.FORKS)}
    for name in runs:
        model = "emoji-classifier" if name.startswith("emoji-classifier") else name.split("-")[0]
        assert entries[name].command.startswith(f"course train {model} ")
    published = entries["rvm-mobilenetv3-published"]
    assert published.present
    size = sum(path.stat().st_size for path in cached_paths(RVM_TFJS).values()) / 1e6
    assert published.size.startswith(f"{size:.1f} MB")
    for entry in brought.values():
        assert "GPL-3.0" in entry.licence
        assert entry.command.startswith("python data_scripts/get_rvm_weights.py")


@pytest.mark.parametrize("variant", [VARIANTS[0], VARIANTS[2]], ids="-".join)
def test_an_official_file_is_imported_and_loads_by_name(states, tmp_path, empty_cache, variant):
    backbone = variant[0]
    torch.save(states[variant], tmp_path / OFFICIAL[backbone].file)
    assert not any(entry.present for entry in list_models())
    import_official(backbone, str(tmp_path / OFFICIAL[backbone].file))
    name = OFFICIAL[backbone].name
    assert [entry.name for entry in list_models() if entry.present] == [name]
    key = "project_mat.conv.weight"
    torch.testing.assert_close(load_model(name).state_dict()[key], states[variant][key], rtol=0, atol=0)


def test_an_official_file_comes_from_a_url_as_well(state, tmp_path, empty_cache):
    served = tmp_path / "served"
    served.mkdir()
    torch.save(state, served / "rvm.pth")
    handler = partial(
        type("Quiet", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None}), directory=str(served)
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        path = import_official("mobilenetv3", f"{url}/rvm.pth", progress=False)
        with pytest.raises(CourseError, match=r"Could not fetch .*nothing\.pth.*not found"):
            import_official("resnet50", f"{url}/nothing.pth", progress=False)
        server.shutdown()
    assert path.is_file()
    assert load_model("rvm-mobilenetv3-official").segmentation_available


@pytest.mark.parametrize("origin", ["other backbone", "incomplete", "missing", "text"])
def test_a_wrong_official_file_is_not_kept(states, tmp_path, empty_cache, origin):
    path = tmp_path / "file.pth"
    if origin == "other backbone":
        torch.save(states["resnet50", "deep_guided_filter"], path)
        message = "backbone resnet50, not mobilenetv3"
    elif origin == "incomplete":
        state = states["mobilenetv3", "deep_guided_filter"]
        torch.save({key: value for key, value in state.items() if not key.startswith("project_seg.")}, path)
        message = "lacks project_seg"
    elif origin == "missing":
        message = "There is no file"
    else:
        path.write_text("<html>")
        message = "cannot be read as weights"
    with pytest.raises(CourseError, match=message):
        import_official("mobilenetv3", str(path))
    assert not [file for file in empty_cache.rglob("*") if file.is_file()]
