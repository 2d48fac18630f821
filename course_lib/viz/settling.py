"""Figures of chapter 15 that move: which query each object has while a network learns, as curves and as an animation."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from course_lib.viz.boxes import quiet
from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.matching import table
from course_lib.viz.style import PALETTE, figure_png, new_figure, show_image

MILLISECONDS, REST = 200, 2500  # that a frame of an animation stands, and its last one
COLOURS = 64  # of an animation, all frames together
TIMES = 4  # that it is played: nothing on a page moves for ever


@dataclass(frozen=True)
class Film:
    """Pictures of one size, one after another: what a notebook shows for it is an animated PNG."""

    png: bytes
    frames: int

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"<Film of {self.frames} frames>"


def over_steps(image, names: Sequence[str], assigned, shown: Mapping[int, object]) -> Figure:
    """Above, what the objects' queries draw at some steps (step -> masks (M,H,W)); below, each object's query, step by step.

    `assigned` (S,M): the query of object m at step s.
    """
    assigned = np.asarray(assigned)
    figure = new_figure(1, 1, height=400)[0]
    figure.clear()
    grid = figure.add_gridspec(2, len(shown), height_ratios=(1, 2.1))
    for column, (step, masks) in enumerate(shown.items()):
        ax = figure.add_subplot(grid[0, column])
        show_image(ax, paint_instances(quiet(image), masks, strength=0.75), f"step {step}")
    below = figure.add_subplot(grid[1, :])
    steps = np.arange(len(assigned))
    for m, name in enumerate(names):
        below.step(steps, assigned[:, m], where="mid", color=instance_colour(m), linewidth=2.2)
        below.text(steps[-1] + 1, assigned[-1, m], name, color=instance_colour(m), va="center", size=9)
    below.set_xlim(-0.5, len(assigned) * 1.13)
    below.set_ylim(-0.6, assigned.max() + 0.6)
    below.set_yticks(range(0, assigned.max() + 1, 2))
    below.set_xlabel("step of the training")
    below.set_ylabel("query")
    last = np.flatnonzero((assigned[1:] != assigned[:-1]).any(axis=1))
    if len(last):
        below.axvline(last[-1] + 0.5, color=PALETTE["alpha"], linestyle="--", linewidth=1)
    return figure


def matching_film(names: Sequence[str], steps: Sequence[int], scores, assigned) -> Film:
    """The scores (F,N,M) at some steps of a training, with each object's query (F,M) framed."""
    scores, assigned = np.asarray(scores, dtype=float), np.asarray(assigned)
    figure, ax = new_figure(height=210, width=560)
    heat, frames = table(ax, scores[0], assigned[0])
    ax.set_xticks(range(scores.shape[1]), [str(n) for n in range(scores.shape[1])])
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("query")
    pictures = []
    for step, values, queries in zip(steps, scores, assigned, strict=True):
        heat.set_data(values.T)
        for m, (frame, n) in enumerate(zip(frames, queries, strict=True)):
            frame.set_xy((n - 0.5, m - 0.5))
        ax.set_title(f"step {step}: score of each pair; framed, the assignment", loc="left")
        pictures.append(figure_png(figure))
        figure.set_layout_engine("none")  # everything stays where the first frame put it
    return film(pictures)


def film(pictures: Sequence[bytes]) -> Film:
    """PNGs of one size → one animated PNG of few colours. It plays a few times and stops at its last frame."""
    frames = [Image.open(io.BytesIO(data)).convert("RGB") for data in pictures]
    width, height = frames[0].size
    sheet = Image.new("RGB", (width, height * len(frames)))
    for at, frame in enumerate(frames):
        sheet.paste(frame, (0, at * height))
    palette = sheet.quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE)
    first, *others = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    stream = io.BytesIO()
    times = [MILLISECONDS] * len(others) + [REST]
    first.save(stream, "PNG", save_all=True, append_images=others, loop=TIMES, duration=times)
    return Film(stream.getvalue(), len(frames))
