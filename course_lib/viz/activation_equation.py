"""Figures of chapter 13: one blob or one map each, what dividing by the sum does, and how groups are joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.style import PALETTE, as_matte, new_figure, show_heat, show_image

COLOURS = [PALETTE[role] for role in ("ours", "foreground", "background", "hidden state", "other", "input")]


def blob_or_maps(image, masks, blob, maps: Sequence, title: str) -> Figure:
    """A picture with n objects of one class (masks n,H,W) painted; the class's map (h,w); and a map (h,w) for each object.

    Every map has its own scale from 0 to its largest value, and the objects' outlines in their colours: all in the class's map,
    in the others the one that it is for in full, the rest dashed.
    """
    figure, axes = new_figure(1, 2 + len(maps), height=205)
    show_image(axes[0], paint_instances(image, masks), "the picture")
    show_heat(axes[1], np.maximum(as_matte(blob), 0), title)
    outlines(axes[1], masks)
    for number, (ax, values) in enumerate(zip(axes[2:], maps, strict=True)):
        show_heat(ax, values)
        ax.set_title(f"for object {number + 1}", color=instance_colour(number))
        outlines(ax, masks, number)
    return figure


def outlines(ax: Axes, masks, chosen: int | None = None, numbers: Sequence[int] | None = None) -> None:
    """The borders of masks (n,H,W) over a map drawn on `ax`, in the colours of `numbers` (None: 0, 1, 2 …); all but the mask at
    place `chosen` dashed, if one is chosen.
    """
    height, width = ax.images[0].get_array().shape[:2]
    masks = np.asarray(masks, float)
    for place, (number, mask) in enumerate(zip(numbers or range(len(masks)), masks, strict=True)):
        rows = (np.arange(mask.shape[0]) + 0.5) * height / mask.shape[0] - 0.5
        columns = (np.arange(mask.shape[1]) + 0.5) * width / mask.shape[1] - 0.5
        style = "dashed" if chosen not in (None, place) else "solid"
        ax.contour(columns, rows, mask, [0.5], colors=[instance_colour(number)], linestyles=style, linewidths=1.2)
    ax.set_xlim(-0.5, width - 0.5)
    ax.set_ylim(height - 0.5, -0.5)


def shouting(areas, lengths: Mapping[str, object], unit: str) -> Figure:
    """How long the vectors are that come of objects of different areas: a cloud per rule, both axes logarithmic."""
    figure, ax = new_figure(height=250, width=560)
    for (name, values), colour in zip(lengths.items(), (COLOURS[1], COLOURS[0]), strict=False):
        ax.scatter(np.asarray(areas), np.asarray(values), s=14, color=colour, alpha=0.7, linewidths=0, label=name)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel(f"area of the object ({unit})")
    ax.set_ylabel("length of its vector")
    ax.legend(loc="upper left")
    return figure


def learning(curves: Mapping[str, Sequence[float]], wanted: str) -> Figure:
    """A loss per step for several starts, logarithmic."""
    figure, ax = new_figure(height=250, width=600)
    for (name, values), colour in zip(curves.items(), COLOURS, strict=False):
        ax.plot(np.asarray(values), color=colour, label=name)
    ax.set_yscale("log")
    ax.set_xlabel("step")
    ax.set_ylabel(wanted)
    ax.legend(loc="upper right")
    return figure


def far_apart(logits, maps: Mapping[str, object]) -> Figure:
    """Logits of a map (h,w), and what each rule makes of them; under each map the share of its left half."""
    figure, axes = new_figure(1, 1 + len(maps), height=190)
    artist = axes[0].imshow(as_matte(logits), cmap="RdBu_r", vmin=-12, vmax=12)
    axes[0].set_axis_off()
    axes[0].set_title("logits A")
    figure.colorbar(artist, ax=axes[0], shrink=0.7)
    for ax, (name, values) in zip(axes[1:], maps.items(), strict=True):
        show_heat(ax, values, name)
        middle = as_matte(values).shape[1] // 2
        for at, share in ((0.25, as_matte(values)[:, :middle].sum()), (0.75, as_matte(values)[:, middle:].sum())):
            ax.text(at, -0.03, f"{100 * share:.0f} %", transform=ax.transAxes, ha="center", va="top")
    return figure


def who_is_joined(tables: Mapping[str, object]) -> Figure:
    """For each rule a table (N,G): whose map stands in which place of a query's vector. A number is a query, and its colour."""
    figure, axes = new_figure(1, len(tables), height=210, width=560)
    for ax, (name, table) in zip(np.atleast_1d(axes), tables.items(), strict=True):
        owners = np.asarray(table)
        ax.imshow(np.stack([[instance_colour(owner) for owner in row] for row in owners]), aspect="auto", alpha=0.6)
        for (row, column), owner in np.ndenumerate(owners):
            right = owner == row
            ax.text(column, row, str(owner), ha="center", va="center", weight="normal" if right else "bold")
        ax.set_title(name)
        ax.set_xticks(range(owners.shape[1]), [f"place {place}" for place in range(owners.shape[1])])
        ax.set_yticks(range(len(owners)), [f"query {query}" for query in range(len(owners))])
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
    return figure
