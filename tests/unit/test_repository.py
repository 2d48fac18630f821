"""The house rules that a machine can check: small files, data flowing one way, a small repository."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "course_lib"
MODULES = sorted(LIBRARY.rglob("*.py"))
ORDER = [
    "data",
    "matting",
    "instances",
    "training",
    "evaluation",
    "viz",
    "widgets",
]  # each may import what stands before
MEGABYTE = 1_000_000


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def imports_of(path: Path) -> set[str]:
    """Names of our own modules that a file imports, at the top or inside a function, without `course_lib.`"""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.removeprefix("course_lib.") for name in found if name.startswith("course_lib.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 250
    assert ast.get_docstring(ast.parse(text)), "no docstring at the top"


@pytest.mark.parametrize("system", ["matting", "instances"])
def test_a_system_imports_only_its_siblings(system):
    for path in (LIBRARY / system).rglob("*.py"):
        assert {name.split(".")[0] for name in imports_of(path)} <= {system}, path


def test_data_flows_one_way():
    against = []
    for path in MODULES:
        here = path.relative_to(LIBRARY).parts[0]
        if here in ORDER:
            later = set(ORDER[ORDER.index(here) + 1 :])
            against += [
                f"{path.relative_to(ROOT)} imports {name}" for name in imports_of(path) if name.split(".")[0] in later
            ]
    assert against == []


def test_only_widgets_and_commands_know_the_exercises():
    known = {path for path in MODULES if any(name.split(".")[0] == "exercises" for name in imports_of(path))}
    assert {path.relative_to(LIBRARY).parts[0] for path in known} <= {"exercises", "widgets", "cli"}


def test_heavy_packages_are_imported_where_they_are_used():
    """Models, data and evaluation run where these are not installed."""
    optional = {
        "av",
        "pymatting",
        "pycocotools",
        "ipywidgets",
        "anywidget",
        "onnx",
        "onnxruntime",
        "openvino",
        "OpenEXR",
        "resvg_py",
    }
    at_the_top = []
    for package in ("data", "matting", "instances", "training", "evaluation", "zoo", "cli", "viz"):
        for path in (LIBRARY / package).rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                names = (
                    [a.name for a in node.names]
                    if isinstance(node, ast.Import)
                    else [getattr(node, "module", None) or ""]
                )
                at_the_top += [f"{path.name}: {name}" for name in names if name.split(".")[0] in optional]
    assert at_the_top == []


def test_the_repository_stays_small():
    sizes = {path: path.stat().st_size for path in tracked_files()}
    notebooks = [size for path, size in sizes.items() if path.suffix == ".ipynb"]
    weights = [size for path, size in sizes.items() if path.suffix == ".safetensors"]
    assert sum(sizes.values()) <= 45 * MEGABYTE
    assert max(notebooks, default=0) <= 2 * MEGABYTE
    assert sum(notebooks) <= 15 * MEGABYTE
    assert max(weights, default=0) <= 16 * MEGABYTE
