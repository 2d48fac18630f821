"""`course train MODEL --fork NAME|all`: one ablation or all, one after another."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from course_lib.cli.train_report import interruptible, print_report, written
from course_lib.errors import CourseError

if TYPE_CHECKING:
    from course_lib.training.run_options import RunOptions


def train_forks(model: str, wanted: str, options: RunOptions, snapshot: bool) -> None:
    """Of rvm or sparseinst. Continues what was started, skips what is finished; `snapshot` only writes down how far each is."""
    from course_lib.training.fork import find_among, is_finished
    from course_lib.training.stage import checkpoint_path

    if model == "rvm":
        from course_lib.cli.train_rvm import pictures_of
        from course_lib.training.forks import FORKS, snapshot_fork, train_fork
    else:
        from course_lib.cli.train_instances import judge, pictures_of
        from course_lib.training.instance_forks import FORKS, snapshot_fork, train_fork
        from course_lib.training.instance_passes import Pictures

    started, command = time.monotonic(), f"course train {model} --fork {wanted}"
    for fork in FORKS if wanted == "all" else (find_among(FORKS, wanted),):
        if is_finished(fork):
            print(f"{fork.name}: finished already.")
            continue
        if snapshot:
            begun = checkpoint_path(fork.name, fork.recipe.stage).is_file()
            if not begun and wanted != "all":
                raise CourseError(f"{fork.name} is not begun here. Start it: {command}")
            print(f"{fork.name}: {written(snapshot_fork(fork)) if begun else 'not begun here.'}")
            continue
        left = options.max_minutes
        if left is not None:
            left -= (time.monotonic() - started) / 60
        if left is not None and left <= 0:
            print(f"{fork.name}: no time left. Continue with: {command}")
            return
        print(f"{fork.name}: {fork.changes}; {fork.recipe.steps} steps from {fork.parent}.")
        here = replace(options, max_minutes=left, show=pictures_of(fork.name, fork.recipe.stage))
        if model == "sparseinst":
            here = replace(here, judge=judge(fork.recipe, Pictures()))
        with interruptible(command):
            report = train_fork(fork, here)
        print_report(report, command)
        if not report.finished:
            return
