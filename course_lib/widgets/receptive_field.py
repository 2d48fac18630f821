"""How far a cell of a feature map can see: its receptive field as a square on the picture, layer by layer.

With kernel k, stride s, dilation d and padding p, a layer makes of the side r of the field, the distance j between the
fields of two neighbours, and the first pixel of cell 0's field (all in pixels of the picture, at first 1, 1 and 0):
r ← r + d (k − 1) j, first ← first − p j, j ← s j.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, picture_uri

Layer = tuple[int, ...]  # k, s, d, or k, s, d, p; without p the padding that keeps the size at stride 1


class Field(NamedTuple):
    """After a layer: the side r and the distance j in pixels, and the first pixel of cell 0's field."""

    r: int
    j: int
    first: int

    def of_cell(self, cell: int) -> tuple[int, int]:
        """First and last pixel along one side, also beyond the border."""
        first = self.first + cell * self.j
        return first, first + self.r - 1


class ReceptiveField(CourseWidget):
    _esm = script("receptive_field")


def receptive_field(
    image: Float[np.ndarray, "3 H W"], layers: Sequence[Layer], names: Sequence[str] | None = None
) -> ReceptiveField:
    """The picture in [0, 1] and the layers, first to last, as (kernel, stride, dilation[, padding]), with their names.

    Raises ValueError for no layer, another number of names, or layers that leave nothing of the picture.
    """
    image = as_array(image)
    names = [f"layer {index}" for index in range(len(layers))] if names is None else list(names)
    if not layers or len(names) != len(layers):
        raise ValueError(f"{len(layers)} layers and {len(names)} names: one name for each, and at least one.")
    height, width = image.shape[-2:]
    rows, columns = map_sizes(height, layers), map_sizes(width, layers)
    if min(*rows, *columns) < 1:
        raise ValueError(f"These layers leave nothing of a picture of {height} × {width} pixels.")
    data = {
        "image": picture_uri(image),
        "fields": [
            {"name": name, **field._asdict(), "rows": h, "columns": w}
            for name, field, h, w in zip(names, fields(layers), rows, columns, strict=True)
        ],
    }
    return ReceptiveField(
        data, f"receptive fields of {names[0]} to {names[-1]} on a picture of {height} × {width} pixels"
    )


def fields(layers: Sequence[Layer]) -> list[Field]:
    """The field after each layer."""
    now, after = Field(1, 1, 0), []
    for layer in layers:
        k, s, d, p = _whole(layer)
        now = Field(now.r + d * (k - 1) * now.j, now.j * s, now.first - p * now.j)
        after.append(now)
    return after


def map_sizes(side: int, layers: Sequence[Layer]) -> list[int]:
    """How many cells a side of `side` pixels has after each layer."""
    sizes = []
    for layer in layers:
        k, s, d, p = _whole(layer)
        side = (side + 2 * p - d * (k - 1) - 1) // s + 1
        sizes.append(side)
    return sizes


def _whole(layer: Layer) -> tuple[int, int, int, int]:
    k, s, d, *padding = layer
    return k, s, d, padding[0] if padding else d * (k - 1) // 2
