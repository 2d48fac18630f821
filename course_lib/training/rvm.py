"""One stage of training RVM, from start or checkpoint to the folder of results.

A run has a name. Its checkpoints (`stage-1.pt` …) and pictures lie in the user's cache under runs/<name>/, its record in
results/<name>/. A stage starts with the weights that the stage before ended with, and a fresh optimiser.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from course_lib.data.backgrounds import KINDS, Kind
from course_lib.errors import CourseError
from course_lib.fetch import cache_dir
from course_lib.matting import RobustVideoMatting
from course_lib.training.checkpoint import load_checkpoint
from course_lib.training.log import CsvLog
from course_lib.training.loop import COLUMNS, Trainer
from course_lib.training.modules import save_memory
from course_lib.training.passes import passes, validation_pass
from course_lib.training.recipes import Recipe
from course_lib.training.run_folder import RESULTS, machine, save_weights, write_card, write_metrics, write_stage
from course_lib.training.step import make_accelerator, optimise, prepare

Show = Callable[[int, Tensor, Tensor, Tensor], None]


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


def checkpoint_path(run: str, stage: int) -> Path:
    """Raises CourseError for a name that is no plain folder name."""
    if not run or not all(letter.isalnum() or letter in "-_." for letter in run) or run.startswith("."):
        raise CourseError(f"--run {run}: a name of letters, digits, '-', '_' and '.', such as my-first-run.")
    return cache_dir() / "runs" / run / f"stage-{stage}.pt"


def train_rvm(
    run: str,
    recipe: Recipe,
    *,
    seed: int = 0,
    resume: bool = False,
    max_minutes: float | None = None,
    device: str = "auto",
    workers: int = 0,
    small_memory: bool = False,
    network: nn.Module | None = None,
    what: str = "RVM, MobileNetV3, deep guided filter, trained from random weights.",
    only: tuple[str, ...] = ("",),
    kinds: tuple[Kind, ...] = KINDS,
    results: Path = RESULTS,
    show: Show | None = None,
) -> RunReport:
    """Trains one stage. `network` (default: `starting_network`) may be any that is called as RVM is; `only` see `save_weights`.

    Ends after `max_minutes` at a checkpoint. Raises CourseError when the run exists and `resume` is not set, when the stage
    before is missing or not finished, or a loss is not finite.
    """
    checkpoint, folder = checkpoint_path(run, recipe.stage), results / run
    _refuse_to_overwrite(run, recipe.stage, resume, folder)
    accelerator = make_accelerator(recipe.precision, device)
    if network is None:
        network = starting_network(run, recipe, seed, resume)
    if small_memory:
        save_memory(network)
    place = {"rank": accelerator.process_index, "processes": accelerator.num_processes}
    trainer = Trainer(
        network,
        recipe,
        passes(recipe, seed, kinds, **place),
        accelerator,
        seed=seed,
        checkpoint=checkpoint,
        log=CsvLog(folder / "log.csv", recipe.stage, COLUMNS),
        validation=validation_pass(recipe, kinds),
        show=show,
        workers=workers,
    )
    if resume:
        trainer.resume()
    finished = trainer.fit(math.inf if max_minutes is None else 60 * max_minutes)
    validation, weights = {}, {}
    if finished:
        trainer.save()  # with this recipe's number of steps, also when there was none left to make
        validation = trainer.validate()
        with trainer.measured_statistics():  # in all processes: batch norm looks at all of them
            weights = {name: tensor.clone() for name, tensor in trainer.network.state_dict().items()}
    if accelerator.is_main_process:
        record = {
            "steps": trainer.step,
            "seconds": round(trainer.seconds, 1),
            "recipe": asdict(recipe),
            "machine": machine(str(accelerator.device), accelerator.num_processes),
        }
        write_stage(folder, run, what, seed, recipe.stage, record)
        if finished:
            save_weights(folder / "weights.safetensors", weights, only)
            write_metrics(folder, f"validation after stage {recipe.stage}", validation)
        write_card(folder)
    accelerator.wait_for_everyone()
    return RunReport(
        run, recipe.stage, trainer.step, recipe.steps, trainer.seconds, finished, validation, checkpoint, folder
    )


def starting_network(run: str, recipe: Recipe, seed: int, resume: bool = False) -> RobustVideoMatting:
    """Stage 1: random weights from `seed`, or ImageNet's in the backbone. Later stages: where the stage before ended."""
    torch.manual_seed(seed)
    imagenet = recipe.imagenet_backbone and recipe.stage == 1 and not resume
    try:
        network = RobustVideoMatting("mobilenetv3", "deep_guided_filter", pretrained_backbone=imagenet)
    except RuntimeError as error:  # not reachable
        raise CourseError(f"{error}\nOn the command line: --random-backbone.") from None
    if recipe.stage > 1 and not resume:
        network.load_state_dict(finished_weights(run, recipe.stage - 1))
    return network


def finished_weights(run: str, stage: int) -> dict[str, Tensor]:
    """Of a stage of a run, from its checkpoint. Raises CourseError, with the command that helps, unless it is finished."""
    path = checkpoint_path(run, stage)
    command = f"course train rvm --stage {stage} --run {run}"
    if not path.is_file():
        raise CourseError(
            f"Stage {stage + 1} starts where stage {stage} ends, and {path} is not there. First: {command}"
        )
    state = load_checkpoint(path)
    if state["step"] < state["recipe"]["steps"]:
        raise CourseError(
            f"Stage {stage} of {run} stands at step {state['step']} of {state['recipe']['steps']}. "
            f"Finish it: {command} --resume\n"
            f"Or leave it at that: {command} --resume --steps {state['step']}"
        )
    return state["model"]


def overfit_one_batch(
    recipe: Recipe, *, seed: int, steps: int, device: str = "auto", kinds: tuple[Kind, ...] = KINDS
) -> list[float]:
    """The first batch, again and again: the total loss at each step. It must fall, or something is broken. Stores nothing."""
    from tqdm import trange

    accelerator = make_accelerator(recipe.precision, device)
    network = starting_network("overfit", recipe, seed, resume=True)  # random weights at any stage
    first_pass = passes(recipe, seed, kinds)[0]
    batch = {name: tensor.to(accelerator.device) for name, tensor in first_pass.batches[0].items()}
    model, optimizer = prepare(network, recipe, accelerator)
    losses = []
    with trange(steps, unit="step", disable=None) as bar:
        for step in bar:
            total = optimise(first_pass, batch, model, optimizer, accelerator, step)[f"{first_pass.name}_total"]
            losses.append(total)
            bar.set_postfix(total=f"{total:.4f}")
    return losses


def _refuse_to_overwrite(run: str, stage: int, resume: bool, folder: Path) -> None:
    checkpoint = checkpoint_path(run, stage)
    if resume and not checkpoint.is_file():
        raise CourseError(
            f"There is nothing to resume: {checkpoint} is not there. Leave --resume out to start stage {stage}."
        )
    if not resume and checkpoint.is_file():
        raise CourseError(
            f"Stage {stage} of run {run} has a checkpoint already ({checkpoint}). Continue it with --resume, "
            "start another run with --run NAME, or delete that file."
        )
    if not resume and stage == 1 and (folder / "config.json").is_file():
        raise CourseError(f"{folder} holds a recorded run. Start yours under another name: --run NAME.")
