"""Figures of the capstone: one matte of many people, whose pixel is whose, and what each part of the way is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.style import PALETTE, WIDTH, new_figure, over_checkerboard, show_alpha, show_image

SMALL = {"fontsize": 9}
PLATE = {"boxstyle": "round,pad=0.15", "facecolor": "#202020", "edgecolor": "none", "alpha": 0.75}
TAG = {"color": "white", "ha": "center", "va": "center", "weight": "bold", "bbox": PLATE, **SMALL}
ROLES = {"capstone": "ours", "true masks": "reference"}  # of a way's bar; the others are grey


def from_many_to_one(frame, alpha, own, result) -> Figure:
    """A frame (3,H,W), the matte of everybody (1,H,W), that of one person, and the frame that comes out (3,H,W)."""
    height, width = frame.shape[-2:]
    figure, axes = new_figure(1, 4, height=round(WIDTH / 4 * height / width) + 24)
    show_image(axes[0], frame, "a frame")
    show_alpha(axes[1], alpha, "RVM: everybody")
    show_alpha(axes[2], own, "one of them")
    show_image(axes[3], result, "somewhere else")
    return figure


def followed(frames, masks, numbers: Sequence[Sequence[int]], moments: Sequence[int]) -> Figure:
    """Some frames of frames (T,3,H,W), the masks (n,H,W) found in each painted in the colour of its number.

    masks, numbers: by frame, as `moments` counts them.
    """
    height, width = frames.shape[-2:]
    cell = WIDTH / len(moments)
    figure, axes = new_figure(1, len(moments), height=round(cell * height / width) + 22, squeeze=False)
    for ax, moment in zip(axes[0], moments, strict=True):
        show_image(ax, paint_instances(frames[moment], masks[moment], numbers[moment]), f"frame {moment}")
        for mask, number in zip(masks[moment], numbers[moment], strict=True):
            rows, columns = np.nonzero(np.asarray(mask))
            ax.text(columns.mean(), rows.mean(), str(number), **TAG)
    return figure


def whose_pixel(frame, masks, distances, gate, name: str) -> Figure:
    """A frame with masks (P,H,W); to whose mask each pixel is nearest, by distances (P,H,W); the gate (H,W) of `name`."""
    height, width = frame.shape[-2:]
    figure, axes = new_figure(1, 3, height=round(WIDTH / 3 * height / width) + 24)
    show_image(axes[0], paint_instances(frame, masks), "whose mask")
    distances = np.asarray(distances)
    nearest = distances.argmin(0)
    tint = np.stack([instance_colour(int(k)) for k in range(len(distances))])[nearest].transpose(2, 0, 1)
    show_image(axes[1], 0.55 * tint + 0.45 * np.asarray(frame), "who is nearest")
    show_image(axes[2], over_checkerboard(frame, gate), f"the gate of {name}")
    return figure


def ways(summary: Mapping[str, Mapping[str, float]]) -> Figure:
    """metrics.json's "ways" of `capstone_report`: error and kept frames of every way, with intervals."""
    names = list(summary)
    figure, axes = new_figure(1, 2, height=90 + 32 * len(names), sharey=True)
    for ax, metric, label in zip(
        axes, ("mad", "kept"), ("MAD ×1000: lower is better", "frames kept: higher is better"), strict=True
    ):
        for y, name in enumerate(names):
            numbers = summary[name]
            ax.barh(y, numbers[metric], color=PALETTE[ROLES.get(name, "alpha")], height=0.62)
            if numbers[f"{metric}_low"] is not None:
                ax.plot(
                    [numbers[f"{metric}_low"], numbers[f"{metric}_high"]], [y, y], color=PALETTE["other"], linewidth=2
                )
        ax.set(title=label, ylim=(len(names) - 0.5, -0.5))
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(axis="y", length=0)
    axes[1].set_xlim(0, 1)
    return figure


def failure(frames, own, result, moments: Sequence[int]) -> Figure:
    """Some frames (T,3,H,W), the true alpha of one person (T,1,H,W), and what came out instead (T,1,H,W)."""
    height, width = frames.shape[-2:]
    figure, axes = new_figure(
        3, len(moments), height=round(3 * WIDTH / len(moments) * height / width) + 40, squeeze=False
    )
    for column, moment in zip(axes.T, moments, strict=True):
        show_image(column[0], frames[moment], f"frame {moment}")
        show_alpha(column[1], own[moment])
        show_alpha(column[2], result[moment])
    for ax, name in zip(axes[:, 0], ("frame", "the person", "what came out"), strict=True):
        ax.text(-0.06, 0.5, name, transform=ax.transAxes, rotation=90, ha="center", va="center", **SMALL)
    return figure
