"""Figures of chapter 10: what each metric sees of a wrong matte, and how sure one can be of a table.

Every function takes the numbers and returns a matplotlib Figure; pictures as in `viz.style`, intervals as (low, high).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from course_lib.evaluation import Change, Interval
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
BAND = "#DDDDDD"


def same_error(foreground, mattes: Mapping[str, object], colour: Sequence[float]) -> Figure:
    """Titled mattes (H,W) above; below, the foreground (3,H,W) with each of them before one colour (RGB)."""
    figure, axes = new_figure(2, len(mattes), height=310)
    picture = as_picture(foreground)
    for top, below, (title, matte) in zip(axes[0], axes[1], mattes.items(), strict=True):
        show_alpha(top, matte, title)
        alpha = as_matte(matte)[..., None]
        show_image(below, alpha * picture + (1 - alpha) * np.asarray(colour, np.float32))
    return figure


def edges(kernel, magnitudes: Mapping[str, object], costs: Mapping[str, object]) -> Figure:
    """The kernel (k,k); titled edge maps (H,W), all at one scale; titled squared differences (H,W), each at its own."""
    figure, axes = new_figure(1, 1 + len(magnitudes) + len(costs), height=150)
    limit = float(np.abs(np.asarray(kernel)).max())
    axes[0].imshow(np.asarray(kernel), cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    axes[0].set_axis_off()
    axes[0].set_title("kernel")
    limit = max(float(as_matte(values).max()) for values in magnitudes.values())
    for ax, (title, values) in zip(axes[1:], magnitudes.items(), strict=False):
        show_heat(ax, values, title, limit=limit)
    for ax, (title, values) in zip(axes[1 + len(magnitudes) :], costs.items(), strict=True):
        show_heat(ax, values, title)
    for ax in axes:
        ax.title.set_fontsize(9)
    return figure


def connection(steps: Mapping[str, object], cost) -> Figure:
    """Titled maps (H,W) in [0, 1] on the way from two mattes to λ, and last the cost of each pixel (H,W)."""
    figure, axes = new_figure(1, len(steps) + 1, height=160)
    for ax, (title, values) in zip(axes, steps.items(), strict=False):
        show_alpha(ax, values, title)
    show_heat(axes[-1], cost, "cost", limit=1)
    for ax in axes:
        ax.title.set_fontsize(9)
    return figure


def price_of_an_error(alphas, curves: Mapping[str, tuple[float, object]]) -> Figure:
    """What one connected pixel costs in Conn over the predicted alpha: name → (true alpha, costs), dashed |p − g|."""
    figure, ax = new_figure(height=260)
    x = np.asarray(alphas)
    for (name, (true, costs)), role in zip(curves.items(), ("ours", "foreground", "background"), strict=False):
        ax.plot(x, np.abs(x - true), "--", color=PALETTE[role], linewidth=1)
        ax.plot(x, np.asarray(costs), color=PALETTE[role], label=name)
    ax.set(xlabel="predicted alpha of the pixel", ylabel="cost", ylim=(-0.02, 1.02))
    ax.set_title("Conn is |p − g| (dashed) with small errors forgiven")
    ax.legend(loc="upper center")
    return figure


def who_sees_what(mattes: Mapping[str, object], values: Mapping[str, Sequence[float]]) -> Figure:
    """Columns: titled mattes (H,W). Rows: a metric's value of each; colour is its share of the row's largest."""
    count = len(mattes)
    figure, axes = new_figure(2, count, height=90 + 34 * len(values) + 40, height_ratios=(1, 0.42 * len(values)))
    for ax, (title, matte) in zip(axes[0], mattes.items(), strict=True):
        show_alpha(ax, matte, title)
        ax.title.set_fontsize(9)
    for ax in axes[1]:
        ax.remove()
    table = figure.add_subplot(axes[1, 0].get_gridspec()[1, :])
    numbers = np.array([list(row) for row in values.values()], dtype=float)  # (metrics, mattes)
    shares = numbers / numbers.max(axis=1, keepdims=True)
    table.imshow(shares, cmap="Oranges", vmin=0, vmax=1.25, aspect="auto")
    for row, column in np.ndindex(*numbers.shape):
        share, text = shares[row, column], f"{numbers[row, column]:.2f}"
        look = {"weight": "bold" if share < 0.05 else "normal", "color": "white" if share > 0.75 else "black"}
        table.text(column, row, text, ha="center", va="center", **look, **SMALL)
    table.set_yticks(range(len(values)), list(values))
    table.set_xticks([])
    table.tick_params(length=0)
    table.spines[:].set_visible(False)
    figure.suptitle("One MAD, and what the others make of it (bold: under 5 % of the row's largest)", fontsize=11)
    return figure


def pairs(one, other, names: tuple[str, str], counts, apart, together, difference: float) -> Figure:
    """Left: both methods' error of each clip (n,). Right: half-width of the interval of their difference over the
    number of clips, if each had clips of its own (`apart`) and on the same clips (`together`), and the difference.
    """
    figure, (clips, width) = new_figure(1, 2, height=310, width_ratios=(1, 1.25))
    low, high = min(np.min(one), np.min(other)) / 1.3, max(np.max(one), np.max(other)) * 1.3
    clips.plot([low, high], [low, high], color=BAND, zorder=0)
    clips.plot(one, other, "o", color=PALETTE["ours"], markersize=4)
    clips.set(xscale="log", yscale="log", xlabel=names[0], ylabel=names[1])
    for axis in (clips.xaxis, clips.yaxis):
        _plain_ticks(axis, low, high)
    clips.set(xlim=(low, high), ylim=(low, high))  # ticks beyond would have widened them
    clips.set_title("MAD of each clip")
    clips.set_box_aspect(1)
    width.plot(counts, apart, color=PALETTE["foreground"], label="clips of their own")
    width.plot(counts, together, color=PALETTE["ours"], label="the same clips")
    width.axhline(difference, color=PALETTE["reference"], linewidth=1, linestyle="--", label="the difference")
    width.legend(loc="upper right")
    width.set(xscale="log", yscale="log", xlabel="clips", ylabel="± of the difference (MAD)")
    width.set_title("Sure, once a curve is below the line")
    return figure


def forest(
    averages: Mapping[str, Mapping[str, Interval]],
    changes: Mapping[str, Mapping[str, Change]],
    reference: str,
    metrics: Sequence[str] = ("mad", "grad", "dtssd"),
) -> Figure:
    """One panel a metric, one row a method: the mean with its interval. Filled where the change from the method
    `reference`, clip against clip, is certain, hollow where it is not; the reference's mean runs through as a line.
    """
    figure, axes = new_figure(1, len(metrics), height=90 + 24 * len(averages), sharey=True, squeeze=False)
    for ax, metric in zip(axes[0], metrics, strict=True):
        row = [average[metric] for average in averages.values()]
        for y, (name, value) in enumerate(zip(averages, row, strict=True)):
            colour = PALETTE["ours"] if name == reference else PALETTE["background"]
            face = colour if name == reference or changes[name][metric].certain else "white"
            ax.plot([value.low, value.high], [y, y], color=colour, linewidth=1.6, zorder=1)
            ax.plot([value.mean], [y], "o", color=colour, markerfacecolor=face, markersize=6, zorder=2)
        ax.axvline(averages[reference][metric].mean, color=PALETTE["ours"], linewidth=1, linestyle=":", zorder=0)
        ax.set_xscale("log")
        ax.set_title(metric)
        reached = [end for value in row for end in (value.low, value.mean, value.high)]
        _plain_ticks(ax.xaxis, np.nanmin(reached), np.nanmax(reached))
        ax.set_ylim(len(row) - 0.5, -0.5)
        ax.tick_params(axis="y", length=0)
    axes[0, 0].set_yticks(range(len(averages)), list(averages))
    figure.suptitle(f"Lower is better. Filled: differs from {reference}; hollow: these clips cannot tell", fontsize=10)
    return figure


def groups(
    values: Mapping[str, Mapping[str, object]],
    intervals: Mapping[str, Mapping[str, tuple[float, float]]],
    chance: Mapping[str, Mapping[str, tuple[float, float]]],
) -> Figure:
    """Per grouping a panel, per group a row: the clips' errors (n,), their mean with its interval, and as a grey bar
    where the mean of as many clips drawn without looking at the group would lie.
    """
    sizes = [len(members) for members in values.values()]
    figure, axes = new_figure(
        len(values), 1, height=110 + 24 * sum(sizes), sharex=True, squeeze=False, height_ratios=sizes
    )
    for ax, (grouping, members) in zip(axes[:, 0], values.items(), strict=True):
        for y, (group, errors) in enumerate(members.items()):
            errors = np.asarray(errors, dtype=float)
            spread = 0.22 * (np.arange(len(errors)) % 3 - 1)  # so that equal errors do not hide each other
            ax.barh(y, np.diff(chance[grouping][group])[0], 0.8, chance[grouping][group][0], color=BAND, zorder=0)
            ax.plot(errors, y + spread, ".", color=PALETTE["input"], markersize=4, zorder=1)
            ax.plot(intervals[grouping][group], [y, y], color=PALETTE["background"], zorder=2)
            ax.plot([errors.mean()], [y], "o", color=PALETTE["background"], markersize=6, zorder=3)
        ax.set_yticks(range(len(members)), [f"{group} ({len(v)})" for group, v in members.items()])
        ax.set_ylim(len(members) - 0.4, -0.6)
        ax.tick_params(axis="y", length=0)
        ax.set_title(grouping, loc="left", fontsize=10)
    every = [value for members in values.values() for errors in members.values() for value in errors]
    ax.set(xscale="log", xlabel="MAD")
    _plain_ticks(ax.xaxis, min(every), max(every))
    figure.suptitle("A mean inside its grey bar is what chance gives; outside, look closer", fontsize=11)
    return figure


def borrowed_truth(frame, exact, borrowed) -> Figure:
    """The frame (3,H,W), its exact alpha and a borrowed one (H,W), and what that lacks (red) or adds (blue)."""
    figure, axes = new_figure(1, 4, height=165)
    show_image(axes[0], frame, "filmed")
    show_alpha(axes[1], exact, "exact α")
    show_alpha(axes[2], borrowed, "borrowed α")
    show_signed(axes[3], as_matte(exact) - as_matte(borrowed), "red: lost, blue: added", limit=1)
    return figure


def _plain_ticks(axis: Axis, low: float, high: float) -> None:
    """1, 2, 5 times powers of ten on a log axis, written as numbers; 1 and 3 over more than a decade and a half."""
    steps = (1, 3) if high / low > 30 else (1, 2, 5)
    decades = range(int(np.floor(np.log10(low))) - 1, int(np.ceil(np.log10(high))) + 1)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    axis.set_ticks([tick for tick in ticks if low * 0.8 <= tick <= high * 1.2])
    axis.set_major_formatter("{x:g}")
    axis.set_minor_locator(NullLocator())
