"""Arrays that are dear to make and the same each time: made when first asked for, then kept in the cache, one file each.

One file each, because a scene needs a few of hundreds, and because processes that load data side by side may ask for the same
one: both make it, and the last to finish replaces the other's equal file.
"""

import os
from collections.abc import Callable

import numpy as np

from course_lib.errors import CourseError
from course_lib.fetch import cache_dir

FOLDER = "emoji-scenes-1"  # count up when what is kept would come out differently: caches hold the old ones


def kept(name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array `name` (a path without suffix) from the cache; made and kept first if it is not there or damaged.

    Raises CourseError when the cache cannot be written, and whatever `make` raises.
    """
    path = cache_dir() / FOLDER / f"{name}.npy"
    try:
        return np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        pass  # not made yet, or cut short by a full disk
    array = make()
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as stream:
                np.save(stream, array)
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(
            f"Cannot write {path}: {error.strerror or error}.\n"
            "Make room there, or set COURSE_CACHE to a folder that can be written, and run it again."
        ) from error
    return array
