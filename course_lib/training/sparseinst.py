"""Training SparseInst: which network a stage starts with, and its snapshot. The stage itself is made by `stage.train_stage`."""

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

import torch

from course_lib.errors import CourseError
from course_lib.instances import SparseInst
from course_lib.instances.starting_weights import load_encoder
from course_lib.training.checkpoint import load_checkpoint
from course_lib.training.files import read_json
from course_lib.training.instance_passes import (
    Pictures,
    instance_passes,
    instance_task,
    instance_validation,
)
from course_lib.training.instance_recipes import InstanceRecipe, instance_recipe_from
from course_lib.training.overfit import overfit
from course_lib.training.recorder import About, Parent
from course_lib.training.run_folder import CLASSIFIER_RUN, MATTING_RUN, RESULTS
from course_lib.training.run_options import RunOptions
from course_lib.training.run_pictures import check_pictures, keep_pictures, pictures_record
from course_lib.training.stage import (
    RunReport,
    Snapshot,
    checkpoint_path,
    last_checkpoint,
    refuse_to_overwrite,
    train_stage,
    write_snapshot,
)
from course_lib.training.stage_start import finished_weights, kept_parent, run_weights

RUN = "sparseinst-mobilenetv3-laptop"
WHAT = {
    "random": "trained from random weights",
    "imagenet": "its backbone from ImageNet's weights",
    "classifier": f"its backbone from {CLASSIFIER_RUN}",
}
EMOJI = (
    "Emoji scenes (Noto and Twemoji; 36 classes with COCO's names) with drawn people and two photographed ones, before "
    "photographs and textures, all of the training split."
)
CANNOT = (
    "It knows its classes as they look in its training pictures, and takes what it has never seen for one of them. It misses "
    "what is small, and what is mostly hidden. It does not know who a person is, and is no base for decisions about people."
)


def train_sparseinst(
    run: str,
    recipe: InstanceRecipe,
    options: RunOptions,
    pictures: Pictures | None = None,
    *,
    network: SparseInst | None = None,
    what: str | None = None,
    parent: Parent | None = None,
) -> RunReport:
    """Trains one stage on `pictures` (default: emoji scenes). `network`: default `starting_network`.

    Ends at the last step, after `max_minutes` or at a signal, each time at a checkpoint and with its snapshot in `results`.
    Raises CourseError when the run exists and `resume` is not set, when it has learned from other pictures, when the stage
    before or the classifier is missing, or a loss is not finite.
    """
    pictures = pictures or Pictures()
    refuse_to_overwrite(run, recipe.stage, options.resume, options.results / run)
    if options.resume or recipe.stage > 1:
        check_pictures(run, pictures, options.results)
    parent = parent or own_parent(run, recipe, options.results)
    if network is None:
        classes = len(pictures.class_names)
        network = starting_network(run, recipe, classes, options.seed, options.resume, options.results)
    keep_pictures(run, pictures)
    return train_stage(
        run,
        recipe,
        instance_task(recipe),
        network,
        partial(instance_passes, recipe, pictures, options.seed),
        instance_validation(recipe, pictures),
        about(recipe, pictures, what, parent),
        options,
    )


def snapshot_sparseinst(
    run: str,
    stage: int | None = None,
    pictures: Pictures | None = None,
    *,
    what: str | None = None,
    parent: Parent | None = None,
    results: Path = RESULTS,
) -> Snapshot:
    """Writes the weights and the record of a run's last checkpoint (of `stage`, or of the last one) into `results`.

    The run may go on meanwhile: a checkpoint is replaced as a whole. Raises CourseError when there is none, and when the run
    learns from other pictures.
    """
    pictures = pictures or Pictures()
    check_pictures(run, pictures, results)
    stage = stage or last_checkpoint(run)
    state = load_checkpoint(checkpoint_path(run, stage))
    recipe = instance_recipe_from(state["recipe"])
    parent = parent or own_parent(run, recipe, results)
    return write_snapshot(
        run,
        recipe,
        instance_task(recipe),
        build(recipe, len(pictures.class_names)),
        instance_passes(recipe, pictures, state["seed"]),
        about(recipe, pictures, what or read_json(results / run / "config.json").get("what"), parent),
        seed=state["seed"],
        results=results,
    )


def overfit_one_batch(
    recipe: InstanceRecipe,
    pictures: Pictures | None = None,
    *,
    seed: int,
    steps: int,
    device: str = "auto",
    results: Path = RESULTS,
) -> list[float]:
    """The first batch again and again, from where stage 1 starts: see `overfit`."""
    pictures = pictures or Pictures()
    first = replace(recipe, stage=1)
    network = starting_network("overfit", first, len(pictures.class_names), seed, results=results)
    first_pass = instance_passes(recipe, pictures, seed)[0]
    return overfit(network, first_pass, instance_task(recipe), recipe.precision, steps, device)


def build(recipe: InstanceRecipe, num_classes: int, pretrained: bool = False) -> SparseInst:
    """The recipe's network. Raises CourseError where ImageNet's weights are asked for and cannot be reached."""
    try:
        return SparseInst(num_classes=num_classes, pretrained_backbone=pretrained, **asdict(recipe.network))
    except RuntimeError as error:
        raise CourseError(f"{error}\nOn the command line: --random-backbone.") from None


def starting_network(
    run: str, recipe: InstanceRecipe, num_classes: int, seed: int, resume: bool = False, results: Path = RESULTS
) -> SparseInst:
    """Stage 1: random weights from `seed`, the backbone as the recipe says. Later stages: where the stage before ended."""
    torch.manual_seed(seed)
    first = recipe.stage == 1 and not resume
    network = build(recipe, num_classes, pretrained=first and recipe.start == "imagenet")
    if first and recipe.start == "classifier":
        load_encoder(network.backbone, run_weights(CLASSIFIER_RUN, "emoji-classifier", results))
    if recipe.stage > 1 and not resume:
        network.load_state_dict(finished_weights("sparseinst", run, recipe.stage - 1, results))
    return network


def own_parent(run: str, recipe: InstanceRecipe, results: Path) -> Parent | None:
    """See `kept_parent`: stage 1 may leave a part of the backbone as the matting run made it, and the classifier left it."""
    other = MATTING_RUN if recipe.start == "classifier" else None
    return kept_parent("sparseinst", run, recipe.stage, bool(recipe.frozen), results, other)


def about(recipe: InstanceRecipe, pictures: Pictures, what: str | None, parent: Parent | None) -> About:
    """What the card says, and for whoever loads the weights the class names."""
    network = recipe.network
    what = what or f"SparseInst, {network.backbone}, {network.decoder} decoder, {WHAT[recipe.start]}."
    data, train, validation = EMOJI, pictures.train, pictures.validation
    if train is not None:
        source = "the same file" if validation.file == train.file else validation.file.name
        data = (
            f"{len(train)} pictures of {train.file.name}, {len(pictures.class_names)} classes; validated on "
            f"{len(validation)} others of {source}."
        )
    return About(what, data, CANNOT, parent=parent, extra=pictures_record(pictures))
