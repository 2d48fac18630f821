"""Figures of chapter 16: what SparseInst is taught, what each loss sees, one batch by heart, a recorded run, lost targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from course_lib.viz.average_precision import paint_ranked
from course_lib.viz.boxes import quiet
from course_lib.viz.emoji_scenes import paint_instances
from course_lib.viz.style import PALETTE, as_matte, new_figure, show_alpha, show_image
from course_lib.viz.training import few_levels, moving_average, stage_ends, steps_over_stages

DICE, ENTROPY = PALETTE["ours"], PALETTE["background"]
POSITIVE, NEGATIVE = PALETTE["foreground"], PALETTE["alpha"]
TERM_COLOURS = {
    "ce": PALETTE["foreground"],
    "dice": PALETTE["ours"],
    "mask": PALETTE["background"],
    "objectness": PALETTE["hidden state"],
}
SIDE = 100  # pixels of a picture in a figure of several


def class_targets(image, masks, positive, class_names: Sequence[str]) -> Figure:
    """A scene, and its class targets (N,K): a mark with the class's name where a query shall say yes; blank: no."""
    positive = np.asarray(positive, bool)
    figure, (left, right) = new_figure(1, 2, height=280, width_ratios=(1, 1.6))
    painted = few_levels(paint_instances(image, masks, strength=0.6), 2 * SIDE)
    show_image(left, painted, f"{len(masks)} objects").set_interpolation("nearest")
    queries, classes = positive.shape
    right.imshow(np.zeros_like(positive), cmap=ListedColormap(["#EEEEEE"]), aspect="auto")
    right.set(xticks=np.arange(-0.5, classes), yticks=np.arange(-0.5, queries), xticklabels=[], yticklabels=[])
    right.grid(color="white", linewidth=0.6)
    right.tick_params(length=0)
    for query, label in zip(*np.nonzero(positive), strict=True):
        right.add_patch(Rectangle((label - 0.5, query - 0.5), 1, 1, color=POSITIVE))
        side = "right" if label > classes / 2 else "left"
        right.text(label + (-0.9 if side == "right" else 0.9), query, class_names[label], ha=side, va="center", size=9)
    ones = int(positive.sum())
    right.set_title(f"{queries} queries × {classes} classes: {ones} yes, {positive.size - ones:,} no")
    right.set(xlabel="class", ylabel="query")
    return figure


def focal_shapes(p, curves: Mapping[str, object], shares: Mapping[str, tuple[float, float]]) -> Figure:
    """Left: what one negative costs over its probability p. Right: how a sum splits: name -> (positives, negatives)."""
    figure, (left, right) = new_figure(1, 2, height=250, width_ratios=(1, 1.15))
    colours = (PALETTE["background"], PALETTE["other"], PALETTE["ours"])
    for (name, values), colour in zip(curves.items(), colours, strict=False):
        left.plot(p, values, color=colour, label=name)
    left.set(xscale="log", yscale="log", xlabel="p, where 0 is right", ylabel="cost")
    left.legend()
    for y, (positives, negatives) in enumerate(shares.values()):
        part = positives / (positives + negatives)
        right.barh(y, part, color=POSITIVE, height=0.6)
        right.barh(y, 1 - part, left=part, color=NEGATIVE, height=0.6)
        right.text(0.5, y, f"{part:.1%} from the positives", ha="center", va="center", color="white", size=9)
    right.set_yticks(range(len(shares)), list(shares))
    right.invert_yaxis()
    right.set_xticks([])
    right.spines["bottom"].set_visible(False)
    right.tick_params(length=0)
    right.set_title("share of the pull on the classes")
    return figure


def mask_losses(cases: Mapping[str, tuple[object, float, float]]) -> Figure:
    """title -> (mask (h,w), dice loss, cross-entropy): the masks, and under each its two losses as bars."""
    figure, axes = new_figure(2, len(cases), height=270, height_ratios=(1.3, 1))
    figure.get_layout_engine().set(w_pad=0.02, wspace=0)
    tops = [1.3 * max(case[1 + k] for case in cases.values()) for k in range(2)]
    for above, below, (title, (mask, *losses)) in zip(*axes, cases.items(), strict=True):
        show_alpha(above, mask, title)
        above.title.set_size(9)
        for x, (value, top, colour) in enumerate(zip(losses, tops, (DICE, ENTROPY), strict=True)):
            below.bar(x, value / top, color=colour, width=0.8)
            below.text(x, value / top + 0.03, f"{value:.2f}" if value >= 0.005 else f"{value:.3f}", ha="center", size=8)
        below.set(ylim=(0, 1.1), xlim=(-0.7, 1.7), yticks=[])
        below.set_xticks([0, 1], ["dice", "BCE"], size=8)
        below.tick_params(length=0)
        below.spines["left"].set_visible(False)
    return figure


def pulls(sides: Sequence[int], curves: Mapping[str, Sequence[float]]) -> Figure:
    """How hard each loss pulls at all pixels of an object together, over the object's side, on logarithmic axes."""
    figure, ax = new_figure(height=240)
    for (name, values), colour in zip(curves.items(), (DICE, ENTROPY), strict=True):
        ax.plot(sides, values, "o-", color=colour, markersize=4)
        ax.annotate(name, (sides[-1], values[-1]), (8, 0), textcoords="offset points", color=colour, va="center")
    ax.set(xscale="log", yscale="log", xlabel="side of the object, in cells of stride 4", ylabel="pull on the object")
    ax.set_xlim(right=sides[-1] * 3)
    ax.set_xticks(sides, [str(side) for side in sides])
    ax.minorticks_off()
    return figure


def objectness(matched: tuple, free: tuple) -> Figure:
    """IoU with the best object, and what objectness says: of matched queries, which are taught it, and of free ones."""
    figure, axes = new_figure(1, 2, height=265, sharex=True, sharey=True)
    titles = ("matched: taught the IoU", "free: taught nothing")
    for ax, (iou, said), colour, title in zip(axes, (matched, free), (DICE, NEGATIVE), titles, strict=True):
        ax.plot([0, 1], [0, 1], ":", color="black", linewidth=1)
        ax.plot(iou, said, "o", color=colour, markersize=3, markeredgewidth=0)
        ax.set(xlabel="IoU with its best object", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), title=title)
    axes[0].set_ylabel("objectness")
    return figure


def one_batch(rows: Sequence[tuple], losses: Sequence[float]) -> Figure:
    """Per picture (image, true masks, masks, owners), see `answers`; the total loss over the steps at the right."""
    figure, axes = new_figure(len(rows), 4, height=130 * len(rows) + 20)
    for k, (row, (image, truth, masks, owners)) in enumerate(zip(axes, rows, strict=True)):
        pictures = {
            "truth": paint_instances(quiet(image, 0.4), truth, strength=0.7),
            "its surest answers": paint_ranked(image, masks, owners),
        }
        for ax, (title, picture) in zip(row, pictures.items(), strict=False):
            shown = show_image(ax, few_levels(picture, SIDE), None if k else title)
            shown.set_interpolation("nearest")
            ax.title.set_size(9)
        for ax in row[2:]:
            ax.remove()
    curve = figure.add_subplot(axes[0, 0].get_gridspec()[:, 2:])
    curve.plot(np.arange(1, len(losses) + 1), losses, color=DICE, linewidth=2.2)
    curve.set(yscale="log", xlabel="step", title="total loss of this batch")
    return figure


def recorded_run(rows: Sequence[Mapping], window: int = 5) -> Figure:
    """A log (`read_log`): each term in training (line, smoothed) and on other scenes (dots). A dotted line ends a stage."""
    figure, axes = new_figure(2, 2, height=360, sharex=True)
    steps = steps_over_stages(rows)
    for ax, (term, colour) in zip(axes.flat, TERM_COLOURS.items(), strict=True):
        values = np.array([row[f"instances_{term}"] for row in rows], float)
        if len(values) >= window:
            ax.plot(steps[window - 1 :], moving_average(values, window), color=colour)
        seen = [
            (at, row[f"validation_{term}"]) for at, row in zip(steps, rows, strict=True) if row[f"validation_{term}"]
        ]
        if seen:
            ax.plot(*zip(*seen, strict=True), "o", color="black", markersize=4)
        low, high = np.nanpercentile(values, [0, 90])
        ax.set_ylim(0, 1.15 * max(high, *(value for _, value in seen), low))
        ax.set_title(f"loss_{term}", loc="left", color=colour)
        for at in stage_ends({"run": rows}):
            ax.axvline(at, color=PALETTE["alpha"], linestyle=":", linewidth=1)
    for ax in axes[1]:
        ax.set_xlabel("step")
        ax.xaxis.set_major_locator(MaxNLocator(5))
    return figure


def answers(rows: Mapping[str, Sequence[tuple]]) -> Figure:
    """Row title -> scenes as (image, true masks, masks, owners, caption): each as truth and, beside it, answer.

    An answer has its object's colour; −1 among `owners`: it belongs to none, and is drawn in grey.
    """
    columns = max(len(scenes) for scenes in rows.values())
    figure, axes = new_figure(len(rows), 2 * columns, height=len(rows) * 134, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0, hspace=0)
    for ax in axes.flat:
        ax.set_axis_off()
    for row, (title, scenes) in zip(axes, rows.items(), strict=True):
        for at, (image, truth, masks, owners, caption) in enumerate(scenes):
            painted = paint_instances(quiet(image, 0.4), truth, strength=0.7), paint_ranked(image, masks, owners)
            titles = title, caption
            for ax, picture, text in zip(row[2 * at : 2 * at + 2], painted, titles, strict=True):
                show_image(ax, few_levels(picture, SIDE), text).set_interpolation("nearest")
                ax.title.set_size(9)
    return figure


def sampling(mask, targets: Mapping[str, object]) -> Figure:
    """A mask (H,W) on its pixels with the cells of 4 × 4 and their centres, and what becomes of it: title -> target (h,w)."""
    figure, axes = new_figure(1, 1 + len(targets), height=235)
    mask = as_matte(mask)
    show_alpha(axes[0], mask, "mask, cells and their centres")
    height, width = mask.shape
    for row in range(0, height, 4):
        for column in range(0, width, 4):
            axes[0].add_patch(
                Rectangle((column - 0.5, row - 0.5), 4, 4, fill=False, edgecolor="#888888", linewidth=0.6)
            )
            axes[0].add_patch(Rectangle((column + 0.5, row + 0.5), 2, 2, fill=False, edgecolor=POSITIVE, linewidth=1.2))
    for ax, (title, target) in zip(axes[1:], targets.items(), strict=True):
        show_alpha(ax, target, title)
        for (i, j), value in np.ndenumerate(as_matte(target)):
            if value > 0:
                ink = "black" if value > 0.5 else "white"
                ax.text(j, i, f"{value:.2g}".lstrip("0"), ha="center", va="center", color=ink, size=7)
    return figure


def lost_targets(sizes: Sequence[str], shares: Mapping[str, Sequence[float]], counts: Sequence[int]) -> Figure:
    """Share of objects that lost their target, by size (with how many there are), one group of bars per way of losing it."""
    figure, ax = new_figure(height=250)
    width = 0.8 / len(shares)
    colours = (PALETTE["foreground"], PALETTE["other"], PALETTE["background"], PALETTE["input"])
    for at, ((name, values), colour) in enumerate(zip(shares.items(), colours, strict=False)):
        places = np.arange(len(sizes)) + (at - (len(shares) - 1) / 2) * width
        ax.bar(places, values, width * 0.92, color=colour, label=name)
        for x, value in zip(places, values, strict=True):
            ax.text(x, value + 0.005, _share(value), ha="center", size=8)
    ax.set_xticks(range(len(sizes)), [f"{size}\n{count:,} objects" for size, count in zip(sizes, counts, strict=True)])
    ax.set(ylabel="share of the objects", ylim=(0, 1.2 * max(0.05, *(max(values) for values in shares.values()))))
    ax.legend(loc="upper right")
    return figure


def _share(value: float) -> str:
    return f"{value:.0%}" if value >= 0.005 else "<1%" if value else "0"
