"""Where a stage starts: with the weights that the stage before ended with, and a fresh optimiser."""

from pathlib import Path

from torch import Tensor

from course_lib.errors import CourseError
from course_lib.training.checkpoint import load_checkpoint
from course_lib.training.files import read_json
from course_lib.training.recorder import Parent, last_stage
from course_lib.training.run_folder import KEPT, RESULTS
from course_lib.training.stage import checkpoint_path
from course_lib.zoo.runs import WEIGHTS, file_state, parent_state, run_state


def finished_weights(model: str, run: str, stage: int, results: Path = RESULTS) -> dict[str, Tensor]:
    """Of a stage of a run: as recorded in 16 bits; where the record is of an earlier step or another stage, its checkpoint.

    The record comes first, since its batch-norm statistics were measured anew: a stage that freezes the encoder keeps them.
    Raises CourseError, with the command that helps, unless the stage is finished.
    """
    path, folder = checkpoint_path(run, stage), results / run
    command = f"course train {model} --stage {stage} --run {run}"
    record = recorded_stage(folder, stage)
    if record and (record["steps"] >= record["recipe"]["steps"] or not path.is_file()):
        weights, step, steps = recorded_weights(folder, stage), record["steps"], record["recipe"]["steps"]
    elif path.is_file():
        state = load_checkpoint(path)
        weights, step, steps = state["model"], state["step"], state["recipe"]["steps"]
    else:
        raise CourseError(
            f"Stage {stage + 1} starts where stage {stage} ends, and {path} is not there. First: {command}"
        )
    if step < steps:
        raise CourseError(
            f"Stage {stage} of {run} stands at step {step} of {steps}. "
            f"Finish it: {command} --resume\n"
            f"Or leave it at that: {command} --resume --steps {step}"
        )
    return weights


def recorded_stage(folder: Path, stage: int) -> dict:
    """What config.json says of a stage whose weights are in `folder`; {} where they are not."""
    config = read_json(folder / "config.json")
    kept = KEPT.get((folder.name, stage))
    here = (kept and (folder / kept).is_file()) or (last_stage(config) == stage and (folder / WEIGHTS).is_file())
    return config.get("stages", {}).get(str(stage), {}) if here else {}


def recorded_weights(folder: Path, stage: int) -> dict[str, Tensor]:
    """All tensors of a stage for which `recorded_stage` has a record."""
    kept = KEPT.get((folder.name, stage))
    return file_state(folder / kept if kept and (folder / kept).is_file() else folder / WEIGHTS)


def run_weights(run: str, model: str, results: Path = RESULTS) -> dict[str, Tensor]:
    """All tensors of the recorded run with which another one starts. Raises CourseError where they are missing."""
    if not (results / run / WEIGHTS).is_file():
        raise CourseError(
            f"This starts from the run {run}, and {results / run / WEIGHTS} is not there. Get it back with git, or train it: "
            f"course train {model} --run {run}"
        )
    return run_state(results / run)


def kept_parent(
    model: str, run: str, stage: int, frozen: bool, results: Path, other: str | None = None
) -> Parent | None:
    """What a run whose stage 1 is kept is stored as the difference from, where it leaves a part as it is (`frozen`).

    Later stages: from its own stage 1. Stage 1: from that of the run `other`, whose weights it started with, if any.
    """
    origin = run if stage > 1 else other
    return stage_parent(origin, model, run, stage, results) if origin and frozen and (run, 1) in KEPT else None


def stage_parent(origin: str, model: str, run: str, stage: int, results: Path) -> Parent | None:
    """The kept stage 1 of `origin`, as what a stage of `run` differs from; None where it is not there."""
    kept = KEPT.get((origin, 1))
    if kept is None or not (results / origin / kept).is_file():
        return None
    state, sha256 = parent_state(f"{origin}/{kept}", results)
    return Parent(f"{origin}/{kept}", sha256, "MIT", state, f"course train {model} --stage {stage} --run {run}")
