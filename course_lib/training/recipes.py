"""What each stage of training RVM uses: sizes, lengths, rates, steps. RVM §4.2 and supplement A (arXiv 2108.11515).

Four stages: (1) short clips, (2) longer clips, (3) longer clips and high resolution through the guided filter, (4) the same on
stills that are set in motion. Every iteration makes a low-resolution pass, from stage 3 on a high-resolution pass, and a
segmentation pass; each is an optimiser step of its own.

Paper, authors' code, ours: `gpu` has the paper's sizes and rates (the code runs 20 epochs in stage 1 where the paper says 15,
which the author confirms), in bfloat16 in place of float16; epochs are counted in steps, of VideoMatte240K's 240,709 frames
and of 11,117 backgrounds. `laptop` is the same recipe, small: about three times the rates, since it makes a tenth of the
steps, and in stage 1 one rate for all parts, since there the backbone starts from random weights and not from ImageNet's. The
guided filter, which has hundreds of steps and not thousands, has a rate that is larger still, and hears its statistics at once.
After stage 1 it leaves the encoder as it is, so that the run stores its encoder once.
"""

from dataclasses import dataclass

from course_lib.data.augmentation import IMAGE_TRAIN, VIDEO_TRAIN, MotionProbabilities
from course_lib.errors import CourseError
from course_lib.training.stage_recipe import Profile, StageRecipe

STAGES = (1, 2, 3, 4)
MATTING_TERMS = ("pha_l1", "pha_laplacian", "pha_coherence", "fgr_l1", "fgr_coherence")


@dataclass(frozen=True)
class PassSize:
    """One kind of batch. Samples are size × size pixels; a random crop of half to the whole side is what the network sees."""

    size: int
    frames: int  # T
    batch: int  # over all processes
    downsample_ratio: float = 1.0


@dataclass(frozen=True)
class LearningRates:
    """Of Adam, constant. 0 freezes a part: no gradients, and its batch norm keeps its statistics."""

    backbone: float
    aspp: float
    decoder: float  # with both projections
    refiner: float


@dataclass(frozen=True, kw_only=True)
class Recipe(StageRecipe):
    """Everything that decides the numbers of one stage, but for the seed and the starting weights."""

    rates: LearningRates
    low: PassSize | None  # None: only the guided filter is trained
    high: PassSize | None
    segmentation: PassSize | None
    motion: MotionProbabilities = VIDEO_TRAIN
    stills: bool = False  # foregrounds are single pictures, as Distinctions-646 and AIM
    imagenet_backbone: bool = False  # where stage 1 starts from
    matting_terms: tuple[str, ...] = MATTING_TERMS  # what is summed up; all are logged
    recurrent: bool = True  # False: every frame starts without a state (an ablation)
    drops: tuple[int, ...] = ()  # steps from which the rates are a tenth of what they were
    audible_statistics: bool = False  # of the guided filter, from the first step on: see `modules`


GPU = {
    1: (60_000, (1e-4, 2e-4, 2e-4, 0.0), 15),  # 15 epochs of 240,709 / 15 / 4 steps
    2: (2_400, (5e-5, 1e-4, 1e-4, 0.0), 50),  # 2 epochs
    3: (1_500, (1e-5, 1e-5, 1e-5, 2e-4), 40),  # 1 epoch
    4: (13_900, (1e-5, 1e-5, 5e-5, 2e-4), 40),  # 5 epochs of 11,117 / 4 steps
}
LAPTOP = {  # steps, rates, T, batch
    1: (6_000, (3e-4, 3e-4, 3e-4, 0.0), 4, 4),
    2: (3_000, (0.0, 3e-4, 3e-4, 0.0), 12, 2),
    3: (800, (0.0, 3e-5, 3e-5, 5e-3), 10, 2),
    4: (800, (0.0, 3e-5, 1.5e-4, 1e-3), 10, 2),
}


def recipe_from(values: dict) -> Recipe:
    """The inverse of `dataclasses.asdict`."""
    sizes = {name: values[name] and PassSize(**values[name]) for name in ("low", "high", "segmentation")}
    parts = {"rates": LearningRates(**values["rates"]), "motion": MotionProbabilities(**values["motion"])}
    return Recipe(
        **{
            **values,
            **sizes,
            **parts,
            "matting_terms": tuple(values["matting_terms"]),
            "drops": tuple(values.get("drops", ())),
        }
    )


def recipe(stage: int, profile: Profile = "laptop") -> Recipe:
    """The recipe of a stage, 1 to 4. Raises CourseError for another stage or profile."""
    if stage not in STAGES:
        raise CourseError(f"--stage {stage}: RVM is trained in the stages 1, 2, 3 and 4.")
    if profile == "laptop":
        return _laptop(stage)
    if profile == "gpu":
        return _gpu(stage)
    raise CourseError(f"--profile {profile}: choose laptop or gpu.")


def _gpu(stage: int) -> Recipe:
    steps, rates, frames = GPU[stage]
    return Recipe(
        profile="gpu",
        stage=stage,
        steps=steps,
        rates=LearningRates(*rates),
        low=PassSize(512, frames, 4),
        high=PassSize(2048, 6, 4, downsample_ratio=0.25) if stage >= 3 else None,
        segmentation=PassSize(512, frames, 4),
        motion=IMAGE_TRAIN if stage == 4 else VIDEO_TRAIN,
        stills=stage == 4,
        imagenet_backbone=True,
    )


def _laptop(stage: int) -> Recipe:
    steps, rates, frames, batch = LAPTOP[stage]
    return Recipe(
        profile="laptop",
        stage=stage,
        steps=steps,
        rates=LearningRates(*rates),
        low=PassSize(128, frames, batch),
        high=PassSize(512, 2, 1, downsample_ratio=0.25) if stage >= 3 else None,
        segmentation=PassSize(128, 3, 2),
        motion=IMAGE_TRAIN if stage == 4 else VIDEO_TRAIN,
        stills=stage == 4,
        audible_statistics=stage == 3,
        recalibration=16,
        checkpoint_every=100,
    )
