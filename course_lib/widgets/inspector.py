"""A matte under the magnifying glass: what α, I and F are, pixel by pixel, and where a trimap leaves alpha open."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float

from course_lib.viz.style import as_matte
from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, sheet_uri

LARGEST_RADIUS = 24  # pixels, of the trimap


class Inspector(CourseWidget):
    _esm = script("inspector")


def inspector(
    image: Float[np.ndarray, "3 H W"],
    alpha: Float[np.ndarray, "*one H W"],
    foreground: Float[np.ndarray, "3 H W"],
    at: tuple[int, int] | None = None,
    corner: tuple[int, int] = (0, 0),
    radius: int = 8,
    background: Float[np.ndarray, "3 H W"] | None = None,
) -> Inspector:
    """I, α, F and, where it is known, B of one picture in [0, 1]; `at` is the (row, column) looked at first, `radius` that of
    the trimap in pixels. Of a cut-out, `corner` is the (row, column) of its first pixel in the whole picture, which `at`
    counts in.

    All are stored without loss in 8 bits, and so they are large: cut out what matters. Raises
    ValueError for pictures of different sizes, a place outside, or a radius that is not in 0 … 24.
    """
    image, foreground, matte = as_array(image), as_array(foreground), as_matte(alpha)
    height, width = matte.shape
    pictures = {"image": image, "foreground": foreground}
    if background is not None:
        pictures["background"] = as_array(background)
    for name, picture in pictures.items():
        if picture.shape != (3, height, width):
            raise ValueError(f"The {name} must be (3, {height}, {width}) as its alpha, not {tuple(picture.shape)}.")
    top, left = corner
    row, column = (height // 2, width // 2) if at is None else (at[0] - top, at[1] - left)
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(f"The place {at} lies outside of {height} × {width} pixels from {corner}.")
    if not 0 <= radius <= LARGEST_RADIUS:
        raise ValueError(f"The radius is 0 … {LARGEST_RADIUS} pixels, not {radius}.")
    data = {
        **{name: sheet_uri(picture[None], lossless=True, quality=100) for name, picture in pictures.items()},
        "alpha": sheet_uri(matte[None], lossless=True, quality=100),
        "at": [int(column), int(row)],
        "corner": [int(left), int(top)],
        "radius": radius,
        "disks": [disk(size) for size in range(LARGEST_RADIUS + 1)],
    }
    return Inspector(data, f"alpha, picture and foreground of {height} × {width} pixels, with a magnifying glass")


def disk(radius: int) -> list[int]:
    """How many pixels OpenCV's disk reaches to each side, in the rows 0 … radius from its middle."""
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return [int(line.sum()) // 2 for line in element[radius:]]
