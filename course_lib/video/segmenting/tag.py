"""A line of text on a coloured plate, as a picture: in any script that the font has, and readable on any ground."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

FONT = Path(get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf"  # comes with matplotlib; the typeface of the book
LUMA = (0.299, 0.587, 0.114)  # BT.601
MIDDLE = 140  # of 255: black letters on lighter plates, white ones on darker


@lru_cache(maxsize=256)
def tag(text: str, colour: tuple[int, int, int], height: int) -> UInt8[np.ndarray, "height w 3"]:
    """`text` in black or white on `colour` (RGB, 0 to 255)."""
    font = _font(max(round(height * 0.68), 1))
    margin = max(height // 5, 1)
    width = round(font.getlength(text)) + 2 * margin
    plate = Image.new("RGB", (width, height), colour)
    luma = sum(weight * part for weight, part in zip(LUMA, colour, strict=True))
    ink = "black" if luma > MIDDLE else "white"
    ImageDraw.Draw(plate).text((margin, height / 2), text, ink, font, anchor="lm")
    return np.asarray(plate)


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)
