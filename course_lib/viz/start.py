"""Figures of chapter 00: the job done, its answer close up, and the map of the course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch

from course_lib.viz.style import PALETTE, as_matte, as_picture, new_figure, show_alpha, show_image

NETWORK = {"02": "encoder", "03": "LR-ASPP", "05": "decoder", "06": "guided\nfilter"}
MEMORY = ("04", "ConvGRU: what it remembers")
ROWS = {
    "around it": {
        "01": "matting\nequation",
        "07": "losses",
        "08": "training",
        "09": "stability\nin time",
        "10": "evaluation",
    },
    "SparseInst": {
        "11": "no boxes",
        "12": "context\nencoder",
        "13": "activation\nmaps",
        "14": "kernels,\nmasks",
        "15": "matching",
        "16": "training",
        "17": "average\nprecision",
    },
    "together": {"18": "inside\nmaps", "19": "model lab", "20": "speed,\nexport", "21": "capstone"},
}


def before_after(frame, composite) -> Figure:
    """One moment of the video beside the same moment in another place."""
    figure, (left, right) = new_figure(1, 2, width=640, height=285)
    show_image(left, frame, "a frame of the video")
    show_image(right, composite, "what this chapter makes of it")
    return figure


def job(frames: Sequence, alphas: Sequence, composites: Sequence, numbers: Sequence[int]) -> Figure:
    """Columns: moments of the video. Rows: what goes in, alpha, what comes out."""
    figure, axes = new_figure(3, len(frames), width=640, height=420)
    for column, number in zip(axes.T, numbers, strict=True):
        column[0].set_title(f"frame {number}")
    for column, frame, alpha, composite in zip(axes.T, frames, alphas, composites, strict=True):
        show_image(column[0], frame)
        show_alpha(column[1], alpha)
        show_image(column[2], composite)
    return figure


def close_ups(pictures: Mapping[str, Sequence]) -> Figure:
    """Small pictures side by side, pixel by pixel; a matte where there is one channel, an image where there are three."""
    figure, axes = new_figure(1, len(pictures), height=192)
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        show = show_alpha if picture.shape[0] == 1 else show_image
        show(ax, picture, name).set_interpolation("nearest")
    return figure


def course_map(frame, alpha) -> Figure:
    """The network as a chain of chapters with a frame going in and alpha coming out; below, the other chapters."""
    figure, ax = new_figure(height=430)
    ax.set(xlim=(0, 7), ylim=(0, 4.3))
    ax.set_axis_off()
    _thumbnail(ax, as_picture(frame), 0.08, 2.95)
    _thumbnail(ax, as_matte(alpha), 6.02, 2.95)
    places = [1.2 + 1.21 * k for k in range(len(NETWORK))]
    for x, (number, name) in zip(places, NETWORK.items(), strict=True):
        _box(ax, number, name, x, 2.95, 0.96, PALETTE["ours"])
        _arrow(ax, (x - 0.23, 3.28), (x - 0.01, 3.28))
    _arrow(ax, (places[-1] + 0.97, 3.28), (6.02, 3.28))
    middle = places[2] + 0.48  # the memory loops over the decoder
    _arrow(ax, (middle + 0.3, 3.62), (middle - 0.3, 3.62), curve=1.1)
    ax.text(middle, 4.08, f"{MEMORY[0]}  {MEMORY[1]}", ha="center", color=PALETTE["hidden state"], weight="bold")
    ax.text(0.08, 4.08, "RVM", weight="bold", size=11)
    colours = (PALETTE["ours"], PALETTE["background"], PALETTE["foreground"])
    for y, colour, (title, chapters) in zip((1.95, 1.0, 0.05), colours, ROWS.items(), strict=True):
        ax.text(0.08, y + 0.33, title, weight="bold", va="center", color=colour)
        for k, (number, name) in enumerate(chapters.items()):
            _box(ax, number, name, 1.2 + 0.83 * k, y, 0.76, colour)
    return figure


def _box(ax: Axes, number: str, name: str, x: float, y: float, width: float, colour: str) -> None:
    """A chapter: its number above its name, 0.72 high, lower left corner at (x, y)."""
    ax.add_patch(
        FancyBboxPatch((x, y), width, 0.72, boxstyle="round,pad=0,rounding_size=0.06", fc="white", ec=colour, lw=1.6)
    )
    ax.text(x + width / 2, y + 0.55, number, ha="center", va="center", size=10, weight="bold", color=colour)
    ax.text(x + width / 2, y + 0.23, name, ha="center", va="center", size=9, linespacing=1.1)


def _thumbnail(ax: Axes, picture, x: float, y: float) -> None:
    """A picture of 0.9 × 0.72 with its lower left corner at (x, y)."""
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1, extent=(x, x + 0.9, y, y + 0.72), aspect="auto")


def _arrow(ax: Axes, start: tuple, end: tuple, curve: float = 0.0) -> None:
    colour = PALETTE["hidden state"] if curve else "black"
    style = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0, "connectionstyle": f"arc3,rad={curve}"}
    ax.annotate("", end, start, arrowprops=style)
