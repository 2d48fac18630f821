"""An output on its way: under a hidden name in the target's folder until it is whole, gone if anything fails.

So under the final name there is the old file, or nothing, or the finished one.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from av.error import FFmpegError

from course_lib.errors import CourseError
from course_lib.video.container import reason


class HiddenFile:
    """`path` is where to write, a file or a folder; then `publish`, or `remove`."""

    def __init__(self, final: Path) -> None:
        self.final = final
        self.path = final.absolute().parent / f".course-{secrets.token_hex(6)}.tmp"

    def publish(self) -> None:
        """Give it its name."""
        with self.explained():
            if self.path.is_dir() and self.final.is_dir():
                self.final.rmdir()  # empty, as was checked; Windows does not rename onto it
            os.replace(self.path, self.final)

    def remove(self) -> None:
        """Nothing of it is left; does nothing after `publish`."""
        if self.path.is_dir():
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            self.path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Trouble with the file becomes a CourseError that names it."""
        try:
            yield
        except (OSError, FFmpegError) as cause:
            if getattr(cause, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise CourseError(
                    f"{self.final} cannot be written: no space left. Free some space, or write to another disk. "
                    "Nothing was kept."
                ) from None
            if isinstance(cause, PermissionError):
                raise CourseError(
                    f"{self.final} cannot be written: no permission. Choose a folder of your own."
                ) from None
            raise CourseError(f"{self.final} cannot be written: {reason(cause)}. Nothing was kept.") from None
