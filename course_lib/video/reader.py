"""Read a video: upright RGB frames with exact times, or one message that says what is wrong with the file.

A damaged video is not matted in part: where it stops being readable, `CourseError` says so, after which frame, and which
`--duration` takes the readable part. Two things are forgiven, as players forgive them: a stream that starts in the middle
of a group of pictures (what cannot be decoded before the first frame is skipped), and damage that the decoder conceals;
both are counted in `notes`. MPEG-TS and GIF state no length, so there a cut cannot be told from an end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av

from course_lib.errors import CourseError
from course_lib.video.colour import RGBConverter
from course_lib.video.container import (
    READ_ERRORS,
    cut_short,
    expected_frames,
    open_container,
    picture_stream,
    promised_end,
    reason,
)
from course_lib.video.frames import Frame, Source, Span, check_same_size, check_size
from course_lib.video.pictures import PICTURE_SUFFIXES, PictureSource
from course_lib.video.timing import FALLBACK_RATE, Clock, frame_rate
from course_lib.video.webcam import WebcamSource, is_webcam

HDR_TRANSFERS = {16, 18}  # PQ and HLG


def open_source(path: Path, span: Span | None = None, resize: tuple[int, int] | None = None) -> Source:
    """A video file, a picture, a folder of pictures or a webcam, by what the path is. CourseError if it is none of them."""
    if is_webcam(path):
        return WebcamSource(path, span or Span(), resize)
    if not path.exists():
        raise CourseError(f"{path} does not exist. Check the spelling and the folder.")
    if path.is_dir() or path.suffix.lower() in PICTURE_SUFFIXES:
        return PictureSource(path, span, resize)
    return VideoSource(path, span, resize)


class VideoSource:
    """Iterate over the `Frame`s of a video's picture stream.

    rate: frames a second, a fraction · tick: frame times are multiples of it · total: frames expected, or None ·
    sound: the path if there is sound, or None · notes: what the user should know, complete at the end ·
    one_size: set it to False where frames may differ in size.
    Known from the first frame on: origin, its time in the file · pixel_aspect, width of a pixel over its height, or None.
    Raises CourseError, when made or on the way, if the file cannot be read to the end of `span`.
    """

    def __init__(self, path: Path, span: Span | None = None, resize: tuple[int, int] | None = None) -> None:
        self.path = path
        self.span = span or Span()
        self.resize = resize
        self.one_size = True
        self.notes: list[str] = []
        self.origin = Fraction(0)
        with open_container(path) as container:
            stream = picture_stream(container, path)
            check_size(str(path), stream.width, stream.height)
            rate = frame_rate(stream.average_rate, stream.guessed_rate, stream.base_rate)
            if rate is None:
                self.notes.append(f"{path.name} states no frame rate; {FALLBACK_RATE} frames a second are assumed.")
            if stream.codec_context.color_trc in HDR_TRANSFERS:
                self.notes.append(f"{path.name} is HDR; its colours are used as they are, without tone mapping.")
            self.rate = rate or FALLBACK_RATE
            self.tick = Clock(self.rate, stream.time_base).tick
            self.total = expected_frames(container, self.rate, self.span, stream.frames)
            self.sound = path if container.streams.audio else None
            self.pixel_aspect = None if resize else stream.sample_aspect_ratio or None

    def __iter__(self) -> Iterator[Frame]:
        if self.span.start:
            with self._opened() as (container, stream):
                if _seek(container, stream, self.span.start):
                    yield from self._frames(container, stream)
                    return
        with self._opened() as (
            container,
            stream,
        ):  # a format that cannot seek is read, and dropped, from its beginning
            yield from self._frames(container, stream)

    @contextmanager
    def _opened(self) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
        with open_container(self.path) as container:
            stream = picture_stream(container, self.path)
            stream.thread_type = "AUTO"
            yield container, stream

    def _frames(self, container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[Frame]:
        convert, clock = RGBConverter(self.resize), Clock(self.rate, stream.time_base)
        start = (stream.start_time or 0) * stream.time_base
        size, index, damaged = None, -1, 0
        end = Fraction(0)  # of the latest frame, in seconds from the start of the stream
        for index, decoded in enumerate(self._decode(container, stream, start)):
            damaged += decoded.is_corrupt
            place = end if decoded.pts is None else decoded.pts * stream.time_base - start
            end = place + max((decoded.duration or 0) * stream.time_base, 1 / self.rate)
            if place < self.span.start:
                continue
            if self.span.end is not None and place >= self.span.end:
                break
            where = f"{self.path}, frame {index}"
            check_size(where, *(self.resize or (decoded.width, decoded.height)))
            picture = convert(decoded)
            if size is None:
                size, self.origin = picture.shape[:2], place + start
                if convert.transposed and self.pixel_aspect:
                    self.pixel_aspect = 1 / self.pixel_aspect
            if self.one_size:
                check_same_size(where, picture, size)
            yield Frame(picture, clock(decoded.pts))
        else:
            self._check_complete(container, stream, index + 1, start + end, 1 / self.rate)
        if size is None:
            raise CourseError(
                f"{self.path} has no frame from --start {float(self.span.start):g} s on: it ends at {float(end):.2f} s."
            )
        if damaged:
            self.notes.append(f"{self.path.name}: {damaged} damaged frames were patched up by the decoder.")
        if clock.repaired:
            self.notes.append(f"{self.path.name}: {clock.repaired} timestamps were missing or out of order.")

    def _decode(
        self, container: av.container.InputContainer, stream: av.VideoStream, start: Fraction
    ) -> Iterator[av.VideoFrame]:
        """Frames in order of presentation. CourseError where the file, or a packet after the first frame, is unreadable."""
        frames = skipped = 0
        place, problem = Fraction(0), "there is none in it"
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except READ_ERRORS as cause:
                raise cut_short(self.path, frames, place - self.span.start, reason(cause)) from None
            if packet is None:
                break
            try:
                decoded = packet.decode()
            except READ_ERRORS as cause:
                problem = reason(cause)
                if frames:
                    raise cut_short(self.path, frames, place - self.span.start, problem) from None
                skipped += 1
                continue
            for frame in decoded:
                frames += 1
                place = place if frame.pts is None else frame.pts * stream.time_base - start
                yield frame
        if not frames:
            raise cut_short(self.path, 0, place, problem)
        if skipped:
            self.notes.append(f"{self.path.name}: {skipped} packets before the first whole frame were skipped.")

    def _check_complete(
        self,
        container: av.container.InputContainer,
        stream: av.VideoStream,
        frames: int,
        end: Fraction,
        step: Fraction,
    ) -> None:
        """CourseError if the pictures end more than two frames before the header says."""
        promised = promised_end(container, stream)
        wanted = promised if promised is None or self.span.end is None else min(promised, self.span.end)
        if wanted is not None and end + 2 * step < wanted:
            missing = f"its header promises {float(promised):.2f} s"
            raise cut_short(self.path, frames, end - step - self.span.start, missing)


def _seek(container: av.container.InputContainer, stream: av.VideoStream, start: Fraction) -> bool:
    """Go to the last key frame before `start` (seconds); says whether decoding now really begins before it."""
    first_pts = stream.start_time or 0
    target = int(start / stream.time_base) + first_pts
    try:
        container.seek(target, stream=stream)
        landed = next(container.decode(stream), None)
        container.seek(target, stream=stream)
    except READ_ERRORS:
        return False
    return landed is not None and landed.pts is not None and (landed.pts - first_pts) * stream.time_base <= start
