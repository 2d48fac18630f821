"""What training SparseInst uses: network, sizes, rates, steps. SparseInst §4 (arXiv 2203.12827).

Authors' code, ours: `gpu` has the authors' network, sizes, rates and steps (AdamW at 5e-5, weight decay 0.05; 64 pictures a
step, 270,000 steps, a tenth of the rate from 210,000 and again from 250,000; 1,000 steps of warm-up). It differs in this: bf16
by autocast where theirs is in 32 bits; crops in half of the pictures, as in their "aug" variant alone; a batch is drawn from
all pictures, theirs from those of one aspect ratio (wide or tall); and it has emoji scenes where no folder is named. How
pictures and masks are read and resampled, and where that differs: `data.coco`, `data.instance_augmentation`. `laptop` is the
same, small, on emoji scenes: a narrow head on a backbone that was taught the classes (`emoji_classifier`), higher rates
that fade, and two stages alike: in the second the rates rise and fade anew (a warm restart: Loshchilov & Hutter 2017, arXiv
1608.03983). All is trained but the backbone's last stage, which holds most of its parameters: it stays as the matting run left
it. The ablations go on from the first stage with the decoder alone, each with one change, at the same budget (`fork_recipe`).
"""

from dataclasses import dataclass, replace
from typing import Literal

from course_lib.data.emoji_scenes.recipes import SceneSplit
from course_lib.errors import CourseError
from course_lib.instances.activation_maps import DecoderKind
from course_lib.instances.backbone import BackboneName
from course_lib.instances.targets import Sampling
from course_lib.training.stage_recipe import Profile, StageRecipe
from course_lib.training.task import fading, falling, rising

Start = Literal["random", "imagenet", "classifier"]


@dataclass(frozen=True)
class InstanceNetwork:
    """The arguments of `SparseInst`, but for the number of classes."""

    backbone: BackboneName
    decoder: DecoderKind = "group"
    num_masks: int = 100
    groups: int = 4
    width: int = 256
    kernel_width: int = 128
    depth: int = 4
    coordinates: bool = True
    objectness: bool = True


@dataclass(frozen=True, kw_only=True)
class InstanceRecipe(StageRecipe):
    """Everything that decides the numbers of one stage, but for the seed, the pictures and the starting weights."""

    network: InstanceNetwork
    batch: int  # pictures, over all processes
    sides: tuple[int, ...]  # of emoji scenes, pixels; one is drawn for each batch
    crop: float  # of pictures from a folder, see `InstanceAugmentation`
    backbone_rate: float
    rate: float  # of everything else
    frozen: tuple[str, ...] = ()  # how the names begin of what stays as it is, batch norm included
    weight_decay: float = 0.05
    warmup: int = 0  # steps in which the rates rise from nothing
    drops: tuple[int, ...] = ()  # steps from which the rates are a tenth of what they were
    fade: int = 0  # steps over which the rates fall evenly to nothing; 0: they do not
    start: Start = "classifier"  # of the backbone, in stage 1
    queries_per_object: int = 1  # more: one-to-many assignment
    target_sampling: Sampling = "centre"
    scenes: SceneSplit = "train"  # which emoji scenes are trained on


LAPTOP_NETWORK = InstanceNetwork("mobilenetv3", num_masks=50, width=64, kernel_width=32, depth=3)
LAST_STAGE = tuple(f"backbone.features.{number}." for number in range(13, 17))  # of MobileNetV3-Large
LAPTOP_SIDES = (192, 224, 256)


def instance_recipe(stage: int = 1, profile: Profile = "laptop") -> InstanceRecipe:
    """Raises CourseError for a stage or profile that there is not."""
    if profile == "gpu":
        if stage != 1:
            raise CourseError(f"--stage {stage}: with --profile gpu SparseInst is trained in one stage.")
        return InstanceRecipe(
            profile="gpu",
            stage=1,
            steps=270_000,
            network=InstanceNetwork("resnet50"),
            batch=64,
            sides=(416, 448, 480, 512, 544, 576, 608, 640),
            crop=0.5,
            backbone_rate=5e-5,
            rate=5e-5,
            warmup=1000,
            drops=(210_000, 250_000),
            start="imagenet",
            checkpoint_every=2000,
            validate_every=7330,
        )
    if profile != "laptop":
        raise CourseError(f"--profile {profile}: choose laptop or gpu.")
    if stage not in (1, 2):
        raise CourseError(f"--stage {stage}: on a laptop SparseInst is trained in the stages 1 and 2.")
    steps = 14_000 if stage == 1 else 12_000
    return InstanceRecipe(
        profile="laptop",
        stage=stage,
        steps=steps,
        network=LAPTOP_NETWORK,
        batch=8,
        sides=LAPTOP_SIDES,
        crop=0.0,
        backbone_rate=5e-4,
        rate=1e-3,
        frozen=LAST_STAGE,
        warmup=300 if stage == 1 else 100,
        fade=steps,
        recalibration=16,
        checkpoint_every=100,
        validate_every=500,
    )


def fork_recipe() -> InstanceRecipe:
    """What every ablation repeats, with one change: the decoder alone goes on from the end of stage 1."""
    return replace(instance_recipe(2), steps=3_000, fade=3_000, frozen=("backbone.", "encoder."))


def people_recipe() -> InstanceRecipe:
    """What the capstone's finder learns from: people who hide parts of each other. Encoder and decoder go on."""
    return replace(instance_recipe(2), steps=16_000, fade=16_000, frozen=("backbone.",), scenes="together")


def instance_recipe_from(values: dict) -> InstanceRecipe:
    """The inverse of `dataclasses.asdict`."""
    network = InstanceNetwork(**values["network"])
    return InstanceRecipe(
        **{**values, "network": network, **{name: tuple(values[name]) for name in ("sides", "drops", "frozen")}}
    )


def rate_at(recipe: InstanceRecipe, step: int) -> float:
    """What the learning rates are multiplied by at a step, counted from 0."""
    return rising(step, recipe.warmup) * falling(step, recipe.drops) * fading(step, recipe.fade)
