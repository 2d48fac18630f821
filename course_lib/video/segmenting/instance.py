"""One object in one picture, its mask cut to the box round it: a hundred masks of 12 megapixels would be 1.2 GB."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from course_lib.instances import Detections


@dataclass(frozen=True)
class Instance:
    """`mask` is what lies in the box whose corner is at (top, left); every edge of the box touches the object."""

    score: float
    label: int
    top: int
    left: int
    mask: Bool[np.ndarray, "h w"]

    @property
    def box(self) -> tuple[slice, slice]:
        """Where the mask belongs in an (H, W, …) array."""
        height, width = self.mask.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def whole_mask(self, size: tuple[int, int]) -> Bool[np.ndarray, "H W"]:
        """At the size (H, W) of the picture."""
        whole = np.zeros(size, bool)
        whole[self.box] = self.mask
        return whole


def instances_of(detections: Detections, labels: Set[int]) -> list[Instance]:
    """Those of the asked classes that have a pixel, the surest first."""
    found = []
    masks = detections.masks.cpu().numpy()
    for index in detections.scores.argsort(descending=True, stable=True).tolist():
        label = int(detections.labels[index])
        rows = np.flatnonzero(masks[index].any(axis=1))
        if label not in labels or not len(rows):
            continue
        mask = masks[index, rows[0] : rows[-1] + 1]
        columns = np.flatnonzero(mask.any(axis=0))
        cut = mask[:, columns[0] : columns[-1] + 1].copy()
        found.append(Instance(float(detections.scores[index]), label, int(rows[0]), int(columns[0]), cut))
    return found


def mask_iou(one: Instance, other: Instance) -> float:
    """Intersection over union of two masks of one picture size."""
    top, left = max(one.top, other.top), max(one.left, other.left)
    bottom = min(one.box[0].stop, other.box[0].stop)
    right = min(one.box[1].stop, other.box[1].stop)
    if top >= bottom or left >= right:
        return 0.0
    one_part, other_part = (x.mask[top - x.top : bottom - x.top, left - x.left : right - x.left] for x in (one, other))
    both = np.count_nonzero(one_part & other_part)
    return both / (np.count_nonzero(one.mask) + np.count_nonzero(other.mask) - both)
