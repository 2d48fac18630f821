"""Figures of chapter 09: flicker seen as a picture, measured against a truth, and what a state remembers of it.

Every function takes the numbers and returns a matplotlib Figure; pictures as in `viz.style`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from course_lib.viz.style import (
    PALETTE,
    as_matte,
    as_picture,
    new_figure,
    show_alpha,
    show_heat,
    show_image,
    show_signed,
)

SMALL = {"fontsize": 9}


def slices(frame, row: int, pictures: Mapping[str, object], sliced: str) -> Figure:
    """The frame (3,H,W) with its row marked; beside it titled x–t slices, the one named `sliced` of colours (3,T,W),
    the others of alpha (T,W). Time runs down.
    """
    figure, axes = new_figure(1, 1 + len(pictures), height=210)
    show_image(axes[0], frame, f"row {row}")
    axes[0].axhline(row, color=PALETTE["other"], linewidth=1.5)
    for ax, (title, values) in zip(axes[1:], pictures.items(), strict=True):
        _slice(ax, values, title, colours=title == sliced)
    axes[1].set_ylabel("time ↓", labelpad=2)
    return figure


def faults(pictures: Mapping[str, object]) -> Figure:
    """Titled x–t slices of alpha (T,W), one beside the other."""
    figure, axes = new_figure(1, len(pictures), height=190)
    for ax, (title, values) in zip(axes, pictures.items(), strict=True):
        _slice(ax, values, title)
    axes[0].set_ylabel("time ↓", labelpad=2)
    return figure


def flicker_maps(maps: Mapping[str, object]) -> Figure:
    """Titled maps of flicker (H,W), all at the scale of the largest, with a bar that tells it."""
    figure, axes = new_figure(1, len(maps), height=200)
    limit = max(float(as_matte(values).max()) for values in maps.values())
    for ax, (title, values) in zip(axes, maps.items(), strict=True):
        drawn = show_heat(ax, values, title, limit=limit)
    figure.colorbar(drawn, ax=axes, shrink=0.75, pad=0.02, label="$V$")
    return figure


def fast_hand(frame, columns: Mapping[str, object], difference) -> Figure:
    """A frame (3,h,w), titled mattes (h,w) and what the last of them has lost, positive, or gained (h,w)."""
    figure, axes = new_figure(1, 2 + len(columns), height=185)
    show_image(axes[0], frame, "frame t")
    for ax, (title, alpha) in zip(axes[1:], columns.items(), strict=False):
        show_alpha(ax, alpha, title)
    show_signed(axes[-1], difference, "red: lost\nblue: added", limit=1)
    for ax in axes:
        ax.title.set_fontsize(9)
    return figure


def against_truth(curves: Mapping[str, object], mad, dtssd) -> Figure:
    """Left: dtSSD over frames 1, 2, … of each method (T−1,), named "kept…" or "reset…", dashed with a delay. Then MAD and
    dtSSD of each scene, with its state reset against kept: pairs of (n,).
    """
    figure, (time, left, right) = new_figure(1, 3, height=265, width_ratios=(1.5, 1, 1))
    for name, values in curves.items():
        role, style = "ours" if name.startswith("kept") else "foreground", "--" if "delay" in name else "-"
        time.plot(np.arange(1, len(values) + 1), np.asarray(values), style, color=PALETTE[role], label=name)
    time.set(xlabel="frame", ylabel="dtSSD", ylim=(0, None))
    time.legend(loc="lower center", ncols=2, columnspacing=1, handlelength=1.4)
    time.set_title("dtSSD per frame")
    for ax, (reset, kept), title in ((left, mad, "MAD per scene"), (right, dtssd, "dtSSD per scene")):
        _pairs(ax, np.asarray(reset), np.asarray(kept))
        ax.set_title(title)
    return figure


def steadiness(error: Mapping[str, object], correlation: Mapping[str, object]) -> Figure:
    """Of each method one point a scene: mean squared error (n,) against the correlation of successive errors (n,)."""
    figure, ax = new_figure(height=270)
    names = list(error)
    xs, ys = ([np.asarray(values[name]) for name in names] for values in (error, correlation))
    for x0, x1, y0, y1 in zip(xs[0], xs[1], ys[0], ys[1], strict=True):
        ax.plot([x0, x1], [y0, y1], color="#CCCCCC", linewidth=1, zorder=0)
    for role, marker, name, x, y in zip(("foreground", "ours"), "so", names, xs, ys, strict=True):
        ax.plot(x, y, marker, color=PALETTE[role], label=name)
    ax.set(xscale="log", xlabel="MSE", ylabel="correlation of successive errors")
    _plain_ticks(ax.xaxis, float(min(x.min() for x in xs)), float(max(x.max() for x in xs)))
    ax.legend(loc="lower right")
    ax.set_title("Up: the error is steadier. Left: there is less of it")
    return figure


def remembering(ratio, difference, flash) -> Figure:
    """After a restart, over n frames (N,): MAD relative to the long run, and mean |Δα| · 1000 to it. After a flash at
    n = 0: the same difference (M,).
    """
    figure, (left, right) = new_figure(1, 2, height=265)
    left.axhline(1, color="#BBBBBB", linewidth=1, zorder=0)
    left.plot(np.arange(len(ratio)), np.asarray(ratio), "o-", color=PALETTE["ours"], markersize=4)
    left.set(xlabel="frames since the restart", ylabel="MAD, relative to the long run")
    left.set_title("The error is back in a few frames")
    right.plot(np.arange(len(difference)), np.asarray(difference), "o-", color=PALETTE["ours"], markersize=4)
    right.plot(np.arange(len(flash)), np.asarray(flash), "s-", color=PALETTE["other"], markersize=4)
    for values, name, role in ((difference, "restart", "ours"), (flash, "flash at 0", "other")):
        at = (2, float(values[2]))
        right.annotate(name, at, (4, 6), textcoords="offset points", color=PALETTE[role], **SMALL)
    right.set(xlabel="frames since", ylabel="mean |Δα| · 1000", yscale="log")
    every = np.concatenate([np.asarray(difference), np.asarray(flash)])
    _plain_ticks(right.yaxis, float(every.min()), float(every.max()))
    right.set_title("The difference lasts")
    return figure


def after_the_cut(frames, rows: Mapping[str, object], numbers: Sequence[int]) -> Figure:
    """Frames (n,3,H,W) after a cut above rows of mattes (n,H,W)."""
    titles = [f"{number}" for number in numbers]
    figure, axes = new_figure(
        1 + len(rows), 1 + len(titles), height=105 * (1 + len(rows)), width_ratios=(0.8, *[1] * len(titles))
    )
    labelled = [("frame", show_image, frames)] + [(name, show_alpha, mattes) for name, mattes in rows.items()]
    for row, (label, show, pictures) in zip(axes, labelled, strict=True):
        row[0].set_axis_off()
        row[0].text(1, 0.5, label, ha="right", va="center", transform=row[0].transAxes)
        for ax, picture in zip(row[1:], pictures, strict=True):
            show(ax, picture)
    for ax, title in zip(axes[0, 1:], titles, strict=True):
        ax.set_title(title, fontsize=10)
    return figure


def cost_of_a_cut(carried: Mapping[str, object], fresh: Mapping[str, object]) -> Figure:
    """Per kind of shot a panel: MAD after the cut of every pair (pairs, N) and their mean; dashed, with a reset (N,)."""
    figure, axes = new_figure(1, len(carried), height=255, sharey=True)
    highest = max(float(np.max(np.asarray(values))) for values in carried.values())
    for ax, (title, values) in zip(axes, carried.items(), strict=True):
        values = np.asarray(values)
        x = np.arange(1, values.shape[1] + 1)
        ax.plot(x, values.T, color="#D8D8D8", linewidth=1)
        ax.plot(x, values.mean(0), color=PALETTE["foreground"], label="state carried over")
        ax.plot(x, np.asarray(fresh[title]), "--", color=PALETTE["ours"], label="state reset")
        ax.set(xlabel="frame after the cut", ylim=(0, 1.05 * highest))
        ax.set_title(f"cut to {title}")
    axes[0].set_ylabel("MAD")
    axes[-1].legend(loc="upper right")
    return figure


def cut_detector(distances: Mapping[str, object], cuts: Mapping[str, Sequence[int]], threshold: float) -> Figure:
    """Per clip a panel: histogram distance to the frame before (T−1,), true cuts hollow, and the threshold."""
    figure, axes = new_figure(1, len(distances), height=235, sharey=True)
    for ax, (title, values) in zip(axes, distances.items(), strict=True):
        values = np.asarray(values)
        ax.plot(np.arange(1, len(values) + 1), values, ".", color=PALETTE["background"], markersize=5)
        at = np.asarray(list(cuts[title]), dtype=int)
        ax.plot(at, values[at - 1], "o", color=PALETTE["foreground"], fillstyle="none", markersize=9)
        ax.axhline(threshold, color=PALETTE["reference"], linestyle="--", linewidth=1)
        ax.set(xlabel="frame", yscale="log")
        ax.set_title(title)
    axes[0].set_ylabel("distance of histograms")
    return figure


def reset_every(periods: Sequence[str], mad, dtssd, per_frame: Mapping[str, object]) -> Figure:
    """Left: MAD and dtSSD (n,) relative to a reset at every frame, over the period between resets. Right: dtSSD per
    frame (T−1,) for some periods.
    """
    figure, (left, right) = new_figure(1, 2, height=275, width_ratios=(1, 1.3))
    x = np.arange(len(periods))
    for values, name, role in ((mad, "MAD", "background"), (dtssd, "dtSSD", "ours")):
        left.plot(x, np.asarray(values), "o-", color=PALETTE[role], markersize=5)
        at = (x[1], float(values[1]))
        up = {"xytext": (4, 6), "ha": "left"} if name == "MAD" else {"xytext": (-4, -12), "ha": "right"}
        left.annotate(name, at, textcoords="offset points", color=PALETTE[role], **up, **SMALL)
    left.set_xticks(x, list(periods))
    left.set(xlabel="frames between resets", ylabel="relative to reset at every frame", ylim=(0.5, 1.05))
    left.set_title("Longer is better, less and less")
    for role, (name, values) in zip(("foreground", "other", "ours"), per_frame.items(), strict=True):
        right.plot(np.arange(1, len(values) + 1), np.asarray(values), color=PALETTE[role], label=name)
    right.set(xlabel="frame", ylabel="dtSSD", ylim=(0, None))
    right.legend(loc="lower center", ncols=3, columnspacing=1, handlelength=1.4)
    right.set_title("A reset makes a pulse")
    return figure


def _slice(ax: Axes, values, title: str, colours: bool = False) -> None:
    """An x–t slice stretched to the height of a frame, not blurred, with a frame around it."""
    if colours:
        ax.imshow(as_picture(values), aspect="auto", interpolation="nearest")
    else:
        ax.imshow(as_matte(values), cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    ax.set(xticks=[], yticks=[])
    ax.set_title(title)


def _pairs(ax: Axes, reset: np.ndarray, kept: np.ndarray) -> None:
    """One point a scene on two log axes; below the diagonal the state helps."""
    low, high = min(reset.min(), kept.min()) / 1.3, max(reset.max(), kept.max()) * 1.3
    ax.fill_between([low, high], [low, high], low, color="#EAF5F1", zorder=0)
    ax.plot([low, high], [low, high], color="#BBBBBB", linewidth=1, zorder=1)
    ax.plot(reset, kept, "o", color=PALETTE["ours"], markersize=5)
    ax.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), xlabel="reset", ylabel="kept")
    for axis in (ax.xaxis, ax.yaxis):
        _plain_ticks(axis, low, high)
    ax.set_box_aspect(1)


def _plain_ticks(axis, low: float, high: float) -> None:
    """1, 2, 5 times powers of ten, written as numbers; 1 and 3 over more than a decade and a half."""
    steps = (1, 3) if high / low > 30 else (1, 2, 5)
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    axis.set_ticks([tick for tick in ticks if low * 0.8 <= tick <= high * 1.2])
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(NullLocator())
