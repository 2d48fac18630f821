"""`course check FILE`: the exercises in a notebook or a Python file."""

from pathlib import Path
from typing import Annotated

import typer

from course_lib.errors import CourseError


def check(
    file: Annotated[Path, typer.Argument(help="A notebook (.ipynb) or a Python file (.py) with your functions.")],
) -> None:
    """Check the exercises that FILE answers. A function answers the exercise of its name."""
    from course_lib.exercises.answers import read_answers
    from course_lib.exercises.progress import record

    answers = read_answers(file)
    for problem in answers.problems:
        print(problem)
    if not answers.functions:
        raise CourseError(f"{file}: no function in it has the name of an exercise. `course progress` lists them.")
    results = [answers.examine(name) for name in answers.functions]
    for result in results:
        record(result.exercise.name, result.status)
        print(result)
    print(f"{sum(result.status == 'passed' for result in results)} of {len(results)} are right.")
    if any(result.status == "failed" for result in results):
        raise typer.Exit(1)
