"""Batches for the matting passes: puppets before backgrounds, augmented, cropped, and composited after the crop. RVM §4.1–4.2.

`MattingBatches(...)[step]` is a pure function of its arguments (`streams`). Order as in the paper: frames are drawn from a
clip, foreground, alpha and background are augmented, one random crop is taken of the whole batch, then I = αF + (1−α)B. Ours
adds what a camera does to I afterwards (noise, compression) to half of the samples; F and alpha stay as they are.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation import FrameSampler, MotionAugmentation, MotionProbabilities, RandomCrop
from course_lib.data.augmentation.draws import chance, choice, integer, uniform
from course_lib.data.backgrounds import KINDS, Kind, Split, background_clip
from course_lib.data.puppets import compose, puppet_clip
from course_lib.data.puppets.sensor import add_noise, compress
from course_lib.matting.equation import composite
from course_lib.training.recipes import PassSize
from course_lib.training.streams import Seeds, seeds

SPEEDS = (0.5, 1, 2)
CROP = RandomCrop()
STILL_SCENERY = 1.25  # a still background is made this much larger, for the camera to move over


@dataclass(frozen=True)
class MattingBatches:
    """`[step]` → frames, foreground, background (B,T,3,h,w), alpha (B,T,1,h,w), all in [0, 1].

    With several processes each makes its share of the same batch. Without `crop` the batch has the full size.
    """

    seed: int
    shape: PassSize
    motion: MotionProbabilities
    stream: str = "low"
    split: Split = "train"
    stills: bool = False
    crop: RandomCrop | None = CROP
    kinds: tuple[Kind, ...] = KINDS
    rank: int = 0
    processes: int = 1

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        numbers = share(step, self.shape.batch, self.rank, self.processes)
        addresses = [seeds(self.seed, self.stream, number) for number in numbers]
        samples = [self.sample(address) for address in addresses]
        foreground, alpha, background = (torch.stack(clips) for clips in zip(*samples, strict=True))
        if self.crop is not None:
            # Drawn from the step alone, so that all processes crop alike.
            draws = seeds(self.seed, f"crops of {self.stream}", step).generator()
            cropped = self.crop([foreground, alpha, background], draws)
            foreground, alpha, background = (clip.clamp(0, 1) for clip in cropped)  # interpolation rounds
        frames = composite(foreground, background, alpha)
        frames = torch.stack([film(clip, address) for clip, address in zip(frames, addresses, strict=True)])
        return {"frames": frames, "foreground": foreground, "alpha": alpha, "background": background}

    def sample(self, address: Seeds) -> tuple[Tensor, Tensor, Tensor]:
        """Foreground (T,3,H,W), alpha (T,1,H,W), background (T,3,H,W) of one clip, augmented, not yet composited."""
        generator, size, length = address.generator(), self.shape.size, self.shape.frames
        speed = choice(generator, SPEEDS)
        shot = 1 if self.stills else max(1, math.ceil(length * speed))
        order = FrameSampler((speed,), reverse=0.5)(shot, length, generator)
        person = puppet_clip(address.puppet, frames=shot, height=size, width=size, split=self.split)
        scenery = draw_scenery(address, shot, size, self.split, self.kinds, still=chance(generator, 0.5))
        scene = compose(person, scenery, address.composition, degrade=False)
        augment = MotionAugmentation((size, size), self.motion)
        return augment(scene.foreground[order], scene.alpha[order], scene.background[order], generator)


def share(step: int, batch: int, rank: int, processes: int) -> range:
    """Numbers of the samples that one process makes for a step. The whole batch is the same for any number of processes."""
    per_process = batch // processes
    first = step * batch + rank * per_process
    return range(first, first + per_process)


def draw_scenery(
    address: Seeds, frames: int, size: int, split: Split, kinds: tuple[Kind, ...], still: bool
) -> Float[Tensor, "3 h w"] | Float[Tensor, "T 3 h w"]:
    """A still picture, over which the person's camera will move, or a clip with a camera of its own."""
    if still:
        side = round(STILL_SCENERY * size)
        return background_clip(address.background, 1, side, side, split, kinds).frames[0]
    return background_clip(address.background, frames, size, size, split, kinds).frames


def film(clip: Float[Tensor, "T 3 h w"], address: Seeds) -> Float[Tensor, "T 3 h w"]:
    """Half of the clips as a sensor delivers them: with noise, and mostly compressed."""
    generator = Generator().manual_seed(address.composition)
    if not chance(generator, 0.5):
        return clip
    read, shot = float(uniform(generator, 0, 0.02)), float(uniform(generator, 0, 0.03))
    quality = choice(generator, (0, 40, 60, 80, 90))
    pixels = np.ascontiguousarray(clip.permute(0, 2, 3, 1).numpy())
    pixels = add_noise(pixels, np.random.default_rng(integer(generator, 0, 2**31 - 1)), read, shot)
    pixels = compress(pixels, quality) if quality else pixels
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous()
