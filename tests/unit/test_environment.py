"""environment.yml and pyproject.toml say the same, and neither repeats the other."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]


def name_of(requirement: str) -> str:
    return re.match(r"[A-Za-z0-9_.-]+", requirement)[0].lower()


def test_python_agrees_with_pyproject():
    assert f"python{PROJECT['requires-python']}" in CONDA


def test_conda_installs_the_package_with_extras_that_exist():
    (pip,) = [entry["pip"] for entry in CONDA if isinstance(entry, dict)]
    assert pip == ["-e .[lab,test]"]
    assert {"lab", "test"} <= set(PROJECT["optional-dependencies"])


def test_conda_repeats_nothing_of_pyproject():
    extras = PROJECT["optional-dependencies"].values()
    python_packages = {name_of(r) for r in [*PROJECT["dependencies"], *(r for extra in extras for r in extra)]}
    assert not python_packages & {name_of(entry) for entry in CONDA if isinstance(entry, str)}


def test_promised_extras_and_ranges():
    assert set(PROJECT["optional-dependencies"]) == {"lab", "test", "book", "engine"}
    everything = [*PROJECT["dependencies"], *(r for extra in PROJECT["optional-dependencies"].values() for r in extra)]
    promised = "torch torchvision jupyter matplotlib ipywidgets numpy scipy opencv-python nbval".split()
    assert set(promised) <= {name_of(requirement) for requirement in everything}
    assert "torch>=2.9,<2.15" in everything
