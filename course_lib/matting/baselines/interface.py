"""What every method of matting looks like here, `(frames, extras) → alpha`, and the checks that they share.

Frames are one clip (T, 3, H, W), RGB in [0, 1], on any device; alpha (T, 1, H, W) in [0, 1] comes back on the same one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

Method = Callable[[Tensor, "Extras"], Tensor]

PIXELS_AT_ONCE = 8 * 512 * 512  # that a network sees in one call: memory is bounded, and the result is the same


@dataclass(frozen=True)
class Extras:
    """What somebody gives beside the frames. A method that needs one which is None raises ValueError."""

    trimap: Float[Tensor, "T 1 H W"] | None = None  # 0 background, 1 foreground, 0.5 unknown
    clean_plate: Float[Tensor, "3 H W"] | Float[Tensor, "T 3 H W"] | None = None  # the same view without the person
    box: tuple[int, int, int, int] | None = None  # left, top, width, height in pixels: nobody outside


def check_clip(frames: Tensor) -> None:
    """ValueError for anything but a clip (T, 3, H, W) of floating point."""
    if frames.ndim != 4 or frames.shape[1] != 3 or 0 in frames.shape:
        raise ValueError(f"a method takes one clip (T, 3, H, W) of RGB frames, not {tuple(frames.shape)}")
    if not frames.is_floating_point():
        raise ValueError(f"frames are {frames.dtype}; methods take RGB in [0, 1]: frames.float() / 255")


def required(extra: Tensor | None, name: str, frames: Tensor) -> Tensor:
    """The extra, on the frames' device. ValueError where it is missing or does not fit the frames."""
    if extra is None:
        raise ValueError(f"this method needs a {name}: pass Extras({name}=…)")
    length, _, height, width = frames.shape
    channels = 1 if name == "trimap" else 3
    fits = [(length, channels, height, width)]
    if name == "clean_plate":
        fits.append((channels, height, width))
    if tuple(extra.shape) not in fits:
        wanted = " or ".join(map(str, fits))
        raise ValueError(f"the {name} is {tuple(extra.shape)}, but these frames need {wanted}")
    return extra.to(frames)


def parts(frames: Float[Tensor, "T 3 H W"]) -> Iterator[Float[Tensor, "t 3 H W"]]:
    """The clip in order, cut into parts of `frames_at_once`."""
    return iter(frames.split(frames_at_once(frames)))


def frames_at_once(frames: Float[Tensor, "T 3 H W"]) -> int:
    """As many as have PIXELS_AT_ONCE pixels together, but at least one."""
    return max(1, PIXELS_AT_ONCE // (frames.shape[2] * frames.shape[3]))


def as_pixels(frame: Float[Tensor, "3 H W"]) -> Float[np.ndarray, "H W 3"]:
    """For libraries outside torch: float64 on the CPU, channels last."""
    return np.ascontiguousarray(frame.permute(1, 2, 0).double().cpu().numpy())


def as_alpha(mattes: list[Float[np.ndarray, "H W"]], like: Float[Tensor, "T 3 H W"]) -> Float[Tensor, "T 1 H W"]:
    """The way back: one array per frame, with dtype and device of `like`."""
    return torch.from_numpy(np.stack(mattes)).to(like)[:, None]
