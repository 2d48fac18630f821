"""One output of pictures: checked before the work begins, invisible until it is whole (`hidden_file`)."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.error import FFmpegError
from PIL import Image

from course_lib.errors import CourseError
from course_lib.video.encode import VIDEO_FORMATS, Timing, VideoEncoder
from course_lib.video.gif import GifEncoder
from course_lib.video.hidden_file import HiddenFile
from course_lib.video.timing import FALLBACK_RATE

SINGLE_PICTURES = (".png", ".jpg", ".jpeg")
WRITABLE = (*VIDEO_FORMATS, ".gif", *SINGLE_PICTURES)
PNG_COMPRESSION = 1  # of 9: twice the speed of the default for files a sixth larger


@dataclass(frozen=True)
class Target:
    """Where an output goes; its suffix says how. A path without suffix, or with a slash behind it, is a folder of PNGs."""

    path: Path
    is_folder: bool

    @classmethod
    def of(cls, text: str | os.PathLike[str], known: Sequence[str] = WRITABLE) -> Target:
        """CourseError for an unknown suffix, a missing folder, or a folder that holds something."""
        path = Path(text)
        slash = str(text).endswith(("/", os.sep))
        is_folder = slash or path.is_dir() or not path.suffix
        if not is_folder and path.suffix.lower() not in known:
            raise CourseError(
                f"{path}: the suffix {path.suffix} is not one of {' '.join(known)}. For a folder of PNGs end the name with /."
            )
        if is_folder and path.suffix.lower() in known and not slash:
            raise CourseError(f"{path} is a folder, not a file. Remove it or choose another name.")
        if not path.absolute().parent.is_dir():
            raise CourseError(
                f"The folder {path.absolute().parent} does not exist. Make it first, or correct the name."
            )
        if is_folder and path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise CourseError(f"{path} exists and is not an empty folder. Empty it or choose another name.")
        return cls(path, is_folder)

    @property
    def suffix(self) -> str:
        return "" if self.is_folder else self.path.suffix.lower()

    @property
    def is_picture(self) -> bool:
        return self.suffix in SINGLE_PICTURES

    @property
    def holds_alpha(self) -> bool:
        return self.is_folder or self.suffix in (".png", ".gif", ".webm", ".mov")

    @property
    def holds_sound(self) -> bool:
        return self.suffix in VIDEO_FORMATS


class Writer:
    """`write` frames, then `finish`, then `publish`; or `discard` at any point. Trouble with the file is a CourseError."""

    def __init__(
        self,
        target: Target,
        size: tuple[int, int],
        timing: Timing,
        *,
        transparent: bool = False,
        quality: float = 70,
        sound: Path | None = None,
    ) -> None:
        self.target = target
        self._hidden = HiddenFile(target.path)
        try:
            with self._hidden.explained():
                if target.is_folder or target.is_picture:
                    self._encoder = PictureEncoder(self._hidden.path, target, quality)
                elif target.suffix == ".gif":
                    self._encoder = GifEncoder(self._hidden.path, size, transparent)
                else:
                    form = VIDEO_FORMATS[target.suffix]
                    self._encoder = VideoEncoder(self._hidden.path, form, size, timing, transparent, quality, sound)
        except BaseException:
            self.discard()
            raise

    @property
    def notes(self) -> list[str]:
        return [f"{self.target.path.name}: {note}" for note in self._encoder.notes]

    def begin_sound(self, origin: Fraction, duration: Fraction | None) -> None:
        """See `Sound.begin`; nothing where the target holds no sound."""
        if isinstance(self._encoder, VideoEncoder):
            with self._hidden.explained():
                self._encoder.begin_sound(origin, duration)

    def write(self, picture: np.ndarray, time: Fraction, name: str | None = None) -> None:
        """`picture` (H, W, 3), or (H, W, 4) if transparent, uint8; `name` becomes the PNG's name in a folder."""
        with self._hidden.explained():
            if isinstance(self._encoder, PictureEncoder):
                self._encoder.write(picture, name)
            else:
                self._encoder.write(picture, time)

    def finish(self) -> None:
        """Complete the hidden file."""
        with self._hidden.explained():
            self._encoder.finish()

    def publish(self) -> None:
        """Give the finished file its name."""
        self._hidden.publish()

    def discard(self) -> None:
        """Remove what was written; nothing after `publish`."""
        if hasattr(self, "_encoder"):
            with contextlib.suppress(OSError, FFmpegError):  # closing a file on a full disk complains once more
                self._encoder.close()
        self._hidden.remove()


def write_picture(path: str | os.PathLike[str], picture: np.ndarray) -> None:
    """One picture (H, W, 3) uint8, .png or .jpg, whole or not at all. CourseError as of `Target` and `Writer`."""
    target = Target.of(path, SINGLE_PICTURES)
    if not target.is_picture:
        raise CourseError(f"{path} is to be one picture: end its name with .png or .jpg.")
    writer = Writer(target, picture.shape[:2], Timing(FALLBACK_RATE, 1 / FALLBACK_RATE, None))
    try:
        writer.write(picture, Fraction(0))
        writer.finish()
        writer.publish()
    finally:
        writer.discard()


class PictureEncoder:
    """A folder of PNGs, or one picture. Times do not matter here."""

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, target: Target, quality: float) -> None:
        self._path, self._target = path, target
        self._jpeg_quality = round(70 + quality / 4)
        self._count = 0
        if target.is_folder:
            path.mkdir()

    def write(self, picture: np.ndarray, name: str | None) -> None:
        if not self._target.is_folder:
            if self._count:
                raise CourseError(f"{self._target.path} holds one picture; for several give a video or a folder.")
            self._save(picture, self._path)
        else:
            file = self._path / f"{name or f'{self._count:06d}'}.png"
            if file.exists():
                raise CourseError(f"Two input files are called {file.stem}: their results would both be {file.name}.")
            self._save(picture, file)
        self._count += 1

    def finish(self) -> None:
        """Every file is complete already."""

    def close(self) -> None:
        """Nothing is kept open."""

    def _save(self, picture: np.ndarray, path: Path) -> None:
        image = Image.fromarray(picture)
        if self._target.suffix in (".jpg", ".jpeg"):
            image.save(path, "JPEG", quality=self._jpeg_quality)
        else:
            image.save(path, "PNG", compress_level=PNG_COMPRESSION)
