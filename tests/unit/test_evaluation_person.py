"""The real person as a test set: the truth fits the pictures, and no training can come near it."""

import ast
from pathlib import Path

import pytest
import torch
from torch import nn

from course_lib.data.person import BIAS, CutOut, cut_out, settle
from course_lib.errors import CourseError
from course_lib.evaluation import person_scenes
from course_lib.evaluation.person import BACKGROUNDS, resize
from course_lib.matting.equation import composite

LIBRARY = Path(__file__).parents[2] / "course_lib"


@pytest.fixture
def person(monkeypatch):
    """A grey disk instead of the man: neither clip nor weights are needed."""
    rows, cols = torch.meshgrid(torch.arange(18.0), torch.arange(22.0), indexing="ij")
    alpha = ((7 - ((rows - 9) ** 2 + (cols - 11) ** 2).sqrt()) / 2 + 0.5).clamp(0, 1).expand(20, 1, 18, 22)
    made = CutOut(torch.linspace(0.2, 0.8, 20).view(20, 1, 1, 1).expand(20, 3, 18, 22), alpha)
    monkeypatch.setattr("course_lib.evaluation.person.person_cut_out", lambda: made)
    return made


def test_scenes_are_the_equation_over_windows_of_the_clip(person):
    scenes = list(person_scenes(18, 22, frames=4))
    assert len(scenes) == 16
    assert len({scene.name for scene in scenes}) == 16
    assert [scene.groups["set"] for scene in scenes] == ["still"] * 8 + ["moving"] * 8
    for scene in scenes:
        assert torch.equal(scene.frames, composite(scene.foreground, scene.background, scene.alpha))
        moves = float(scene.background.diff(dim=0).abs().max())
        assert (moves > 0) == (scene.groups["set"] == "moving")
    assert torch.equal(scenes[0].foreground, person.foreground[:4])
    assert torch.equal(scenes[7].foreground, person.foreground[-4:])


def test_sizes_and_sets(person):
    (scene, *others) = person_scenes(36, 44, sets=("still",), frames=2)
    assert scene.frames.shape == (2, 3, 36, 44)
    assert len(others) == 7
    with pytest.raises(CourseError, match="no set sitting"):
        person_scenes(sets=("sitting",))
    with pytest.raises(CourseError, match="has 20 frames; 21 were asked for"):
        person_scenes(frames=21)


def test_resizing_lets_no_colour_of_the_old_background_in():
    alpha = torch.zeros(1, 1, 8, 8)
    alpha[..., 2:6, 2:6] = 1
    red, blue = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1), torch.tensor([0, 0, 1.0]).view(1, 3, 1, 1)
    grown = resize(CutOut(composite(red, blue, alpha), alpha), 24, 24)
    inside = grown.alpha.expand(-1, 3, -1, -1) > 0.01
    assert torch.allclose(grown.foreground[inside], red.expand(1, 3, 24, 24)[inside], atol=1e-3)


def test_a_cut_out_remembers_from_part_to_part():
    class Counter(nn.Module):
        def forward(self, frames, count=0.0, *others):
            seen = count + torch.arange(1.0, frames.shape[1] + 1)
            return frames, (seen / 100).view(1, -1, 1, 1, 1).expand(-1, -1, 1, *frames.shape[-2:]), seen[-1], 0, 0, 0

    alpha = cut_out(Counter(), torch.rand(30, 3, 4, 4)).alpha[:, 0, 0, 0]
    assert torch.allclose(alpha, settle(torch.arange(1.0, 31) / 100))


def test_settling_moves_only_what_is_nearly_settled_far():
    alpha = torch.tensor([0.0, 0.01, 0.5, 0.99, 1.0])
    assert torch.allclose(settle(alpha), torch.tensor([0.0, 0, 0.5, 1, 1]))
    assert (settle(torch.linspace(0, 1, 101)) - torch.linspace(0, 1, 101)).abs().max() <= 0.0201


def test_backgrounds_are_different_ones():
    for backgrounds in BACKGROUNDS.values():
        assert len(set(backgrounds)) == len(backgrounds) == 8


def test_the_bias_is_said():
    assert "favoured" in BIAS
    assert "rvm-mobilenetv3-published" in BIAS


def _imported(path: Path) -> set[str]:
    """Modules of ours and the names taken from them, as "data.images" and "data.sample_image"."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name.removeprefix("course_lib.") for name in found if name.startswith("course_lib.")}


def test_nothing_that_training_uses_reaches_the_person_or_the_clip():
    """From every file of training, through all that it imports. A package's __init__ only passes names on."""
    waiting, seen = sorted((LIBRARY / "training").rglob("*.py")), set()
    while waiting:
        path = waiting.pop()
        if path in seen or path.name == "__init__.py":
            continue
        seen.add(path)
        for name in _imported(path):
            assert name.split(".")[-1] not in (
                "person",
                "clips",
                "sample_clip",
                "sample_clip_path",
                "person_cut_out",
            ), f"{path.relative_to(LIBRARY)} imports {name}: the real person is for testing only"
            module = LIBRARY.joinpath(*name.split("."))
            waiting += [file for file in (module.with_suffix(".py"), *module.glob("*.py")) if file.is_file()]
    assert LIBRARY / "data" / "backgrounds.py" in seen
    assert LIBRARY / "data" / "puppets" / "clip.py" in seen


@pytest.mark.weights
def test_the_man_is_cut_out():
    (scene,) = [scene for scene in person_scenes(frames=2, sets=("still",)) if "5002" in scene.name]
    assert scene.frames.shape == (2, 3, 144, 176)
    assert 0.3 < scene.alpha.mean() < 0.6
    assert scene.alpha[:, :, 100:140, 80:120].mean() > 0.99  # the chest
    assert scene.alpha[:, :, :20, :30].max() < 0.01  # the window
