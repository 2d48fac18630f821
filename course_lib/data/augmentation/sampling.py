"""Which frames of a long clip make a training sequence (as RVM's: speed, direction, start).

The authors go on at the beginning where the clip ends, which puts a cut into the middle of the sequence; ours turns round
and walks back. `wrap=True` does as theirs. Half speed shows each frame twice, in theirs and in ours.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Int
from torch import Generator, Tensor

from course_lib.data.augmentation.draws import chance, choice, integer


@dataclass(frozen=True)
class FrameSampler:
    """Draws speed, shift and direction, and returns frame numbers."""

    speeds: tuple[float, ...] = (1,)
    shift: bool = False  # start up to T − 1 frames later
    reverse: float = 0  # probability of running backwards
    wrap: bool = False  # after the last frame comes the first one

    def __call__(self, length: int, frames: int, generator: Generator, start: int = 0) -> Int[Tensor, " T"]:
        """`frames` numbers in 0 … length − 1 of a clip of `length` frames, from about `start` on."""
        if length < 1 or frames < 1:
            raise ValueError(f"{frames} frames cannot be drawn from a clip of {length}")
        speed = choice(generator, self.speeds)
        shift = integer(generator, 0, frames - 1)
        backwards = chance(generator, self.reverse)
        at = (torch.arange(frames) * speed).long() + (shift if self.shift else 0) + start
        if backwards:
            at = at.flip(0)
        if self.wrap:
            return at % length
        period = max(1, 2 * length - 2)  # 0 1 2 1 | 0 1 2 1 | …: neither end is shown twice
        at = at % period
        return torch.where(at < length, at, period - at)


VARIED_SPEED = FrameSampler((0.5, 1, 2, 3, 4, 5), shift=True, reverse=0.5)  # matting clips and moving backgrounds
REAL_TIME = FrameSampler(shift=True, reverse=0.5)  # clips for the segmentation objective
IN_ORDER = FrameSampler()  # validation
AUTHORS_SAMPLER = FrameSampler(VARIED_SPEED.speeds, shift=True, reverse=0.5, wrap=True)
