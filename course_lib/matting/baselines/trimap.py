"""Trimaps: what is surely person, surely not, and what has to be found out.

Drawn by hand in the papers on trimap matting; here made from a mask by erosion, so that any segmentation, the truth or a
network's, can be followed by a trimap method.
"""

from dataclasses import replace

import cv2
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.matting.baselines.interface import Extras, Method

RADIUS = 10 / 256  # of the picture's shorter side: half the width of the unknown band


def trimap_from_mask(mask: Float[Tensor, "*batch 1 H W"], radius: int) -> Float[Tensor, "*batch 1 H W"]:
    """1 where alpha is 1 for `radius` pixels around, 0 where it is 0 for `radius` pixels around, 0.5 between.

    Erosion of the certain foreground and of the certain background by a disk; beyond the border lies more of the same.
    """
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    flat = mask.reshape(-1, *mask.shape[-2:]).cpu().numpy()  # (N, H, W)
    trimaps = []
    for matte in flat:
        foreground = cv2.erode((matte >= 0.99).astype(np.uint8), disk)
        background = cv2.erode((matte <= 0.01).astype(np.uint8), disk)
        trimaps.append(0.5 * (1.0 + foreground - background))
    return torch.from_numpy(np.stack(trimaps)).to(mask).reshape(mask.shape)


def trimap_radius(height: int, width: int) -> int:
    """In pixels, at least 1: generous around the edge of a mask."""
    return max(1, round(RADIUS * min(height, width)))


def with_own_trimap(method: Method, segmenter: Method) -> Method:
    """`method` with the trimap of what `segmenter` finds, in place of one that is given.

    What lies further than `trimap_radius` from the segmenter's edge cannot be mended.
    """

    def matte(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        mask = segmenter(frames, extras)  # (T, 1, H, W)
        trimap = trimap_from_mask(mask, trimap_radius(*frames.shape[2:]))
        return method(frames, replace(extras, trimap=trimap))

    return matte
