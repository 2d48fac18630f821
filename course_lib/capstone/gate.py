"""Which pixels of a matte are one person's: those that lie nearer to that person's mask than to anybody else's.

With d_q(x) how far pixel x lies outside of mask m_q, negative inside, and p the person:

    gate(x) = clip(½ + (min_{q ≠ p} d_q(x) − d_p(x)) / ramp) · clip(½ + (reach − d_p(x)) / ramp)

The first factor divides the picture among the people, the second ends it: nothing far from the mask is the person's. The reach
is a share of the person's size, so that hair and hands that the mask misses are kept. All in pixels of the masks.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Bool, Float

REACH = 0.5  # share of the square root of the mask's area
RAMP = 3.0  # pixels
FAR = 1e4  # pixels; from a mask without any


def gate(mine: Bool[np.ndarray, "h w"], others: Sequence[Bool[np.ndarray, "h w"]]) -> Float[np.ndarray, "h w"]:
    """1 where a pixel is the person's, 0 where it is somebody else's or nobody's. All 0 for a mask without pixels."""
    if not mine.any():
        return np.zeros(mine.shape, np.float32)
    distance = signed_distance(mine)
    reach = REACH * np.sqrt(np.count_nonzero(mine))
    near = np.clip(0.5 + (reach - distance) / RAMP, 0, 1)
    if not others:
        return near
    nearest = np.min([signed_distance(other) for other in others], axis=0)
    return near * np.clip(0.5 + (nearest - distance) / RAMP, 0, 1)


def signed_distance(mask: Bool[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """Pixels from each pixel to the mask; inside, minus the pixels to its edge. FAR everywhere for an empty mask."""
    if not mask.any():
        return np.full(mask.shape, FAR, np.float32)
    outside = cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    if mask.all():
        return outside - np.float32(FAR)
    return outside - cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
