"""`course assignment 04 07 --out DIR`: chapters without solutions, for a class."""

from pathlib import Path
from typing import Annotated

import typer


def assignment(
    chapters: Annotated[list[str], typer.Argument(help="Chapter numbers such as 04 07.")],
    out: Annotated[Path, typer.Option(help="Folder for the notebooks.")] = Path("assignment"),
) -> None:
    """Write chapters without their solutions, to hand out. `course grade` grades what comes back."""
    from course_lib.exercises.assignment import write_assignment

    for path in write_assignment(chapters, out):
        print(f"Wrote {path}")
