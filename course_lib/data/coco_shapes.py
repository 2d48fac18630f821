"""The outline of one object in a COCO file: polygons or a run-length code.

`usable` looks at every outline once, when the file is opened, so that a damaged one is not met after hours of training;
`shape_mask` fills it each time its picture is read.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool

from course_lib.data.coco_polygons import CORNERS, polygon_corners, polygons_to_mask
from course_lib.data.coco_rle import decode_rle, run_lengths

Shape = Sequence[Sequence[float]] | Mapping[str, Any]


def usable(shape: Any, height: int, width: int) -> Shape | None:
    """What can be filled of the `segmentation` of a picture of this size. None: nothing, as of a box alone or of a line.

    Parts with fewer than three corners cover no pixel and are left out. Raises ValueError for anything else that is wrong.
    """
    if not shape:
        return None
    if isinstance(shape, list):
        parts = [part for part in shape if not (isinstance(part, list) and len(part) < 2 * CORNERS)]
        for part in parts:
            polygon_corners(part)
        return parts or None
    if not isinstance(shape, dict) or not {"size", "counts"} <= set(shape):
        raise ValueError("it is neither a list of polygons nor a run-length code")
    if shape["size"] != [height, width]:
        raise ValueError(f"it is of the size {shape['size']} and its picture [{height}, {width}]")
    try:
        run_lengths(shape)
    except (TypeError, OverflowError) as error:
        raise ValueError(str(error)) from None
    return shape


def shape_mask(shape: Shape, height: int, width: int) -> Bool[np.ndarray, "H W"]:
    """The pixels of an outline that is `usable`."""
    return polygons_to_mask(shape, height, width) if isinstance(shape, list) else decode_rle(shape)
