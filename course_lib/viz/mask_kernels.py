"""Figures of chapter 14: kernels as strips of numbers and as directions, what they draw, and what a score is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.viz.boxes import quiet
from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.features import principal_colours
from course_lib.viz.style import PALETTE, as_picture, new_figure, show_heat, show_image

MATCHED, UNMATCHED = PALETTE["ours"], PALETTE["alpha"]


def drawn_by_kernels(image, features, kernels, logits) -> Figure:
    """A picture, its mask features (D,h,w) in colours, and n kernels (n,D), each above its mask (n,H,W) logits."""
    kernels, logits = np.asarray(kernels), np.asarray(logits)
    figure = new_figure(1, 1, height=190)[0]
    figure.clear()
    grid = figure.add_gridspec(2, 2 + len(kernels), height_ratios=(1, 6))
    show_image(figure.add_subplot(grid[:, 0]), image, "the picture")
    channels, height, width = features.shape[-3:]
    left = show_image(figure.add_subplot(grid[:, 1]), principal_colours(features), f"{channels} × {height} × {width}")
    left.set_interpolation("nearest")
    for n, (kernel, mask) in enumerate(zip(kernels, logits, strict=True)):
        above, below = (figure.add_subplot(grid[row, 2 + n]) for row in (0, 1))
        limit = float(np.abs(kernel).max())
        above.imshow(kernel[None], cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
        above.set_axis_off()
        above.set_title(f"{channels} numbers", size=10)
        show_heat(below, 1 / (1 + np.exp(-mask)), limit=1)
        for ax in (above, below):
            ax.add_patch(
                Rectangle((0, 0), 1, 1, transform=ax.transAxes, fill=False, edgecolor=instance_colour(n), linewidth=3)
            )
    return figure


def pixels_as_points(logits, masks, names: Sequence[str], threshold: float) -> Figure:
    """Every pixel of a picture as a point: its logit under one kernel against that under another, (2,h,w).

    Coloured by the object (2,h,w) that it belongs to; grey: neither. Lines: from which logit on a pixel is in the mask.
    """
    across, up = np.asarray(logits).reshape(2, -1)
    inside = np.asarray(masks, bool).reshape(2, -1)
    figure, ax = new_figure(height=330, width=520)
    neither = ~inside.any(axis=0)
    ax.plot(across[neither], up[neither], ".", color="#BBBBBB", markersize=2.5, label="others")
    for n, name in enumerate(names):
        ax.plot(across[inside[n]], up[inside[n]], ".", color=instance_colour(n), markersize=4, label=f"of the {name}")
    ax.axvline(threshold, color=instance_colour(0), linewidth=1)
    ax.axhline(threshold, color=instance_colour(1), linewidth=1)
    ax.set_xlabel(f"logit under the kernel of the {names[0]}")
    ax.set_ylabel(f"logit under the kernel of the {names[1]}")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), title="pixels", markerscale=3)
    return figure


def mixtures(maps: Mapping[str, object]) -> Figure:
    """Probabilities (h,w) that kernels between two others draw, under their titles."""
    figure, axes = new_figure(1, len(maps), height=150)
    for ax, (title, values) in zip(axes, maps.items(), strict=True):
        show_heat(ax, values, title, limit=1)
    return figure


def moved_along(images: Sequence, masks: Mapping[str, Sequence]) -> Figure:
    """Per row a kernel, per column a picture (3,H,W): the mask (H,W) that this kernel draws in it. title -> masks."""
    figure, axes = new_figure(
        len(masks), len(images), height=118 * len(masks), width=130 * len(images) + 130, squeeze=False
    )
    for at, (row, (title, drawn)) in enumerate(zip(axes, masks.items(), strict=True)):
        for ax, image, mask in zip(row, images, drawn, strict=True):
            show_image(ax, paint_instances(quiet(image, 0.8), np.asarray(mask)[None], [at], 0.75))
        row[0].text(-0.06, 0.5, title, transform=row[0].transAxes, ha="right", va="center", size=9)
    return figure


def told_apart(cases: Mapping[str, tuple]) -> Figure:
    """Per case a row: the picture (3,H,W), what the kernels of the left and the right twin draw (2,h,w), their IoUs (2,)."""
    figure, axes = new_figure(len(cases), 3, height=120 * len(cases), width=640)
    for row, (title, (image, maps, ious)) in zip(axes, cases.items(), strict=True):
        show_image(row[0], image)
        row[0].text(-0.06, 0.5, title, transform=row[0].transAxes, ha="right", va="center", size=9)
        for ax, values, iou, side in zip(row[1:], maps, ious, ("left", "right"), strict=True):
            show_heat(ax, values, limit=1).set_interpolation("nearest")
            ax.set_title(f"{side} one's kernel: IoU {float(iou):.2f}", size=9)
    return figure


def objectness(matched, unmatched) -> Figure:
    """Two histograms of objectness in [0, 1], as shares of each kind of query."""
    figure, ax = new_figure(height=240)
    bins = np.linspace(0, 1, 26)
    for values, colour, name in ((unmatched, UNMATCHED, "queries without an object"), (matched, MATCHED, "with one")):
        values = np.asarray(values)
        ax.hist(
            values,
            bins,
            weights=np.full(len(values), 1 / len(values)),
            color=colour,
            alpha=0.55,
            label=f"{name}: {len(values):,}",
        )
    ax.set_xlabel("objectness")
    ax.set_ylabel("share of its kind")
    ax.set_xlim(0, 1)
    ax.legend()
    return figure


def borders(image, window: tuple[int, int, int, int], masks: Mapping[str, object]) -> Figure:
    """A picture with a window (top, bottom, left, right); in it two masks (H,W): what both hold, what only one."""
    top, bottom, left, right = window
    figure, (whole, part) = new_figure(1, 2, height=270, width=640)
    show_image(whole, image)
    whole.add_patch(Rectangle((left - 0.5, top - 0.5), right - left, bottom - top, fill=False, linewidth=1.6))
    picture = as_picture(quiet(as_picture(image)[top:bottom, left:right], 0.7)).copy()
    one, other = (np.asarray(mask, bool)[top:bottom, left:right] for mask in masks.values())
    kinds = ("both", *(f"{title} only" for title in masks))
    colours = (PALETTE["ours"], PALETTE["foreground"], PALETTE["background"])
    for title, inside, colour in zip(kinds, (one & other, one & ~other, other & ~one), colours, strict=True):
        strength = 0.35 if title == "both" else 1
        picture[inside] = (1 - strength) * picture[inside] + strength * np.array(to_rgb(colour))
        part.plot([], [], "s", color=colour, label=title)
    show_image(part, picture).set_interpolation("nearest")
    part.legend(loc="center left", bbox_to_anchor=(1, 0.5), title="in the mask made of")
    return figure
