"""Videos made on the spot for tests, a stand-in for the network, and what comes of the two."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from course_lib.video import MatteReport, matte_video

NTSC = Fraction(30000, 1001)
RATE_OF_SOUND = 48000


class RedIsAlpha(nn.Module):
    """Called like the network: the foreground is the frame, alpha its red channel; the states count the frames seen."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.ratios: list[float] = []

    def forward(self, clip: Tensor, *states: Tensor, downsample_ratio: float = 1.0) -> tuple[Tensor, ...]:
        count = (states[0] if states else torch.zeros(1)) + clip.shape[1]
        self.seen = int(count)
        self.ratios.append(downsample_ratio)
        return clip.clone(), clip[:, :, :1].clone(), count, count, count, count


def picture(index: int, height: int = 48, width: int = 64, channels: int = 3) -> np.ndarray:
    """(H, W, C) uint8: a bright square that moves over a soft gradient. With a fourth channel, opaque on the square."""
    y, x = np.mgrid[:height, :width]
    result = np.zeros((height, width, channels), np.uint8)
    result[..., 0] = x * 120 // max(width - 1, 1)
    result[..., 1] = y * 200 // max(height - 1, 1)
    result[..., 2] = 60 + index % 120
    left = 4 + 2 * index % max(width - 20, 1)
    square = (y >= height // 4) & (y < 3 * height // 4) & (x >= left) & (x < left + 16)
    result[square, :3] = (230, 220, 40)
    if channels == 4:
        result[..., 3] = np.where(square, 255, 0)
    return result


def write_video(
    path: Path,
    frames: int | Sequence[np.ndarray] = 12,
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    rate: Fraction | int = 25,
    size: tuple[int, int] = (48, 64),
    times: Sequence[int] | None = None,
    tick: Fraction | None = None,
    form: str | None = None,
    muxer_options: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
    rotation: int | None = None,
    pixel_aspect: Fraction | None = None,
    sound: str | None = None,
    sound_seconds: float | None = None,
    tagged: bool = True,
) -> Path:
    """A small video. `times` are timestamps in ticks for a variable rate; `sound` names a codec and adds a tone."""
    pictures = [picture(i, *size) for i in range(frames)] if isinstance(frames, int) else list(frames)
    rate = Fraction(rate)
    with av.open(str(path), "w", format=form, options=muxer_options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = pixels
        context = stream.codec_context
        context.time_base = tick or 1 / rate
        if tagged:
            context.color_range, context.colorspace = 1, 1
        if pixel_aspect:
            context.sample_aspect_ratio = pixel_aspect
        if rotation is not None:
            stream.set_display_rotation(rotation)
        tone = _add_tone(container, sound, sound_seconds or float(len(pictures) / rate)) if sound else []
        for index, rgb in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgba" if rgb.shape[2] == 4 else "rgb24")
            if pixels not in ("rgb24", "rgba", "rgb8", "bgra", "gbrp"):
                frame = frame.reformat(format=pixels, dst_colorspace="ITU709" if tagged else "ITU601")
            frame.time_base, frame.pts = context.time_base, times[index] if times else index
            container.mux(stream.encode(frame))
            for packet in tone:
                container.mux(packet)
            tone = []
        container.mux(stream.encode(None))
    return path


def _add_tone(container: av.container.OutputContainer, codec: str, seconds: float) -> list[av.Packet]:
    """Packets of a 440 Hz stereo tone."""
    stream = container.add_stream(codec, rate=RATE_OF_SOUND, layout="stereo")
    samples = int(seconds * RATE_OF_SOUND)
    wave = (np.sin(np.arange(samples) * 2 * np.pi * 440 / RATE_OF_SOUND) * 8000).astype(np.int16)
    packets = []
    for first in range(0, samples, 4800):
        part = wave[first : first + 4800]
        frame = av.AudioFrame.from_ndarray(np.repeat(part, 2)[None], format="s16", layout="stereo")
        frame.sample_rate, frame.time_base, frame.pts = RATE_OF_SOUND, Fraction(1, RATE_OF_SOUND), first
        packets += stream.encode(frame)
    return packets + stream.encode(None)


def decode(path: Path, pixels: str = "rgb24") -> list[np.ndarray]:
    """All frames of a video as arrays, BT.709."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format=pixels) for frame in container.decode(video=0)]


def decode_vp9_alpha(path: Path) -> list[np.ndarray]:
    """All frames of a WebM with alpha as RGBA: FFmpeg's own decoder drops alpha, libvpx's keeps it."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        packets = [packet if packet.size else None for packet in container.demux(stream)]
        return [frame.to_ndarray(format="rgba") for packet in packets for frame in decoder.decode(packet)]


def times_of(path: Path) -> list[Fraction]:
    """When each frame is shown, in seconds."""
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def sound_of(path: Path) -> tuple[str, float]:
    """Codec and length in seconds of the sound, as decoded."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        samples = sum(frame.samples for frame in container.decode(stream))
        return stream.codec_context.name, samples / stream.codec_context.sample_rate


def names_in(folder: Path) -> set[str]:
    """Everything in a folder, hidden files too."""
    return {entry.name for entry in folder.iterdir()}


def matte(source: Path, output: Path | str | None = None, **options) -> MatteReport:
    """`matte_video` with the stand-in and without a bar."""
    return matte_video(source, output, **{"model": RedIsAlpha(), "progress": False, **options})


def over(frame: np.ndarray, behind: object) -> np.ndarray:
    """What `matte` must show of an opaque result: the matting equation in float64."""
    alpha = frame[..., :1] / 255
    return frame * alpha + np.asarray(behind, float) * (1 - alpha)


def pngs(folder: Path) -> dict[str, np.ndarray]:
    """The PNGs of a folder by their name without suffix."""
    return {file.stem: np.asarray(Image.open(file)) for file in sorted(folder.iterdir())}


def write_pictures(folder: Path, indices: Sequence[int] = (1, 2, 10)) -> Path:
    """A folder with `picture(i)` as "shot i.png": read and written without loss, so results compare to the byte."""
    folder.mkdir()
    for index in indices:
        Image.fromarray(picture(index)).save(folder / f"shot {index}.png")
    return folder
