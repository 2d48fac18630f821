"""A folder of submissions, graded: each in a process of its own, in a folder of its own, with limits of time and memory.

A submission that hangs in one exercise loses that exercise, not the others: its process is ended with all that it started, and
a new one goes on with the next. All get the same fresh cases, from one seed that stands in the table.
This protects a lecturer from accidents. It is no wall against an attacker: grade strangers' code in a container.
"""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from course_lib.errors import CourseError
from course_lib.exercises.answers import ENDINGS
from course_lib.exercises.catalogue import exercises_of, find_exercise
from course_lib.exercises.grade_one import can_limit_memory
from course_lib.training.files import write_whole

START = 120.0  # seconds that a process may take until it says something: torch loads slowly on a busy machine
ROOT = Path(__file__).resolve().parents[2]
GROUPS = hasattr(os, "killpg")  # Windows has none


@dataclass(frozen=True)
class Grade:
    """One exercise of one submission. status: passed, failed, not attempted, missing, or stopped.

    seed: of its fresh cases; `check(answer, seed=…)` draws the same.
    """

    submission: str
    chapter: str
    exercise: str
    level: str
    status: str
    problem: str = ""
    seed: int = 0


@dataclass(frozen=True)
class Limits:
    """seconds: for each exercise. megabytes: for a submission, beyond what Python and torch take."""

    seconds: float = 30.0
    megabytes: int = 2048


USUAL = Limits()


def missing_limits() -> list[str]:
    """Sentences on what this system cannot do."""
    told = []
    if not can_limit_memory():
        told.append("No limit of memory: this system has none to set. A submission may take all there is.")
    if not GROUPS:
        told.append("A submission that is stopped ends alone here: programs that it started run on.")
    return told


def submissions_in(folder: Path) -> list[Path]:
    """Notebooks and Python files in `folder` and below. Raises CourseError when there are none."""
    if not folder.is_dir():
        raise CourseError(f"{folder} is no folder.")
    found = [
        path for path in sorted(folder.rglob("*")) if path.suffix in ENDINGS and ".ipynb_checkpoints" not in path.parts
    ]
    if not found:
        raise CourseError(f"{folder} holds no notebooks (.ipynb) and no Python files (.py).")
    return found


def grade_submission(path: Path, name: str, seed: int, limits: Limits = USUAL) -> list[Grade]:
    """All exercises of the chapters that the file answers."""
    first = list(_lines(path, seed, limits, [], START))
    told = first[-1] if first else None
    if told is None or "found" not in told:
        problem = (told or {}).get("unreadable", "It did not load in time.")
        return [Grade(name, "", "", "", "stopped", problem, seed)]
    found = told["found"]
    problems = " ".join(told["problems"])
    if not found:
        problem = problems or "No function in it has the name of an exercise."
        return [Grade(name, "", "", "", "missing", problem, seed)]
    chapters = sorted({find_exercise(exercise).chapter for exercise in found})
    wanted = [exercise for chapter in chapters for exercise in exercises_of(chapter)]
    results = _examined(path, seed, limits, [exercise.name for exercise in wanted if exercise.name in found])
    missing = ("missing", problems)
    return [Grade(name, e.chapter, e.name, e.level, *results.get(e.name, missing), seed) for e in wanted]


def to_csv(grades: list[Grade]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(Grade.__dataclass_fields__)
    rows.writerows([_plain(str(getattr(grade, name))) for name in Grade.__dataclass_fields__] for grade in grades)
    return text.getvalue()


def write_csv(path: Path, grades: list[Grade]) -> None:
    write_whole(path, to_csv(grades).encode())


def _plain(value: str) -> str:
    """What a student's code says must not become a formula in a spreadsheet."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@") else value


def _examined(path: Path, seed: int, limits: Limits, names: list[str]) -> dict[str, tuple[str, str]]:
    """Name → status and problem."""
    results: dict[str, tuple[str, str]] = {}
    left = list(names)
    while left:
        at_work = ""
        for line in _lines(path, seed, limits, left, limits.seconds):
            at_work = line.get("began", "")
            if name := line.get("ended"):
                told = f"{line['case']}: {line['problem']}." if line["problem"] else ""
                results[name] = (line["status"], f"{told} {line['diagnosis']}".strip())
        if not at_work and any(name not in results for name in left):
            at_work = next(name for name in left if name not in results)
        if at_work and at_work not in results:
            most = f"Over {limits.seconds:g} s or {limits.megabytes} MB, or it ended the process."
            results[at_work] = ("stopped", most)
        left = [name for name in left if name not in results]
    return results


def _lines(path: Path, seed: int, limits: Limits, names: list[str], seconds: float) -> Iterator[dict]:
    """What the process says, until it ends, or says nothing for so long (its start not counted) and is ended."""
    module = "course_lib.exercises.grade_one"
    command = [sys.executable, "-m", module, str(path.resolve()), str(limits.megabytes), str(seed), *names]
    # What it leaves there, also if it is stopped, is gone afterwards; a program that outlives it may still hold a file.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=folder,
            env=_environment(folder),
            start_new_session=GROUPS,
        )
        said: Queue = Queue()

        def listen() -> None:
            for line in process.stdout:
                said.put(line)
            said.put(None)

        threading.Thread(target=listen, daemon=True).start()
        patience = max(START, seconds)
        try:
            while (line := said.get(timeout=patience)) is not None:
                patience = seconds
                yield json.loads(line)
        except Empty:
            pass
        finally:
            _end(process)


def _environment(folder: str) -> dict[str, str]:
    """One thread; this library, wherever it is; and the lecturer's own progress and temporary files left alone."""
    found = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    threads = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    own = {"COURSE_PROGRESS": str(Path(folder) / "progress.json"), "TMPDIR": folder, "TEMP": folder, "TMP": folder}
    return os.environ | threads | own | {"PYTHONPATH": found}


def _end(process: subprocess.Popen) -> None:
    """The process, and where there are groups of processes all that it started, also when it has ended by itself."""
    if GROUPS:
        with suppress(ProcessLookupError, PermissionError):  # nobody is left; macOS refuses then
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
