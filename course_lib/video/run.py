"""One run of `matte_video`: open what is needed, move the frames through the three stages, publish the results together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from course_lib.video.background import TRANSPARENT, Fit, open_background
from course_lib.video.encode import Timing
from course_lib.video.engine import pick_chunk
from course_lib.video.frames import Frame
from course_lib.video.pictures import PictureSource
from course_lib.video.pipeline import Ahead, Behind, chunks
from course_lib.video.plan import Plan
from course_lib.video.reader import VideoSource
from course_lib.video.render import checkerboard, composite, cut_out, side_by_side, to_pictures
from course_lib.video.session import MattingSession
from course_lib.video.writer import Writer

Prepared = tuple[Frame, np.ndarray | None]  # a frame and, for a moving background, the background's
CHUNKS_AHEAD = 2


class Job:
    """frames, network_seconds and notes are complete after `run`. What is opened is closed, or removed, by `stack`."""

    def __init__(
        self,
        source: VideoSource | PictureSource,
        plan: Plan,
        session: MattingSession,
        *,
        fit: Fit,
        quality: float,
        audio: bool,
        stack: ExitStack,
    ) -> None:
        self.frames = 0
        self.network_seconds = 0.0
        self.notes: list[str] = []
        self._plan, self._session = plan, session
        frames = iter(source)
        stack.callback(frames.close)
        first = next(frames)  # what is wrong with the file mostly shows here, before anything is written
        self._size = height, width = first.rgb.shape[:2]
        self._incoming = chain([first], frames)
        self._background = None
        if plan.background != TRANSPARENT and "composite" in plan.targets:
            self._background = open_background(plan.background, self._size, fit)
            stack.callback(self._background.close)
        self._writers: dict[str, Writer] = {}
        timing = Timing(source.rate, source.tick, source.pixel_aspect)
        for role, target in plan.targets.items():
            main = role == "composite"
            self._writers[role] = writer = Writer(
                target,
                (height, 3 * width if main and plan.compare else width),
                timing,
                transparent=main and plan.transparent,
                quality=quality,
                sound=source.sound if main and audio and target.holds_sound else None,
            )
            stack.callback(writer.discard)
            writer.begin_sound(source.origin, source.span.duration)
        if audio and source.sound and "composite" in plan.targets and not plan.targets["composite"].holds_sound:
            self.notes.append(f"{plan.targets['composite'].path.name} holds no sound; the input's was left out.")

    def run(self, chunk: int | Literal["auto"], progress: Callable[[int, int | None], None], total: int | None) -> None:
        """Matte every frame and give the outputs their names. `progress` is called here, in the caller's thread."""
        size = pick_chunk(chunk, *self._size, self._session.device)
        with Behind(self._write, CHUNKS_AHEAD) as put, Ahead(self._prepared(), CHUNKS_AHEAD * size) as incoming:
            for group in chunks(incoming, size):
                put((group, self._pictures(group)))
                self.frames += len(group)
                progress(self.frames, total)
        for writer in self._writers.values():
            writer.finish()
        for writer in self._writers.values():
            writer.publish()
            self.notes += writer.notes

    def _prepared(self) -> Iterator[Prepared]:
        for frame in self._incoming:
            yield frame, self._background.prepare(frame.time) if self._background else None

    @torch.inference_mode()
    def _pictures(self, group: list[Prepared]) -> dict[str, list[np.ndarray]]:
        """The network's part for one chunk: role → T pictures (H, W, C) uint8."""
        stacked = torch.from_numpy(np.stack([frame.rgb for frame, _ in group]))
        frames = self._session.to_input(stacked.permute(0, 3, 1, 2))  # (T, 3, H, W)
        began = time.perf_counter()
        foreground, alpha = self._session.matte(frames)
        if frames.device.type == "cuda":
            torch.cuda.synchronize(frames.device)
        self.network_seconds += time.perf_counter() - began
        pictures = {}
        if "composite" in self._writers:
            pictures["composite"] = to_pictures(self._composite(frames, foreground, alpha, [b for _, b in group]))
        if "alpha" in self._writers:
            pictures["alpha"] = to_pictures(alpha)
        if "foreground" in self._writers:
            pictures["foreground"] = to_pictures(foreground)
        return pictures

    def _composite(
        self, frames: Tensor, foreground: Tensor, alpha: Tensor, prepared: list[np.ndarray | None]
    ) -> Tensor:
        """The main output: RGBA, or RGB over the background, or the comparison."""
        if self._plan.transparent:
            return cut_out(foreground, alpha)
        plate = self._background.plate(frames, alpha, prepared) if self._background else checkerboard(frames)
        composed = composite(foreground, alpha, plate)
        return side_by_side(frames, alpha, composed) if self._plan.compare else composed

    def _write(self, item: tuple[list[Prepared], dict[str, list[np.ndarray]]]) -> None:
        group, pictures = item
        for role, writer in self._writers.items():
            for (frame, _), picture in zip(group, pictures[role], strict=True):
                writer.write(picture, frame.time, frame.name)
