"""Polygons to masks: a pixel belongs to a polygon if its centre does, by the even–odd rule.

An annotation may have several polygons, for the parts of a thing that something hides: their union is the mask. pycocotools
rounds corners to a fifth of a pixel and walks along the edges, so its masks differ from these in some pixels of the outline
(less than 1 % of a polygon 40 pixels wide); the rule here has nothing to round.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float

CORNERS = 3  # the fewest that enclose a pixel


def polygons_to_mask(polygons: Sequence[Sequence[float]], height: int, width: int) -> Bool[np.ndarray, "H W"]:
    """The union of polygons [x0, y0, x1, y1, …], in pixels from the top left corner of the picture.

    What lies outside the picture is cut. Raises ValueError for fewer than three corners, an odd number of coordinates, and what
    is no number.
    """
    mask = np.zeros((height, width), bool)
    for polygon in polygons:
        mask |= _fill(polygon_corners(polygon), height, width)
    return mask


def polygon_corners(polygon: Sequence[float]) -> Float[np.ndarray, "N 2"]:
    """x and y of each corner. Raises ValueError as `polygons_to_mask` does."""
    try:
        flat = np.asarray(polygon, np.float64)
    except (TypeError, ValueError):
        raise ValueError("a polygon is a list of numbers, x and y in turn") from None
    if flat.ndim != 1 or flat.size % 2 or not np.isfinite(flat).all():
        raise ValueError(f"a polygon is a list of finite numbers, x and y in turn; this one has shape {flat.shape}")
    if flat.size < 2 * CORNERS:
        raise ValueError(f"a polygon has at least {CORNERS} corners, not {flat.size // 2}")
    return flat.reshape(-1, 2)


def _fill(corners: np.ndarray, height: int, width: int) -> np.ndarray:
    """Where an edge crosses the middle of a column, all pixels below change sides."""
    (x0, y0), (x1, y1) = corners.T, np.roll(corners, -1, axis=0).T
    # columns whose middle (c + 1/2) lies in [left, right) of each edge; half open, so that a corner counts once
    first = np.clip(np.ceil(np.minimum(x0, x1) - 0.5), 0, width).astype(int)
    last = np.clip(np.ceil(np.maximum(x0, x1) - 0.5), 0, width).astype(int)
    crossed = last - first
    edge = np.repeat(np.arange(len(corners)), crossed)
    column = np.arange(crossed.sum()) - np.repeat(np.cumsum(crossed) - crossed, crossed) + first[edge]
    slope = (y1 - y0)[edge] / (x1 - x0)[edge]  # an upright edge crosses no column
    row = np.clip(np.ceil(y0[edge] + slope * (column + 0.5 - x0[edge]) - 0.5), 0, height).astype(int)
    inside = np.zeros((height, width), bool)
    if len(row):
        # nothing lies beyond the outermost crossings: below them a column has changed sides an even number of times
        top, down, left, right = row.min(), row.max(), column.min(), column.max() + 1
        changes = np.zeros((down - top + 1, right - left), np.int32)
        np.add.at(changes, (row - top, column - left), 1)
        inside[top:down, left:right] = np.cumsum(changes, axis=0)[:-1] % 2 == 1
    return inside
