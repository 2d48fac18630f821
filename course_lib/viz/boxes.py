"""Figures of chapter 11: who is in a picture, whom a box can name, and what is left of a shape in a box of few cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.style import PALETTE, as_picture, new_figure, show_alpha, show_heat, show_image

LOST, DOUBLED = PALETTE["foreground"], PALETTE["background"]


def survivors(image, masks, boxes, kept: Sequence[int]) -> Figure:
    """A picture; its instances, each with its box; and those whose box NMS keeps. What it deletes is a dashed box."""
    figure, axes = new_figure(1, 3, height=255)
    kept = [int(number) for number in kept]
    show_image(axes[0], image, "the picture")
    show_image(axes[1], paint_instances(quiet(image), masks), f"who is there: {len(masks)}")
    show_image(axes[2], paint_instances(quiet(image), np.asarray(masks)[kept], kept), f"whose box stays: {len(kept)}")
    for number in range(len(masks)):
        draw_box(axes[1], boxes[number], instance_colour(number))
    for number in sorted(range(len(masks)), key=lambda number: number not in kept):  # the deleted ones on top
        gone = number not in kept
        draw_box(axes[2], boxes[number], PALETTE["reference"] if gone else instance_colour(number), dashed=gone)
        if gone:
            left, _, _, bottom = (float(value) for value in boxes[number])
            axes[2].text(left, bottom + 3, "deleted", size=9, va="top", weight="bold")
    return figure


def one_of_each(scenes: Mapping[str, object]) -> Figure:
    """A row of scenes (`EmojiScene`) under the names of their splits."""
    figure, axes = new_figure(1, len(scenes), height=165)
    for ax, (name, scene) in zip(axes, scenes.items(), strict=True):
        show_image(ax, scene.image, name)
    return figure


def nearest_anchors(image, boxes, anchors, overlaps, shown: int = 4, margin: int = 12) -> Figure:
    """Left, the `shown` objects that fit their best anchor least: box and, dashed, anchor. Right, the fit of all.

    `boxes` and `anchors` are (n,4), `overlaps` (n,) the IoU of each pair.
    """
    fits = np.asarray(overlaps, dtype=float)
    figure, (left, right) = new_figure(1, 2, height=225, width_ratios=(1, 1.3))
    show_image(left, quiet(image, 0.7), "box, and nearest anchor (dashed)")
    worst = np.argsort(fits, kind="stable")[:shown]
    for number in worst:
        draw_box(left, boxes[number], instance_colour(number))
        draw_box(left, anchors[number], instance_colour(number), dashed=True)
    corners = np.concatenate([np.asarray(boxes)[worst], np.asarray(anchors)[worst]])
    height, width = np.asarray(image).shape[-2:]
    left.set_xlim(max(corners[:, 0].min() - margin, -0.5), min(corners[:, 2].max() + margin, width - 0.5))
    left.set_ylim(min(corners[:, 3].max() + margin, height - 0.5), max(corners[:, 1].min() - margin, -0.5))
    order = np.argsort(fits, kind="stable")
    colours = [instance_colour(number) if number in worst else "#CCCCCC" for number in order]
    right.bar(np.arange(len(fits)), fits[order], color=colours)
    right.axhline(0.5, color=PALETTE["reference"], linewidth=1, linestyle=":")
    right.text(len(fits) - 0.5, 0.47, "fits", ha="right", va="top", size=9)
    right.set_ylim(0, 1)
    right.set_xticks([])
    right.set_xlabel("objects, worst first")
    right.set_ylabel("IoU with its best anchor")
    return figure


def dilemma(same, different, thresholds: Sequence[float], lost: Sequence[int], doubled: Sequence[int]) -> Figure:
    """Left, the overlaps of pairs of boxes: two of one object, and two of different objects. Right, what NMS makes of it.

    `same` and `different` hold one IoU per pair; `lost` and `doubled` count objects per threshold.
    """
    figure, (left, right) = new_figure(1, 2, height=270, width_ratios=(1, 1))
    bins = np.linspace(0, 1, 26)
    for values, colour in ((same, DOUBLED), (different, LOST)):
        left.hist(np.asarray(values), bins, color=colour, histtype="step", linewidth=1.8)
    left.set_yscale("log")
    left.set_xlabel("box IoU of a pair")
    left.set_ylabel("pairs")
    left.set_title("pairs of candidates")
    left.text(0.98, 0.88, "of one object", color=DOUBLED, ha="right", transform=left.transAxes)
    left.text(0.25, 0.88, "of two objects", color=LOST, transform=left.transAxes)
    for values, name, colour, marker in ((lost, "objects lost", LOST, "o"), (doubled, "found twice", DOUBLED, "s")):
        right.plot(thresholds, values, color=colour, marker=marker, markersize=4)
        at = 0 if name == "objects lost" else -1
        right.annotate(
            name, (thresholds[at], values[at]), xytext=(6 if at == 0 else -6, 5), textcoords="offset points",
            color=colour, ha="left" if at == 0 else "right",
        )  # fmt: skip
    right.set_yscale("symlog", linthresh=1)
    right.set_ylim(-0.2, None)
    right.set_yticks([0, 1, 10, 100, 1000], ["0", "1", "10", "100", "1000"])
    right.set_xlabel("NMS threshold")
    right.set_ylabel("objects")
    right.set_title("after NMS, per threshold")
    return figure


def crossing(
    frames, masks, overlaps: Sequence[float], there: Sequence[int], kept: Sequence[int], shown: Sequence[int]
) -> Figure:
    """A clip (T,3,H,W) in which people (T,n,H,W) cross: the frames `shown`, painted; below, people there and boxes kept.

    `overlaps`: the largest IoU of two boxes in each frame.
    """
    figure = new_figure(1, 1, height=290)[0]
    figure.clear()
    grid = figure.add_gridspec(2, len(shown), height_ratios=(1, 1.1))
    for column, frame in enumerate(shown):
        ax = figure.add_subplot(grid[0, column])
        show_image(ax, paint_instances(quiet(frames[frame]), masks[frame]), f"frame {frame}")
    below = figure.add_subplot(grid[1, :])
    steps = np.arange(len(there))
    below.step(steps, there, where="mid", color=PALETTE["reference"])
    below.step(steps, kept, where="mid", color=LOST)
    below.fill_between(steps, kept, there, step="mid", color=LOST, alpha=0.25, linewidth=0)
    below.set_ylim(0, max(there) + 0.9)
    below.set_yticks(range(max(there) + 1))
    below.set_xticks(steps)
    below.set_xlabel("frame")
    below.set_ylabel("people")
    below.text(0, max(there) + 0.15, "people who can be seen", color=PALETTE["reference"])
    below.text(0, min(kept) - 0.15, "whose box NMS keeps", color=LOST, va="top")
    for frame, overlap in zip(steps, overlaps, strict=True):
        below.text(frame, 0.15, f"{overlap:.3f}", ha="center", size=7, color=PALETTE["alpha"])
    below.text(0, 0.6, "largest box IoU in the frame:", size=8, color=PALETTE["alpha"], ha="left")
    return figure


def shapes_in_cells(rows: Mapping[str, Mapping[str, tuple]]) -> Figure:
    """Per object a row of masks: column -> (mask (h,w), IoU with the first, or None)."""
    columns = len(next(iter(rows.values())))
    figure, axes = new_figure(len(rows), columns, height=165 * len(rows), squeeze=False)
    for row, (name, masks) in zip(axes, rows.items(), strict=True):
        for ax, (title, (mask, iou)) in zip(row, masks.items(), strict=True):
            show_alpha(ax, np.asarray(mask, dtype=float), title if iou is None else f"{title}: IoU {iou:.2f}")
        row[0].text(-0.04, 0.5, name, transform=row[0].transAxes, rotation=90, ha="right", va="center")
    return figure


def sides_and_masks(curves: Mapping[str, Mapping[str, tuple]], crossover: float) -> Figure:
    """One panel per shape: way -> (sides, IoUs) of the best mask that each way can write down; a line where cells are equal."""
    figure, axes = new_figure(1, len(curves), height=250, sharey=True, squeeze=False)
    for ax, (shape, ways) in zip(axes[0], curves.items(), strict=True):
        for (name, (sides, ious)), colour, marker in zip(
            ways.items(), (DOUBLED, PALETTE["ours"]), ("s", "o"), strict=True
        ):
            ax.plot(sides, ious, color=colour, marker=marker, markersize=4, label=name)
        ax.axvline(crossover, color=PALETTE["alpha"], linestyle="--", linewidth=1)
        ax.set_xscale("log", base=2)
        ticks = [tick for tick in (16, 32, 64, 128, 256, 512) if min(sides) <= tick * 1.2 and tick <= max(sides) * 1.2]
        ax.set_xticks(ticks, [str(tick) for tick in ticks])
        ax.minorticks_off()
        ax.set_title(shape)
        ax.set_xlabel("side of its box (pixels)")
    axes[0, 0].set_ylabel("IoU with the truth")
    axes[0, 0].text(
        crossover, 0.03, "equally many cells ", ha="right", color=PALETTE["alpha"], size=9,
        transform=axes[0, 0].get_xaxis_transform(),
    )  # fmt: skip
    axes[0, -1].legend(loc="lower right", frameon=True, framealpha=1, edgecolor="none")
    return figure


def named_by(image, maps, found: Mapping[str, tuple]) -> Figure:
    """Activation maps (N,H,W) laid together, and the masks that come of names: title -> (masks (N,H,W), IoUs (N,))."""
    figure, axes = new_figure(1, 1 + len(found), height=270)
    show_heat(axes[0], np.asarray(maps).max(axis=0), f"{len(maps)} activation maps")
    for ax, (title, (masks, ious)) in zip(axes[1:], found.items(), strict=True):
        worst, best = float(min(ious)), float(max(ious))
        show_image(ax, paint_instances(quiet(image), masks), f"{title}\nIoU {worst:.2f} to {best:.2f}")
    return figure


def quiet(image, strength: float = 0.35) -> Float[np.ndarray, "3 H W"]:
    """A picture in pale grey, `strength` of its contrast left, so that what is drawn over it is seen."""
    grey = as_picture(image).mean(axis=2)
    return np.repeat(1 - strength * (1 - grey[None]), 3, axis=0)


def draw_box(ax: Axes, box, colour, dashed: bool = False) -> None:
    """`box`: left, top, right, bottom, at the edges of pixels."""
    left, top, right, bottom = (float(value) - 0.5 for value in box)
    style = "--" if dashed else "-"
    ax.add_patch(
        Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor=colour, linestyle=style, linewidth=1.6)
    )
