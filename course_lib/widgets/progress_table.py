"""Which exercises are done, chapter by chapter."""

from course_lib.chapters import chapter_titles
from course_lib.exercises.catalogue import all_exercises
from course_lib.exercises.exercise import LEVELS
from course_lib.exercises.progress import statuses, table
from course_lib.widgets.base import CourseWidget, script


class ProgressTable(CourseWidget):
    _esm = script("progress_table")


def progress_table(done: dict[str, str] | None = None) -> ProgressTable:
    """`done`: name of an exercise → "passed" or "failed"; left out: as kept on this machine now (`course progress`).

    Run the cell again after an exercise.
    """
    exercises = list(all_exercises().values())
    done = statuses() if done is None else done
    names = chapter_titles()
    rows = [row | {"name": names.get(row["chapter"], "")} for row in table(exercises, done)]
    right = sum(done.get(exercise.name) == "passed" for exercise in exercises)
    summary = f"{right} of {len(exercises)} exercises done"
    lines = [
        f"{row['chapter']}  {'  '.join(row[level] for level in LEVELS)}  {row['done']:7} {row['name']}" for row in rows
    ]
    text = "\n".join([f"{summary} (warm-up, core, stretch: ✓ done, · tried, – not yet)", *lines])
    return ProgressTable({"rows": rows, "levels": list(LEVELS), "summary": summary}, summary, text)
