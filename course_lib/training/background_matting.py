"""Training of the network with a clean plate (`matting.background_matting`): one stage, on puppets.

Sengupta et al. 2020 (BGM, arXiv 2004.00626), §3.1 and §4: foregrounds with known alpha before images, and a clean plate that is
not quite the background of the frames. A photographer cannot hold the camera still nor keep the light: a network that saw
exact plates only would take every difference for the person.

Paper and ours: the paper's plates get a random gamma ∼ N(1, 0.12) or Gaussian noise (mean within ±7, deviation 2 to 6, of 255)
around the foreground. Ours get, all over and each with its own chance, that gamma, that noise, other light in each channel, and
a small turn, shift and zoom: the paper aligns plates of a hand-held camera with a homography, which leaves such errors. The
losses are RVM's (`matting.losses`) in place of L1 of alpha, its gradient, foreground and composite. There is no second,
adversarial stage.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from course_lib.data.augmentation import VALIDATION
from course_lib.data.augmentation.affine import affine_matrices, draw_affine, warp
from course_lib.data.augmentation.draws import chance, uniform
from course_lib.data.backgrounds import KINDS, Kind
from course_lib.matting import matting_loss
from course_lib.matting.background_matting import BackgroundMatting
from course_lib.training.matting_data import CROP, MattingBatches, share
from course_lib.training.matting_task import matting_task
from course_lib.training.passes import Batch, Pass, Terms
from course_lib.training.recipes import LearningRates, PassSize, Recipe
from course_lib.training.recorder import About
from course_lib.training.run_options import RunOptions
from course_lib.training.stage import RunReport, refuse_to_overwrite, train_stage
from course_lib.training.streams import seeds

RUN = "background-matting-laptop"
WHAT = (
    "Background matting (after Sengupta et al. 2020): a frame, four neighbours and a clean plate → foreground and alpha. "
    "0.43 M parameters, trained from random weights."
)
DATA = (
    "Puppets (procedural people with exact alpha) before panoramas, photographs and textures, all of the training split, "
    "augmented as RVM's; the clean plates shifted, turned, noisy and in other light. No picture of a real person."
)
CANNOT = (
    "It finds what differs from the plate, be it a person or not: a chair that was moved is foreground. Without a plate of the "
    "same view, or with a camera that moves away from it, it is of no use. It has seen drawn people only."
)
RECIPE = Recipe(
    profile="laptop",
    stage=1,
    steps=2_000,
    rates=LearningRates(backbone=1e-3, aspp=0.0, decoder=1e-3, refiner=0.0),
    low=PassSize(128, 4, 4),
    high=None,
    segmentation=None,
    checkpoint_every=100,
    validate_every=500,
)


@dataclass(frozen=True)
class PlateBatches:
    """The batches of `MattingBatches`, with "plate" (B,T,3,h,w): the disturbed background, in place of "background"."""

    batches: MattingBatches

    def __getitem__(self, step: int) -> Batch:
        batch, source = self.batches[step], self.batches
        numbers = share(step, source.shape.batch, source.rank, source.processes)
        generators = [seeds(source.seed, "plates", number).generator() for number in numbers]
        plates = [disturb(clip, draws) for clip, draws in zip(batch.pop("background"), generators, strict=True)]
        return {**batch, "plate": torch.stack(plates)}


def disturb(plate: Float[Tensor, "T 3 H W"], generator: Generator) -> Float[Tensor, "T 3 H W"]:
    """What another photograph of the same scene would show: moved (up to 1 %), other light, noise. One in eight is exact."""
    if chance(generator, 1 / 8):
        return plate
    height, width = plate.shape[2:]
    if chance(generator, 0.7):
        movement = draw_affine(generator, degrees=1, translate=0.01, scale=(0.99, 1.01), shear=0)
        matrix = affine_matrices(movement[None], height, width)
        plate = warp(plate, torch.linalg.inv(matrix), (height, width), outside="reflection").clamp(0, 1)
    if chance(generator, 0.5):
        gamma = (1 + 0.12 * torch.randn((), generator=generator)).clamp(0.6, 1.4)
        plate = plate**gamma
    if chance(generator, 0.5):
        plate = plate * uniform(generator, 0.9, 1.1, 3)[:, None, None]
    if chance(generator, 0.5):
        mean, deviation = uniform(generator, -7, 7) / 255, uniform(generator, 2, 6) / 255
        grain = torch.randn(plate.shape[1:], generator=generator)  # a plate is one photograph: the same in all frames
        plate = plate + mean + deviation * grain
    return plate.clamp(0, 1)


def plate_losses(model: nn.Module, batch: Batch) -> Terms:
    """RVM's terms and their sum."""
    foreground, alpha = model(batch["frames"], batch["plate"])
    return matting_loss(foreground.float(), alpha.float(), batch["foreground"], batch["alpha"])


def train_background_matting(
    run: str,
    recipe: Recipe,
    options: RunOptions,
    *,
    kinds: tuple[Kind, ...] = KINDS,
) -> RunReport:
    """As `train_rvm`, of which this is the sibling.

    Raises CourseError when the run exists and `resume` is not set, when there is nothing to resume, or a loss is not finite.
    """
    refuse_to_overwrite(run, recipe.stage, options.resume, options.results / run)
    torch.manual_seed(options.seed)

    def passes(rank: int, processes: int) -> list[Pass]:
        place = {"kinds": kinds, "rank": rank, "processes": processes}
        batches = MattingBatches(options.seed, recipe.low, recipe.motion, crop=CROP, **place)
        return [Pass("low", PlateBatches(batches), plate_losses)]

    others = MattingBatches(0, recipe.low, VALIDATION, split="val", crop=None, kinds=kinds)
    return train_stage(
        run,
        recipe,
        matting_task(recipe),
        BackgroundMatting(),
        passes,
        Pass("validation", PlateBatches(others), plate_losses),
        About(WHAT, DATA, CANNOT),
        options,
    )
