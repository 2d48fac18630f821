"""Figures of chapter 12: three scales of one picture, what each knows, what pooling carries, what padding and position do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.viz.boxes import quiet
from course_lib.viz.features import as_features, frame_square, principal_colours
from course_lib.viz.style import PALETTE, as_matte, new_figure, show_heat, show_image, show_signed

DECADES = 6  # powers of ten between black and yellow, where a figure says logarithmic
LEVEL_COLOURS = {
    "C3": PALETTE["input"],
    "C4": PALETTE["background"],
    "C5": PALETTE["foreground"],
    "all": PALETTE["ours"],
}


def three_maps(image, features: Sequence) -> Figure:
    """A picture (3,H,W) and C3, C4, C5 (C,h,w), each by its three principal components, cell by cell."""
    figure, axes = new_figure(1, 4, height=228)
    show_image(axes[0], image, f"the picture\n{image.shape[-2]} × {image.shape[-1]}")
    for level, (ax, tap) in enumerate(zip(axes[1:], features, strict=True), start=3):
        channels, height, width = as_features(tap).shape
        title = f"C{level}, stride {2**level}\n{channels} × {height} × {width}"
        show_image(ax, principal_colours(tap), title).set_interpolation("nearest")
    return figure


def scores_by_size(scores: Mapping[str, Mapping[str, float]]) -> Figure:
    """level -> size of the object -> score in [0.5, 1]: one group of bars per size, one bar per level."""
    figure, ax = new_figure(height=235)
    sizes = list(next(iter(scores.values())))
    width = 0.8 / len(scores)
    for at, (level, values) in enumerate(scores.items()):
        places = np.arange(len(sizes)) + (at - (len(scores) - 1) / 2) * width
        heights = np.array([values[size] for size in sizes])
        ax.bar(places, heights - 0.5, width * 0.92, bottom=0.5, color=LEVEL_COLOURS[level], label=level)
        for place, height in zip(places, heights, strict=True):
            ax.text(place, height + 0.005, f"{height:.2f}", ha="center", size=8)
    ax.set_ylim(0.5, 0.99)
    ax.set_xticks(range(len(sizes)), sizes)
    ax.set_ylabel("ranking score")
    ax.legend(ncols=len(scores), loc="upper right")
    return figure


def grains(image, maps: Mapping[str, object]) -> Figure:
    """The picture, and maps (C,h,w) under their titles, all in the colours of the first one's principal components."""
    figure, axes = new_figure(1, 1 + len(maps), height=155)
    show_image(axes[0], image, "picture")
    stacked = [as_features(values) for values in maps.values()]
    tiles = np.concatenate([values.reshape(len(values), -1) for values in stacked], axis=1)[:, None]  # (C, 1, cells)
    colours, start = principal_colours(tiles), 0
    for ax, (title, values) in zip(axes[1:], zip(maps, stacked, strict=True), strict=True):
        height, width = values.shape[1:]
        part = colours[:, 0, start : start + height * width].reshape(3, height, width)
        start += height * width
        show_image(ax, part, title).set_interpolation("nearest")
    return figure


def fields(image, centre: tuple[int, int], sides: Mapping[str, int]) -> Figure:
    """What a place of X reads, as squares on the picture: level -> side in pixels; left without pooling, right with it."""
    figure, axes = new_figure(1, 2, height=240)
    height, width = image.shape[-2:]
    for ax, title in zip(axes, ("without pooling", "with pooling: all of C5"), strict=True):
        show_image(ax, quiet(image, 0.7), title)
        for level, side in sides.items():
            frame_square(ax, centre, side, level, LEVEL_COLOURS[level])
        ax.plot(centre[1], centre[0], "o", color=PALETTE["reference"], markersize=4)
    whole = Rectangle((-0.5, -0.5), width, height, color=LEVEL_COLOURS["C5"], alpha=0.3, linewidth=0)
    axes[1].add_patch(whole)
    return figure


def changes(image, edited: tuple[int, int], maps: Mapping[str, object]) -> Figure:
    """The edited picture (its upper left corner of `edited` pixels is framed) and what changed in X: title -> map (h,w).

    One scale for all, logarithmic over six powers of ten, so that a weak change is seen and none is black. The number under a
    map is the mean change in the far eighth of its sides.
    """
    figure, axes = new_figure(1, 1 + len(maps), height=190)
    show_image(axes[0], image, "edited corner")
    rows, columns = edited
    frame_square(axes[0], (rows / 2, columns / 2), max(rows, columns))
    top = max(float(as_matte(values).max()) for values in maps.values())
    for ax, (title, values) in zip(axes[1:], maps.items(), strict=True):
        show_heat(ax, decades(values, top), title, limit=DECADES).set_interpolation("nearest")
        height, width = as_matte(values).shape
        far = as_matte(values)[-height // 8 :, -width // 8 :].mean()
        ax.text(1, -0.04, f"far corner {far:.4f}", transform=ax.transAxes, ha="right", va="top", size=9)
    return figure


def decades(values, top: float) -> np.ndarray:
    """A map (h,w) ≥ 0 in powers of ten above `top` · 10⁻⁶, from 0 to 6."""
    return np.log10(np.maximum(as_matte(values).astype(float) / top, 10.0**-DECADES)) + DECADES


def along_columns(curves: Mapping[str, Sequence[float]], edge: int) -> Figure:
    """How much each column of a map changed, per variant, on a logarithmic axis; `edge`: where the picture ends."""
    figure, ax = new_figure(height=240)
    colours = (PALETTE["foreground"], PALETTE["other"], PALETTE["background"], PALETTE["ours"])
    for (name, values), colour in zip(curves.items(), colours, strict=False):
        shown = np.maximum(np.asarray(values, dtype=float), 1e-7)
        style = {"linewidth": 5, "alpha": 0.45} if name == "both" else {}  # wide: another curve may lie on it
        ax.plot(np.arange(len(shown)) + 0.5, shown, color=colour, label=name, **style)
    ax.set_yscale("log")
    ax.set_ylim(5e-8, 5)
    ax.set_yticks([1e-7, 1e-5, 1e-3, 1e-1], ["none", "0.00001", "0.001", "0.1"])
    ax.axvline(edge, color=PALETTE["alpha"], linestyle="--", linewidth=1)
    ax.text(edge - 0.2, 1.5, "padding begins →", ha="right", color=PALETTE["alpha"], size=9)
    ax.set_xlabel("column of X (8 pixels each)")
    ax.set_ylabel("relative change")
    ax.legend(loc="center left", ncols=2, bbox_to_anchor=(0, 0.3))
    return figure


def twins(image, scores: Mapping[str, object]) -> Figure:
    """A picture with the same thing twice, and what a linear detector of the left one answers: title -> map (h,w)."""
    figure, axes = new_figure(1, 1 + len(scores), height=150)
    show_image(axes[0], quiet(image, 0.8), "the same thing twice")
    for ax, (title, values) in zip(axes[1:], scores.items(), strict=True):
        show_signed(ax, values, title, limit=1).set_interpolation("nearest")
        ax.contour(np.asarray(values) != 0, levels=[0.5], colors="#888888", linewidths=0.8)  # where it was asked
    return figure
