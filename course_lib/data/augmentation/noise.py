"""Film grain (a step of RVM's motion augmentation): Gaussian noise of a random grain size and strength, new in every frame."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation.draws import chance, uniform


@dataclass(frozen=True)
class Grain:
    """What one camera and film share: the grain's size in pixels, and whether all channels get the same noise."""

    size: float
    monochrome: bool


def draw_grain(generator: Generator) -> Grain:
    """A grain of 1 to 4 pixels, monochrome in half of the cases."""
    return Grain(float(uniform(generator, 1, 4)), chance(generator, 0.5))


def add_noise(clip: Float[Tensor, "T C H W"], grain: Grain, generator: Generator) -> Float[Tensor, "T C H W"]:
    """The clip with noise of standard deviation up to 0.2/size (weaker after enlarging), clamped to [0, 1]."""
    frames, channels, height, width = clip.shape
    size = (max(1, round(height / grain.size)), max(1, round(width / grain.size)))
    strength = 0.2 * float(uniform(generator, 0, 1)) / grain.size
    noise = strength * torch.randn((frames, 1 if grain.monochrome else channels, *size), generator=generator)
    return (clip + F.interpolate(noise.to(clip), (height, width), mode="bilinear")).clamp(0, 1)
