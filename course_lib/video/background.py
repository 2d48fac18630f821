"""What goes behind the person: a colour, a picture, a video that loops, or the person's own surroundings out of focus.

A background has two halves. `prepare(time)` runs where the frames are decoded and does the reading; `plate(…)` runs beside
the network and returns the background as a tensor that fits the frames.
"""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.video.pictures import PICTURE_SUFFIXES, load_picture
from course_lib.video.reader import VideoSource

Fit = Literal["crop", "contain", "stretch"]
FITS = ("crop", "contain", "stretch")
TRANSPARENT = "transparent"
GREEN = "#78FF9B"  # the green of the paper's demonstrations


class Background(Protocol):
    def prepare(self, time: Fraction) -> np.ndarray | None:
        """The background of the frame at `time`, (H, W, 3) uint8; None where it does not change or comes of the frame."""

    def plate(
        self, frames: Float[Tensor, "T 3 H W"], alpha: Float[Tensor, "T 1 H W"], prepared: list[np.ndarray | None]
    ) -> Float[Tensor, "T 3 H W"]:
        """In [0, 1], on the frames' device; T may be 1."""

    def close(self) -> None:
        """Let go of files."""


def open_background(text: str, size: tuple[int, int], fit: Fit) -> Background:
    """`text`: "#RRGGBB", "blur", or the path of a picture or video; `size` is (height, width). CourseError if unusable."""
    if fit not in FITS:
        raise CourseError(f"--fit {fit} is not one of {', '.join(FITS)}.")
    if text == "blur":
        return BlurredSurroundings()
    if text.startswith("#"):
        return Still(np.broadcast_to(parse_colour(text), (*size, 3)))
    path = Path(text)
    if not path.exists():
        raise CourseError(
            f"The background {text} does not exist. Give a picture, a video, a colour such as '#00FF00', blur or transparent."
        )
    if path.is_dir():
        raise CourseError(f"The background {text} is a folder. Give one picture or one video.")
    if path.suffix.lower() in PICTURE_SUFFIXES:
        return Still(fit_to(load_picture(path), size, fit))
    return LoopingVideo(path, size, fit)


def parse_colour(text: str) -> np.ndarray:
    """ "#RRGGBB" → (3,) uint8. CourseError for anything else."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise CourseError(f"{text} is not a colour. Write it as six hexadecimal digits in quotes, such as '#00FF00'.")
    return np.frombuffer(bytes.fromhex(text[1:]), np.uint8)


def fit_to(picture: np.ndarray, size: tuple[int, int], fit: Fit) -> np.ndarray:
    """(h, w, 3) → (H, W, 3) uint8: crop fills and cuts the rest, contain shows all between black bars, stretch distorts."""
    height, width = size
    h, w = picture.shape[:2]
    if (h, w) == size:
        return picture
    if fit == "stretch":
        return _scale(picture, height, width)
    choose = max if fit == "crop" else min
    scale = choose(height / h, width / w)
    picture = _scale(picture, max(round(h * scale), 1), max(round(w * scale), 1))
    h, w = picture.shape[:2]
    if fit == "crop":
        top, left = (h - height) // 2, (w - width) // 2
        return np.ascontiguousarray(picture[top : top + height, left : left + width])
    framed = np.zeros((height, width, 3), np.uint8)
    top, left = (height - h) // 2, (width - w) // 2
    framed[top : top + h, left : left + w] = picture
    return framed


class Still:
    """One picture (H, W, 3) uint8 behind every frame."""

    def __init__(self, picture: np.ndarray) -> None:
        self._picture = picture
        self._plate: Tensor | None = None

    def prepare(self, time: Fraction) -> None:
        return None

    def plate(self, frames: Tensor, alpha: Tensor, prepared: list[np.ndarray | None]) -> Tensor:
        if self._plate is None:
            self._plate = to_tensor([self._picture], frames)
        return self._plate

    def close(self) -> None:
        """Nothing is open."""


class LoopingVideo:
    """The frame of a video that is on screen at the asked time; after its last frame it starts again."""

    def __init__(self, path: Path, size: tuple[int, int], fit: Fit) -> None:
        self._source = VideoSource(path)
        self._size, self._fit = size, fit
        self._loop_start = Fraction(0)  # time at which the present round began
        self._length: Fraction | None = None  # of a round, known after the first
        self._frames = iter(self._source)
        self._next = next(self._frames)
        self._advance()

    def prepare(self, time: Fraction) -> np.ndarray:
        if self._length:
            rounds = (time - self._loop_start) // self._length
            if rounds > 1:  # after a long gap, do not decode what nobody sees
                self._loop_start += (rounds - 1) * self._length
        while self._next_time() <= time:
            self._advance()
        return self._shown

    def plate(self, frames: Tensor, alpha: Tensor, prepared: list[np.ndarray | None]) -> Tensor:
        return to_tensor(prepared, frames)

    def close(self) -> None:
        self._frames.close()

    def _next_time(self) -> Fraction:
        return self._loop_start + self._next.time

    def _advance(self) -> None:
        self._shown = fit_to(self._next.rgb, self._size, self._fit)
        last = self._next.time
        following = next(self._frames, None)
        if following is None:
            self._length = last + 1 / self._source.rate
            self._loop_start += self._length
            self._frames = iter(self._source)
            following = next(self._frames)
        self._next = following


class BlurredSurroundings:
    """The frame itself, far out of focus. The person is left out of the blur, so no halo of it appears around the edge."""

    def prepare(self, time: Fraction) -> None:
        return None

    def plate(self, frames: Tensor, alpha: Tensor, prepared: list[np.ndarray | None]) -> Tensor:
        height, width = frames.shape[-2:]
        scale = max(max(height, width) / 128, 1)  # the blur is so wide that 128 pixels hold all of it
        small = max(round(height / scale), 1), max(round(width / scale), 1)
        skip = max(int(scale / 4), 1)  # of the pixels that are averaged, 4 × 4 are enough
        frames, alpha = frames[..., ::skip, ::skip], alpha[..., ::skip, ::skip]
        weight = F.interpolate(1 - alpha, small, mode="area") + 1e-3
        colours = F.interpolate(frames, small, mode="area") * weight
        blurred = _gaussian(colours) / _gaussian(weight)
        return F.interpolate(blurred, (height, width), mode="bilinear", align_corners=False).clamp(0, 1)

    def close(self) -> None:
        """Nothing is open."""


def to_tensor(pictures: list[np.ndarray], like: Tensor) -> Float[Tensor, "T 3 H W"]:
    """(H, W, 3) uint8 pictures → (T, 3, H, W) in [0, 1], on the device and in the dtype of `like`."""
    stacked = torch.from_numpy(np.stack(pictures)).to(like.device)
    return stacked.permute(0, 3, 1, 2).to(like.dtype).div_(255)


def _gaussian(x: Tensor, sigma: float = 3.0) -> Tensor:
    radius = int(3 * sigma)
    kernel = torch.exp(-(torch.arange(-radius, radius + 1, device=x.device, dtype=torch.float32) ** 2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).to(x.dtype).expand(x.shape[1], 1, 1, -1)
    padded = F.pad(x, (radius, radius, radius, radius), mode="replicate")
    across = F.conv2d(padded, kernel, groups=x.shape[1])
    return F.conv2d(across, kernel.transpose(2, 3), groups=x.shape[1])


def _scale(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    shrinking = height * width < picture.shape[0] * picture.shape[1]
    method = cv2.INTER_AREA if shrinking else cv2.INTER_CUBIC
    return cv2.resize(picture, (width, height), interpolation=method)
