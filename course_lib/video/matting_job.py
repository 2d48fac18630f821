"""One run of `matte_video`: what is prepared, computed and written for each frame."""

from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import torch
from torch import Tensor

from course_lib.video.background import TRANSPARENT, Fit, open_background
from course_lib.video.frames import Frame, Source
from course_lib.video.job import Job
from course_lib.video.plan import Plan
from course_lib.video.render import checkerboard, composite, cut_out, side_by_side, to_pictures
from course_lib.video.session import MattingSession

Group = list[tuple[Frame, np.ndarray | None]]  # frames and, for a moving background, the background's
Pictures = dict[str, list[np.ndarray]]  # role → T pictures (H, W, C) uint8


class MattingJob(Job[np.ndarray | None, Pictures]):
    """Foreground and alpha of each frame, and what the plan wants to be made of them."""

    def __init__(
        self,
        source: Source,
        plan: Plan,
        session: MattingSession,
        *,
        fit: Fit,
        quality: float,
        audio: bool,
        stack: ExitStack,
    ) -> None:
        super().__init__(source, stack)
        self._plan, self._session = plan, session
        height, width = self.size
        self._background = None
        if plan.background != TRANSPARENT and "composite" in plan.targets:
            self._background = open_background(plan.background, self.size, fit)
            stack.callback(self._background.close)
        self._writers = {}
        for role, target in plan.targets.items():
            main = role == "composite"
            self._writers[role] = self.open_writer(
                target,
                (height, 3 * width if main and plan.compare else width),
                transparent=main and plan.transparent,
                quality=quality,
                audio=main and audio,
            )

    def prepare(self, frame: Frame) -> np.ndarray | None:
        return self._background.prepare(frame.time) if self._background else None

    @torch.inference_mode()
    def compute(self, group: Group) -> Pictures:
        stacked = torch.from_numpy(np.stack([frame.rgb for frame, _ in group]))
        frames = self._session.to_input(stacked.permute(0, 3, 1, 2))  # (T, 3, H, W)
        with self.timed(frames.device):
            foreground, alpha = self._session.matte(frames)
        pictures = {}
        if "composite" in self._writers:
            pictures["composite"] = to_pictures(self._composite(frames, foreground, alpha, [b for _, b in group]))
        if "alpha" in self._writers:
            pictures["alpha"] = to_pictures(alpha)
        if "foreground" in self._writers:
            pictures["foreground"] = to_pictures(foreground)
        return pictures

    def write(self, group: Group, result: Pictures) -> None:
        for role, writer in self._writers.items():
            for (frame, _), picture in zip(group, result[role], strict=True):
                writer.write(picture, frame.time, frame.name)

    def _composite(
        self, frames: Tensor, foreground: Tensor, alpha: Tensor, prepared: list[np.ndarray | None]
    ) -> Tensor:
        """The main output: RGBA, or RGB over the background, or the comparison."""
        if self._plan.transparent:
            return cut_out(foreground, alpha)
        plate = self._background.plate(frames, alpha, prepared) if self._background else checkerboard(frames)
        composed = composite(foreground, alpha, plate)
        return side_by_side(frames, alpha, composed) if self._plan.compare else composed
