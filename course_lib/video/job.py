"""From a source to its outputs: the frames move through three stages at once, and the results are published together.

What the stages do is the subclass's: `MattingJob` and `SegmentingJob` share everything that is here.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import Generic, Protocol, TypeVar

import torch

from course_lib.video.encode import Timing
from course_lib.video.frames import Frame, Source
from course_lib.video.pipeline import Ahead, Behind, chunks
from course_lib.video.writer import Target, Writer

P = TypeVar("P")
R = TypeVar("R")
CHUNKS_AHEAD = 2


class Output(Protocol):
    """What `Writer` has: a hidden file that is completed, then named, or removed."""

    @property
    def notes(self) -> list[str]: ...

    def finish(self) -> None: ...

    def publish(self) -> None: ...

    def discard(self) -> None: ...


class Job(ABC, Generic[P, R]):
    """frames, network_seconds and notes are complete after `run`. What is opened is closed, or removed, by `stack`."""

    def __init__(self, source: Source, stack: ExitStack) -> None:
        self.frames = 0
        self.network_seconds = 0.0
        self.notes: list[str] = []
        self._source, self._stack = source, stack
        self._outputs: list[Output] = []
        frames = iter(source)
        stack.callback(frames.close)
        first = next(frames)  # what is wrong with the file mostly shows here, before anything is written
        self.size = first.rgb.shape[:2]
        self._incoming = chain([first], frames)

    @abstractmethod
    def prepare(self, frame: Frame) -> P:
        """What can be done beside the decoder, in its thread."""

    @abstractmethod
    def compute(self, group: list[tuple[Frame, P]]) -> R:
        """The network's part for one chunk, in the caller's thread."""

    @abstractmethod
    def write(self, group: list[tuple[Frame, P]], result: R) -> None:
        """Hand one chunk's results to the outputs, in the encoder's thread."""

    def open_writer(
        self, target: Target, size: tuple[int, int], *, transparent: bool = False, quality: float, audio: bool = False
    ) -> Writer:
        """A writer at the source's rate; with its sound, if `audio`, where the target holds any."""
        source = self._source
        sound = source.sound if audio and target.holds_sound else None
        timing = Timing(source.rate, source.tick, source.pixel_aspect)
        writer = Writer(target, size, timing, transparent=transparent, quality=quality, sound=sound)
        self.add_output(writer)
        writer.begin_sound(source.origin, source.span.duration)
        if audio and source.sound and not target.holds_sound:
            self.notes.append(f"{target.path.name} holds no sound; the input's was left out.")
        return writer

    def add_output(self, output: Output) -> None:
        """`output` is published with the others, or discarded with them."""
        self._stack.callback(output.discard)
        self._outputs.append(output)

    def run(self, chunk: int, progress: Callable[[int, int | None], None]) -> None:
        """Take every frame through, `chunk` at a time, and give the outputs their names. `progress` is called here."""
        with Behind(self._write, CHUNKS_AHEAD) as put, Ahead(self._prepared(), CHUNKS_AHEAD * chunk) as incoming:
            for group in chunks(incoming, chunk):
                put((group, self.compute(group)))
                self.frames += len(group)
                progress(self.frames, self._source.total)
        for output in self._outputs:
            output.finish()
        for output in self._outputs:
            output.publish()
            self.notes += output.notes

    @contextmanager
    def timed(self, device: torch.device) -> Iterator[None]:
        """Adds to `network_seconds`; waits for a GPU to be done."""
        began = time.perf_counter()
        yield
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        self.network_seconds += time.perf_counter() - began

    def _prepared(self) -> Iterator[tuple[Frame, P]]:
        for frame in self._incoming:
            yield frame, self.prepare(frame)

    def _write(self, item: tuple[list[tuple[Frame, P]], R]) -> None:
        self.write(*item)
