"""From the network's foreground and alpha to the pictures that are written: the matting equation, I = αF + (1−α)B.

All in the network's precision and rounded once, at the end.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

CHECKER_CELL = 16  # pixels
CHECKER_GREYS = (0.8, 1.0)


def composite(
    foreground: Float[Tensor, "T 3 H W"], alpha: Float[Tensor, "T 1 H W"], plate: Float[Tensor, "T 3 H W"]
) -> Float[Tensor, "T 3 H W"]:
    """αF + (1−α)B."""
    return torch.lerp(plate, foreground, alpha)


def cut_out(foreground: Float[Tensor, "T 3 H W"], alpha: Float[Tensor, "T 1 H W"]) -> Float[Tensor, "T 4 H W"]:
    """RGBA with straight alpha. Where alpha rounds to nothing the colour is black, so the old background is not kept."""
    return torch.cat([foreground * (alpha >= 0.5 / 255), alpha], dim=1)


def side_by_side(frames: Tensor, alpha: Tensor, composed: Tensor) -> Float[Tensor, "T 3 H 3W"]:
    """input | alpha | composite."""
    return torch.cat([frames, alpha.expand_as(frames), composed], dim=3)


def checkerboard(frames: Float[Tensor, "T 3 H W"]) -> Float[Tensor, "1 3 H W"]:
    """What stands for transparency where a picture cannot be transparent."""
    height, width = frames.shape[-2:]
    rows = torch.arange(height, device=frames.device)[:, None] // CHECKER_CELL
    columns = torch.arange(width, device=frames.device) // CHECKER_CELL
    dark, light = CHECKER_GREYS
    board = torch.where((rows + columns) % 2 == 0, light, dark).to(frames.dtype)
    return board.expand(1, 3, height, width)


def to_pictures(x: Float[Tensor, "T C H W"]) -> list[np.ndarray]:
    """[0, 1] → T pictures (H, W, C) uint8, rounded; one channel becomes three equal ones."""
    planes = x.mul(255).round_().to(torch.uint8).cpu().numpy()
    if planes.shape[1] == 1:
        planes = planes.repeat(3, axis=1)
    return [cv2.merge(list(channels)) for channels in planes]  # several times faster than a permuted copy
