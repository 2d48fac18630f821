"""What a chapter builds in the open does exactly what the library's finished version does.

Metadata `course.equals` of a notebook names the pairs; the definitions are read from the notebook's code without
running its cells, and compared by the functions in `comparators/`.
"""

import ast
import importlib

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.chapters import chapter_paths
from course_lib.exercises.definitions import Definitions

from .chapter import tree
from .comparators import comparators
from .comparators.chapter_04 import conv_gru


def definitions(notebook) -> dict:
    """Run only the imports, definitions and literal constants of a notebook and return what they make."""
    trees = [tree(cell) or ast.Module([], []) for cell in notebook.cells if cell.cell_type == "code"]
    made = Definitions(trees)
    assert not made.failures
    return made.namespace


def library_object(name: str):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def pairs():
    for number, path in chapter_paths().items():
        notebook = nbformat.read(path, as_version=4)
        for ours, theirs in notebook.metadata.get("course", {}).get("equals", {}).items():
            yield pytest.param(number, notebook, ours, theirs, id=f"{number}-{ours}")


@pytest.mark.parametrize(("number", "notebook", "name", "library_name"), list(pairs()))
def test_the_notebook_builds_what_the_library_has(number, notebook, name, library_name):
    library_object(library_name)
    compare = comparators(number).get(library_name)
    assert compare, f"tests/notebooks/comparators/chapter_{number}.py must map {library_name!r} to a comparator."
    compare(definitions(notebook)[name])


GRU = """
import torch
from torch import nn
KERNEL = 3
print("cells are not run")
class Mine(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.gates = nn.Conv2d(2 * c, 2 * c, KERNEL, padding=1)
        self.candidate = nn.Conv2d(2 * c, c, KERNEL, padding=1)
    def step(self, x, h):
        r, z = self.gates(torch.cat([x, h], 1)).sigmoid().chunk(2, 1)
        o = self.candidate(torch.cat([x, r * h], 1)).tanh()
        return (1 - z) * h + z * o
    def forward(self, x, h=None):
        frames = x.unbind(1) if x.ndim == 5 else [x]
        h = torch.zeros_like(frames[0]) if h is None else h
        outputs = [h := self.step(frame, h) for frame in frames]
        return (torch.stack(outputs, 1) if x.ndim == 5 else h), h
state = Mine(2)(torch.rand(1, 2, 3, 3))
raise SystemExit
"""


def notebook_class(source: str):
    return definitions(new_notebook(cells=[new_code_cell(source)]))["Mine"]


def test_an_equal_definition_under_other_names_passes(capsys):
    conv_gru(notebook_class(GRU))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("(1 - z) * h + z * o", "z * h + (1 - z) * o"),
        ("r * h], 1)).tanh", "h], 1)).tanh"),
        (".tanh()", ".sigmoid()"),
        ("r, z =", "z, r ="),
        ("z * o\n", "z.detach() * o\n"),
        ("torch.zeros_like(frames[0]) if h is None else h", "torch.zeros_like(frames[0])"),
        ("KERNEL = 3", "KERNEL = 1"),
    ],
)
def test_a_definition_that_differs_fails(right, wrong):
    source = GRU.replace(right, wrong)
    assert source != GRU
    with pytest.raises((AssertionError, RuntimeError)):
        conv_gru(notebook_class(source))


def test_a_batch_norm_with_another_momentum_fails():
    from .comparing import draws, same_module

    cases = [(draws(seed=0)(2, 3, 4, 5),)]
    same_module(torch.nn.BatchNorm2d, torch.nn.BatchNorm2d, arguments=(3,), cases=cases)
    with pytest.raises(AssertionError, match="buffer"):
        same_module(
            lambda channels: torch.nn.BatchNorm2d(channels, momentum=0.2),
            torch.nn.BatchNorm2d,
            arguments=(3,),
            cases=cases,
        )
