"""The few random draws that augmentation needs, each from an explicit generator on the CPU.

No global random state: the same generator state gives the same numbers whatever ran before, on any device.
"""

from typing import TypeVar

import torch
from torch import Generator, Tensor

Option = TypeVar("Option")


def uniform(generator: Generator, low: float, high: float, *size: int) -> Tensor:
    """Numbers in [low, high), of shape `size` (a 0-d tensor without one), float32."""
    return low + (high - low) * torch.rand(size, generator=generator)


def integer(generator: Generator, low: int, high: int) -> int:
    """A whole number, low and high included."""
    return int(torch.randint(low, high + 1, (), generator=generator))


def chance(generator: Generator, probability: float) -> bool:
    """True with the given probability. One number is drawn even for 0 and 1, so that later draws do not move."""
    return float(torch.rand((), generator=generator)) < probability


def choice(generator: Generator, options: tuple[Option, ...]) -> Option:
    """One of the options, all equally likely."""
    return options[integer(generator, 0, len(options) - 1)]
