"""What every chapter does first: check that notebook and library belong together, and say how long it takes.

`results/chapters.json` is written by `course.py execute`, which times each chapter; the first cell of a chapter
prints its own record from there, so the time in the book is always a measured one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import course_lib
from course_lib.errors import CourseError

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
RECORDS = ROOT / "results" / "chapters.json"
PROFILES = ("laptop", "gpu")


def open_chapter(number: str, version: str) -> None:
    """Check the library against `version` ("major.minor"), set the look of figures and print the chapter's record.

    `number` is the chapter's, as in its file name ("04"). Raises `CourseError` when the notebook was written for
    another version of the library.
    """
    installed = course_lib.__version__
    if installed.split(".")[:2] != version.split(".")[:2]:
        raise CourseError(
            f"This chapter was written for course_lib {version}, but course_lib {installed} is installed. "
            "Run `python3 course.py lab` in the checkout that this notebook belongs to, and open it from there."
        )
    from course_lib.viz.style import apply_style

    apply_style()
    print(banner(number))


def banner(number: str, records: dict[str, dict] | None = None, profile_name: str | None = None) -> str:
    """The two lines that the first cell of chapter `number` prints, by default from this machine's state."""
    record = (read_records() if records is None else records).get(number)
    if record is None:
        measured = "not timed yet: `python3 course.py execute " + number + "` runs and times it"
    else:
        threads = record["threads"]
        plural = "" if threads == 1 else "s"
        measured = f"{record['seconds']} s on {threads} thread{plural} · {record['cpu']}"
    return f"course_lib {course_lib.__version__} · profile {profile_name or profile()}\nChapter {number} · {measured}"


def profile() -> str:
    """`laptop` (the default) or `gpu`, from the environment variable COURSE_PROFILE."""
    name = os.environ.get("COURSE_PROFILE", "laptop")
    if name not in PROFILES:
        raise CourseError(f"COURSE_PROFILE is {name!r}; set it to one of: {', '.join(PROFILES)}.")
    return name


def read_records(path: Path | None = None) -> dict[str, dict]:
    """Chapter number -> {"seconds": int, "threads": int, "cpu": str}; empty when nothing was timed yet."""
    path = path or RECORDS
    if not path.exists():
        return {}
    try:
        return json.loads(path.read_text("utf-8"))
    except ValueError as cause:
        raise CourseError(
            f"{path} is not readable as JSON ({cause}). Restore it with `git checkout results/{path.name}`."
        ) from cause


def chapter_paths(folder: Path | None = None) -> dict[str, Path]:
    """Chapter number -> notebook, in reading order: every `NN_topic.ipynb` of `notebooks/`."""
    found = sorted((folder or NOTEBOOKS).glob("[0-9][0-9]_*.ipynb"))
    return {path.name[:2]: path for path in found}


def chapter_titles() -> dict[str, str]:
    """Number of a chapter → its title, as its first line has it ("04" → "ConvGRU with an identity split")."""
    titles = {}
    for number, path in chapter_paths().items():
        source = json.loads(path.read_text("utf-8"))["cells"][0]["source"]
        first = (source if isinstance(source, str) else "".join(source)).splitlines()[0]
        titles[number] = first.split(" · ", 1)[-1]
    return titles
