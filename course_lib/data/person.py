"""A real person with a known alpha: the man of the clip "carphone", cut out by the published RVM for other backgrounds.

Nobody filmed him before a green screen: alpha and foreground are what the network said, run over the whole clip. A picture
made anew of them has a truth that is exact as far as the equation goes. But it is a truth of that network's making: what it
missed, or drew too soft, is missing or soft in the "truth", and it finds its own edges again more easily than others do. So
this set FAVOURS the published network and what came out of it. It shows real skin, hair, motion and film grain. It is for
testing only: a test sees to it that no training imports this file or the clip.

Uses `course_lib.zoo`: data comes out of a network here and in `emoji_scenes/people.py` alone.
"""

from dataclasses import dataclass
from functools import lru_cache

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data.clips import sample_clip

CLIP = "carphone"
WEIGHTS = "rvm-mobilenetv3-published"
CHUNK = 12  # frames per call; the result is the same for any number
SURE = 0.02  # alpha below this is taken for 0, above 1 − this for 1: a network seldom says quite 0 or 1
BIAS = (
    f"Alpha and foreground of this person were made by the published RVM ({WEIGHTS}): that network, and what came out of it, "
    "is favoured. It is one man in one clip, so intervals tell of backgrounds, not of people."
)


@dataclass(frozen=True)
class CutOut:
    """A person before nothing, in [0, 1]. `foreground` says nothing where alpha is 0."""

    foreground: Float[Tensor, "T 3 H W"]
    alpha: Float[Tensor, "T 1 H W"]


@lru_cache(maxsize=1)
def person_cut_out() -> CutOut:
    """All 120 frames at the clip's own size, 144×176; some seconds at first, then kept in memory.

    Raises CourseError where the clip or the weights cannot be had.
    """
    from course_lib.zoo import load_model

    return cut_out(load_model(WEIGHTS), sample_clip(CLIP))


@torch.no_grad()
def cut_out(network: torch.nn.Module, frames: Float[Tensor, "T 3 H W"]) -> CutOut:
    """What `network` takes for the person, remembering from frame to frame, at full size."""
    foregrounds, alphas, states = [], [], []
    for part in frames.split(CHUNK):
        foreground, alpha, *states = network(part[None], *states)  # (1, t, 3, H, W), (1, t, 1, H, W)
        foregrounds.append(foreground[0])
        alphas.append(alpha[0])
    return CutOut(torch.cat(foregrounds), settle(torch.cat(alphas)))


def settle(alpha: Tensor) -> Tensor:
    """Nearly 0 becomes 0 and nearly 1 becomes 1; what is between is stretched, so that nothing jumps."""
    return ((alpha - SURE) / (1 - 2 * SURE)).clamp(0, 1)
