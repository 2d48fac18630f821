"""`course test`: every check of the project, cheapest first, and a summary."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli.browser import find_browser
from course_lib.errors import CourseError

ROOT = Path(__file__).resolve().parents[2]
PYTEST = ("pytest", "-q", "--color=no")
TWO_AT_A_TIME = ("-n", "2", "--dist", "loadfile")
NBVAL = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout", "300", "-p", "tests.notebooks.nbval_plugin")
STAGES = {
    "style": [("ruff", "check", "."), ("ruff", "format", "--check", ".")],
    "contract": [(*PYTEST, "tests/notebooks")],
    "unit": [(*PYTEST, *TWO_AT_A_TIME, "tests/unit", "tests/reference", "tests/robustness")],
    "exercises": [(*PYTEST, "-n", "2", "tests/exercises")],
    "notebooks": [
        (*PYTEST, *NBVAL, "--nbval-sanitize-with", "tests/notebooks/sanitize.cfg", *TWO_AT_A_TIME, "notebooks")
    ],
    "widgets": [(*PYTEST, "-n", "2", "tests/widgets")],
    "book": [("course_lib", "book")],
    "browser": [(*PYTEST, "tests/browser")],
}
NEED_BROWSER = {"widgets", "browser"}  # in part


def test(
    stages: Annotated[list[str] | None, typer.Argument(help=f"Some of: {', '.join(STAGES)}. All when none.")] = None,
) -> None:
    """Run the tests: ruff, chapter contract, unit and reference tests, exercises, notebooks, widgets, the book in a browser."""
    if unknown := [stage for stage in stages or [] if stage not in STAGES]:
        raise CourseError(f"No stage {', '.join(unknown)}. There are: {', '.join(STAGES)}.")
    results = {}
    for stage in stages or STAGES:
        started = time.monotonic()
        print(f"\n── {stage}", flush=True)
        outcomes = [_run(command) for command in STAGES[stage]]  # all of them, also after a failure
        passed = all(outcomes)
        results[stage] = (passed, time.monotonic() - started)
    print("\n── summary")
    for stage, (passed, seconds) in results.items():
        print(f"{stage:<10} {'passed' if passed else 'FAILED':<7} {seconds:6.0f} s")
    if NEED_BROWSER & results.keys() and not find_browser() and not os.environ.get("COURSE_REQUIRE_BROWSER"):
        print("The tests that need a browser were skipped: there is no Chromium or Chrome here.")
    if not all(passed for passed, _ in results.values()):
        raise typer.Exit(1)


def _run(command: tuple[str, ...]) -> bool:
    """One thread per process: two kernels with default threads on two cores take many times longer.

    Tests know nothing of the reader's progress, and do not add to it.
    """
    threads = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    with tempfile.TemporaryDirectory() as folder:
        own = {"COURSE_PROGRESS": str(Path(folder) / "progress.json")}
        return subprocess.call([sys.executable, "-m", *command], cwd=ROOT, env=os.environ | threads | own) == 0
