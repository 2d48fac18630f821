"""Clips side by side, played or stepped through, and under each of them one row of pixels over all of its time.

In the x–t slice of a row what stands still is a vertical line, what moves leans, and what flickers is a horizontal edge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, sheet_uri

QUALITY = 45  # of the WebP: a chapter holds all frames


class Player(CourseWidget):
    _esm = script("player")


def player(
    clips: Mapping[str, Float[np.ndarray, "T *colours H W"]],
    row: int | None = None,
    numbers: Sequence[int] | None = None,
    first: int | None = None,
    rate: int = 10,
    quality: int = QUALITY,
) -> Player:
    """Named clips of one size in [0, 1]: colours (T, 3, H, W), mattes (T, H, W) or (T, 1, H, W); arrays or tensors.

    `row` is sliced at first (the middle one); `numbers` are the T numbers of the frames (0 … T − 1), `first` the one
    shown at first; `rate` in frames a second. Raises ValueError for no clip, clips of different sizes, a row or first
    frame outside, or another number of numbers.
    """
    arrays = {name: _frames(name, clip) for name, clip in clips.items()}
    sizes = {(len(clip), *clip.shape[-2:]) for clip in arrays.values()}
    if len(sizes) != 1:
        raise ValueError(f"The clips must have one number of frames and one size, not {sorted(sizes)} (T, H, W).")
    ((count, height, width),) = sizes
    row = height // 2 if row is None else row
    if not 0 <= row < height:
        raise ValueError(f"Row {row} lies outside: the clips have the rows 0 … {height - 1}.")
    numbers = list(range(count) if numbers is None else numbers)
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers for {count} frames.")
    if first is not None and first not in numbers:
        raise ValueError(f"There is no frame {first}: the numbers are {numbers}.")
    columns = math.ceil(math.sqrt(count))
    data = {
        "names": list(arrays),
        "sheets": [sheet_uri(clip, columns, quality) for clip in arrays.values()],
        "columns": columns,
        "height": height,
        "width": width,
        "row": int(row),
        "numbers": [int(number) for number in numbers],
        "first": 0 if first is None else numbers.index(first),
        "rate": rate,
    }
    names = ", ".join(arrays)
    return Player(data, f"{names}: frames {numbers[0]} to {numbers[-1]}, and one row of pixels over time")


def row_change(clip: Float[np.ndarray, "T *colours H W"], frame: int, row: int) -> float:
    """What the line below the clips says: mean |change| in a row since the frame before, in levels of 255; 0 at frame 0."""
    array = _frames("clip", clip)
    before = array[max(frame - 1, 0)]
    return float(255 * np.abs(array[frame] - before)[..., row, :].mean())


def _frames(name: str, clip) -> np.ndarray:
    """(T, 3, H, W) or (T, H, W)."""
    array = as_array(clip)
    if array.ndim == 4 and array.shape[1] == 1:
        array = array[:, 0]
    if not len(array) or not (array.ndim == 3 or (array.ndim == 4 and array.shape[1] == 3)):
        raise ValueError(f"“{name}” must be (T, 3, H, W), (T, 1, H, W) or (T, H, W), not {tuple(array.shape)}.")
    return array
