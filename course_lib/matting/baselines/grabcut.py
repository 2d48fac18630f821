"""GrabCut: a box, then foreground or background for each pixel and nothing between.

Rother, Kolmogorov & Blake 2004, "GrabCut: Interactive Foreground Extraction using Iterated Graph Cuts" (SIGGRAPH); OpenCV's.
"""

import cv2
import numpy as np
from jaxtyping import Float
from torch import Tensor

from course_lib.matting.baselines.interface import Extras, as_alpha, as_pixels, check_clip


def grabcut(frames: Float[Tensor, "T 3 H W"], extras: Extras, rounds: int = 5) -> Float[Tensor, "T 1 H W"]:
    """Takes a box, by default `central_box`; each frame is cut anew. alpha is 0 or 1."""
    check_clip(frames)
    height, width = frames.shape[-2:]
    box = extras.box or central_box(height, width)
    mattes = []
    for frame in frames:
        picture = np.ascontiguousarray((as_pixels(frame)[..., ::-1] * 255).round().astype(np.uint8))  # (H, W, 3) BGR
        labels = np.zeros((height, width), np.uint8)
        cv2.setRNGSeed(0)  # k-means starts at random: the same frame must give the same cut
        cv2.grabCut(picture, labels, box, np.zeros((1, 65)), np.zeros((1, 65)), rounds, cv2.GC_INIT_WITH_RECT)
        mattes.append((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD))
    return as_alpha(mattes, frames)


def central_box(height: int, width: int) -> tuple[int, int, int, int]:
    """(left, top, width, height) of what a person before the camera fills: all but 1/16 left, right and above."""
    side, above = max(width // 16, 1), max(height // 16, 1)
    return side, above, width - 2 * side, height - above
