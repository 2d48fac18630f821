"""Conn: pieces that float free of the subject, and what is cut off from it.

Rhemann et al. 2009 (CVPR, see `gradient`). At each threshold 0.1, 0.2, …, 1 take the pixels that reach it in both mattes, and
of these the largest connected piece. A pixel's l is the last threshold, going up without a gap, at which it belongs to that
piece (0 if it never does). With d = x − l, what a matte claims beyond its connection, for each of the two mattes

    φ(x) = 1 − d where d ≥ 0.15, else 1        Conn = Σ |φ(g) − φ(p)|

Pieces are connected through sides, not corners; of equally large ones the first in reading order counts.
"""

import cv2
import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

THRESHOLDS = 10
TOLERATED = 0.15  # d below this is no fault


def connectivity_error(alpha: Float[Tensor, "T 1 H W"], true_alpha: Float[Tensor, "T 1 H W"]) -> Float[Tensor, "T"]:
    """→ float64 on the CPU, sums over pixels. Mattes in [0, 1]."""
    both = torch.minimum(alpha, true_alpha)[:, 0].cpu().numpy()  # a pixel reaches t in both where the smaller does
    levels = np.stack([connected_level(frame) for frame in both])[:, None]  # (T, 1, H, W)
    connected = torch.from_numpy(levels).to(alpha.device, alpha.dtype) / THRESHOLDS
    error = (_phi(true_alpha - connected) - _phi(alpha - connected)).abs()
    return error.sum(dim=(1, 2, 3), dtype=torch.float64).cpu()


def connected_level(matte: Float[np.ndarray, "H W"]) -> Int[np.ndarray, "H W"]:
    """10 · l of each pixel: for how many thresholds, counted from the lowest, it belongs to the largest piece. uint8, 0–10."""
    matte = matte.astype(np.float32)  # as the authors read it: 8-bit 153/255 reaches 0.6, and 64 bits change nothing
    level = np.zeros(matte.shape, np.uint8)
    inside = np.ones(matte.shape, bool)
    for i in range(1, THRESHOLDS + 1):
        inside &= largest_piece(matte >= np.float32(i / THRESHOLDS))
        level += inside
    return level


def largest_piece(pixels: Bool[np.ndarray, "H W"]) -> Bool[np.ndarray, "H W"]:
    """The largest 4-connected component; nowhere if there is none."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(pixels.astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    areas = stats[1:, cv2.CC_STAT_AREA]  # 0 is what is outside
    return labels == 1 + areas.argmax() if len(areas) else pixels


def _phi(excess: Tensor) -> Tensor:
    return 1 - excess * (excess >= TOLERATED)
