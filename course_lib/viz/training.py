"""Figures of chapter 08: what RVM is trained on, what one step does, and what runs of training leave behind.

Every function takes the numbers and returns a matplotlib Figure; pictures (3,H,W) and mattes (1,H,W) as in `viz.style`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from course_lib.viz.style import PALETTE, WIDTH, as_picture, new_figure, show_alpha, show_image

COLOURS = [PALETTE[role] for role in ("ours", "foreground", "background", "hidden state", "other", "input")]
SIDE = 82  # pixels of a picture in a figure of many
LEVELS = 20  # of each colour
TERMS = ("pha_l1", "pha_laplacian", "pha_coherence", "fgr_l1", "fgr_coherence")


def training_batch(frames, alpha) -> Figure:
    """What the network sees (n,3,h,w) above what it is to say (n,1,h,w)."""
    rows = {"I": frames, r"$\alpha^*$": alpha}
    return _gallery(rows, [""] * len(frames), height=172, first=0.3, width=560)


def ingredients(pictures: Mapping[str, object]) -> Figure:
    """Named pictures and mattes in one row."""
    figure, axes = new_figure(1, len(pictures), height=150, width=560)
    for ax, (name, picture) in zip(axes, pictures.items(), strict=True):
        _show(ax, picture, name, side=122)
    return figure


def motions(rows: Mapping[str, object], times: Sequence[float]) -> Figure:
    """What moves → the frames (T,3,H,W) that come of it."""
    titles = [f"t = {time:g}" for time in times]
    return _gallery(rows, titles, height=92 * len(rows) + 20, first=1, width=460)


def first_step(moved: Mapping[str, tuple[object, object]], rates: Mapping[str, float]) -> Figure:
    """Per part of the network: size of each weight's gradient and of its first step, (n,) each, on log axes."""
    figure, ax = new_figure(height=260)
    for colour, (part, (gradient, step)) in zip(COLOURS, moved.items(), strict=False):
        size = 10 - 3 * len(ax.lines)  # parts with the same rate lie on each other
        ax.plot(gradient, step, ".", color=colour, markersize=size, label=f"{part}: rate {rates[part]:g}")
    ax.set(
        xscale="log",
        yscale="log",
        ylim=(1e-5, 1e-3),
        xlabel="size of the gradient, |g|",
        ylabel="size of the first step, |Δθ|",
    )
    ax.legend(loc="lower right")
    ax.set_title("Adam's first step does not ask how large the gradient is")
    return figure


def overfitting(pictures: Mapping[str, object], losses) -> Figure:
    """Named pictures and mattes above; the total loss (steps,) of one batch, again and again, below."""
    figure, ax = _pictures_over_a_plot(pictures, height=350)
    ax.plot(np.arange(1, len(losses) + 1), np.asarray(losses), color=PALETTE["ours"], linewidth=2.5)
    ax.set(yscale="log", xlabel="step", ylabel="total loss")
    ax.set_title("One batch, again and again")
    return figure


def colours_stuck(curves: Mapping[str, object]) -> Figure:
    """The foreground's L1 (steps,) with and without the heads in the optimiser."""
    figure, ax = new_figure(height=235)
    for colour, (name, values) in zip(COLOURS, curves.items(), strict=False):
        values = np.asarray(values)
        ax.plot(np.arange(1, len(values) + 1), values, color=colour, linewidth=2.5)
        ax.annotate(
            name, (len(values), values[-1]), (6, 0), textcoords="offset points", va="center", color=colour, fontsize=9
        )
    ax.set_xlim(0, 1.25 * len(values))
    ax.set(xlabel="step", ylabel="fgr_l1", ylim=(0, None))
    return figure


def longer_and_larger(panels: Mapping[str, Sequence[tuple[str, int, int]]]) -> Figure:
    """Per profile its passes as (label, frames T, side): T bars in a row, as high as the pictures."""
    figure, axes = new_figure(1, len(panels), height=300, squeeze=False)
    for ax, (name, rows) in zip(axes[0], panels.items(), strict=True):
        largest, longest = max(side for _, _, side in rows), max(length for _, length, _ in rows)
        y, ticks = 0.0, []
        for label, length, side in rows:
            height = 0.15 + 0.85 * side / largest
            colour = PALETTE["ours" if side < largest else "background"]
            for t in range(length):
                ax.add_patch(Rectangle((t, -y - height), 0.86, height, color=colour, linewidth=0))
            ticks.append((-y - height / 2, f"{label}\n{side}², T = {length}"))
            y += height + 0.35
        ax.set(xlim=(-0.5, longest + 0.5), ylim=(-y, 0.2), title=name, xlabel="frames")
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set_yticks([at for at, _ in ticks], [text for _, text in ticks], fontsize=8)
        ax.spines["left"].set_visible(False)
        ax.tick_params(axis="y", length=0)
    return figure


def segmentation_samples(samples: Mapping[str, tuple[object, object]]) -> Figure:
    """Named pictures (3,h,w), each above its mask (1,h,w)."""
    rows = {"I": [frame for frame, _ in samples.values()], "mask": [mask for _, mask in samples.values()]}
    return _gallery(rows, list(samples), height=190, width=480)


def statistics_lag(rows: Mapping[str, object]) -> Figure:
    """Rows of validation pictures (n,3,h,w) or mattes (n,1,h,w) by name."""
    count = max(len(pictures) for pictures in rows.values())
    return _gallery(rows, [""] * count, height=88 * len(rows), first=0.9, width=440)


def recorded_runs(runs: Mapping[str, Sequence[Mapping]], window: int = 10) -> Figure:
    """Logs (`read_log`): smoothed training losses of every run, and its looks at the validation clips, over all its steps."""
    figure, (above, below) = new_figure(2, 1, height=400, sharex=True, height_ratios=(1.5, 1))
    for colour, (name, rows) in zip(COLOURS, runs.items(), strict=False):
        steps = steps_over_stages(rows)
        total = np.array([row["low_total"] for row in rows], float)
        if len(total) >= window:
            above.plot(steps[window - 1 :], moving_average(total, window), color=colour, linewidth=2.2, label=name)
        seen = [(at, row["validation_total"]) for at, row in zip(steps, rows, strict=True) if row["validation_total"]]
        if seen:
            above.plot(*zip(*seen, strict=True), "o", color=colour, markersize=5)
        segmentation = np.array([row["segmentation_total"] or np.nan for row in rows], float)
        if len(total) >= window:
            below.plot(steps[window - 1 :], moving_average(segmentation, window), color=colour, linewidth=2.2)
    for ax in (above, below):
        for at in stage_ends(runs):
            ax.axvline(at, color="#BBBBBB", linewidth=1, zorder=0)
    for ax in (above, below):
        ax.set_yscale("log")
        for formatter in (ax.yaxis.set_major_formatter, ax.yaxis.set_minor_formatter):
            formatter(StrMethodFormatter("{x:g}"))
    above.set_ylabel("matting loss")
    above.set_title("Lines: training; dots: validation; upright: a stage ends")
    above.legend()
    below.set(ylabel="segmentation loss", xlabel="step, all stages")
    return figure


def mattes_on_the_clip(frames, mattes: Mapping[str, object], numbers: Sequence[int]) -> Figure:
    """Frames (n,3,H,W) of the real clip above the mattes (n,1,H,W) of each named network."""
    rows = {"frame": frames, **mattes}
    return _gallery(rows, [f"frame {number}" for number in numbers], height=88 * len(rows) + 25, first=0.9, width=440)


def resuming(curves: Mapping[str, object], stop: int) -> Figure:
    """Losses (steps,) of runs that should be one; `stop` steps were made before the kill."""
    figure, ax = new_figure(height=260, width=560)
    styles = (("-", 6.0, "#BBBBBB"), ("o", 2.0, PALETTE["ours"]), ("s--", 2.0, PALETTE["foreground"]))
    for (style, width, colour), (name, values) in zip(styles, curves.items(), strict=False):
        values = np.asarray(values)
        ax.plot(np.arange(1, len(values) + 1), values, style, color=colour, linewidth=width, markersize=6, label=name)
    ax.axvline(stop + 0.5, color="#555555", linewidth=1, linestyle=":")
    ax.annotate("killed here", (stop + 0.5, 0.97), (5, 0), xycoords=("data", "axes fraction"),
                textcoords="offset points", va="top", fontsize=9)  # fmt: skip
    ax.set(xlabel="step", ylabel="matting loss")
    ax.legend()
    return figure


def moving_average(values, window: int) -> np.ndarray:
    """Means of `window` neighbours: (n,) → (n − window + 1,)."""
    return np.convolve(np.asarray(values, float), np.full(window, 1 / window), "valid")


def steps_over_stages(rows: Sequence[Mapping]) -> np.ndarray:
    """Steps counted on from stage to stage; a log counts each stage from its own beginning."""
    before, last, stage, counted = 0.0, 0.0, None, []
    for row in rows:
        if stage is not None and row["stage"] != stage:
            before += last
        stage, last = row["stage"], row["step"]
        counted.append(before + last)
    return np.array(counted)


def stage_ends(runs: Mapping[str, Sequence[Mapping]]) -> list[float]:
    """Of the longest run, where it goes from one stage to the next."""
    rows = max(runs.values(), key=len)
    steps = steps_over_stages(rows)
    return [steps[k] for k in range(len(rows) - 1) if rows[k]["stage"] != rows[k + 1]["stage"]]


def _gallery(
    rows: Mapping[str, object], titles: Sequence[str], *, height: int, first: float = 0.5, width: int = WIDTH
) -> Figure:
    """Named rows of pictures or mattes; a row may be shorter than `titles`."""
    figure, axes = new_figure(
        len(rows), len(titles) + 1, height=height, width=width, squeeze=False, width_ratios=(first, *[1] * len(titles))
    )
    for row, (name, pictures) in zip(axes, rows.items(), strict=True):
        _name(row[0], name)
        for ax in row[1:]:
            ax.set_axis_off()
        for ax, picture in zip(row[1:], pictures, strict=False):
            _show(ax, picture)
    for ax, text in zip(axes[0, 1:], titles, strict=True):
        ax.set_title(text, fontsize=10)
    return figure


def _pictures_over_a_plot(pictures: Mapping[str, object], height: int) -> tuple[Figure, Axes]:
    figure, axes = new_figure(2, len(pictures), height=height, width=560, height_ratios=(1, 2))
    for ax, (name, picture) in zip(axes[0], pictures.items(), strict=True):
        _show(ax, picture, name)
    for ax in axes[1]:
        ax.remove()
    return figure, figure.add_subplot(axes[1, 0].get_gridspec()[1, :])


def _show(ax: Axes, picture, title: str | None = None, side: int = SIDE) -> None:
    """One channel is a matte, three are a picture, which is drawn with few levels at about the size of its cell."""
    if picture.shape[0] == 1:
        show_alpha(ax, picture, title)
    else:
        show_image(ax, few_levels(picture, side), title).set_interpolation("nearest")


def few_levels(picture, side: int) -> np.ndarray:
    """(3,H,W) → (3,h,w), `side` pixels at its longer side and LEVELS values a colour: a file half as large."""
    import cv2

    array = as_picture(picture)  # (H, W, 3)
    scale = side / max(array.shape[:2])
    size = tuple(max(1, round(scale * pixels)) for pixels in array.shape[1::-1])
    array = cv2.resize(array, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return ((array * (LEVELS - 1)).round() / (LEVELS - 1)).transpose(2, 0, 1)


def _name(ax: Axes, text: str) -> None:
    ax.set_axis_off()
    ax.text(1, 0.5, text, ha="right", va="center", transform=ax.transAxes)
