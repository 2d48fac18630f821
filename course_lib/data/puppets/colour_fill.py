"""A foreground colour where there is no foreground.

Premultiplied pixels say nothing about the colour where alpha is 0, and little where it is small. Losses on the
foreground, resizing and video coding need one everywhere: here it is taken from the neighbourhood, coarse to fine
(push-pull; Gortler et al. 1996, "The Lumigraph", §3.4).
"""

import cv2
import numpy as np

TRUST = 0.02  # weight of the neighbourhood against a pixel's own alpha; none where alpha is 1


def straight_colour(premultiplied: np.ndarray) -> np.ndarray:
    """Premultiplied RGBA (H, W, 4) → straight RGB (H, W, 3) in [0, 1], defined everywhere; 0.5 if there is no
    foreground at all.
    """
    pyramid = [premultiplied]
    while max(pyramid[-1].shape[:2]) > 1:
        height, width = pyramid[-1].shape[:2]
        pyramid.append(cv2.resize(pyramid[-1], ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA))
    middle = pyramid[-1]
    colour = middle[..., :3] / middle[..., 3:] if middle[0, 0, 3] > 0 else np.full((1, 1, 3), 0.5, np.float32)
    for level in reversed(pyramid):
        alpha = level[..., 3:]
        around = cv2.resize(colour, level.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        share = np.float32(TRUST) * (1 - alpha) + np.float32(1e-6)
        colour = (level[..., :3] + share * around) / (alpha + share)
    return np.clip(colour, 0, 1)
