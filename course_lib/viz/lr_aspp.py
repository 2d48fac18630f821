"""Figures of chapter 03: local features, the gate over the channels, and mattes under a gate from another picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course_lib.viz.features import as_features
from course_lib.viz.style import PALETTE, as_picture, new_figure, show_alpha, show_image, show_signed

RED, BLUE = "#B2182B", "#2166AC"  # the ends of the map that `show_signed` draws with


def gate_swaps(
    pictures: Mapping[str, object], columns: Sequence[str], alphas: Sequence[Sequence], height: int
) -> Figure:
    """A table of mattes: one row per picture (name -> (3,H,W)), one column per gate; `alphas[row][column]` is (H,W)."""
    figure, axes = new_figure(len(pictures), 1 + len(columns), height=height, squeeze=False)
    for row, (name, picture), mattes in zip(axes, pictures.items(), alphas, strict=True):
        show_image(row[0], picture)
        row[0].text(-0.04, 0.5, name, transform=row[0].transAxes, rotation=90, ha="right", va="center")
        for ax, alpha in zip(row[1:], mattes, strict=True):
            show_alpha(ax, alpha)
    for ax, title in zip(axes[0], ["picture", *columns], strict=True):
        ax.set_title(title)
    return figure


def gate_profile(gate) -> Figure:
    """All gates of one frame, sorted: which are shut (< 0.05), which stand open (> 0.95)."""
    values = np.sort(np.asarray(gate))[::-1]
    opened, shut = int((values > 0.95).sum()), int((values < 0.05).sum())
    figure, ax = new_figure(height=230)
    colours = np.full(len(values), PALETTE["alpha"], dtype=object)
    colours[values > 0.95], colours[values < 0.05] = PALETTE["ours"], PALETTE["foreground"]
    ax.bar(np.arange(len(values)), values, color=list(colours), width=1.0)
    ax.axhline(1, color="#DDDDDD", linewidth=1, zorder=0)
    ax.text(opened / 2, 0.5, f"{opened} open\n(above 0.95)", ha="center", va="center", color="white", weight="bold")
    ax.text(
        len(values) - 1,
        0.12,
        f"{shut} shut\n(below 0.05)",
        ha="right",
        va="bottom",
        color=PALETTE["foreground"],
        weight="bold",
    )
    ax.set_xlabel("channels, sorted by their gate")
    ax.set_ylabel("gate")
    ax.set_xlim(-0.5, len(values) - 0.5)
    return figure


def ranked_channels(frame, local, gate, count: int = 5) -> Figure:
    """The frame, the `count` channels of `local` (D,h,w) with the largest gates and those with the smallest."""
    features, gates = as_features(local), np.asarray(gate)
    order = gates.argsort()[::-1]
    figure, axes = new_figure(2, count + 1, height=250)
    for row, channels in zip(axes, (order[:count], order[-count:][::-1]), strict=True):
        for ax, channel in zip(row[1:], channels, strict=True):
            ax.imshow(features[channel], cmap="viridis", interpolation="nearest")
            ax.set_axis_off()
            ax.set_title(f"{channel}: {gates[channel]:.4f}", fontsize=9)
    show_image(axes[0, 0], frame)
    axes[0, 0].set_title("kept →", loc="right", color=PALETTE["ours"])
    axes[1, 0].set_axis_off()
    axes[1, 0].text(1, 0.5, "switched off →", ha="right", va="center", color=PALETTE["foreground"], fontsize=11)
    return figure


def votes(frame, ballots, gate, count: int = 3) -> Figure:
    """The frame and the votes (D,h,w) for the `count` channels with the largest gates and those with the smallest.

    Red votes for a channel, blue against it; each map has its own full scale.
    """
    maps, gates = as_features(ballots), np.asarray(gate)
    order = gates.argsort()[::-1]
    figure, axes = new_figure(2, count + 1, height=330)
    for row, channels in zip(axes, (order[:count], order[-count:][::-1]), strict=True):
        for ax, channel in zip(row[1:], channels, strict=True):
            show_signed(ax, maps[channel], f"channel {channel}: gate {gates[channel]:.3f}").set_interpolation("nearest")
            ax.title.set_fontsize(10)
    show_image(axes[0, 0], frame, "the frame")
    axes[1, 0].set_axis_off()
    axes[1, 0].text(0.5, 0.6, "red: votes for", ha="center", color=RED)
    axes[1, 0].text(0.5, 0.4, "blue: votes against", ha="center", color=BLUE)
    return figure


def switch_off(counts: Sequence[int], curves: Mapping[str, Sequence[float]]) -> Figure:
    """Change of alpha (MAD × 1000) when `counts` channels are set to zero, one line per order of switching off."""
    figure, ax = new_figure(height=280)
    colours = (PALETTE["ours"], PALETTE["foreground"])
    for (name, values), colour in zip(curves.items(), colours, strict=True):
        ax.plot(counts, values, color=colour, marker="o", markersize=4)
        at = next((i for i, value in enumerate(values) if value > 30), len(values) - 1)
        ax.annotate(
            name,
            (counts[at], values[at]),
            xytext=(-8, 0),
            textcoords="offset points",
            ha="right",
            color=colour,
            fontsize=10,
        )
    ax.set_xlabel("channels set to zero")
    ax.set_ylabel("change of alpha, MAD × 1000")
    ax.set_xticks(counts)
    return figure


def gates_over_time(gates, moments: Mapping[int, object]) -> Figure:
    """Gates (T,D) as a picture: time to the right, channels sorted by their mean over the clip.

    `moments` are frames to show above it: number -> (3,H,W); an arrow leads from each to its column.
    """
    values = np.asarray(gates)
    order = values.mean(axis=0).argsort()[::-1]
    figure, axes = new_figure(2, len(moments), height=430, height_ratios=(1, 1.7), squeeze=False)
    grid = axes[1, 0].get_gridspec()
    for ax in axes[1]:
        ax.remove()
    below = figure.add_subplot(grid[1, :])
    picture = below.imshow(values[:, order].T, aspect="auto", cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
    below.set_xlabel("frame")
    below.set_ylabel("channel, sorted")
    bar = figure.colorbar(picture, ax=below, ticks=[0, 0.5, 1], pad=0.01, aspect=12)
    bar.set_label("gate")
    for ax, (number, frame) in zip(axes[0], moments.items(), strict=True):
        show_image(ax, frame, f"frame {number}")
        arrow = {"arrowstyle": "->", "color": PALETTE["foreground"], "linewidth": 1.2}
        at = {"xycoords": below.transData, "textcoords": ax.transAxes, "annotation_clip": False}
        ax.annotate("", (number, 0), xytext=(0.5, 0), arrowprops=arrow, **at).set_in_layout(False)
    return figure


def crops(whole, boxes: Mapping[str, tuple], rows: Sequence[Sequence]) -> Figure:
    """Per crop: its picture, its part of the whole picture's alpha, alpha by its own gate, alpha by the whole's gate.

    `boxes` maps a name to (top, bottom, left, right) in the picture `whole` (3,H,W); `rows` holds the three mattes.
    """
    figure, axes = new_figure(len(boxes), 4, height=40 + 125 * len(boxes), squeeze=False)
    for row, (name, (top, bottom, left, right)), mattes in zip(axes, boxes.items(), rows, strict=True):
        show_image(row[0], as_picture(whole)[top:bottom, left:right])
        row[0].text(-0.04, 0.5, name, transform=row[0].transAxes, rotation=90, ha="right", va="center", fontsize=9)
        for ax, alpha in zip(row[1:], mattes, strict=True):
            show_alpha(ax, alpha)
    titles = ("crop", "cut from the\nwhole’s alpha", "crop alone,\nits own gate", "crop alone,\nthe whole’s gate")
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title, fontsize=10)
    return figure


def taps_inside(sides: Sequence[int], shares: Mapping[str, Sequence[float]]) -> Figure:
    """Share of a dilated 3×3 kernel's taps that fall on the map, over the side of the map; one line per rate."""
    figure, ax = new_figure(height=250)
    for name, values in shares.items():
        (line,) = ax.plot(sides, values)
        at = (sides[-1], values[-1])
        ax.annotate(
            name, at, xytext=(5, 0), textcoords="offset points", va="center", color=line.get_color(), fontsize=9
        )
    ax.axhline(1 / 9, color=PALETTE["alpha"], linestyle="--", linewidth=1)
    note = "only the middle tap is left: a 1×1 convolution"
    ax.text(sides[-1], 1 / 9 - 0.03, note, ha="right", va="top", color=PALETTE["alpha"], fontsize=9)
    ax.set_ylim(0, 1)
    ax.set_xlabel("side of the map (cells at stride 16)")
    ax.set_ylabel("taps on the map")
    ax.margins(x=0.09)
    return figure
