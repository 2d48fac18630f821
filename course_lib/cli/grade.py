"""`course grade DIR`: a folder of submissions."""

from pathlib import Path
from typing import Annotated

import typer


def grade(
    folder: Annotated[
        Path, typer.Argument(help="Notebooks and Python files, one or more a student, in folders or not.")
    ],
    csv: Annotated[Path | None, typer.Option(help="Write every exercise of every submission to this file.")] = None,
    seconds: Annotated[float, typer.Option(help="The most that one exercise may take.")] = 30.0,
    megabytes: Annotated[int, typer.Option(help="The most memory that a submission may take.")] = 2048,
) -> None:
    """Grade all submissions in DIR, each in a process of its own with limits of time and memory."""
    from course_lib.exercises.grade import grade_submission, submissions_in, write_csv

    grades = []
    for path in submissions_in(folder):
        name = str(path.relative_to(folder))
        mine = grade_submission(path, name, seconds, megabytes)
        grades += mine
        exercises = [entry for entry in mine if entry.exercise]
        if exercises:
            print(
                f"{name}: {sum(entry.status == 'passed' for entry in exercises)} of {len(exercises)} right", flush=True
            )
        for entry in mine:
            if entry.status != "passed":
                print(f"  {entry.exercise or name}: {entry.status}{'. ' + entry.problem if entry.problem else ''}")
    if csv is not None:
        write_csv(csv, grades)
        print(f"Wrote {csv}")
