"""Open a media file safely, find its picture stream, and tell whether it holds as much as its header promises."""

from __future__ import annotations

import logging
import re
from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from av.stream import Disposition

from course_lib.errors import CourseError
from course_lib.video.frames import Span

NOT_VIDEO = {"tty", "concat", "hls", "dash", "lavfi"}  # text that FFmpeg would draw, and lists of other files
READ_ERRORS = (FFmpegError, ValueError)  # PyAV raises a bare ValueError for some damaged headers
logging.getLogger("libav").setLevel(logging.CRITICAL)  # what a decoder has to say reaches the user as one message


def open_container(path: Path) -> av.container.InputContainer:
    """Open a media file for reading. Only this file: no address, playlist or list of files inside it is followed."""
    if not path.is_file():
        raise CourseError(f"{path} is not a file.")
    if path.stat().st_size == 0:
        raise CourseError(f"{path} is empty (0 bytes). Copy or download it again.")
    try:
        container = av.open(f"file:{path}", metadata_errors="replace", options={"protocol_whitelist": "file"})
    except READ_ERRORS as cause:
        raise CourseError(
            f"{path} cannot be opened as a video: {reason(cause)}. If it plays elsewhere, copy or download it again; "
            "if not, it is cut short, damaged or no video."
        ) from None
    if NOT_VIDEO & set(container.format.name.split(",")):
        kind = container.format.long_name
        container.close()
        raise CourseError(f"{path} is not a video: its content is taken for {kind!r}.")
    return container


def picture_stream(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    """The first stream of moving pictures; the cover of a song is none. CourseError if there is none to decode."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise CourseError(f"{path} holds no moving pictures (sound only?).")
    if streams[0].codec_context is None:
        raise CourseError(f"{path} is coded in a way that this FFmpeg cannot decode. Convert it to H.264 first.")
    return streams[0]


def expected_frames(container: av.container.InputContainer, rate: Fraction, span: Span, frames: int) -> int | None:
    """How many frames `span` will give, for the progress bar only; None where the file does not say."""
    seconds = Fraction(container.duration, av.time_base) if container.duration else None
    if frames and not span.start and span.duration is None:
        return frames
    if seconds is None:
        return None
    seconds = max(seconds - span.start, Fraction(0))
    return max(round(min(seconds, span.duration or seconds) * rate), 1)


def promised_end(container: av.container.InputContainer, stream: av.VideoStream | av.AudioStream) -> Fraction | None:
    """When the stream ends according to the header, in the file's own time; None where it does not say."""
    kinds = container.format.name.split(",")
    if "mp4" in kinds and stream.duration:  # what an edit list leaves out is not counted
        return ((stream.start_time or 0) + stream.duration) * stream.time_base
    if "avi" in kinds and stream.type == "video" and stream.frames and stream.average_rate:
        return stream.frames / stream.average_rate
    if "matroska" in kinds:
        tag = re.fullmatch(r"(\d+):(\d+):(\d+\.\d{1,9})\d*", stream.metadata.get("DURATION", ""))
        if tag:
            hours, minutes, seconds = tag.groups()
            return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)
        if container.duration and len(container.streams) == 1:
            return Fraction(container.duration, av.time_base)
    return None


def cut_short(path: Path, frames: int, seconds: Fraction, cause: str) -> CourseError:
    """The message for a video whose readable part ends early. `seconds` is the time of the last readable frame."""
    if frames == 0:
        return CourseError(f"{path}: no frame can be decoded ({cause}). Copy or download it again.")
    milliseconds = int(seconds * 1000)
    remedy = f"; --duration {milliseconds / 1000:g} takes the readable part" if milliseconds > 0 else ""
    return CourseError(
        f"{path} is cut short or damaged: it cannot be read beyond frame {frames} ({cause}). "
        f"Copy or download it again{remedy}."
    )


def reason(cause: Exception) -> str:
    """FFmpeg's own words, without the number and the file name around them."""
    return getattr(cause, "strerror", None) or str(cause)
