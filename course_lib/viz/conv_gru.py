"""Figures of chapter 04: what a recurrent state remembers, and how the update gate decides it.

Every function takes the numbers and returns a matplotlib Figure; clips are (T, …), pictures as in `viz.style`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.viz.style import PALETTE, new_figure, show_alpha, show_heat, show_image, show_signed

COLOURS = [PALETTE[role] for role in ("ours", "foreground", "background", "hidden state", "other")]


def shoulder_lost(frames, alone, kept, numbers: Sequence[int]) -> Figure:
    """Columns of frames (n,3,H,W), alpha of each frame alone (n,H,W) and alpha with the state kept (n,H,W)."""
    rows = ((show_image, frames, "frame"), (show_alpha, alone, "alone"), (show_alpha, kept, "state kept"))
    figure = _gallery(rows, [f"{n}" for n in numbers], height=305)
    figure.suptitle("The same weights lose the shoulder, or keep it")
    return figure


def shoulder_curve(first: int, alone, kept) -> Figure:
    """Mean alpha of the shoulder, alone (T,) and kept (T,), over frames first, first + 1, …."""
    figure, ax = new_figure(height=280)
    x = first + np.arange(len(kept))
    ax.plot(x, np.asarray(kept), color=PALETTE["ours"])
    ax.plot(x, np.asarray(alone), color=PALETTE["foreground"])
    low = int(np.argmin(np.asarray(alone)))
    ax.annotate("each frame alone", (x[low], float(alone[low])), (-8, 4), **_beside("right", PALETTE["foreground"]))
    ax.annotate("state kept", (x[-1], float(kept[-1])), (0, -16), **_beside("right", PALETTE["ours"]))
    ax.set(xlabel="frame", ylabel="mean alpha of the shoulder", ylim=(0, 1.05))
    ax.set_title("Six frames are ambiguous; the state bridges them")
    return figure


def leaky_average(pictures: Mapping[str, object], rates, trail, dip) -> Figure:
    """Titled mattes (H,W) above; below trail (in 1/255) against shoulder lost (0 … 1) for each rate z, RVM last."""
    gru = trail[-1], dip[-1]
    figure, axes = new_figure(2, len(pictures), height=430, height_ratios=(1, 1.5))
    for ax, (title, alpha) in zip(axes[0], pictures.items(), strict=True):
        show_alpha(ax, alpha, title)
    for ax in axes[1]:
        ax.remove()
    ax = figure.add_subplot(axes[1, 0].get_gridspec()[1, :])
    ax.plot(trail[:-1], dip[:-1], "o-", color=PALETTE["foreground"])
    for z, x, y in zip(rates, trail[:-1], dip[:-1], strict=True):
        ax.annotate(f"z = {z:g}", (x, y), (7, 5), **_beside("left", PALETTE["foreground"]))
    ax.plot(*gru, "s", markersize=9, color=PALETTE["ours"])
    ax.annotate("RVM: z from the picture", gru, (11, 2), **_beside("left", PALETTE["ours"]))
    ax.set(xlabel="trail behind the moving head (mean |Δα| · 255)", ylabel="shoulder lost, at worst", ylim=(-0.05, 1))
    ax.margins(x=0.09)
    ax.set_title("Whatever the constant, one of the two suffers")
    return figure


def denoising(first: int, errors: Mapping[str, object], pictures: Mapping[str, object]) -> Figure:
    """Titled mattes above; below, of each method the mean squared error per frame of every run, (runs, T)."""
    figure, axes = new_figure(2, len(pictures), height=430, height_ratios=(1, 2.3))
    for ax, (title, alpha) in zip(axes[0], pictures.items(), strict=True):
        show_alpha(ax, alpha)
        ax.set_title(title, fontsize=9)
    for ax in axes[1]:
        ax.remove()
    ax = figure.add_subplot(axes[1, 0].get_gridspec()[1, :])
    ends = {}
    for colour, (name, values) in zip(COLOURS, errors.items(), strict=False):
        runs = np.asarray(values)
        for run in runs:
            ax.plot(first + np.arange(len(run)), run, color=colour, linewidth=1.4)
        ends[name] = (colour, float(np.log(runs[:, -6:]).mean()))
    ax.set(yscale="log", xlabel="frame", ylabel="mean squared error")
    _labels_at_end(ax, first, runs.shape[1], ends, room=1.22)
    ax.set_title("A memory fills within a few frames, then keeps its gain")
    return figure


def hidden_states(frame, states: Mapping[str, object]) -> Figure:
    """Rows: the frame (3,H,W) at the size of a named state, then the state's channels to show (n,h,w)."""
    frame = np.asarray(frame)
    rows = len(states)
    columns = max(len(channels) for channels in states.values())
    figure, axes = new_figure(
        rows, columns + 2, height=82 * rows + 50, squeeze=False, width_ratios=(0.62, *[1] * (columns + 1))
    )
    for row, (name, channels) in zip(axes, states.items(), strict=True):
        row[0].set_axis_off()
        row[0].text(1, 0.5, name, ha="right", va="center", transform=row[0].transAxes)
        show_image(row[1], _shrunk(frame, channels[0].shape[-2]))
        for ax, channel in zip(row[2:], channels, strict=True):
            show_signed(ax, channel, limit=1)
    figure.suptitle("The state is a stack of pictures (red: +1, white: 0, blue: −1)")
    return figure


def gate_closes(
    frames, candidate, gate, state, numbers: Sequence[int], box: tuple[float, float, float, float]
) -> Figure:
    """One channel over frames: o_t, z_t and h_t (n,h,w), with the box (x, y, width, height, in cells) in question."""
    rows = [
        (show_image, frames, "frame"),
        (lambda ax, x: show_signed(ax, x, limit=1), candidate, "candidate $o_t$"),
        (lambda ax, x: show_heat(ax, x, limit=1), gate, "gate $z_t$"),
        (lambda ax, x: show_signed(ax, x, limit=1), state, "state $h_t$"),
    ]
    figure = _gallery(rows, [f"{n}" for n in numbers], height=385)
    for ax in figure.axes[len(numbers) : 4 * len(numbers)]:
        ax.add_patch(Rectangle(box[:2], *box[2:], fill=False, edgecolor=PALETTE["other"], linewidth=1.8))
    figure.suptitle("The candidate goes wrong in the box; the gate closes (dark) and shields the state")
    return figure


def refused_change(first: int, refused, steady, alone) -> Figure:
    """Change that the gate keeps out on the shoulder (T,), and would if it stayed as usual; below alpha of the frame alone."""
    figure, axes = new_figure(2, 1, height=350, sharex=True)
    x = first + np.arange(len(alone))
    axes[0].plot(x, np.asarray(refused), color=PALETTE["hidden state"], label="the gate as it is")
    axes[0].plot(x, np.asarray(steady), "--", color=PALETTE["alpha"], label="a gate that stays as usual")
    axes[0].set(ylabel="(1 − z) |o − h|", ylim=(0, None))
    axes[0].set_title("What the gate keeps out")
    axes[0].legend(loc="upper left")
    axes[1].plot(x, np.asarray(alone), color=PALETTE["foreground"])
    axes[1].set(xlabel="frame", ylabel="mean alpha", ylim=(0, 1.05))
    axes[1].set_title("What a single frame sees of the shoulder")
    return figure


def held_still(curves: Mapping[str, object]) -> Figure:
    """Mean alpha of the shoulder (T,) while one frame is repeated, for several starting states."""
    figure, ax = new_figure(height=280)
    for colour, (name, values) in zip(COLOURS, curves.items(), strict=False):
        values = np.asarray(values)
        ax.plot(np.arange(1, len(values) + 1), values, color=colour)
        ax.annotate(name, (len(values), values[-1]), (6, 0), **_beside("left", colour))
    ax.axhline(0.5, color="#BBBBBB", linewidth=1, zorder=0)
    ax.set(xlabel="times that the frame was shown", ylabel="mean alpha of the shoulder", ylim=(0, 1.05))
    ax.set_xlim(0, len(values) * 1.3)
    ax.set_xticks(range(0, len(values) + 1, 10))
    ax.set_title("Without news the memory holds, then gives in")
    return figure


def influence(curves: Mapping[str, object]) -> Figure:
    """Mean |Δα| · 255 (T,) over frames after another state was put in, on a log axis."""
    figure, ax = new_figure(height=300)
    ends = {}
    for colour, (name, values) in zip(COLOURS, curves.items(), strict=False):
        values = np.asarray(values)
        ax.plot(np.arange(len(values)), values, color=colour)
        ends[name] = (colour, float(np.log(values[-1])))
    ax.set(yscale="log", xlabel="frames after the exchange", ylabel="mean |Δα| · 255")
    _labels_at_end(ax, 0, len(values), ends, room=1.3)
    ax.set_title("A wrong past fades: fast at first, then slowly")
    return figure


def after_a_cut(fresh, carried, numbers: Sequence[int]) -> Figure:
    """Alpha (n,H,W) of a new picture without a state, and with the state of the shot before the cut."""
    rows = [(show_alpha, fresh, "reset"), (show_alpha, carried, "carried over")]
    figure = _gallery(rows, [f"{n}" for n in numbers], height=255)
    figure.suptitle("Alpha after a cut, when the new picture is shown for the n-th time")
    return figure


def gradient_through_time(curves: Mapping[str, tuple[object, object]]) -> Figure:
    """Per setting: norm of dh_T/dx_t relative to t = T (T,), and the direct path's product (T,), dashed."""
    figure, ax = new_figure(height=330)
    floor, ends = 1e-9, {}
    for colour, (name, (measured, product)) in zip(COLOURS, curves.items(), strict=False):
        measured = np.asarray(measured)
        ax.plot(np.arange(len(measured)), measured, color=colour)
        ax.plot(np.arange(len(measured)), np.asarray(product), "--", color=colour, linewidth=1.3)
        if measured[-1] > floor:
            ends[name] = (colour, float(np.log(measured[-1])))
        else:  # the line leaves the picture: name it where it does
            last = int(np.nonzero(measured > floor)[0][-1])
            ax.annotate(name, (last, measured[last]), (8, 4), **_beside("left", colour))
    ax.set(yscale="log", xlabel="T − t, frames back", ylabel="‖dh_T / dx_t‖, relative to t = T", ylim=(floor, 3))
    _labels_at_end(ax, 0, len(measured), ends, room=1.3)
    ax.set_title("How far back learning reaches (dashed: the product of 1 − z alone)")
    return figure


def broken(mattes: Mapping[str, object], flicker: Mapping[str, float], numbers: Sequence[int]) -> Figure:
    """Rows of mattes (n,H,W), one per change, with the flicker of each beside it."""
    rows = [(show_alpha, alpha, f"{name}\nflicker {flicker[name]:.2f}") for name, alpha in mattes.items()]
    return _gallery(rows, [f"frame {n}" for n in numbers], height=92 * len(rows) + 30, first=1.7)


def _gallery(rows, titles: Sequence[str], *, height: int, first: float = 0.95) -> Figure:
    """Rows of (draw, pictures, label) with the labels in a first column and titles over the others."""
    ratios = (first, *[1] * len(titles))
    figure, axes = new_figure(len(rows), len(titles) + 1, height=height, squeeze=False, width_ratios=ratios)
    for row, (draw, pictures, label) in enumerate(rows):
        axes[row, 0].set_axis_off()
        axes[row, 0].text(1, 0.5, label, ha="right", va="center", transform=axes[row, 0].transAxes)
        for ax, picture in zip(axes[row, 1:], pictures, strict=True):
            draw(ax, picture)
    for ax, title in zip(axes[0, 1:], titles, strict=True):
        ax.set_title(title, fontsize=10)
    for ax in axes[:, 0]:  # pictures first, so that figure.axes[k] is the k-th picture
        figure.delaxes(ax)
        figure.add_axes(ax)
    return figure


def _beside(side: str, colour: str) -> dict:
    return {"textcoords": "offset points", "ha": side, "color": colour, "fontsize": 9}


def _shrunk(frame: np.ndarray, rows: int) -> np.ndarray:
    """(3,H,W) averaged over squares of pixels, to that many rows."""
    size = frame.shape[1] // rows
    cols = frame.shape[2] // size
    return frame[:, : rows * size, : cols * size].reshape(3, rows, size, cols, size).mean((2, 4))


def _labels_at_end(ax: Axes, first: int, count: int, ends: Mapping[str, tuple[str, float]], room: float) -> None:
    """Name `count` points from `first` on at their right ends, a text line apart; `ends` holds logs of the last values.

    The x axis is drawn for the points only and leaves `room` times their width for the names.
    """
    low, high = np.log(ax.get_ylim())
    gap = 0.075 * (high - low)
    at = -np.inf
    for name, (colour, y) in sorted(ends.items(), key=lambda item: item[1][1]):
        at = max(at + gap, y)
        ax.annotate(name, (first + count - 1, np.exp(at)), (8, 0), va="center", **_beside("left", colour))
    ax.set_xlim(first, first + count * room)
    ax.set_xticks(range(first, first + count + 1, 10 if count > 30 else 5))
