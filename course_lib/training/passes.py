"""The passes of one training iteration: which batch, and which losses it gives. RVM §4.2.

A pass's loss is a dict of named terms; "total" is what the optimiser sees. Each pass is an optimiser step of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn

from course_lib.data.augmentation import VALIDATION
from course_lib.data.backgrounds import KINDS, Kind
from course_lib.errors import CourseError
from course_lib.matting import matting_loss, segmentation_loss
from course_lib.training.matting_data import MattingBatches
from course_lib.training.recipes import PassSize, Recipe
from course_lib.training.segmentation_data import SegmentationBatches

Batch = dict[str, Tensor]
Terms = dict[str, Tensor]


@dataclass(frozen=True)
class Pass:
    """`batches[step]` makes the batch, `losses(model, batch)` its terms."""

    name: str
    batches: object
    losses: Callable[[nn.Module, Batch], Terms]


@dataclass(frozen=True)
class MattingLosses:
    """Five terms (`matting.losses`), and the sum of those that are trained on."""

    terms: tuple[str, ...]
    downsample_ratio: float = 1.0
    recurrent: bool = True

    def __call__(self, model: nn.Module, batch: Batch) -> Terms:
        foreground, alpha = predict(model, batch["frames"], self.downsample_ratio, self.recurrent)
        losses = matting_loss(foreground, alpha, batch["foreground"], batch["alpha"])
        losses["total"] = sum(losses[name] for name in self.terms)
        return losses


@dataclass(frozen=True)
class SegmentationLosses:
    """One term."""

    recurrent: bool = True

    def __call__(self, model: nn.Module, batch: Batch) -> Terms:
        frames = batch["frames"]  # (B, T, 3, H, W)
        if self.recurrent:
            logits = model(frames, segmentation_pass=True)[0]  # (B, T, 1, H, W)
        else:
            logits = model(frames.flatten(0, 1), segmentation_pass=True)[0].unflatten(0, frames.shape[:2])
        return {"total": segmentation_loss(logits, batch["mask"])}


def predict(
    model: nn.Module, frames: Tensor, downsample_ratio: float = 1.0, recurrent: bool = True
) -> tuple[Tensor, Tensor]:
    """(B, T, 3, H, W) → foreground, alpha of the same B, T. Not recurrent: each frame starts without a state."""
    if recurrent:
        return model(frames, downsample_ratio=downsample_ratio)[:2]
    outputs = model(frames.flatten(0, 1), downsample_ratio=downsample_ratio)[:2]  # (B·T, …)
    return tuple(output.unflatten(0, frames.shape[:2]) for output in outputs)


def passes(recipe: Recipe, seed: int, kinds: tuple[Kind, ...] = KINDS, rank: int = 0, processes: int = 1) -> list[Pass]:
    """Low resolution, high resolution, segmentation: those that the recipe has.

    Raises CourseError when a batch cannot be divided among the processes.
    """
    place = {"kinds": kinds, "rank": rank, "processes": processes}
    made = []
    for name, shape in (("low", recipe.low), ("high", recipe.high)):
        if shape is not None:
            _divisible(name, shape, processes)
            batches = MattingBatches(seed, shape, recipe.motion, name, stills=recipe.stills, **place)
            losses = MattingLosses(recipe.matting_terms, shape.downsample_ratio, recipe.recurrent)
            made.append(Pass(name, batches, losses))
    if recipe.segmentation is not None:
        _divisible("segmentation", recipe.segmentation, processes)
        batches = SegmentationBatches(seed, recipe.segmentation, **place)
        made.append(Pass("segmentation", batches, SegmentationLosses(recipe.recurrent)))
    return made


def validation_pass(recipe: Recipe, kinds: tuple[Kind, ...] = KINDS) -> Pass:
    """Other puppets and backgrounds, not augmented, at full size; the same for every run, whatever its seed.

    Of the low-resolution pass, or of the high-resolution one where the recipe has no other.
    """
    shape = recipe.low or recipe.high
    batches = MattingBatches(0, shape, VALIDATION, "low", split="val", crop=None, kinds=kinds)
    return Pass("validation", batches, MattingLosses(recipe.matting_terms, shape.downsample_ratio, recipe.recurrent))


def _divisible(name: str, shape: PassSize, processes: int) -> None:
    if shape.batch % processes:
        raise CourseError(
            f"The {name} pass has batches of {shape.batch}, which {processes} processes cannot share evenly. "
            f"Start a number of processes that divides {shape.batch}."
        )
