"""Which exercises are done, kept in one small file of the reader's own.

    {"format": 1, "exercises": {"gru_step": {"status": "passed", "tries": 3, "when": "2026-11-25T20:14:03"}}}

Names that a newer or older course does not know are kept, so that an upgrade loses nothing.
"""

import os
from datetime import datetime
from pathlib import Path

from platformdirs import user_data_path

from course_lib.exercises.exercise import LEVELS, Exercise
from course_lib.training.files import read_json, write_json

FORMAT = 1


def progress_file() -> Path:
    """$COURSE_PROGRESS, else a file in the user's data folder of the system."""
    chosen = os.environ.get("COURSE_PROGRESS")
    folder = user_data_path("course-lib", appauthor=False)
    return Path(chosen).expanduser().resolve() if chosen else folder / "progress.json"


def record(name: str, status: str) -> None:
    """Remember a try. An exercise that was right once stays done. Raises CourseError when the file cannot be written."""
    if status == "not attempted":
        return
    path = progress_file()
    kept = read_json(path)
    entries = kept.get("exercises", {})
    before = entries.get(name, {})
    entries[name] = {
        "status": "passed" if before.get("status") == "passed" else status,
        "tries": before.get("tries", 0) + 1,
        "when": datetime.now().isoformat(timespec="seconds"),
    }
    write_json(path, {**kept, "format": FORMAT, "exercises": entries})


def statuses() -> dict[str, str]:
    """Name of an exercise → "passed" or "failed", of those that were tried."""
    return {name: entry["status"] for name, entry in read_json(progress_file()).get("exercises", {}).items()}


def export_to(path: Path) -> None:
    """A copy of the record. Raises CourseError when it cannot be written."""
    write_json(path, {"format": FORMAT, "exercises": {}} | read_json(progress_file()))


def table(exercises: list[Exercise], done: dict[str, str]) -> list[dict[str, str]]:
    """A row per chapter: its number, a mark per level (✓ done, · tried, – not yet), and how many of how many are done."""
    marks = {"passed": "✓", "failed": "·"}
    rows = []
    for chapter in sorted({exercise.chapter for exercise in exercises}):
        here = [exercise for exercise in exercises if exercise.chapter == chapter]
        row = {"chapter": chapter}
        for level in LEVELS:
            row[level] = " ".join(marks.get(done.get(e.name, ""), "–") for e in here if e.level == level)
        row["done"] = f"{sum(done.get(e.name) == 'passed' for e in here)} of {len(here)}"
        rows.append(row)
    return rows
