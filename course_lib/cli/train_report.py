"""What `course train` says at the end, and how it ends when somebody presses Ctrl-C."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from course_lib.errors import CourseError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from course_lib.training.stage import RunReport, Snapshot


@contextmanager
def interruptible(command: str) -> Iterator[None]:
    """Ctrl-C before the first step, or a second one: what `command` continues is named."""
    try:
        yield
    except KeyboardInterrupt:
        raise CourseError(f"Interrupted. Continue at the last checkpoint with: {command}") from None


def print_report(report: RunReport, command: str) -> None:
    """Ends the program with 130, as a shell does, after a signal."""
    print(f"Step {report.step} of {report.steps}, {report.seconds / 60:.1f} minutes of training.")
    for term, value in report.validation.items():
        print(f"  {term:24} {value:.4f}")
    for what, file in (("Weights: ", "weights.safetensors"), ("Record:  ", "card.md")):
        if (report.folder / file).is_file():
            print(f"{what}{report.folder / file}")
    if not report.finished:
        print(f"{'Stopped' if report.interrupted else 'Time is up'}. Continue with: {command}")
        if report.interrupted:
            raise typer.Exit(130)


def print_losses(losses: Sequence[float]) -> None:
    """How the loss on one batch fell, in ten lines."""
    every = max(1, len(losses) // 10)
    for step in [*range(0, len(losses) - 1, every), len(losses) - 1]:
        print(f"step {step:5}  total loss {losses[step]:.4f}")


def written(snapshot: Snapshot) -> str:
    """One line on what a snapshot holds."""
    return f"stage {snapshot.stage}, step {snapshot.step} of {snapshot.steps}, written to {snapshot.folder}"
