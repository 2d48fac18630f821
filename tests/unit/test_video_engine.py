"""What a model is, decided once: RVM, SparseInst and the classifier, in each command that is given one of them."""

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from typer.testing import CliRunner

from course_lib.cli.main import app
from course_lib.errors import CourseError
from course_lib.instances import SparseInst
from course_lib.instances.classifier import BackboneClassifier
from course_lib.matting import RobustVideoMatting
from course_lib.video.engine import check_kind, kind_of
from tests.object_finder import ObjectFinder
from tests.video_files import RedIsAlpha, picture

MODELS = {
    "matting": lambda: RobustVideoMatting("mobilenetv3", "fast_guided_filter"),
    "instances": lambda: SparseInst(
        "mobilenetv3", "base", num_classes=80, num_masks=4, width=16, kernel_width=8, depth=1
    ),
    "classifier": lambda: BackboneClassifier(num_classes=5),
}
SAID = {
    "matting": "makes mattes and finds no objects: it is a model for course matte, or for --model of course capstone",
    "instances": "finds objects and makes no mattes: it is a model for course segment, or for --instances of course capstone",
    "classifier": "says what a picture of one thing shows: it makes no mattes and finds no objects.*course models",
}
MATTES = {  # commands that want a network that mattes
    "matte": ("matte", "in.png", "-o", "out.png", "--model"),
    "capstone": ("capstone", "in.png", "-o", "out.png", "--instances", "instances.safetensors", "--model"),
    "evaluate": ("evaluate", "rvm", "--size", 16, "--frames", 1, "--clips", 1, "--sets", "a", "-o", "out", "--weights"),
}
FINDS = {  # and one that finds objects
    "segment": ("segment", "in.png", "-o", "out.png", "--model"),
    "capstone": ("capstone", "in.png", "-o", "out.png", "--model", "matting.safetensors", "--instances"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name, build in MODELS.items():
        torch.manual_seed(0)
        save_file(build().state_dict(), folder / f"{name}.safetensors")
    Image.fromarray(picture(0)).save(folder / "in.png")
    return folder


def run(folder, monkeypatch, *words):
    """Raises what the command raises."""
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, [*map(str, words), "--device", "cpu"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output


CASES = [(MATTES[name], kind) for name in MATTES for kind in ("instances", "classifier")] + [
    (FINDS[name], kind) for name in FINDS for kind in ("matting", "classifier")
]


@pytest.mark.parametrize(("command", "kind"), CASES, ids=lambda x: x if isinstance(x, str) else f"{x[0]}{x[-1]}")
def test_a_model_of_another_kind_is_refused(folder, monkeypatch, command, kind):
    before = set(folder.iterdir())
    with pytest.raises(CourseError, match=rf"^{kind}\.safetensors {SAID[kind]}"):
        run(folder, monkeypatch, *command, f"{kind}.safetensors")
    assert set(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("command", "kind"),
    [*((command, "matting") for command in MATTES.values()), *((command, "instances") for command in FINDS.values())],
    ids=lambda x: x if isinstance(x, str) else f"{x[0]}{x[-1]}",
)
def test_a_model_of_the_right_kind_is_taken(folder, monkeypatch, tmp_path, command, kind):
    words = [str(tmp_path / word) if word in ("out", "out.png") else word for word in command]
    run(folder, monkeypatch, *words, f"{kind}.safetensors")
    assert set(tmp_path.iterdir())


def test_kinds():
    with torch.device("meta"):
        assert {name: kind_of(build()) for name, build in MODELS.items()} == {name: name for name in MODELS}
    assert kind_of(ObjectFinder()) == "instances"
    assert kind_of(RedIsAlpha()) is kind_of(nn.Identity()) is None


def test_somebodys_own_network():
    """What is called as RVM is cannot be told from outside; what finds objects has `predict`."""
    check_kind(RedIsAlpha(), "mine", finds_objects=False)
    check_kind(ObjectFinder(), "mine", finds_objects=True)
    with pytest.raises(CourseError, match="mine has no predict, and so finds no objects"):
        check_kind(RedIsAlpha(), "mine", finds_objects=True)
    with pytest.raises(CourseError, match="mine finds objects and makes no mattes"):
        check_kind(ObjectFinder(), "mine", finds_objects=False)
