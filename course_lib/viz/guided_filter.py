"""Figures of chapter 06: what guided filters see, compute and restore, and what the network's size costs and buys.

Every function takes the numbers and returns a matplotlib Figure. A box is (top, left, side), in pixels of the full frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from course_lib.viz.style import PALETTE, WIDTH, as_matte, as_picture, new_figure, show_alpha, show_image, show_signed

Box = tuple[int, int, int]
OVERVIEW = 4  # by how much a frame is reduced where it only shows the place of a box
COLOURS = {"bilinear": PALETTE["foreground"], "fast": PALETTE["background"], "deep": PALETTE["ours"]}


def detail(frame, box: Box, mattes: Mapping[str, object], title: str = "", squares: Sequence[Box] = ()) -> Figure:
    """The frame (3,H,W) with the box marked, then what the box shows in the frame and in each titled matte (H,W).

    `squares` are further boxes to mark: the patches that were refined.
    """
    figure, axes = new_figure(1, len(mattes) + 2, height=WIDTH // (len(mattes) + 2) + (50 if title else 30))
    show_image(axes[0], overview(frame), f"{len(squares)} patches" if squares else "frame")
    marked = [(square, PALETTE["input"]) for square in squares] + [(box, PALETTE["foreground"])]
    for (top, left, side), colour in marked:
        corner, width = (left / OVERVIEW, top / OVERVIEW), side / OVERVIEW
        axes[0].add_patch(Rectangle(corner, width, width, fill=False, edgecolor=colour, linewidth=1.5))
    draw(axes[1], frame, "in the box", box)
    for ax, (name, alpha) in zip(axes[2:], mattes.items(), strict=True):
        draw(ax, alpha, name, box)
    if title:
        figure.suptitle(title)
    return figure


def overview(frame) -> np.ndarray:
    """The mean of OVERVIEW × OVERVIEW pixels of (3,H,W) → (h,w,3): enough to find a box, and a small file."""
    picture = as_picture(frame)
    height, width = (side // OVERVIEW for side in picture.shape[:2])
    squares = picture[: height * OVERVIEW, : width * OVERVIEW].reshape(height, OVERVIEW, width, OVERVIEW, 3)
    return squares.mean((1, 3))


def cut(picture: np.ndarray, box: Box) -> np.ndarray:
    """What a box shows of (H, W) or (H, W, 3)."""
    top, left, side = box
    return picture[top : top + side, left : left + side]


def four_corners(values, integral, top: int, left: int, side: int) -> Figure:
    """A small picture (H,W) with a window, and its integral image (H+1,W+1) with the corners that give the window's sum."""
    figure, (picture, table) = new_figure(1, 2, height=300)
    for ax, array in ((picture, values), (table, integral)):
        array = np.asarray(array)
        ax.imshow(array, cmap="Blues", vmin=0, vmax=array.max() * 1.6)  # light enough for black digits
        for (row, column), value in np.ndenumerate(array):
            ax.text(column, row, f"{value:g}", ha="center", va="center", fontsize=8)
        ax.set(xticks=[], yticks=[])
    square = {"fill": False, "linewidth": 2.5, "edgecolor": PALETTE["foreground"]}
    picture.add_patch(Rectangle((left - 0.5, top - 0.5), side, side, **square))
    for row, column, sign in ((0, 0, "+"), (0, 1, "−"), (1, 0, "−"), (1, 1, "+")):
        x, y = left + column * side, top + row * side
        colour = PALETTE["foreground" if sign == "+" else "background"]
        table.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, **{**square, "edgecolor": colour}))
        table.text(x - 0.44, y - 0.22, sign, ha="left", va="center", fontsize=9, color=colour, weight="bold")
    picture.set_title("picture")
    table.set_title("integral image")
    return figure


def local_lines(guide, box: Box, windows: Mapping[str, tuple], limit: float) -> Figure:
    """Where each named window lies in the guide (H,W), and its pixels: guide x and matte y (n,), with the line A·x + b.

    windows: name → (row, column, x, y, A, b).
    """
    figure, axes = new_figure(1, len(windows) + 1, height=270)
    show_image(axes[0], np.repeat(cut(as_matte(guide), box)[..., None], 3, axis=2), "guide, with the windows")
    for ax, colour, (name, (row, column, x, y, a, b)) in zip(
        axes[1:], (PALETTE["foreground"], PALETTE["background"]), windows.items(), strict=True
    ):
        side = round(len(x) ** 0.5)
        corner = (column - box[1] - side / 2, row - box[0] - side / 2)
        axes[0].add_patch(Rectangle(corner, side, side, fill=False, edgecolor=colour, linewidth=2))
        ax.plot(x, y, ".", color=colour, alpha=0.6)
        ends = np.array([min(x), max(x)])
        ax.plot(ends, a * ends + b, color=PALETTE["reference"])
        ax.set(xlim=(0, limit), ylim=(-0.15, 1.15), xlabel="guide x", title=f"{name}: A = {a:.2f}")
    axes[1].set_ylabel("matte y")
    return figure


def row(pictures: Mapping[str, object], box: Box | None = None, height: int = 200, title: str = "") -> Figure:
    """Titled mattes (H,W) or images (3,H,W) side by side, cut to the box."""
    figure, axes = new_figure(1, len(pictures), height=height, squeeze=False)
    for ax, (name, picture) in zip(axes[0], pictures.items(), strict=True):
        draw(ax, picture, name, box)
    if title:
        figure.suptitle(title)
    return figure


def draw(ax: Axes, picture, name: str, box: Box | None) -> None:
    """A matte in grey or an image in colour."""
    colour = np.ndim(picture) == 3 and np.shape(picture)[0] == 3
    array = as_picture(picture) if colour else as_matte(picture)
    (show_image if colour else show_alpha)(ax, array if box is None else cut(array, box), name)


def coefficients(slope, offset, small, large, scale: int, box: Box) -> Figure:
    """A and b (h,w) at the small size, the small alpha (h,w) and the refined one (H,W): all at the same place."""
    small_box = tuple(x // scale for x in box)
    figure, axes = new_figure(1, 4, height=200)
    show_alpha(axes[0], cut(as_matte(small), small_box), "alpha, small").set_interpolation("nearest")
    for ax, values, name in ((axes[1], slope, "slope A"), (axes[2], offset, "offset b")):
        show_signed(ax, cut(as_matte(values), small_box), name, limit=2).set_interpolation("nearest")
    show_alpha(axes[3], cut(as_matte(large), box), "A · I + b, large")
    return figure


def slopes(frame, alpha, maps: Mapping[str, object], box: Box, limit: float = 2.0) -> Figure:
    """The small frame (3,h,w), its alpha (h,w) and titled slopes (h,w) of either sign; the box is in small pixels."""
    figure, axes = new_figure(1, len(maps) + 2, height=225)
    draw(axes[0], frame, "small frame", box)
    draw(axes[1], np.clip(as_matte(alpha), 0, 1), "small alpha", box)
    for ax, (name, values) in zip(axes[2:], maps.items(), strict=True):
        show_signed(ax, cut(as_matte(values), box), name, limit)
    for ax in axes:
        ax.images[0].set_interpolation("nearest")
    figure.suptitle("The slope A of alpha (red: the person is brighter, blue: darker)")
    return figure


def loss_curve(losses, window: int = 25) -> Figure:
    """Loss of every step (steps, 2), first the filter that learns, second the fixed one: their ratio, and a running one."""
    losses = np.asarray(losses, dtype=float)
    figure, ax = new_figure(height=240)
    ax.plot(losses[:, 0] / losses[:, 1], ".", color=PALETTE["ours"], alpha=0.35, markersize=4)
    sums = np.stack([np.convolve(column, np.ones(window), mode="valid") for column in losses.T])
    ax.plot(np.arange(window - 1, len(losses)), sums[0] / sums[1], color=PALETTE["ours"])
    ax.axhline(1, color=PALETTE["background"], linewidth=1.2)
    ax.annotate(
        "the fast guided filter",
        (len(losses), 1),
        (0, 5),
        textcoords="offset points",
        ha="right",
        color=PALETTE["background"],
    )
    ax.set(xlabel="step", ylabel="loss, relative", ylim=(0.5, 2))
    return figure


def scene_by_scene(scores: Mapping[str, Sequence[float]], metric: str = "Grad") -> Figure:
    """One line of dots per scene, a dot per method, and every method's mean at the right; scenes in order of the first."""
    figure, ax = new_figure(height=270)
    names = list(scores)
    values = np.array([np.asarray(scores[name], dtype=float) for name in names])  # (methods, scenes)
    order = np.argsort(values[0])
    x = np.arange(len(order))
    ax.vlines(x, values[:, order].min(0), values[:, order].max(0), color="#CCCCCC", linewidth=1, zorder=0)
    for name, line in zip(names, values, strict=True):
        colour = COLOURS.get(name, PALETTE["hidden state"])
        ax.plot(x, line[order], "o", color=colour, label=name)
        ax.plot([len(order) + 0.6, len(order) + 1.4], [line.mean()] * 2, color=colour, linewidth=3)
    ax.set(xlabel="held-out scene", ylabel=f"{metric} (lower is better)", yscale="log")
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100) if values.min() * 0.6 < tick < values.max() * 1.6]
    ax.set_yticks(ticks, [f"{tick}" for tick in ticks])
    ax.minorticks_off()
    ax.set_xticks([*x, len(order) + 1], [*(f"{n + 1}" for n in x), "mean"])
    ax.legend(loc="upper left")
    return figure


def against_size(
    curves: Mapping[str, tuple[Sequence[int], Sequence[float], Sequence[float]]], cost, mark: float
) -> Figure:
    """MAD and Grad against the side (pixels) that the network sees, one line per named picture size.

    `cost` holds sides and multiply-adds; `mark` is the side of a square with as many pixels as the rule gives 16:9.
    """
    figure, axes = new_figure(1, 3, height=270)
    colours = (PALETTE["ours"], PALETTE["foreground"])
    for colour, (name, (sides, mad, grad)) in zip(colours, curves.items(), strict=False):
        for ax, values in zip(axes, (mad, grad), strict=False):
            ax.plot(sides, values, "o-", color=colour, label=name, markersize=4)
    sides, macs = cost
    axes[2].plot(sides, np.asarray(macs) / 1e9, "o-", color=PALETTE["reference"], markersize=4)
    for ax, title in zip(axes, ("MAD", "Grad", "10⁹ multiply-adds"), strict=True):
        ax.axvline(mark, color="#999999", linestyle="--", linewidth=1, zorder=0)
        ax.set(xscale="log", title=title, xlabel="side the network sees", ylim=(0, None))
        ax.set_xticks([96, 192, 384, 768], ["96", "192", "384", "768"])
        ax.minorticks_off()
    axes[0].legend(loc="upper left")
    axes[2].annotate("288 × 512", (mark, 1), (-5, -4), xycoords=("data", "axes fraction"), textcoords="offset points",
                     ha="right", va="top", color="#666666", fontsize=9)  # fmt: skip
    return figure
