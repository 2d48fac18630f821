"""Results that were computed before: one file each, found again by the code, the contestant and what it was shown."""

import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from course_lib.fetch import cache_dir
from course_lib.training.files import write_whole
from course_lib.widgets.model_lab.contestant import Contestant

LIBRARY = Path(__file__).parents[2]
DECIDING = (
    "matting",
    "instances",
    "evaluation",
    "exercises/chapters",
    "widgets/model_lab",
)  # code that results depend on


def kept_path(contestant: Contestant, *shown: np.ndarray) -> Path | None:
    """Where the result is kept, or will be; None for a contestant that lives in this session only. `shown`: pictures, truth."""
    if contestant.key is None:
        return None
    data = hashlib.sha256(b"".join(np.ascontiguousarray(array).tobytes() for array in shown)).hexdigest()
    name = hashlib.sha256(f"{code()} {contestant.key} {data}".encode()).hexdigest()[:24]
    return cache_dir() / "lab" / f"{name}.npz"


@cache
def code() -> str:
    """Changes when a module does: who edits the network must not be shown what it did before."""
    files = [path for folder in DECIDING for path in sorted((LIBRARY / folder).rglob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def keep(path: Path | None, arrays: Mapping[str, np.ndarray | float]) -> None:
    if path is not None:
        stream = io.BytesIO()
        np.savez_compressed(stream, **arrays)
        write_whole(path, stream.getvalue())


def find_kept(path: Path | None) -> dict[str, np.ndarray]:
    """Empty where nothing is kept, or what is kept is damaged."""
    if path is None or not path.is_file():
        return {}
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error):
        return {}
