#!/usr/bin/env python3
"""The course in one command. Needs Python 3.11 or newer, nothing else.

    python3 course.py demo       matte a real video with a network that this repository builds
    python3 course.py lab        open the course in JupyterLab
    python3 course.py test       run every test
    python3 course.py execute    run chapters and store their outputs    (execute 04 07: only these)
    python3 course.py book       build the book as web pages
    python3 course.py doctor     print what is installed, for a bug report

The first run makes a virtual environment in .venv/ and installs the course there; later runs start at once. An interrupted
run can simply be started again. Options behind the command go to it: `python3 course.py demo --help`.

    --system-torch   (set-up) make .venv/ over the packages of this Python, to use its torch
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from collections import deque
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
RECORD = VENV / "course-setup.json"  # what is installed; written last, so an interrupted set-up is done again
LOG = VENV / "course-setup.log"
EXTRAS = {  # what each command needs beyond the library itself
    "demo": set(),
    "lab": {"lab"},
    "test": {"lab", "book", "test"},
    "execute": {"lab", "book", "test"},
    "book": {"lab", "book"},
}


class StepFailed(Exception):
    """A step of the set-up failed: (step, cause, remedy)."""


def main(arguments: list[str]) -> int:
    system_torch = "--system-torch" in arguments
    arguments = [argument for argument in arguments if argument != "--system-torch"]
    command = arguments[0] if arguments else ""
    if command not in {*EXTRAS, "doctor"}:
        print(__doc__)
        return 0 if command in {"", "-h", "--help", "help"} else 2
    try:
        if sys.version_info < (3, 11):
            version = ".".join(map(str, sys.version_info[:3]))
            raise StepFailed("checking Python", f"this is Python {version}", "run it with Python 3.11 or newer")
        if command == "doctor" and not RECORD.exists():
            print(
                f"Python {sys.version.split()[0]} on {sys.platform}. The course is not set up yet: python3 course.py demo"
            )
            return 0
        if command != "doctor":
            set_up(EXTRAS[command], system_torch)
        if command in {"lab", "test", "execute"}:
            run_step("fetching weights and data", [PYTHON, "-m", "course_lib", "fetch"])
        return subprocess.call([PYTHON, "-m", "course_lib", *arguments], cwd=ROOT, env=environment())
    except StepFailed as failure:
        step, cause, remedy = failure.args
        print(f"\nFailed at: {step}\nCause:     {cause}\nRemedy:    {remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again to go on.", file=sys.stderr)
        return 130


def set_up(extras: set[str], system_torch: bool) -> None:
    """Make .venv/ and install the library with these extras, unless that is what is there already."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    record = read_record()
    over_system = system_torch or record.get("system_torch", False)
    installed = set(record.get("extras", [])) if record.get("pyproject") == wanted else set()
    fresh = over_system == record.get("system_torch") and works(PYTHON)
    if fresh and record.get("pyproject") == wanted and extras <= installed:
        return
    started = time.monotonic()
    if not fresh:
        say("Making .venv/ (only the first time)")
        make_venv(over_system)
    RECORD.unlink(missing_ok=True)
    extras = extras | installed
    target = f".[{','.join(sorted(extras))}]" if extras else "."
    say(f"Installing the course and its packages: pip install -e {target}   (the first time a few minutes, about 6 GB)")
    install(target)
    if "lab" in extras:
        say("Compiling pymatting (once, up to a minute)")
        run_step("compiling pymatting", [PYTHON, "-c", "import pymatting"])
    RECORD.write_text(json.dumps({"pyproject": wanted, "extras": sorted(extras), "system_torch": over_system}) + "\n")
    say(f"Set up in {time.monotonic() - started:.0f} s")


def make_venv(over_system: bool) -> None:
    try:
        venv.create(VENV, clear=True, with_pip=True, system_site_packages=over_system)
    except (OSError, subprocess.CalledProcessError) as error:
        remedy = "check the free disk space; on Debian and Ubuntu: sudo apt install python3-venv"
        raise StepFailed("making .venv/", str(error), remedy) from error
    if over_system and sys.prefix != sys.base_prefix:  # called from a venv: its packages are not the system's
        where = [PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
        packages = Path(subprocess.check_output(where, text=True).strip())
        (packages / "packages-of-the-caller.pth").write_text(sysconfig.get_path("purelib") + "\n")


def install(target: str) -> None:
    """pip, its output folded into one line of progress; the whole of it in the log."""
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", "-e", target]
    tail: deque[str] = deque(maxlen=12)
    shown = time.monotonic()
    with (
        open(LOG, "w", encoding="utf-8") as log,
        subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as pip,
    ):
        for line in pip.stdout:
            log.write(line)
            line = line.strip()
            tail.append(line)
            news = line.startswith(("Downloading", "Installing collected", "Building"))
            if news and (sys.stdout.isatty() or time.monotonic() - shown > 5):
                shown = time.monotonic()
                show_progress(line)
    show_progress("")
    if pip.returncode:
        cause = "pip ended with an error; its last words:\n           " + "\n           ".join(tail)
        raise StepFailed(
            f"pip install -e {target}", cause, f"check the network and the free disk space, then run again (log: {LOG})"
        )


def run_step(step: str, command: list) -> None:
    """A process of ours that prints for itself; StepFailed when it fails."""
    code = subprocess.call(command, cwd=ROOT, env=environment())
    if code:
        raise StepFailed(
            step, f"it ended with exit code {code}; its own message is above", "put that right, then run again"
        )


def read_record() -> dict:
    try:
        return json.loads(RECORD.read_text())
    except (OSError, ValueError):
        return {}


def works(python: Path) -> bool:
    """Whether this Python starts and has pip (a set-up killed half-way may leave one that does not)."""
    if not python.exists():
        return False
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def environment() -> dict[str, str]:
    """Ours, without what would lead the venv's Python astray."""
    return {
        name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    }


def say(text: str) -> None:
    print(f"› {text}", flush=True)


def show_progress(line: str) -> None:
    if sys.stdout.isatty():
        print(
            "\r  " + line[: shutil.get_terminal_size().columns - 4].ljust(shutil.get_terminal_size().columns - 4),
            end="\r",
            flush=True,
        )
    elif line:
        print("  " + line[:120], flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
