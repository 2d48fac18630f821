"""Decoded frames become upright 8-bit RGB, whatever the file holds: YUV of any matrix and range, 10-bit, grey, alpha, turned.

A file that does not name its matrix is read as players read it: BT.709 from 720 lines on, BT.601 below.
Pictures with transparency are put on black, which is what a player shows.
"""

from __future__ import annotations

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

UNSPECIFIED = 2  # AVCOL_SPC_UNSPECIFIED
HD_LINES = 720


class RGBConverter:
    """Callable: an `av.VideoFrame` → (H, W, 3) uint8 RGB, contiguous. `resize` is (width, height) of the upright picture."""

    def __init__(self, resize: tuple[int, int] | None = None) -> None:
        self.resize = resize
        self.turn: tuple[bool, bool, bool] | None = (
            None  # (transpose, mirror columns, mirror rows), from the first frame
        )
        self._reformatter = VideoReformatter()

    @property
    def transposed(self) -> bool:
        return bool(self.turn and self.turn[0])

    def __call__(self, frame: av.VideoFrame) -> np.ndarray:
        if self.turn is None:
            self.turn = orientation(frame)
        width, height = self.resize or (None, None)
        if self.transposed:
            width, height = height, width
        transparent = any(component.is_alpha for component in frame.format.components)
        guess = Colorspace.ITU709 if frame.colorspace == UNSPECIFIED and frame.height >= HD_LINES else None
        converted = self._reformatter.reformat(
            frame,
            width=width,
            height=height,
            format="rgba" if transparent else "rgb24",
            src_colorspace=guess,
            interpolation=Interpolation.BICUBIC if self.resize else Interpolation.BILINEAR,
        )
        picture = converted.to_ndarray()
        return upright(flatten(picture) if transparent else picture, self.turn)


def flatten(rgba: np.ndarray) -> np.ndarray:
    """(H, W, 4) uint8 with straight alpha → (H, W, 3) uint8 on black, rounded."""
    weighted = rgba[..., :3].astype(np.uint16) * rgba[..., 3:]
    return ((weighted + 127) // 255).astype(np.uint8)


def orientation(frame: av.VideoFrame) -> tuple[bool, bool, bool]:
    """(transpose, mirror columns, mirror rows) that set the frame upright, from the file's display matrix.

    The matrix maps a stored pixel to the screen: x' = a·x + c·y, y' = b·x + d·y. Turns that are no multiple of 90° are
    left alone.
    """
    try:
        matrix = np.frombuffer(frame.side_data["DISPLAYMATRIX"], np.int32)
    except KeyError:
        return False, False, False
    a, b, c, d = matrix[0], matrix[1], matrix[3], matrix[4]
    if a and d and not b and not c:
        return False, bool(a < 0), bool(d < 0)
    if b and c and not a and not d:
        return True, bool(c < 0), bool(b < 0)
    return False, False, False


def upright(picture: np.ndarray, turn: tuple[bool, bool, bool]) -> np.ndarray:
    """Apply `orientation` to (H, W, 3)."""
    transpose, mirror_columns, mirror_rows = turn
    if transpose:
        picture = picture.transpose(1, 0, 2)
    if mirror_columns:
        picture = picture[:, ::-1]
    if mirror_rows:
        picture = picture[::-1]
    return np.ascontiguousarray(picture)
