"""Figures of chapter 05: how the decoder turns a coarse map into a matte, and what breaks when a part is cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.viz.start import job
from course_lib.viz.style import PALETTE, as_matte, new_figure, over_checkerboard, show_alpha, show_image, show_signed


def overview(frame, maps: Sequence, alpha, foreground) -> Figure:
    """The frame, one channel of each decoder level from stride 16 to 1, alpha and the cut-out.

    maps: five arrays (C, h, w), coarse to fine. Of each, the channel that follows alpha most closely is drawn.
    """
    figure, axes = new_figure(2, 4, height=350)
    panels = iter(axes.flat)
    show_image(next(panels), frame, "frame")
    for level in maps:
        channel = telling_channel(level, alpha)
        height, width = channel.shape
        show_signed(next(panels), channel, f"{height} × {width}").set_interpolation("nearest")
    show_alpha(next(panels), alpha, "alpha")
    show_image(next(panels), over_checkerboard(foreground, alpha), "cut out")
    return figure


def telling_channel(level, alpha) -> np.ndarray:
    """Of (C, h, w), the channel that correlates best with alpha (H, W) at its own grid, centred, its sign turned to fit."""
    level, alpha = np.asarray(level, dtype=np.float64), as_matte(alpha)
    height, width = level.shape[1:]
    rows = np.linspace(0, alpha.shape[0] - 1, height).round().astype(int)
    cols = np.linspace(0, alpha.shape[1] - 1, width).round().astype(int)
    target = alpha[rows][:, cols]
    target = target - target.mean()
    centred = level - level.mean(axis=(1, 2), keepdims=True)
    norms = np.sqrt((centred**2).sum(axis=(1, 2))) + 1e-12  # a dead channel correlates with nothing
    correlation = (centred * target).sum(axis=(1, 2)) / norms
    best = int(np.abs(correlation).argmax())
    return centred[best] * np.sign(correlation[best])


def pyramid_borders(levels: Sequence, borders: Mapping[str, Sequence]) -> Figure:
    """Top: the frame at strides 1, 2, 4, 8. Below: the last cells of the smallest level under each rule for the border."""
    figure, axes = new_figure(2, 4, height=330)
    for ax, level in zip(axes[0], levels, strict=True):
        show_image(ax, level, "{} × {}".format(*level.shape[-2:])).set_interpolation("nearest")
    axes[1, 0].set_axis_off()
    axes[1, 0].text(0.5, 0.5, "the right border\nof the smallest,\nby three rules", ha="center", va="center", size=11)
    for ax, (rule, level) in zip(axes[1, 1:], borders.items(), strict=True):
        show_image(ax, level, rule).set_interpolation("nearest")
    return figure


def drift(columns: Sequence[int], crop: Sequence[float], stretch: Sequence[float]) -> Figure:
    """By how many pixels each column lies off its place after ×2 and crop, and after stretching to the size."""
    figure, ax = new_figure(height=230)
    middle = len(columns) // 2
    for values, name, role in ((stretch, "stretched to the size", "foreground"), (crop, "× 2, then cut", "ours")):
        ax.plot(columns, values, color=PALETTE[role])
        _label(ax, name, (columns[middle], values[middle]), role, offset=(-6, 7), ha="right")
    ax.set(xlabel="column of the larger map", ylabel="pixels off")
    ax.set_title("Stretching moves features away from the image")
    return figure


def residual(frame, residual, foreground, crops: Mapping[str, Sequence]) -> Figure:
    """Top: frame, residual (grey is zero), foreground. Below: a detail of each named picture."""
    figure, axes = new_figure(2, 3, width=600, height=380)
    show_image(axes[0, 0], frame, "frame I")
    show_image(axes[0, 1], np.asarray(residual) / 2 + 0.5, "residual (grey: 0)")
    show_image(axes[0, 2], foreground, "foreground F")
    for ax, (name, picture) in zip(axes[1], crops.items(), strict=True):
        show_image(ax, picture, name)
    return figure


def readings(mattes: Sequence, strides: Sequence[int], errors: Sequence[float], limits: Sequence[float]) -> Figure:
    """Top: alpha as read off at each level, on its own grid. Below: error of the reading, and what the grid alone costs."""
    figure, axes = new_figure(2, len(mattes), height=330, height_ratios=(1, 1.25))
    for ax, matte, stride in zip(axes[0], mattes, strides, strict=True):
        show_alpha(ax, matte, f"stride {stride}").set_interpolation("nearest")
    for ax in axes[1]:
        ax.remove()
    ax = figure.add_subplot(axes[1, 0].get_gridspec()[1, :])
    places = np.arange(len(strides))
    ax.plot(places, limits, "o-", color=PALETTE["reference"], markersize=9, markerfacecolor="none")
    ax.plot(places, errors, "o-", color=PALETTE["ours"], markersize=4)
    _label(ax, "the final alpha on this grid", (1.15, limits[1]), "reference", ha="left")
    _label(ax, "alpha read off this level", (0.05, limits[2] / 2), "ours", ha="left")
    ax.set_xticks(places, [f"stride {stride}" for stride in strides])
    ax.set(ylabel="mean error", title="Each level knows alpha as well as its grid can tell it", ylim=(-0.004, None))
    return figure


def ablation_mattes(frame, mattes: Mapping[str, Sequence]) -> Figure:
    """The frame and alpha of every variant on it, three in a row."""
    rows = -(-(len(mattes) + 1) // 3)
    figure, axes = new_figure(rows, 3, width=600, height=rows * 186)
    for ax in axes.flat:
        ax.set_axis_off()
    show_image(axes.flat[0], frame, "frame")
    for ax, (name, alpha) in zip(list(axes.flat)[1:], mattes.items(), strict=False):
        show_alpha(ax, alpha, name)
    return figure


def ablation_places(damage: Mapping[str, Mapping[str, float]]) -> Figure:
    """Bars: for every variant, its damage at each place. damage: variant → {place: mean change}."""
    places = list(next(iter(damage.values())))
    figure, axes = new_figure(1, len(places), height=270, sharey=True)
    for ax, place in zip(axes, places, strict=True):
        values = [row[place] for row in damage.values()]
        bars = ax.barh(list(damage), values, color=PALETTE["foreground" if "F" in place else "alpha"])
        ax.bar_label(bars, fmt="%.3f", padding=3, size=9)
        ax.set(title=place, xlim=(0, 1.5 * max(values)), xticks=[])
        ax.spines["bottom"].set_visible(False)
        ax.tick_params(left=False)
    axes[0].invert_yaxis()
    return figure


def ablation_over_time(curves: Mapping[str, Sequence[float]]) -> Figure:
    """Mean change of alpha, frame by frame: one line per variant, labelled at its peak, the lowest beneath its line."""
    figure, ax = new_figure(height=260)
    peaks = {name: int(np.argmax(values)) for name, values in curves.items()}
    lowest, *_, highest = sorted(curves, key=lambda name: curves[name][peaks[name]])
    top = curves[highest][peaks[highest]]
    for (name, values), role in zip(curves.items(), ("background", "other", "foreground"), strict=True):
        ax.plot(values, color=PALETTE[role])
        place = (peaks[name], values[peaks[name]])
        if name == lowest:
            _label(ax, name, (len(values) // 6, place[1]), role, offset=(0, -5), va="top")
        else:
            _label(ax, f"{name}, frame {place[0]}" if name == highest else name, place, role, offset=(0, 4))
    ax.set(xlabel="frame", ylabel="mean change of alpha", ylim=(-0.2 * top, 1.15 * top))
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= top])
    ax.set_title("Memory is worth little, and then everything")
    return figure


def costs(blocks: Sequence[str], parameters: Sequence[int], macs: Sequence[int]) -> Figure:
    """Two rows of bars, deepest block on top: what each block stores and what it computes."""
    figure, axes = new_figure(1, 2, height=250, sharey=True)
    _bars(axes[0], blocks, [count / 1e3 for count in parameters], "thousand parameters", PALETTE["background"], "%.0f")
    _bars(axes[1], blocks, [count / 1e9 for count in macs], "10⁹ multiply-adds a frame", PALETTE["foreground"], "%.2f")
    axes[0].invert_yaxis()
    return figure


finale = job  # the chapter ends with the picture that chapter 00 began with


def _bars(ax: Axes, names: Sequence[str], values: Sequence[float], title: str, colour: str, fmt: str) -> None:
    bars = ax.barh(list(names), values, color=colour)
    ax.bar_label(bars, fmt=fmt, padding=3, size=9)
    ax.set(title=title, xlim=(0, 1.2 * max(values)), xticks=[])
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(left=False)


def _label(
    ax: Axes, text: str, place: tuple, role: str, *, offset=(0, 0), ha: str = "center", va: str = "bottom"
) -> None:
    """Write beside a line, in the colour of its role; `offset` is in points."""
    ax.annotate(text, place, xytext=offset, textcoords="offset points", ha=ha, va=va, color=PALETTE[role])
