"""`course grade DIR`: a folder of submissions."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from course_lib.errors import CourseError


def grade(
    folder: Annotated[
        Path, typer.Argument(help="Notebooks and Python files, one or more a student, in folders or not.")
    ],
    file: Annotated[Path | None, typer.Argument(help="With --csv: the table; FOLDER/grades.csv when left out.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Write every exercise of every submission to FILE.")] = False,
    seconds: Annotated[float, typer.Option(help="The most that one exercise may take.")] = 30.0,
    megabytes: Annotated[int, typer.Option(help="The most memory that a submission may take.")] = 2048,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of the fresh cases, the same for all; drawn and told when left out.")
    ] = None,
) -> None:
    """Grade all submissions in FOLDER, each in a process and a temporary folder of its own with limits of time and memory."""
    from course_lib.exercises.grade import Limits, grade_submission, missing_limits, submissions_in, write_csv

    if file is not None and not csv:
        raise CourseError(f"What is {file} for? `course grade {folder} --csv {file}` writes the table there.")
    if file is not None and file.is_dir() and not folder.is_dir():  # `--csv FILE FOLDER`
        folder, file = file, folder
    paths = submissions_in(folder)
    for limit in missing_limits():
        print(limit)
    if seed is None:
        seed = secrets.randbelow(2**31)
    print(f"Fresh cases are drawn with --seed {seed}, the same for all.", flush=True)
    grades = []
    for path in paths:
        name = str(path.relative_to(folder))
        mine = grade_submission(path, name, seed, Limits(seconds, megabytes))
        grades += mine
        exercises = [entry for entry in mine if entry.exercise]
        if exercises:
            print(
                f"{name}: {sum(entry.status == 'passed' for entry in exercises)} of {len(exercises)} right", flush=True
            )
        for entry in mine:
            if entry.status != "passed":
                print(f"  {entry.exercise or name}: {entry.status}{'. ' + entry.problem if entry.problem else ''}")
    if csv:
        target = file or folder / "grades.csv"
        write_csv(target, grades)
        print(f"Wrote {target}")
