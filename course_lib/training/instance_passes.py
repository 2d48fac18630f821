"""SparseInst's one pass, its validation, and its task for the loop. SparseInst §3.4, §4."""

from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import nn

from course_lib.data.coco import CocoFolder
from course_lib.data.emoji_scenes import CLASS_NAMES
from course_lib.data.instance_augmentation import AUTHORS, InstanceAugmentation
from course_lib.errors import CourseError
from course_lib.instances import HungarianMatcher, OneToManyMatcher, SparseInstCriterion
from course_lib.training.adamw import adamw_task
from course_lib.training.instance_data import EmojiBatches, FolderBatches, targets_of
from course_lib.training.instance_recipes import InstanceRecipe, rate_at
from course_lib.training.passes import Batch, Pass, Terms
from course_lib.training.task import Task

TERMS = ("ce", "dice", "mask", "objectness", "total")
PRECISION = ("AP", "AP50")
COLUMNS = (*(f"{name}_{term}" for name in ("instances", "validation") for term in TERMS), *PRECISION)


@dataclass(frozen=True)
class InstanceLosses:
    """The criterion's terms and their sum."""

    criterion: SparseInstCriterion

    def __call__(self, model: nn.Module, batch: Batch) -> Terms:
        losses = self.criterion(model(batch["frames"]), targets_of(batch))
        terms = {name.removeprefix("loss_"): loss for name, loss in losses.items()}
        return {**terms, "total": torch.stack(list(terms.values())).sum()}


@dataclass(frozen=True)
class Pictures:
    """What a run learns from: emoji scenes, or a COCO-style folder for training and one for validation."""

    train: CocoFolder | None = None
    validation: CocoFolder | None = None

    @property
    def class_names(self) -> tuple[str, ...]:
        return CLASS_NAMES if self.train is None else self.train.class_names


def make_criterion(recipe: InstanceRecipe, num_classes: int) -> SparseInstCriterion:
    many = recipe.queries_per_object
    matcher = HungarianMatcher() if many == 1 else OneToManyMatcher(many)
    return SparseInstCriterion(num_classes, matcher=matcher, target_sampling=recipe.target_sampling)


def instance_passes(
    recipe: InstanceRecipe, pictures: Pictures, seed: int, rank: int = 0, processes: int = 1
) -> list[Pass]:
    """Raises CourseError when a batch cannot be divided among the processes."""
    if recipe.batch % processes:
        raise CourseError(
            f"{processes} processes cannot share batches of {recipe.batch} evenly. Start a number that divides it."
        )
    place = {"rank": rank, "processes": processes}
    losses = InstanceLosses(make_criterion(recipe, len(pictures.class_names)))
    if pictures.train is None:
        return [Pass("instances", EmojiBatches(seed, recipe.batch, recipe.sides, recipe.scenes, **place), losses)]
    augmentation = folder_augmentation(recipe)
    return [Pass("instances", FolderBatches(seed, recipe.batch, pictures.train, augmentation, **place), losses)]


def instance_validation(recipe: InstanceRecipe, pictures: Pictures) -> Pass:
    """Other pictures, as large as training has them; the same for every run, whatever its seed."""
    losses = InstanceLosses(make_criterion(recipe, len(pictures.class_names)))
    if pictures.train is None:
        return Pass("validation", EmojiBatches(0, recipe.batch, recipe.sides[-1:], "val"), losses)
    augmentation = folder_augmentation(recipe)
    plain = replace(augmentation, shorter=augmentation.shorter[-1:], flip=0.0, crop=0.0)
    return Pass("validation", FolderBatches(0, recipe.batch, pictures.validation, plain), losses)


def folder_augmentation(recipe: InstanceRecipe) -> InstanceAugmentation:
    """The authors', with every size in proportion to the recipe's largest."""
    return replace(AUTHORS.for_side(max(recipe.sides)), shorter=recipe.sides, crop=recipe.crop)


def instance_task(recipe: InstanceRecipe) -> Task:
    """AdamW whose rates follow `rate_at`."""
    return adamw_task(COLUMNS, recipe, partial(rate_at, recipe))
