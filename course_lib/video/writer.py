"""One output: checked before the work begins, invisible until it is whole, gone if anything fails.

Everything is written under a hidden name in the target's folder and renamed at the very end, so under the final name there
is the old file, or nothing, or the finished one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.error import FFmpegError
from PIL import Image

from course_lib.errors import CourseError
from course_lib.video.container import reason
from course_lib.video.encode import VIDEO_FORMATS, Timing, VideoEncoder
from course_lib.video.gif import GifEncoder

SINGLE_PICTURES = (".png", ".jpg", ".jpeg")
PNG_COMPRESSION = 1  # of 9: twice the speed of the default for files a sixth larger


@dataclass(frozen=True)
class Target:
    """Where an output goes; its suffix says how. A path without suffix, or with a slash behind it, is a folder of PNGs."""

    path: Path
    is_folder: bool

    @classmethod
    def of(cls, text: str | os.PathLike[str]) -> Target:
        """CourseError for an unknown suffix, a missing folder, or a folder that holds something."""
        path = Path(text)
        slash = str(text).endswith(("/", os.sep))
        known = (*VIDEO_FORMATS, ".gif", *SINGLE_PICTURES)
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
        self._temporary = target.path.absolute().parent / f".course-{secrets.token_hex(6)}.tmp"
        with self._explained():
            if target.is_folder or target.is_picture:
                self._encoder = PictureEncoder(self._temporary, target, quality)
            elif target.suffix == ".gif":
                self._encoder = GifEncoder(self._temporary, size, transparent)
            else:
                form = VIDEO_FORMATS[target.suffix]
                self._encoder = VideoEncoder(self._temporary, form, size, timing, transparent, quality, sound)

    @property
    def notes(self) -> list[str]:
        return [f"{self.target.path.name}: {note}" for note in self._encoder.notes]

    def begin_sound(self, origin: Fraction, duration: Fraction | None) -> None:
        """See `Sound.begin`; nothing where the target holds no sound."""
        if isinstance(self._encoder, VideoEncoder):
            with self._explained():
                self._encoder.begin_sound(origin, duration)

    def write(self, picture: np.ndarray, time: Fraction, name: str | None = None) -> None:
        """`picture` (H, W, 3), or (H, W, 4) if transparent, uint8; `name` becomes the PNG's name in a folder."""
        with self._explained():
            if isinstance(self._encoder, PictureEncoder):
                self._encoder.write(picture, name)
            else:
                self._encoder.write(picture, time)

    def finish(self) -> None:
        """Complete the hidden file."""
        with self._explained():
            self._encoder.finish()

    def publish(self) -> None:
        """Give the finished file its name."""
        with self._explained():
            if self.target.is_folder and self.target.path.is_dir():
                self.target.path.rmdir()  # empty, as was checked; Windows does not rename onto it
            os.replace(self._temporary, self.target.path)

    def discard(self) -> None:
        """Remove what was written; nothing after `publish`."""
        if hasattr(self, "_encoder"):
            with contextlib.suppress(OSError, FFmpegError):  # closing a file on a full disk complains once more
                self._encoder.close()
        if self._temporary.is_dir():
            shutil.rmtree(self._temporary, ignore_errors=True)
        else:
            self._temporary.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, FFmpegError) as cause:
            path = self.target.path
            if getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise CourseError(
                    f"{path} cannot be written: no space left. Free some space, or write to another disk. Nothing was kept."
                ) from None
            if isinstance(cause, PermissionError):
                raise CourseError(f"{path} cannot be written: no permission. Choose a folder of your own.") from None
            raise CourseError(f"{path} cannot be written: {reason(cause)}. Nothing was kept.") from None


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
