"""`course progress`: which exercises are done."""

from pathlib import Path
from typing import Annotated

import typer


def progress(
    export: Annotated[Path | None, typer.Option(help="Copy the record to this file, to keep or to hand in.")] = None,
    names: Annotated[bool, typer.Option("--names", help="List every exercise by name.")] = False,
) -> None:
    """Show which exercises are done, chapter by chapter. Kept on this machine only."""
    from rich.console import Console
    from rich.table import Table

    from course_lib.exercises.catalogue import all_exercises
    from course_lib.exercises.exercise import LEVELS
    from course_lib.exercises.progress import export_to, progress_file, statuses, table

    exercises, done = list(all_exercises().values()), statuses()
    if names:
        shown = Table("chapter", "level", "function", "minutes", "state")
        for exercise in exercises:
            state = done.get(exercise.name, "not attempted")
            shown.add_row(exercise.chapter, exercise.level, exercise.name, str(exercise.minutes), state)
    else:
        shown = Table("chapter", *LEVELS, "done")
        for row in table(exercises, done):
            shown.add_row(*row.values())
    Console().print(shown)
    right = sum(done.get(exercise.name) == "passed" for exercise in exercises)
    print(f"{right} of {len(exercises)} done (✓ done, · tried, – not yet). Kept in {progress_file()}")
    if export is not None:
        export_to(export)
        print(f"Copied to {export}")
