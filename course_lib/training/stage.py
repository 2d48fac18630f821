"""One stage of training a network, from start, checkpoint or snapshot to the folder of results.

A run has a name. Its checkpoints (`stage-1.pt` …) and pictures lie in the user's cache under runs/<name>/, its record in
results/<name>/.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from course_lib.errors import CourseError
from course_lib.fetch import cache_dir
from course_lib.training.files import read_json
from course_lib.training.log import CsvLog
from course_lib.training.loop import Trainer
from course_lib.training.passes import Pass
from course_lib.training.recorder import About, Recorder, last_stage
from course_lib.training.run_folder import RESULTS
from course_lib.training.run_options import RunOptions
from course_lib.training.stage_recipe import StageRecipe
from course_lib.training.step import make_accelerator
from course_lib.training.task import Task
from course_lib.zoo.runs import WEIGHTS


@dataclass(frozen=True)
class RunReport:
    """`validation` is empty when the stage is not finished."""

    run: str
    stage: int
    step: int
    steps: int
    seconds: float
    finished: bool
    validation: dict[str, float]
    checkpoint: Path
    folder: Path
    interrupted: bool = False


@dataclass(frozen=True)
class Snapshot:
    """What `write_snapshot` wrote."""

    stage: int
    step: int
    steps: int
    folder: Path


def checkpoint_path(run: str, stage: int) -> Path:
    """Raises CourseError for a name that is no plain folder name."""
    if not run or not all(letter.isalnum() or letter in "-_." for letter in run) or run.startswith("."):
        raise CourseError(f"--run {run}: a name of letters, digits, '-', '_' and '.', such as my-first-run.")
    return cache_dir() / "runs" / run / f"stage-{stage}.pt"


def last_checkpoint(run: str) -> int:
    """The last stage that has a checkpoint; 1 where none has."""
    return max((stage for stage in range(1, 10) if checkpoint_path(run, stage).is_file()), default=1)


def train_stage(
    run: str,
    recipe: StageRecipe,
    task: Task,
    network: nn.Module,
    make_passes: Callable[[int, int], list[Pass]],
    validation: Pass,
    about: About,
    options: RunOptions,
) -> RunReport:
    """Trains `network` on `make_passes(rank, processes)`, to the last step, for `options.max_minutes` or to a signal.

    Ends each time at a checkpoint and with the snapshot in `options.results`. First call `refuse_to_overwrite`.
    """
    checkpoint, folder = checkpoint_path(run, recipe.stage), options.results / run
    accelerator = make_accelerator(recipe.precision, options.device)
    trainer = Trainer(
        network,
        recipe,
        task,
        make_passes(accelerator.process_index, accelerator.num_processes),
        accelerator,
        seed=options.seed,
        checkpoint=checkpoint,
        log=CsvLog(folder / "log.csv", recipe.stage, task.columns),
        validation=validation,
        judge=options.judge,
        show=options.show,
        workers=options.workers,
    )
    recorder = Recorder(trainer, folder, run, about)
    if options.resume and checkpoint.is_file():
        trainer.resume()
    elif options.resume:
        recorder.continue_snapshot()
    finished = trainer.fit(math.inf if options.max_minutes is None else 60 * options.max_minutes)
    if finished:
        trainer.save()  # with this recipe's number of steps, also when there was none left to make
    seen = trainer.validate() if finished else {}
    recorder.write(seen)
    return RunReport(
        run,
        recipe.stage,
        trainer.step,
        recipe.steps,
        trainer.seconds,
        finished,
        seen,
        checkpoint,
        folder,
        trainer.interrupted,
    )


def write_snapshot(
    run: str,
    recipe: StageRecipe,
    task: Task,
    network: nn.Module,
    passes: list[Pass],
    about: About,
    *,
    seed: int,
    results: Path = RESULTS,
) -> Snapshot:
    """Weights and record of the checkpoint of a stage, as `train_stage` would write them there."""
    folder = results / run
    trainer = Trainer(
        network,
        recipe,
        task,
        passes,
        make_accelerator(recipe.precision, "cpu"),
        seed=seed,
        checkpoint=checkpoint_path(run, recipe.stage),
        log=CsvLog(folder / "log.csv", recipe.stage, task.columns),
    )
    trainer.resume()
    Recorder(trainer, folder, run, about).write({}, trained_here=False)
    return Snapshot(recipe.stage, trainer.step, recipe.steps, folder)


def refuse_to_overwrite(run: str, stage: int, resume: bool, folder: Path) -> None:
    """CourseError where a start would replace a run, or there is nothing to resume."""
    checkpoint = checkpoint_path(run, stage)
    snapshot = last_stage(read_json(folder / "config.json")) == stage and (folder / WEIGHTS).is_file()
    if resume and not checkpoint.is_file() and not snapshot:
        raise CourseError(
            f"There is nothing to resume: {checkpoint} is not there, and {folder} holds no snapshot of stage {stage}. "
            f"Leave --resume out to start stage {stage}."
        )
    if not resume and checkpoint.is_file():
        raise CourseError(
            f"Stage {stage} of run {run} has a checkpoint already ({checkpoint}). Continue it with --resume, "
            "start another run with --run NAME, or delete that file."
        )
    if not resume and stage == 1 and (folder / "config.json").is_file():
        raise CourseError(
            f"{folder} holds a recorded run. Continue it with --resume, or start yours under another name: --run NAME."
        )
