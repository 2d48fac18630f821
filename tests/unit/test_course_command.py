"""course.py: what it says when something is missing, and that it installs only what has changed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(tmp_path, monkeypatch):
    """The script as a module, with its .venv in a temporary folder and every process recorded instead of started."""
    spec = importlib.util.spec_from_file_location("course_script", ROOT / "course.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path)
    monkeypatch.setattr(module, "RECORD", tmp_path / "course-setup.json")
    monkeypatch.setattr(module, "LOG", tmp_path / "course-setup.log")
    module.calls = []
    monkeypatch.setattr(module, "make_venv", lambda over_system: module.calls.append("venv"))
    monkeypatch.setattr(module, "install", lambda target: module.calls.append(target))
    monkeypatch.setattr(module, "works", lambda python: "venv" in module.calls)

    def call(command, **options):
        module.calls.append(" ".join(map(str, command[1:])))
        return 0

    monkeypatch.setattr(module.subprocess, "call", call)
    return module


def test_imports_nothing_but_the_standard_library():
    code = (
        f"import runpy, sys; sys.argv = ['course.py']; runpy.run_path({str(ROOT / 'course.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "course.py demo" in done.stdout


def test_unknown_command_prints_the_commands(course, capsys):
    assert course.main(["dmeo"]) == 2
    assert "course.py demo" in capsys.readouterr().out
    assert course.calls == []


def test_demo_installs_the_library_alone_and_fetches_nothing_ahead(course):
    assert course.main(["demo", "--help"]) == 0
    assert course.calls == ["venv", ".", "-m course_lib demo --help"]


def test_second_run_starts_at_once_and_a_larger_command_adds_its_extras(course):
    course.main(["demo"])
    course.calls[:] = ["venv"]
    course.main(["demo"])
    assert course.calls == ["venv", "-m course_lib demo"]
    course.main(["lab"])
    assert course.calls[2:] == [".[lab]", "-c import pymatting", "-m course_lib fetch", "-m course_lib lab"]


def test_installs_again_when_pyproject_changed(course, tmp_path, monkeypatch):
    course.main(["demo"])
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "pyproject.toml").write_text("[project]")
    monkeypatch.setattr(course, "ROOT", changed)
    course.calls[:] = ["venv"]
    course.main(["demo"])
    assert course.calls == ["venv", ".", "-m course_lib demo"]


def test_interrupted_install_is_done_again(course, monkeypatch, capsys):
    def interrupt(target):
        raise KeyboardInterrupt

    install = course.install
    monkeypatch.setattr(course, "install", interrupt)
    assert course.main(["demo"]) == 130
    assert "again to go on" in capsys.readouterr().err
    monkeypatch.setattr(course, "install", install)
    assert course.main(["demo"]) == 0
    assert "." in course.calls


def test_a_failing_step_says_step_cause_and_remedy(course, monkeypatch, capsys):
    monkeypatch.undo()
    spec = importlib.util.spec_from_file_location("course_script", ROOT / "course.py")
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)

    def no_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fresh.venv, "create", no_disk)
    monkeypatch.setattr(fresh, "read_record", dict)
    monkeypatch.setattr(fresh, "works", lambda python: False)
    assert fresh.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "Failed at: making .venv/" in said
    assert "No space left" in said
    assert "Remedy:" in said


def test_old_python_is_told_so(course, monkeypatch, capsys):
    monkeypatch.setattr(course.sys, "version_info", (3, 9, 18))
    assert course.main(["demo"]) == 1
    assert "3.9.18" in capsys.readouterr().err
