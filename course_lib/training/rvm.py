"""Training RVM: which network a stage starts with, and its snapshot. The stage itself is made by `stage.train_stage`.

A stage starts with the weights that the stage before ended with, and a fresh optimiser.

A run moves to another machine with what is committed: its log and its snapshot, the weights in 16 bits (`recorder`).
"""

from functools import partial
from pathlib import Path

import torch
from torch import nn

from course_lib.data.backgrounds import KINDS, Kind
from course_lib.errors import CourseError
from course_lib.matting import RobustVideoMatting
from course_lib.training.checkpoint import load_checkpoint
from course_lib.training.files import read_json
from course_lib.training.matting_task import matting_task
from course_lib.training.modules import make_statistics_audible, save_memory
from course_lib.training.overfit import overfit
from course_lib.training.passes import passes, validation_pass
from course_lib.training.recipes import Recipe, recipe_from
from course_lib.training.recorder import About, Parent
from course_lib.training.run_folder import RESULTS
from course_lib.training.run_options import RunOptions
from course_lib.training.stage import (
    RunReport,
    Snapshot,
    checkpoint_path,
    last_checkpoint,
    refuse_to_overwrite,
    train_stage,
    write_snapshot,
)
from course_lib.training.stage_start import finished_weights, kept_parent

WHAT = "RVM, MobileNetV3, deep guided filter, trained from random weights."


def train_rvm(
    run: str,
    recipe: Recipe,
    options: RunOptions,
    *,
    small_memory: bool = False,
    network: nn.Module | None = None,
    what: str = WHAT,
    only: tuple[str, ...] = ("",),
    parent: Parent | None = None,
    kinds: tuple[Kind, ...] = KINDS,
) -> RunReport:
    """Trains one stage. `network` (default: `starting_network`) may be any that is called as RVM is; `only` see `save_weights`.

    Ends at the last step, after `max_minutes` or at a signal, each time at a checkpoint and with its snapshot in `results`.
    Raises CourseError when the run exists and `resume` is not set, when the stage before is missing or not finished, or a loss
    is not finite.
    """
    refuse_to_overwrite(run, recipe.stage, options.resume, options.results / run)
    parent = parent or kept_parent("rvm", run, recipe.stage, recipe.rates.backbone == 0, options.results)
    if network is None:
        network = starting_network(run, recipe, options.seed, options.resume, options.results)
    if small_memory:
        save_memory(network)
    return train_stage(
        run,
        recipe,
        matting_task(recipe),
        network,
        partial(passes, recipe, options.seed, kinds),
        validation_pass(recipe, kinds),
        About(what, only=only, parent=parent),
        options,
    )


def snapshot_rvm(
    run: str,
    stage: int | None = None,
    *,
    network: nn.Module | None = None,
    what: str | None = None,
    only: tuple[str, ...] = ("",),
    parent: Parent | None = None,
    kinds: tuple[Kind, ...] = KINDS,
    results: Path = RESULTS,
) -> Snapshot:
    """Writes the weights and the record of a run's last checkpoint (of `stage`, or of the last one) into `results`.

    The run may go on meanwhile: a checkpoint is replaced as a whole. Raises CourseError when there is none.
    """
    stage = stage or last_checkpoint(run)
    state = load_checkpoint(checkpoint_path(run, stage))
    recipe = recipe_from(state["recipe"])
    parent = parent or kept_parent("rvm", run, recipe.stage, recipe.rates.backbone == 0, results)
    what = what or read_json(results / run / "config.json").get("what") or WHAT
    return write_snapshot(
        run,
        recipe,
        matting_task(recipe),
        network or RobustVideoMatting(),
        passes(recipe, state["seed"], kinds),
        About(what, only=only, parent=parent),
        seed=state["seed"],
        results=results,
    )


def starting_network(
    run: str, recipe: Recipe, seed: int, resume: bool = False, results: Path = RESULTS
) -> RobustVideoMatting:
    """Stage 1: random weights from `seed`, or ImageNet's in the backbone. Later stages: where the stage before ended."""
    torch.manual_seed(seed)
    imagenet = recipe.imagenet_backbone and recipe.stage == 1 and not resume
    try:
        network = RobustVideoMatting("mobilenetv3", "deep_guided_filter", pretrained_backbone=imagenet)
    except RuntimeError as error:  # not reachable
        raise CourseError(f"{error}\nOn the command line: --random-backbone.") from None
    if recipe.stage > 1 and not resume:
        network.load_state_dict(finished_weights("rvm", run, recipe.stage - 1, results))
    if recipe.audible_statistics and not resume:
        make_statistics_audible(network)
    return network


def overfit_one_batch(
    recipe: Recipe, *, seed: int, steps: int, device: str = "auto", kinds: tuple[Kind, ...] = KINDS
) -> list[float]:
    """The first batch again and again, from random weights: see `overfit`."""
    network = starting_network("overfit", recipe, seed, resume=True)  # random weights at any stage
    first_pass = passes(recipe, seed, kinds)[0]
    return overfit(network, first_pass, matting_task(recipe), recipe.precision, steps, device)
