"""At what size SparseInst looks at a picture: the one definition for `course segment`, the capstone and `course evaluate`.

The shorter side is as its weights were trained, the longer one at most 4/3 of it, as the authors test (853 of 640). Bilinear,
and over all pixels that a new one covers, as PIL has it and the authors' configuration with it.
"""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from course_lib.data.instance_augmentation import AUTHORS, shorter_side


def look_at(
    network: nn.Module, frames: Float[Tensor, "T 3 H W"] | UInt8[Tensor, "T 3 H W"], side: int | None = None
) -> Float[Tensor, "T 3 h w"] | UInt8[Tensor, "T 3 h w"]:
    """Frames as the network is to see them, in the dtype in which they came.

    side: the shorter one, in pixels; None is the network's `trained_side`.
    """
    size = looking_size(*frames.shape[-2:], side or network.trained_side)
    if size == tuple(frames.shape[-2:]):
        return frames
    return F.interpolate(frames, size, mode="bilinear", antialias=True)  # means of pixels: they stay in range


def looking_size(height: int, width: int, side: int) -> tuple[int, int]:
    """(h, w) of what the network sees of a picture of (height, width)."""
    return shorter_side(height, width, side, AUTHORS.for_side(side).longest)
