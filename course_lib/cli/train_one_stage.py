"""`course train background-matting` and `course train emoji-classifier`: networks with one stage and no forks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from course_lib.cli.train_report import interruptible, print_report

if TYPE_CHECKING:
    from course_lib.training.run_options import RunOptions


def train_one_stage(model: str, run: str, changes: dict[str, object], options: RunOptions) -> None:
    """`changes`: of the recipe."""
    if model == "background-matting":
        from course_lib.training.background_matting import RECIPE
        from course_lib.training.background_matting import train_background_matting as train
    else:
        from course_lib.training.emoji_classifier import RECIPE
        from course_lib.training.emoji_classifier import train_emoji_classifier as train

    chosen = replace(RECIPE, **changes)
    command = f"course train {model} --run {run} --resume"
    print(f"Run {run}, {chosen.steps} steps.")
    with interruptible(command):
        report = train(run, chosen, options)
    print_report(report, command)
