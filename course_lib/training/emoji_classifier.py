"""Training of a backbone to tell the classes of emoji scenes apart, in pictures of one thing: where SparseInst starts from.

The authors' backbone has seen ImageNet. Ours has seen people's outlines, in the matting run from which this one starts, and
nothing that tells a cat from a dog. In a scene a query has to find a thing before it can name it. A picture of one thing
teaches names and nothing else, and it is small.

    loss = cross-entropy of C3 + of C4 + of C5

The backbone's last stage stays as the matting run left it, as later in SparseInst: it holds most of the backbone's parameters.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from course_lib.data.emoji_scenes import CLASS_NAMES, emoji_picture
from course_lib.data.emoji_scenes.recipes import SceneSplit
from course_lib.instances.classifier import BackboneClassifier
from course_lib.instances.starting_weights import load_encoder
from course_lib.training.adamw import adamw_task
from course_lib.training.matting_data import share
from course_lib.training.passes import Batch, Pass, Terms
from course_lib.training.recorder import About
from course_lib.training.run_folder import CLASSIFIER_RUN, MATTING_RUN, RESULTS
from course_lib.training.run_options import RunOptions
from course_lib.training.stage import RunReport, refuse_to_overwrite, train_stage
from course_lib.training.stage_recipe import StageRecipe
from course_lib.training.stage_start import run_weights, stage_parent
from course_lib.training.streams import seeds
from course_lib.training.task import fading, rising

MODEL = "emoji-classifier"
WHAT = (
    f"MobileNetV3 that names the one thing in a picture, from the encoder of {MATTING_RUN}. SparseInst starts from it."
)
DATA = (
    "Pictures of one thing (Noto and Twemoji; 36 classes with COCO's names), drawn people and two photographed ones, before "
    "photographs and textures, all of the training split."
)
CANNOT = (
    "It names one of its classes whatever it is shown, knows them as they look in its training pictures, and does not say "
    "where. It does not know who a person is, and is no base for decisions about people."
)
MAPS = ("c3", "c4", "c5")
TERMS = (*MAPS, "total", "accuracy")
COLUMNS = tuple(f"{name}_{term}" for name in ("pictures", "validation") for term in TERMS)


@dataclass(frozen=True, kw_only=True)
class ClassifierRecipe(StageRecipe):
    """Everything that decides the numbers, but for the seed and the starting weights."""

    batch: int  # pictures, over all processes
    sides: tuple[int, ...]
    backbone_rate: float
    rate: float
    weight_decay: float
    frozen: tuple[str, ...]
    warmup: int
    fade: int


RECIPE = ClassifierRecipe(
    profile="laptop",
    stage=1,
    steps=6_000,
    batch=64,
    sides=(64,),
    backbone_rate=2e-3,
    rate=2e-3,
    weight_decay=0.05,
    frozen=tuple(f"backbone.features.{number}." for number in range(13, 17)),
    warmup=100,
    fade=6_000,
    recalibration=16,
    checkpoint_every=100,
    validate_every=500,
)


@dataclass(frozen=True)
class PictureBatches:
    """[step] → frames (B,3,H,W), RGB in [0, 1], and labels (B,): a pure function of its arguments."""

    seed: int
    batch: int
    side: int
    split: SceneSplit = "train"
    rank: int = 0
    processes: int = 1

    def __getitem__(self, step: int) -> Batch:
        numbers = share(step, self.batch, self.rank, self.processes)
        draws = [seeds(self.seed, "pictures of one thing", number).draws for number in numbers]
        pictures = [emoji_picture(draw, self.side, self.split) for draw in draws]
        return {
            "frames": torch.stack([picture.image for picture in pictures]),
            "labels": torch.cat([picture.labels for picture in pictures]),
        }


def class_losses(model: nn.Module, batch: Batch) -> Terms:
    """Cross-entropy of each map and their sum; accuracy is the share of pictures that C4 names rightly."""
    logits = model(batch["frames"]).float()  # (B, 3, K)
    losses = [F.cross_entropy(named, batch["labels"]) for named in logits.unbind(1)]
    accuracy = (logits[:, 1].argmax(1) == batch["labels"]).float().mean()
    return {**dict(zip(MAPS, losses, strict=True)), "total": torch.stack(losses).sum(), "accuracy": accuracy}


def rate_at(recipe: ClassifierRecipe, step: int) -> float:
    """Rises from nothing, and fades to nothing."""
    return rising(step, recipe.warmup) * fading(step, recipe.fade)


def train_emoji_classifier(run: str, recipe: ClassifierRecipe, options: RunOptions) -> RunReport:
    """The one stage.

    Raises CourseError when the run exists and `resume` is not set, when there is nothing to resume or no matting run to start
    from, or a loss is not finite.
    """
    refuse_to_overwrite(run, recipe.stage, options.resume, options.results / run)

    def passes(rank: int, processes: int) -> list[Pass]:
        batches = PictureBatches(options.seed, recipe.batch, recipe.sides[0], rank=rank, processes=processes)
        return [Pass("pictures", batches, class_losses)]

    others = PictureBatches(0, recipe.batch, recipe.sides[0], "val")
    recorded = run == CLASSIFIER_RUN  # one of your own is stored whole
    parent = stage_parent(MATTING_RUN, MODEL, run, recipe.stage, options.results) if recorded else None
    return train_stage(
        run,
        recipe,
        adamw_task(COLUMNS, recipe, lambda step: rate_at(recipe, step)),
        starting_classifier(options.seed, options.results),
        passes,
        Pass("validation", others, class_losses),
        About(WHAT, DATA, CANNOT, parent=parent, extra={"classes": list(CLASS_NAMES)}),
        options,
    )


def starting_classifier(seed: int, results: Path = RESULTS) -> BackboneClassifier:
    """The encoder of the matting run, heads from random weights. Raises CourseError where that run is missing."""
    torch.manual_seed(seed)
    network = BackboneClassifier("mobilenetv3", len(CLASS_NAMES))
    network.class_names = CLASS_NAMES
    load_encoder(network.backbone, run_weights(MATTING_RUN, "rvm", results))
    return network
