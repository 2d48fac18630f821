"""Write an animated GIF: 256 colours chosen anew for each frame, one of them transparent, times in hundredths of a second.

Viewers slow down frames shorter than 2/100 s, so frames that come sooner after the last one are left out and counted.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.error import BlockingIOError, EOFError
from av.filter import Graph

HUNDREDTH = Fraction(1, 100)
SHORTEST = 2  # hundredths


class GifEncoder:
    """`write` frames in order, then `finish`; the same calls as `VideoEncoder`."""

    def __init__(self, path: Path, size: tuple[int, int], transparent: bool) -> None:
        height, width = size
        self._pixels = "rgba" if transparent else "rgb24"
        self._last: int | None = None
        self._dropped = 0
        self._graph, self._source = _palette_graph(width, height, self._pixels)
        self._container = av.open(f"file:{path}", "w", format="gif")
        self._stream = self._container.add_stream("gif", rate=Fraction(100))
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "pal8"
        self._stream.codec_context.time_base = HUNDREDTH

    @property
    def notes(self) -> list[str]:
        return [f"{self._dropped} frames were left out: a GIF shows 50 a second at most."] if self._dropped else []

    def write(self, picture: np.ndarray, time: Fraction) -> None:
        pts = round(time / HUNDREDTH)
        if self._last is not None and pts < self._last + SHORTEST:
            self._dropped += 1
            return
        self._last = pts
        frame = av.VideoFrame.from_ndarray(picture, format=self._pixels)
        frame.time_base, frame.pts = HUNDREDTH, pts
        self._source.push(frame)
        self._drain()

    def finish(self) -> None:
        self._source.push(None)
        self._drain()
        self._container.mux(self._stream.encode(None))
        self.close()

    def close(self) -> None:
        self._container.close()

    def _drain(self) -> None:
        while True:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError):
                return
            self._container.mux(self._stream.encode(frame))


def _palette_graph(width: int, height: int, pixels: str) -> tuple[Graph, av.filter.FilterContext]:
    """frame → (itself, the palette of this frame) → frame in palette colours, dithered."""
    graph = Graph()
    source = graph.add_buffer(width=width, height=height, format=pixels, time_base=HUNDREDTH)
    split, sink = graph.add("split"), graph.add("buffersink")
    palette = graph.add("palettegen", "stats_mode=single")
    use = graph.add("paletteuse", "new=1:dither=sierra2_4a")
    source.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph, source
