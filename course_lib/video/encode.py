"""Write a video: H.264 in MP4, VP9 in WebM, ProRes 4444 in MOV. The last two carry a real alpha channel.

RGB becomes BT.709, limited range, and the file says so. H.264 and this ProRes encoder want even sides: an odd one is made
even by repeating its last row or column, so nothing is scaled or lost. Times are kept as fractions; a variable rate stays
variable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from course_lib.video.audio import Sound

BT709, LIMITED = 1, 1  # AVCOL_SPC, AVCOL_PRI and AVCOL_TRC of BT.709; AVCOL_RANGE_MPEG


@dataclass(frozen=True)
class VideoFormat:
    """How one suffix is written. `options` maps a quality of 0 to 100 to the encoder's options."""

    muxer: str
    codec: str
    opaque: str  # pixel formats
    transparent: str | None
    options: Callable[[float], dict[str, str]]
    even: bool = False
    muxer_options: dict[str, str] = field(default_factory=dict)
    sound_copied: frozenset[str] = frozenset()
    sound_encoder: str = "aac"


def _h264(quality: float) -> dict[str, str]:
    return {"preset": "veryfast", "crf": f"{40 - 0.3 * quality:.1f}"}


def _vp9(quality: float) -> dict[str, str]:
    # auto-alt-ref would hide frames that the alpha stream, coded beside, needs
    constant = {"deadline": "realtime", "cpu-used": "6", "row-mt": "1", "auto-alt-ref": "0", "b": "0"}
    return constant | {"crf": f"{60 - 0.5 * quality:.0f}"}


def _prores(quality: float) -> dict[str, str]:
    return {"profile": "4", "vendor": "apl0"}  # 4444; one quality: visually lossless


VIDEO_FORMATS = {
    ".mp4": VideoFormat(
        "mp4",
        "libx264",
        "yuv420p",
        None,
        _h264,
        even=True,
        muxer_options={"movflags": "+faststart"},
        sound_copied=frozenset({"aac", "mp3", "opus", "flac"}),  # those that browsers play
    ),
    ".webm": VideoFormat(
        "webm",
        "libvpx-vp9",
        "yuv420p",
        "yuva420p",
        _vp9,
        sound_copied=frozenset({"opus", "vorbis"}),
        sound_encoder="libopus",
    ),
    ".mov": VideoFormat(
        "mov",
        "prores_aw",  # a quarter of the time of prores_ks
        "yuv444p10le",
        "yuva444p10le",
        _prores,
        even=True,
        sound_copied=frozenset({"aac", "mp3", "alac", "ac3", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"}),
    ),
}


@dataclass(frozen=True)
class Timing:
    """rate: frames a second · tick: frame times are multiples of it · pixel_aspect: width of a pixel over its height."""

    rate: Fraction
    tick: Fraction
    pixel_aspect: Fraction | None = None


class VideoEncoder:
    """`write` frames in order, then `finish`. Errors are PyAV's; whoever owns the file turns them into a message."""

    def __init__(
        self,
        path: Path,
        form: VideoFormat,
        size: tuple[int, int],
        timing: Timing,
        transparent: bool,
        quality: float,
        sound: Path | None = None,
    ) -> None:
        height, width = size
        self.pad = ((0, height % 2 * form.even), (0, width % 2 * form.even), (0, 0))
        self._notes: list[str] = []
        if any(after for _, after in self.pad):
            padded = f"{width + self.pad[1][1]}×{height + self.pad[0][1]}"
            self._notes.append(f"{width}×{height} was padded to {padded}: the format wants even sides.")
        self._sound = None
        self._reformatter = VideoReformatter()
        self._pixels = "rgba" if transparent else "rgb24"
        self._format = form.transparent if transparent else form.opaque
        self._container = av.open(f"file:{path}", "w", format=form.muxer, options=form.muxer_options)
        try:
            self._stream = self._container.add_stream(form.codec, rate=timing.rate, options=form.options(quality))
            self._stream.width, self._stream.height = width + self.pad[1][1], height + self.pad[0][1]
            self._stream.pix_fmt = self._format
            context = self._stream.codec_context
            context.time_base = timing.tick
            context.color_range = LIMITED
            context.colorspace = context.color_primaries = context.color_trc = BT709
            if timing.pixel_aspect:
                context.sample_aspect_ratio = timing.pixel_aspect
            if sound:
                self._sound = Sound(sound, self._container, form.sound_copied, form.sound_encoder)
        except BaseException:
            self.close()
            raise
        self._tick = timing.tick

    @property
    def notes(self) -> list[str]:
        return self._notes + (self._sound.notes if self._sound else [])

    def begin_sound(self, origin: Fraction, duration: Fraction | None) -> None:
        """Say which part of the sound belongs to the pictures; before the first `write`."""
        if self._sound:
            self._sound.begin(origin, duration)

    def write(self, picture: np.ndarray, time: Fraction) -> None:
        """`picture` (H, W, 3), or (H, W, 4) with straight alpha, uint8; `time` in seconds."""
        if any(after for _, after in self.pad):
            picture = np.pad(picture, self.pad, mode="edge")
        frame = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(picture, format=self._pixels),
            format=self._format,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )
        frame.time_base, frame.pts = self._tick, int(time / self._tick)
        self._container.mux(self._stream.encode(frame))
        if self._sound:
            self._sound.advance(time)

    def finish(self) -> None:
        """Write what the encoder holds back, the rest of the sound and the index, and close the file."""
        self._container.mux(self._stream.encode(None))
        if self._sound:
            self._sound.finish()
        self.close()

    def close(self) -> None:
        """Let go of the files, finished or not."""
        if self._sound:
            self._sound.close()
        self._container.close()
