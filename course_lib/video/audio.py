"""Sound travels beside the pictures: copied packet by packet where the new container takes its codec, else coded anew.

The file is opened a second time for it, so that pictures and sound each move at their own pace and nothing piles up.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av

from course_lib.errors import CourseError
from course_lib.video.container import READ_ERRORS, open_container, promised_end, reason

BITS_PER_CHANNEL = 96_000  # a second; transparent for AAC and Opus
AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000)
OPUS_RATES = (48000, 24000, 16000, 12000, 8000)
TOLERANCE = Fraction(1, 20)  # seconds by which headers may exaggerate


class Sound:
    """The sound of `path` on its way into `output`: `begin`, then `advance` as the pictures advance, then `finish`.

    copied: codec names that the container takes as they are; encoder: what the others become, "aac" or "libopus".
    """

    def __init__(self, path: Path, output: av.container.OutputContainer, copied: frozenset[str], encoder: str) -> None:
        self.path = path
        self.notes: list[str] = []
        self._output = output
        self._input = open_container(path)
        self._source = self._input.streams.audio[0]
        codec = self._source.codec_context
        if codec is None:
            raise CourseError(f"{path}: its sound is coded in a way that this FFmpeg cannot decode. Add --no-audio.")
        self._copy = codec.name in copied
        if self._copy:
            self._target = output.add_stream_from_template(self._source)
        else:
            self._target = self._add_encoder(codec, encoder)
        self._packets = self._input.demux(self._source)
        self._waiting: av.Packet | None = None
        self._last: int | None = None  # timestamp of the last packet copied
        self._end = Fraction(0)  # of the last packet read, in the file's time
        self._damaged = 0

    def _add_encoder(self, codec: av.AudioCodecContext, encoder: str) -> av.AudioStream:
        rates = OPUS_RATES if encoder == "libopus" else AAC_RATES
        rate = codec.sample_rate if codec.sample_rate in rates else 48000
        layout = "mono" if codec.channels == 1 else "stereo"
        if codec.channels > 2:
            self.notes.append(f"Sound: {codec.channels} channels became 2.")
        self.notes.append(f"Sound: {codec.name} became {encoder.removeprefix('lib')}.")
        return self._output.add_stream(
            encoder, rate=rate, layout=layout, bit_rate=BITS_PER_CHANNEL * (1 if layout == "mono" else 2)
        )

    def begin(self, origin: Fraction, duration: Fraction | None) -> None:
        """`origin`: time in the file that becomes 0, in seconds; sound past `duration` is left out."""
        self._origin, self._duration = origin, duration
        if origin > 0:
            try:
                self._input.seek(int(origin / self._source.time_base), stream=self._source)
            except READ_ERRORS:
                return  # no index: what lies before the origin is read and dropped

    def advance(self, until: Fraction) -> None:
        """Write the sound up to `until` seconds after the origin."""
        while (packet := self._next()) is not None and self._place(packet) <= until:
            self._waiting = None
            self._write(packet)

    def finish(self) -> None:
        """Write all the sound that is left, and what the encoder still holds."""
        while (packet := self._next()) is not None:
            self._waiting = None
            self._write(packet)
        self._check_complete()
        if not self._copy:
            self._output.mux(self._target.encode(None))
        if self._damaged:
            self.notes.append(f"Sound: {self._damaged} damaged packets were left out.")

    def close(self) -> None:
        self._input.close()

    def _check_complete(self) -> None:
        """CourseError if the sound stops before the file's header says."""
        promised = promised_end(self._input, self._source)
        if self._duration is None and promised is not None and self._end + TOLERANCE < promised:
            raise CourseError(
                f"{self.path} is cut short: its sound ends at {float(self._end):.2f} s, its header promises "
                f"{float(promised):.2f} s. Copy or download it again, or add --no-audio."
            )

    def _next(self) -> av.Packet | None:
        """The packet to write next, without taking it; None at the end."""
        while self._waiting is None:
            try:
                packet = next(self._packets, None)
            except READ_ERRORS as cause:
                raise CourseError(
                    f"{self.path}: the sound stops being readable ({reason(cause)}). Copy or download the file again, "
                    "or add --no-audio."
                ) from None
            if packet is None or packet.size == 0:
                return None
            if packet.pts is None:
                packet.pts = packet.dts
            if packet.pts is None:
                self._damaged += 1
                continue
            self._end = packet.pts * packet.time_base + self._length(packet)
            if self._origin > 0 and self._place(packet) + self._length(packet) <= 0:
                continue  # with the origin at 0 this is the codec's own pre-roll, which belongs to the sound
            self._waiting = packet
        if self._duration is not None and self._place(self._waiting) >= self._duration:
            return None
        return self._waiting

    def _place(self, packet: av.Packet) -> Fraction:
        return packet.pts * packet.time_base - self._origin

    def _length(self, packet: av.Packet) -> Fraction:
        return (packet.duration or 1) * packet.time_base

    def _write(self, packet: av.Packet) -> None:
        shift = round(self._origin / packet.time_base)
        if self._copy:
            packet.pts -= shift
            packet.dts = packet.pts  # sound has no frames out of order
            if self._last is not None and packet.pts <= self._last:
                self._damaged += 1
                return
            self._last = packet.pts
            packet.stream = self._target
            self._output.mux_one(packet)
            return
        try:
            frames = packet.decode()
        except READ_ERRORS:
            self._damaged += 1
            return
        for frame in frames:
            if frame.pts is not None:
                frame.pts -= round(self._origin / frame.time_base)
            self._output.mux(self._target.encode(frame))
