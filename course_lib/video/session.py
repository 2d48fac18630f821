"""Matting frame by frame: the states of the network are kept between the calls, as a webcam or an editor needs it."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.matting.network import ratio_for


def check_ratio(ratio: float | Literal["auto"]) -> None:
    """CourseError unless the ratio is "auto" or above 0 and at most 1."""
    if ratio != "auto" and not (isinstance(ratio, (int, float)) and 0 < ratio <= 1):
        raise CourseError(f"downsample ratio {ratio} must be above 0 and at most 1, or auto.")


class MattingSession:
    """One video's way through the network.

    model: `RobustVideoMatting` or anything called as `model(clip, *states, downsample_ratio=…)`. Frames go to its device
    and its dtype. downsample_ratio: "auto" makes the longer side 512 pixels at most.

    All frames of a session have one size: another one raises CourseError, and `reset()` is the remedy, for the memory of
    one size means nothing to another. Call `reset()` at a cut, too.
    """

    def __init__(self, model: nn.Module, downsample_ratio: float | Literal["auto"] = "auto") -> None:
        check_ratio(downsample_ratio)
        self.model = model
        self.downsample_ratio = downsample_ratio
        parameter = next(model.parameters(), torch.empty(0))
        self.device, self.dtype = parameter.device, parameter.dtype
        self.reset()

    def reset(self) -> None:
        """Forget everything seen so far."""
        self._states: tuple[Tensor, ...] = ()
        self._size: tuple[int, int] | None = None

    def step(self, frame: np.ndarray | Tensor) -> tuple[np.ndarray, np.ndarray] | tuple[Tensor, Tensor]:
        """Matte the next frame: foreground and alpha in [0, 1], in the layout that came in.

        numpy (H, W, 3) → (H, W, 3) and (H, W) float32; torch (3, H, W) → (3, H, W) and (1, H, W) on the model's device.
        The frame is RGB, uint8 or floating point in [0, 1]; anything else raises CourseError.
        """
        if isinstance(frame, np.ndarray):
            if frame.ndim != 3 or frame.shape[2] != 3:
                raise CourseError(f"A numpy frame must be (height, width, 3), RGB; got {frame.shape}.")
            tensor = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)
            foreground, alpha = self.clip(tensor[None])
            return foreground[0].permute(1, 2, 0).float().cpu().numpy(), alpha[0, 0].float().cpu().numpy()
        if frame.ndim != 3 or frame.shape[0] != 3:
            raise CourseError(f"A torch frame must be (3, height, width), RGB; got {tuple(frame.shape)}.")
        foreground, alpha = self.clip(frame[None])
        return foreground[0], alpha[0]

    def clip(self, frames: Tensor) -> tuple[Float[Tensor, "T 3 H W"], Float[Tensor, "T 1 H W"]]:
        """Matte the next T frames (T, 3, H, W) in one call: the same numbers as T steps. Accepts what `step` accepts."""
        return self.matte(self.to_input(frames))

    @torch.inference_mode()
    def matte(self, frames: Float[Tensor, "T 3 H W"]) -> tuple[Float[Tensor, "T 3 H W"], Float[Tensor, "T 1 H W"]]:
        """`clip` for frames that `to_input` has seen to."""
        size = tuple(frames.shape[-2:])
        if self._size not in (None, size):
            raise CourseError(
                f"The session has seen frames of {self._size[1]}×{self._size[0]} pixels; this one is {size[1]}×{size[0]}. "
                "Call reset() before frames of another size."
            )
        ratio = ratio_for(self.model, frames, self.downsample_ratio)
        if min(size) * ratio < 1:
            raise CourseError(
                f"A downsample ratio of {ratio:g} leaves nothing of {size[1]}×{size[0]} pixels. Use auto."
            )
        foreground, alpha, *self._states = self.model(frames[None], *self._states, downsample_ratio=ratio)
        self._size = size
        return foreground[0], alpha[0]

    def to_input(self, frames: Tensor) -> Tensor:
        """Any accepted frames as floating point in [0, 1] on the model's device. CourseError for numbers beyond."""
        if frames.dtype == torch.uint8:
            return frames.to(self.device).to(self.dtype).div_(255)
        if not frames.is_floating_point():
            raise CourseError(f"Frames are {frames.dtype}; give uint8 (0 to 255) or floating point (0 to 1).")
        low, high = frames.aminmax()
        if not (low >= 0 and high <= 1):  # also true for NaN
            raise CourseError(
                f"Frames must lie in [0, 1]; these go from {low:g} to {high:g}. Are they 0 to 255, normalised, or not numbers?"
            )
        return frames.to(self.device, self.dtype)
