"""A line of text on a coloured plate, as a picture: in any script that the font has, and readable on any ground."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFont

FONT = Path(get_data_path()) / "fonts/ttf/DejaVuSans-Bold.ttf"  # comes with matplotlib; the typeface of the book
MIDDLE = 0.179  # luminance to which black and white letters have the same contrast, 4.6 : 1 (WCAG 2.1)


@lru_cache(maxsize=256)
def tag(text: str, colour: tuple[int, int, int], height: int) -> UInt8[np.ndarray, "height w 3"]:
    """`text` in black or white on `colour` (RGB, 0 to 255)."""
    font = _font(max(round(height * 0.68), 1))
    margin = max(height // 5, 1)
    width = round(font.getlength(text)) + 2 * margin
    plate = Image.new("RGB", (width, height), colour)
    ink = "black" if luminance(colour) > MIDDLE else "white"
    ImageDraw.Draw(plate).text((margin, height / 2), text, ink, font, anchor="lm")
    return np.asarray(plate)


def luminance(colour: tuple[int, int, int]) -> float:
    """Of an sRGB colour, 0 to 1: what WCAG 2.1 measures contrast by."""
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)
