"""Figures of chapter 18: the maps of one picture, their numbers over training, habits of queries, rivals, edits.

Maps (h,w) sum to 1 and are drawn from 0 to their own largest value, unless said otherwise; an object's outline lies over them.
The numbers come from the siblings `activation_maps_inside`, `_measures`, `_edits`, `_portraits` and `_stages`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Rectangle

from course_lib.viz.activation_equation import outlines
from course_lib.viz.boxes import quiet
from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.style import PALETTE, WIDTH, as_matte, new_figure, show_alpha, show_heat, show_image, show_signed

COLOURS = [PALETTE[role] for role in ("alpha", "ours", "foreground", "background", "hidden state", "other")]
ROW = 84  # pixels of a row of maps
FOUND = 1  # the colour of what is found in a photograph: blue, which they have little of
SHEET = 450  # pixels: the width of a sheet of maps
LEVELS = 12  # of a map's colours


def show_map(ax: Axes, values, title: str | None = None, limit: float | None = None) -> None:
    """`show_heat` in steps of 1/`LEVELS`, cell by cell: what an eye can tell apart, in a third of the file."""
    array = as_matte(values)
    limit = float(array.max()) or 1.0 if limit is None else limit
    steps = np.round(array.clip(0, limit) / limit * LEVELS) / LEVELS
    show_heat(ax, steps * limit, title, limit).set_interpolation("nearest")


@dataclass(frozen=True)
class MapRow:
    """A title, an object (H,W) bool, the mask that is drawn for it (h,w) in [0, 1], and maps (G,h,w)."""

    title: str
    mask: object
    drawn: object
    maps: object


def maps_in_rows(image, rows: Sequence[MapRow], names: Sequence[str], numbers: Sequence[int] | None = None) -> Figure:
    """Per row the object in the picture, the mask that is drawn, and the maps under their `names`.

    An object has the colour of its number; None: 0, 1, 2 …
    """
    columns = 2 + len(names)
    width = min(92 * columns, WIDTH)
    figure, axes = new_figure(len(rows), columns, height=ROW * len(rows) + 18, width=width, squeeze=False)
    for place, (line, row) in enumerate(zip(axes, rows, strict=True)):
        number = place if numbers is None else numbers[place]
        mask = np.asarray(row.mask)[None]
        show_image(line[0], paint_instances(quiet(image, 0.55), mask, [number]))
        beside = {"rotation": 90, "ha": "right", "va": "center", "multialignment": "center", "size": 9}
        line[0].text(-0.05, 0.5, row.title, transform=line[0].transAxes, **beside)
        show_alpha(line[1], row.drawn)
        for ax, values in zip(line[2:], row.maps, strict=True):
            show_map(ax, values)
            outlines(ax, mask, numbers=[number])
    for ax, name in zip(axes[0], ("object", "mask drawn", *names), strict=True):
        ax.set_title(name, size=10)
    return figure


def sheet(maps, framed: Mapping[int, int], columns: int = 10) -> Figure:
    """N maps (N,h,w) in reading order; `framed`: query -> number of its object, which gives the frame's colour."""
    rows = -(-len(maps) // columns)
    figure, axes = new_figure(rows, columns, height=SHEET // columns * rows, width=SHEET, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    for ax in axes.flat:
        ax.set_axis_off()
    for query, (ax, values) in enumerate(zip(axes.flat, maps, strict=False)):
        show_map(ax, values)
        height, width = as_matte(values).shape
        if query in framed:
            colour = instance_colour(framed[query])
            ax.add_patch(Rectangle((-0.5, -0.5), width, height, fill=False, edgecolor=colour, linewidth=5))
        ax.set_title(str(query), size=7, pad=1)
    return figure


def over_training(areas: Mapping[str, object], gains: Mapping[str, object]) -> Figure:
    """stage -> numbers: left, the share of the picture that a map covers; right, how many times more than a flat map it puts on
    its object (logarithmic). Curves: the share of the maps that are below a value.
    """
    figure, (left, right) = new_figure(1, 2, height=235, width=680)
    for ax, panel in ((left, areas), (right, gains)):
        for (stage, values), colour in zip(panel.items(), COLOURS, strict=False):
            shown = np.sort(np.asarray(values, float))
            ax.plot(shown, (np.arange(len(shown)) + 1) / len(shown), color=colour, label=stage)
        ax.set_ylim(0, 1.02)
    left.set_xlim(0, 1.02)
    left.set_xlabel("area of a map / area of the picture")
    left.set_ylabel("share of the maps below")
    left.legend(loc="upper left")
    right.set_xscale("log")
    right.set_xlim(0.5, 200)
    right.axvline(1, color=PALETTE["alpha"], linestyle="--", linewidth=1)
    right.set_xlabel("mass on its object / that of a flat map")
    right.set_ylabel("share of the objects below")
    return figure


def around_objects(windows: Mapping[str, object], radius: float) -> Figure:
    """Mean maps (s,s) around their objects' middles, in times a flat map: red more, blue less; a circle of `radius` cells."""
    figure, axes = new_figure(1, len(windows), height=190, squeeze=False)
    for ax, (name, values) in zip(axes[0], windows.items(), strict=True):
        logs = np.log2(np.maximum(as_matte(values), 2.0**-4))
        artist = show_signed(ax, logs, name, limit=4)
        artist.set_interpolation("nearest")
        middle = (logs.shape[0] - 1) / 2
        ax.add_patch(Circle((middle, middle), radius, fill=False, edgecolor=PALETTE["reference"], linewidth=1.2))
    bar = figure.colorbar(artist, ax=list(axes[0]), shrink=0.8, ticks=[-4, -2, 0, 2, 4])
    bar.ax.set_yticklabels(["1/16", "¼", "1", "4", "16 times"])
    return figure


@dataclass(frozen=True)
class QueryPortrait:
    """One query: a title, where its objects lie (h,w), its mean map (h,w), and how many of which classes it answered for."""

    title: str
    where: object
    map: object
    classes: Mapping[str, int]


def portraits(queries: Sequence[QueryPortrait]) -> Figure:
    """A column for each: where its objects are, the mean of its maps, and its commonest classes."""
    figure, axes = new_figure(3, len(queries), height=290, width=580, height_ratios=(1, 1, 0.7), squeeze=False)
    for column, query in zip(axes.T, queries, strict=True):
        show_map(column[0], query.where, query.title)
        column[0].title.set_size(8)
        show_map(column[1], query.map)
        _bars(column[2], query.classes)
    for ax, text in zip(axes[:2, 0], ("its objects", "mean map"), strict=True):
        ax.text(-0.06, 0.5, text, transform=ax.transAxes, rotation=90, ha="right", va="center", size=9)
    return figure


def _bars(ax: Axes, counts: Mapping[str, int]) -> None:
    counts = {name: count for name, count in counts.items() if count}
    places = 2 - np.arange(len(counts))
    ax.set_ylim(-0.6, 2.6)
    ax.barh(places, list(counts.values()), color=PALETTE["input"], height=0.8)
    for place, (name, count) in zip(places, counts.items(), strict=True):
        ax.text(0, place, f" {name} {count}", va="center", size=8)
    ax.set_xlim(0, max(counts.values()) * 1.05)
    ax.set_axis_off()


def rivals(image, masks, chosen: int, maps: Mapping[str, object]) -> Figure:
    """A picture with its objects (masks n,H,W) and maps of the same features by name: `chosen` is outlined in full."""
    figure, axes = new_figure(1, 1 + len(maps), height=150, width=560)
    show_image(axes[0], paint_instances(quiet(image, 0.7), masks), "the picture")
    for ax, (name, values) in zip(axes[1:], maps.items(), strict=True):
        show_map(ax, np.maximum(as_matte(values), 0), name)
        outlines(ax, masks, chosen)
    return figure


def edits(masks, chosen: int, columns: Mapping[str, tuple]) -> Figure:
    """name -> (map (h,w), the mask that comes of it (h,w)): above the map, below the mask. Maps are on the first's scale."""
    figure, axes = new_figure(2, len(columns), height=220, width=700)
    top = float(as_matte(next(iter(columns.values()))[0]).max())
    for (above, below), (name, (values, drawn)) in zip(axes.T, columns.items(), strict=True):
        show_map(above, values, name, limit=top)
        above.title.set_size(9)
        show_alpha(below, drawn)
        for ax in (above, below):
            outlines(ax, masks, chosen)
    for ax, text in zip(axes[:, 0], ("map", "mask"), strict=True):
        ax.text(-0.06, 0.5, text, transform=ax.transAxes, rotation=90, ha="right", va="center", size=9)
    return figure


def effects(table: Mapping[str, Mapping[str, float]]) -> Figure:
    """edit -> measure -> number in [0, 1]: a panel for each measure, a bar for each edit, in one order."""
    names = list(table)
    measures = list(table[names[0]])
    figure, axes = new_figure(1, len(measures), height=40 + 22 * len(names), width=620, sharey=True, squeeze=False)
    for ax, measure in zip(axes[0], measures, strict=True):
        values = [table[name][measure] for name in names]
        ax.barh(range(len(names)), values, color=[PALETTE["alpha"], *[PALETTE["ours"]] * (len(names) - 1)], height=0.7)
        for place, value in enumerate(values):
            ax.text(value + 0.02, place, f"{value:.2f}", va="center", size=9)
        ax.set_xlim(0, 1.15)
        ax.set_xticks([0, 0.5, 1])
        ax.set_title(measure, size=10)
    axes[0, 0].set_yticks(range(len(names)), names)
    axes[0, 0].invert_yaxis()
    return figure


def photographs(pictures: Sequence[tuple]) -> Figure:
    """Per photograph (title, image, mask (H,W) bool, map (h,w), name of the map): what is found, and the map behind it."""
    figure, axes = new_figure(2, len(pictures), height=300, squeeze=False)
    for (above, below), (title, image, mask, values, name) in zip(axes.T, pictures, strict=True):
        show_image(above, paint_instances(image, np.asarray(mask)[None], [FOUND]), title)
        show_map(below, values, name)
    return figure
