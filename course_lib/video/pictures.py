"""Pictures as a source: one file, or a folder whose files, in natural order (2 before 10), are the frames of a clip."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from course_lib.errors import CourseError
from course_lib.video.colour import flatten
from course_lib.video.frames import Frame, Span, check_same_size, check_size
from course_lib.video.timing import FALLBACK_RATE

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


class PictureSource:
    """Iterate over `Frame`s of a picture or a folder of pictures, 30 a second. Same attributes as `VideoSource`."""

    pixel_aspect = None
    sound = None
    origin = Fraction(0)

    def __init__(self, path: Path, span: Span | None = None, resize: tuple[int, int] | None = None) -> None:
        self.path = path
        self.resize = resize
        self.one_size = True
        self.rate = FALLBACK_RATE
        self.tick = 1 / FALLBACK_RATE
        self.notes: list[str] = []
        files = list_pictures(path) if path.is_dir() else [path]
        self.span = span = span or Span()
        times = [index / self.rate for index in range(len(files))]
        self.files = [
            file
            for file, time in zip(files, times, strict=True)
            if time >= span.start and (span.end is None or time < span.end)
        ]
        if not self.files:
            raise CourseError(
                f"{path} has no frame from {float(span.start):g} s on: {len(files)} pictures, 30 a second."
            )
        self.total = len(self.files)

    def __iter__(self) -> Iterator[Frame]:
        first = None
        for index, file in enumerate(self.files):
            picture = load_picture(file, self.resize)
            first = first or picture.shape[:2]
            if self.one_size:
                check_same_size(str(file), picture, first)
            yield Frame(picture, Fraction(index) / self.rate, file.name)


def list_pictures(folder: Path) -> list[Path]:
    """The folder's picture files in natural order, hidden ones left out. CourseError if there is none."""
    files = [
        file
        for file in folder.iterdir()
        if file.suffix.lower() in PICTURE_SUFFIXES and not file.name.startswith(".") and file.is_file()
    ]
    if not files:
        raise CourseError(f"{folder} holds no picture. Files that end in {' '.join(PICTURE_SUFFIXES)} are read.")
    return sorted(files, key=_natural)


def load_picture(path: Path, resize: tuple[int, int] | None = None) -> np.ndarray:
    """Read any common picture file as upright (H, W, 3) uint8 RGB, `resize` being (width, height).

    Transparency goes on black, 16 bits become 8, the camera's orientation is respected. CourseError if it cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # check_size has its own limit
            with Image.open(path) as image:
                check_size(str(path), *image.size)
                picture = _to_rgb(ImageOps.exif_transpose(image), resize)
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist.") from None
    except UnidentifiedImageError:
        raise CourseError(
            f"{path} is not a picture that can be read. Is it complete, and is its suffix right?"
        ) from None
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as cause:
        raise CourseError(f"{path} cannot be read: {cause}. Copy or download it again.") from None
    return picture


def _to_rgb(image: Image.Image, resize: tuple[int, int] | None) -> np.ndarray:
    if image.mode.startswith(("I", "F")):  # 16-bit grey, which convert() would clip at 255 instead of scaling
        grey = np.asarray(image, np.float32)
        grey = grey * (255 / 65535) if image.mode != "F" else grey * 255
        image = Image.fromarray(grey.clip(0, 255).round().astype(np.uint8))
    transparent = "A" in image.getbands() or "transparency" in image.info
    image = Image.fromarray(flatten(np.asarray(image.convert("RGBA")))) if transparent else image.convert("RGB")
    if resize and image.size != resize:
        image = image.resize(resize, Image.Resampling.LANCZOS)
    return np.asarray(image).copy()


def _natural(file: Path) -> list[tuple[int, int, str]]:
    """Sort key: runs of digits count as numbers."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", file.name.lower())]
