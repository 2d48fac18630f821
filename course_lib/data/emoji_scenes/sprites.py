"""Cut-outs with true alpha: emoji of three styles, each the picture of a thing of one COCO class (`sprites.json`).

Noto (Google, Apache-2.0 / OFL) and Twemoji (CC-BY 4.0) come as pictures of 64 pixels and are for training; OpenMoji (CC-BY-SA
4.0, drawings of another kind: black outlines, flat colours) comes as vector drawings and is the style that no training sees.

Every sprite is cut to its alpha, its longer side made `SIDE` pixels, and kept premultiplied: what is interpolated then has no
halo of the colour that lies under transparent pixels. What was 64 pixels is enlarged by Lanczos and sharpened.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from jaxtyping import UInt8

from course_lib.data.emoji_scenes.classes import CLASS_NAMES
from course_lib.data.emoji_scenes.kept import kept
from course_lib.errors import CourseError
from course_lib.fetch import Source, fetch

Style = Literal["noto", "twemoji", "openmoji"]
SIDE = 128  # of the square that a sprite is kept in
SHARPENED = 0.6  # of the unsharp mask
FILES: Mapping[str, Mapping[str, Mapping[str, str]]] = json.loads(  # style -> class -> file -> SHA-256
    Path(__file__).with_name("sprites.json").read_text("utf-8")
)


def _source(
    style: Style, package: str, version: str, folder: str, megabytes: float, licence: str, credit: str
) -> Source:
    hashes = {f"{folder}/{name}": sha256 for files in FILES[style].values() for name, sha256 in files.items()}
    about = f"{len(hashes)} emoji in the style {style}"
    command = "python data_scripts/get_emoji.py"
    return Source(f"emoji-{style}", "npm", package, version, hashes, megabytes, about, licence, credit, command)


SOURCES: dict[Style, Source] = {
    "noto": _source(
        "noto",
        "emoji-datasource-google",
        "16.0.0",
        "package/img/google/64",
        74.3,
        "Apache-2.0 (pictures), OFL (font)",
        "Noto Emoji, Google; packaged by Cal Henderson",
    ),
    "twemoji": _source(
        "twemoji",
        "emoji-datasource-twitter",
        "16.0.0",
        "package/img/twitter/64",
        61.7,
        "CC-BY 4.0",
        "Twemoji, Twitter and contributors; packaged by Cal Henderson",
    ),
    "openmoji": _source(
        "openmoji",
        "openmoji",
        "17.0.0",
        "package/color/svg",
        4.3,
        "CC-BY-SA 4.0",
        "OpenMoji, HfG Schwäbisch Gmünd and contributors",
    ),
}


@dataclass(frozen=True)
class Sprite:
    """One thing. `levels` are its premultiplied RGBA pictures, each half the size of the one before, the first SIDE wide."""

    label: int  # place in CLASSES
    style: str
    name: str
    levels: tuple[UInt8[np.ndarray, "s s 4"], ...]


@lru_cache(maxsize=3)
def load_sprites(style: Style) -> dict[int, tuple[Sprite, ...]]:
    """All sprites of a style by label. Fetched when first asked for.

    Raises CourseError for an unknown style, when the package cannot be had, and when OpenMoji is asked for without resvg-py.
    """
    if style not in SOURCES:
        raise CourseError(f"There is no style {style!r} of emoji. There are: {', '.join(SOURCES)}.")
    names = [(label, name) for label, part in enumerate(CLASS_NAMES) for name in FILES[style].get(part, ())]
    pictures = kept(f"sprites-{style}", lambda: _read_all(style))  # (N, s, s, 4)
    if len(pictures) != len(names):
        raise CourseError(
            f"The sprites of {style} in the cache are not those of this version; delete them: emoji-scenes-*"
        )
    found: dict[int, list[Sprite]] = {}
    for (label, name), picture in zip(names, pictures, strict=True):
        found.setdefault(label, []).append(Sprite(label, style, Path(name).stem.lower(), pyramid(picture)))
    return {label: tuple(sprites) for label, sprites in found.items()}


def pyramid(picture: UInt8[np.ndarray, "h w 4"]) -> tuple[UInt8[np.ndarray, "_ _ 4"], ...]:
    """The picture at its size, 1/2, 1/4 and 1/8 of it. Means of premultiplied pixels are premultiplied means."""
    levels = [picture]
    for _ in range(3):
        height, width = levels[-1].shape[:2]
        smaller = (max(1, width // 2), max(1, height // 2))
        levels.append(cv2.resize(levels[-1], smaller, interpolation=cv2.INTER_AREA))
    return tuple(levels)


def square_sprite(straight: UInt8[np.ndarray, "h w 4"]) -> UInt8[np.ndarray, "s s 4"]:
    """A picture with straight alpha, cut to what shows of it, premultiplied, in the middle of a transparent square."""
    rows, columns = (np.flatnonzero((straight[..., 3] > 8).any(axis)) for axis in (1, 0))
    cut = straight[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32) / 255
    cut[..., :3] *= cut[..., 3:]
    inside = SIDE - 2  # one transparent pixel on each side, so that interpolation finds an edge
    scale = inside / max(cut.shape[:2])
    height, width = (max(1, round(side * scale)) for side in cut.shape[:2])
    # a border before it is enlarged, or the edge of the thing would be as hard as the end of the picture
    cut = cv2.copyMakeBorder(cut, 2, 2, 2, 2, cv2.BORDER_CONSTANT)
    to_square = np.float32(
        [[scale, 0, (SIDE - width) / 2 - 1.5 * scale - 0.5], [0, scale, (SIDE - height) / 2 - 1.5 * scale - 0.5]]
    )
    placed = cv2.warpAffine(cut, to_square, (SIDE, SIDE), flags=cv2.INTER_LANCZOS4)
    if scale > 1.2:
        placed += SHARPENED * (placed - cv2.GaussianBlur(placed, (0, 0), 0.8 * scale))
    # overshoot of the filters is in colour and alpha alike, so their quotient has none: no bright rim
    straight, alpha = placed[..., :3] / np.maximum(placed[..., 3:], 1e-3), placed[..., 3:].clip(0, 1)
    placed = np.concatenate([straight.clip(0, 1) * alpha, alpha], axis=-1)
    return np.rint(placed * 255).astype(np.uint8)


def _read_all(style: Style) -> UInt8[np.ndarray, "N s s 4"]:
    from PIL import Image

    pictures = []
    for path in fetch(SOURCES[style]).values():
        data = _rasterise(path) if path.suffix == ".svg" else path.read_bytes()
        with Image.open(io.BytesIO(data)) as picture:
            pictures.append(square_sprite(np.array(picture.convert("RGBA"))))
    return np.stack(pictures)


def _rasterise(path: Path) -> bytes:
    """An SVG drawing as PNG, large enough that its cut is not enlarged."""
    try:
        import resvg_py
    except ImportError:
        raise CourseError(
            "Drawing OpenMoji's vector files needs the package resvg-py. Run: python -m pip install resvg-py"
        ) from None
    return bytes(resvg_py.svg_to_bytes(svg_string=path.read_text("utf-8"), width=3 * SIDE, height=3 * SIDE))
