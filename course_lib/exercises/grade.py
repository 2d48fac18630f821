"""A folder of submissions, graded: each in a process of its own, with limits of time and memory.

A submission that hangs in one exercise loses that exercise, not the others: its process is ended, and a new one goes on with
the next. This protects a lecturer from accidents. It is no wall against an attacker: grade strangers' code in a container.
"""

import csv
import io
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from course_lib.errors import CourseError
from course_lib.exercises.answers import ENDINGS
from course_lib.exercises.catalogue import exercises_of, find_exercise
from course_lib.training.files import write_whole

START = 60.0  # seconds that a process may take until it says something


@dataclass(frozen=True)
class Grade:
    """One exercise of one submission. status: passed, failed, not attempted, missing, or stopped."""

    submission: str
    chapter: str
    exercise: str
    level: str
    status: str
    problem: str = ""


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


def grade_submission(path: Path, name: str, seconds: float = 30.0, megabytes: int = 2048) -> list[Grade]:
    """All exercises of the chapters that the file answers. `seconds` for each exercise."""
    first = list(_lines(path, megabytes, [], START))
    told = first[-1] if first else None
    if told is None or "found" not in told:
        return [Grade(name, "", "", "", "stopped", (told or {}).get("unreadable", "It did not load in time."))]
    found = told["found"]
    problems = " ".join(told["problems"])
    if not found:
        return [Grade(name, "", "", "", "missing", problems or "No function in it has the name of an exercise.")]
    chapters = sorted({find_exercise(exercise).chapter for exercise in found})
    wanted = [exercise for chapter in chapters for exercise in exercises_of(chapter)]
    results = _examined(path, [exercise.name for exercise in wanted if exercise.name in found], seconds, megabytes)
    missing = ("missing", problems)
    return [Grade(name, e.chapter, e.name, e.level, *results.get(e.name, missing)) for e in wanted]


def to_csv(grades: list[Grade]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(Grade.__dataclass_fields__)
    rows.writerows([_plain(getattr(grade, name)) for name in Grade.__dataclass_fields__] for grade in grades)
    return text.getvalue()


def write_csv(path: Path, grades: list[Grade]) -> None:
    write_whole(path, to_csv(grades).encode())


def _plain(value: str) -> str:
    """What a student's code says must not become a formula in a spreadsheet."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@") else value


def _examined(path: Path, names: list[str], seconds: float, megabytes: int) -> dict[str, tuple[str, str]]:
    """Name → status and problem."""
    results: dict[str, tuple[str, str]] = {}
    left = list(names)
    while left:
        at_work = ""
        for line in _lines(path, megabytes, left, seconds):
            at_work = line.get("began", "")
            if name := line.get("ended"):
                told = f"{line['case']}: {line['problem']}." if line["problem"] else ""
                results[name] = (line["status"], f"{told} {line['diagnosis']}".strip())
        if not at_work and any(name not in results for name in left):
            at_work = next(name for name in left if name not in results)
        if at_work and at_work not in results:
            results[at_work] = ("stopped", f"Over {seconds:g} s or {megabytes} MB, or it ended the process.")
        left = [name for name in left if name not in results]
    return results


def _lines(path: Path, megabytes: int, names: list[str], seconds: float):
    """What the process says, until it ends, or says nothing for so long (its start not counted) and is ended."""
    command = [sys.executable, "-m", "course_lib.exercises.grade_one", str(path), str(megabytes), *names]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True, env=environment
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
        process.kill()
        process.wait()
