"""Figures of chapter 17: which detections to show, who found what, a ranking as a curve, what moves AP, where the rest goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from course_lib.viz.boxes import quiet
from course_lib.viz.emoji_scenes import paint_instances
from course_lib.viz.style import PALETTE, new_figure, show_heat, show_image
from course_lib.viz.training import few_levels

RIGHT, WRONG = PALETTE["ours"], PALETTE["foreground"]
NOBODY = -1
SIDE, SIDE_OF_ERROR = 166, 108  # pixels of a picture in the figures that hold several
STRAY = 0.25  # grey of a mask that belongs to no object
METRIC_COLOURS = {"AP50": PALETTE["background"], "AP75": PALETTE["other"], "AP": PALETTE["ours"]}


def how_many_to_show(image, truth, masks, owners: Sequence[int], counts: Sequence[int]) -> Figure:
    """The true objects (M,H,W), and the first k of the masks (D,H,W), ranked, for each k of `counts`.

    owners: the object that a mask found, whose colour it gets, or −1: drawn in grey.
    """
    figure, axes = new_figure(1, 1 + len(counts), height=205)
    painted = {f"truth: {len(truth)} objects": paint_instances(image, truth, strength=0.6)}
    painted |= {f"its {count} best": paint_ranked(image, masks[:count], owners[:count]) for count in counts}
    for ax, (title, picture) in zip(axes, painted.items(), strict=True):
        show_image(ax, few_levels(picture, SIDE), title).set_interpolation("nearest")
    return figure


def paint_ranked(image, masks, owners: Sequence[int]) -> np.ndarray:
    """A picture (3,H,W) with ranked masks over it, the best on top, in the colours of the objects that they found."""
    masks, owners = np.asarray(masks, bool)[::-1], np.asarray(owners)[::-1]
    picture = quiet(image, 0.8)
    for mask, owner in zip(masks, owners, strict=True):
        if owner == NOBODY:
            picture[:, mask] = 0.55 * picture[:, mask] + 0.45 * STRAY
    return paint_instances(picture, masks[owners != NOBODY], owners[owners != NOBODY], 0.7)


def overlaps_table(image, truth, masks, ious, scores: Sequence[float], threshold: float) -> Figure:
    """Detections (D,H,W) across by falling score, objects (M,H,W) down, their IoUs (D,M) between.

    Framed: from `threshold` on.
    """
    ious = np.asarray(ious, dtype=float)
    columns, rows = ious.shape
    figure, axes = new_figure(1 + rows, 1 + columns, height=68 * (1 + rows))
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    show_image(axes[0, 0], image)
    axes[0, 0].set_title("score:", size=9, pad=2, loc="right")
    pale = quiet(image)
    for ax, mask, score in zip(axes[0, 1:], np.asarray(masks), scores, strict=True):
        show_image(ax, paint_instances(pale, mask[None], [0], 0.8))
        ax.set_title(f"{float(score):.2f}", size=9, pad=2)
    for m in range(rows):
        show_image(axes[1 + m, 0], paint_instances(pale, np.asarray(truth)[m : m + 1], [m], 0.8))
        for d in range(columns):
            ax = axes[1 + m, 1 + d]
            show_heat(ax, ious[d, m].reshape(1, 1), limit=1)
            ink = "black" if ious[d, m] > 0.6 else "white"
            ax.text(0, 0, f"{ious[d, m]:.2f}", ha="center", va="center", color=ink, size=9)
            if ious[d, m] >= threshold:
                ax.add_patch(Rectangle((-0.5, -0.5), 1, 1, fill=False, edgecolor=WRONG, linewidth=6))
    return figure


def ranking(right: Sequence[bool], precision: Sequence[float], recall: Sequence[float]) -> Figure:
    """One bar per detection, best score left: found an object or not; below, precision and recall after each of them."""
    figure, (above, below) = new_figure(2, 1, height=270, sharex=True, height_ratios=(1, 4.5))
    right = np.asarray(right, bool)
    place = np.arange(1, len(right) + 1)
    for chosen, colour in ((right, RIGHT), (~right, WRONG)):
        above.bar(place[chosen], 1, width=1, color=colour, linewidth=0)
    above.set_axis_off()
    above.set_title("detections by falling score: found an object (green), or not (vermilion)", loc="left", size=10)
    for values, colour, name in ((precision, PALETTE["background"], "precision"), (recall, "black", "recall")):
        below.plot(place, values, color=colour, label=name)
    below.set(xlabel="detections so far", ylim=(0, 1.02), xlim=(0.5, len(right) + 0.5))
    below.legend(loc="upper right", ncols=2)
    return figure


def curve(recall, precision, sampled_at, sampled) -> Figure:
    """Precision against recall after each detection (D,), and what is averaged: p(r) at the sampled recalls (R,)."""
    figure, ax = new_figure(height=290)
    ax.plot(sampled_at, sampled, "o", color=RIGHT, markersize=3.2, label="p(r) at 101 recalls")
    # On top, so that its zigzag is seen.
    ax.plot(recall, precision, color="black", linewidth=0.9, label="after each detection", zorder=3)
    ax.fill_between(sampled_at, sampled, color=RIGHT, alpha=0.15, step="pre", linewidth=0)
    ax.text(0.02, 0.06, f"AP = {np.mean(sampled):.3f}", color=RIGHT, size=12)
    ax.set(xlabel="recall", ylabel="precision", xlim=(-0.005, 1.005), ylim=(0, 1.02))
    ax.legend(loc="upper right")
    return figure


def thresholds(values, precision, recall, best: float) -> Figure:
    """Average precision (T,) of one class over the IoU that counts as found; precision-recall curves (T,R) beside it."""
    figure, (left, right) = new_figure(1, 2, height=250)
    at = np.linspace(0, 1, np.shape(precision)[1])
    shades = np.linspace(1, 0.25, len(values))
    for value, row, shade in zip(values, np.asarray(precision), shades, strict=True):
        left.plot(at, row, color=RIGHT, alpha=shade, linewidth=1.4)
        if value in (values[0], values[len(values) // 2]):
            last = int(np.flatnonzero(row)[-1]) if row.any() else 0
            left.text(at[last] + 0.02, row[last], f"IoU {value:.2f}", size=9, color=RIGHT)
    left.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02))
    right.bar(values, np.mean(precision, axis=1), width=0.035, color=RIGHT)
    right.plot(values, recall, "k_", markersize=12, label="recall after the last detection")
    right.axhline(best, color=RIGHT, linestyle="--", linewidth=1)
    right.text(0.972, best + 0.01, f"mean {best:.3f}", color=RIGHT, ha="right", size=9)
    right.set(xlabel="IoU that counts as found", ylabel="average precision", ylim=(0, 1.3 * max(*recall, 0.1)))
    right.legend(loc="upper right")
    return figure


def what_moves(table: Mapping[str, Mapping[str, float]]) -> Figure:
    """What was done to the detections -> AP50, AP75, AP. The first row is untouched: its values are the upright lines."""
    figure, axes = new_figure(1, 3, height=34 * len(table) + 60, sharey=True)
    names = list(table)
    for ax, (metric, colour) in zip(axes, METRIC_COLOURS.items(), strict=True):
        values = np.array([table[name][metric] for name in names])
        ax.barh(range(len(names)), values, height=0.62, color=colour)
        ax.axvline(values[0], color="black", linewidth=1, linestyle=":")
        for y, value in enumerate(values):
            ax.text(max(value, values[0]), y, f" {value:.3f}", va="center", size=9)  # right of the dotted line too
        ax.set_xlim(0, 1.35 * values.max())
        ax.set_title(metric)
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(length=0)
    axes[0].set_yticks(range(len(names)), names)
    axes[0].invert_yaxis()
    return figure


def shown_from(scores, curves: Mapping[str, Sequence[float]]) -> Figure:
    """Over the score from which on detections are kept: one line per number."""
    figure, ax = new_figure(height=260)
    colours = (PALETTE["background"], "black", PALETTE["other"], PALETTE["ours"])
    for (name, values), colour in zip(curves.items(), colours, strict=False):
        values = np.asarray(values, dtype=float)
        ax.plot(scores, values, color=colour, label=name, linewidth=3.5 if name == "AP50" else 1.6)
    ax.set(xlabel="only detections with at least this score", ylim=(0, 1.02), xlim=(scores[0], scores[-1]))
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(curves))
    return figure


def kinds_of_error(
    examples: Mapping[str, tuple | None], counts: Mapping[str, int], costs: Mapping[str, float]
) -> Figure:
    """Above, one example of each kind: (image, true mask or None, detected mask or None, caption). Below, its cost in AP50.

    True masks are white outlines, detections are filled. Bars carry the number of errors.
    """
    figure, axes = new_figure(2, len(examples), height=310, height_ratios=(1.2, 1), squeeze=False)
    figure.get_layout_engine().set(w_pad=0.02, wspace=0)
    heights = np.array([costs[kind] for kind in examples])
    top = max(float(heights.max()), 1e-3)
    for above, below, (kind, example) in zip(*axes, examples.items(), strict=True):
        above.set_axis_off()
        above.set_title(kind.replace("_", " ").replace("confused and poor", "both"), size=10, weight="bold")
        if example is not None:
            _show_error(above, *example)
        below.bar(0, costs[kind], color=WRONG, width=0.6)
        text = f"{costs[kind]:+.3f}\n{counts[kind]:,} of them"
        below.text(0, max(costs[kind], 0) + 0.04 * top, text, ha="center", size=9)
        below.set(xlim=(-0.6, 0.6), ylim=(min(0, float(heights.min())), 1.45 * top), xticks=[])
        below.spines["left"].set_visible(False)
        below.tick_params(left=False, labelleft=False)
    axes[1, 0].set_ylabel("AP50 gained\nwithout it")
    return figure


def with_intervals(intervals: Mapping[str, tuple[float, float, float]], widths: Mapping[int, float]) -> Figure:
    """Left: metric -> value, low, high. Right: number of scenes -> width of the interval of AP50 without classes.

    The dotted line has slope −½.
    """
    figure, (left, right) = new_figure(1, 2, height=240, width_ratios=(1.5, 1))
    for y, (value, low, high) in enumerate(intervals.values()):
        left.plot([low, high], [y, y], color=RIGHT, linewidth=5, alpha=0.35, solid_capstyle="butt")
        left.plot(value, y, "o", color=RIGHT)
        left.text(high, y, f"  {value:.3f}", va="center", size=9)
    left.set_yticks(range(len(intervals)), list(intervals))
    left.invert_yaxis()
    left.set_xlim(0, 1.15 * max(high for _, _, high in intervals.values()))
    left.xaxis.set_major_locator(MaxNLocator(5))
    left.set_title("middle 95 % of the resamples")
    scenes, spread = np.array(list(widths)), np.array(list(widths.values()))
    right.plot(scenes, spread, "o-", color=RIGHT)
    right.plot(scenes, spread[-1] * (scenes / scenes[-1]) ** -0.5, ":", color=PALETTE["alpha"], label=r"$1/\sqrt{n}$")
    right.set(xscale="log", yscale="log", xlabel="scenes", ylabel="width of the interval", title="AP50, no classes")
    right.set_xticks(scenes, [str(n) for n in scenes])
    ticks = [tick for tick in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5) if spread.min() * 0.8 < tick < spread.max() * 1.25]
    right.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    right.minorticks_off()
    right.legend()
    return figure


def _show_error(ax: Axes, image, true, detected, caption: str) -> None:
    """Cut out around both masks, with a margin."""
    import cv2

    masks = [np.asarray(mask, bool) for mask in (true, detected) if mask is not None]
    places = np.nonzero(np.any(masks, axis=0))  # rows, columns
    side = min(max(np.ptp(values) for values in places) + 24, *masks[0].shape)
    window = []
    for values, length in zip(places, masks[0].shape, strict=True):
        start = int(np.clip((values.min() + values.max() - side) // 2, 0, length - side))
        window.append(slice(start, start + side))
    picture = quiet(image, 0.8)
    if detected is not None:
        picture = paint_instances(picture, masks[-1:], [0], 0.6)
    if true is not None:
        ring = cv2.dilate(masks[0].astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~masks[0]
        picture[:, ring] = 0 if detected is None else 1
    cut_out = few_levels(picture[:, window[0], window[1]], SIDE_OF_ERROR)
    show_image(ax, cut_out).set_interpolation("nearest")
    ax.text(0.5, -0.04, caption, ha="center", va="top", transform=ax.transAxes, size=8)
