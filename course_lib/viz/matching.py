"""Figures of chapter 15: tables of scores and who is chosen in them, and what each way to choose teaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from course_lib.viz.boxes import quiet
from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.style import PALETTE, as_matte, new_figure, show_alpha, show_heat, show_image

CHOSEN = PALETTE["foreground"]
CURVES = {"every permutation": PALETTE["foreground"], "ours": PALETTE["ours"], "SciPy": PALETTE["background"]}


def score_table(image, masks, query_masks, scores, queries: Sequence[int]) -> Figure:
    """Objects (M,H,W) down, masks of Q queries (Q,h,w) across, their scores (Q,M) between; each object's own is framed.

    `queries`: per object the column that is its own.
    """
    scores = np.asarray(scores)
    columns, rows = scores.shape
    figure, axes = new_figure(1 + rows, 1 + columns, height=76 * (1 + rows))
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    show_image(axes[0, 0], image)
    for ax, mask in zip(axes[0, 1:], query_masks, strict=True):
        show_alpha(ax, mask)
    for m in range(rows):
        show_image(axes[1 + m, 0], paint_instances(quiet(image), np.asarray(masks)[m : m + 1], [m], 0.8))
        for n in range(columns):
            ax = axes[1 + m, 1 + n]
            show_heat(ax, scores[n, m].reshape(1, 1), limit=1)
            ink = "black" if scores[n, m] > 0.6 else "white"
            ax.text(0, 0, f"{scores[n, m]:.2f}", ha="center", va="center", color=ink, size=9)
            if queries[m] == n:
                frame(ax, 0, 0, 4)
    return figure


def choices(scores, chosen: Mapping[str, Sequence[int]]) -> Figure:
    """The same small table (queries N × objects M), once per way to choose: title -> the query of each object, framed.

    Objects are rows, A, B, C …; queries are columns, 1, 2, 3 …
    """
    scores = np.asarray(scores, dtype=float)
    figure, axes = new_figure(1, len(chosen), height=190, squeeze=False, width=180 * len(chosen))
    for ax, (title, queries) in zip(axes[0], chosen.items(), strict=True):
        table(ax, scores, queries, numbers=True)
        total = sum(scores[n, m] for m, n in enumerate(queries))
        ax.set_title(f"{title}\nsum {total:.1f}")
        ax.set_xticks(range(len(scores)), [f"query {n + 1}" for n in range(len(scores))], size=8)
        ax.set_yticks(range(scores.shape[1]), [chr(ord("A") + m) for m in range(scores.shape[1])])
    return figure


def chains(scores, steps: Sequence[tuple[Mapping[int, int], Mapping[int, int]]]) -> Figure:
    """Objects come in one by one. A step is (who held which query before, who holds which after), object -> query.

    Full colour: new; grey: stays; dashed: given up.
    """
    scores = np.asarray(scores, dtype=float)
    queries, objects = scores.shape
    figure, axes = new_figure(1, len(steps), height=210)
    for ax, (before, after) in zip(axes, steps, strict=True):
        for m in range(objects):
            present = m in after
            ax.plot(0, -m, "o", markersize=22, color=instance_colour(m) if present else "#E4E4E4")
            ax.text(0, -m, chr(ord("A") + m), ha="center", va="center", color="white", weight="bold")
        for n in range(queries):
            ax.plot(1, -n, "s", markersize=20, color="#555555" if n in after.values() else "#E4E4E4")
            ax.text(1, -n, str(n + 1), ha="center", va="center", color="white", weight="bold")
        for m in after:
            if m in before and before[m] != after[m]:
                _edge(ax, m, before[m], "#888888", "--", "")
            new = before.get(m) != after[m]
            colour = instance_colour(m) if new else "#888888"
            _edge(ax, m, after[m], colour, "-", f"{scores[after[m], m]:.1f}")
        total = sum(scores[n, m] for m, n in after.items())
        newcomer = next(m for m in after if m not in before)
        ax.set_title(f"{chr(ord('A') + newcomer)} comes in: sum {total:.1f}")
        ax.set_xlim(-0.25, 1.25)
        ax.set_ylim(-max(objects, queries) + 0.6, 0.4)
        ax.set_axis_off()
    return figure


def times(curves: Mapping[str, tuple[Sequence[int], Sequence[float]]]) -> Figure:
    """name -> (number of queries and objects, seconds), on logarithmic axes, with a line of slope 3."""
    figure, ax = new_figure(height=270)
    for name, (sizes, seconds) in curves.items():
        colour = CURVES.get(name, PALETTE["other"])
        ax.plot(sizes, seconds, "o-", markersize=4, color=colour)
        ax.annotate(
            name, (sizes[-1], seconds[-1]), xytext=(6, 0), textcoords="offset points", color=colour, va="center"
        )
    sizes, seconds = curves["SciPy"]
    guide = np.array([sizes[-1] / 4, sizes[-1]])
    ax.plot(guide, seconds[-1] / 3 * (guide / guide[-1]) ** 3, ":", color=PALETTE["alpha"])
    ax.text(guide[0], seconds[-1] / 3 / 64, "n³ ", color=PALETTE["alpha"], ha="right", va="center")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(right=sizes[-1] * 3)
    ax.set_xlabel("queries, and as many objects")
    ax.set_ylabel("seconds")
    return figure


def score_parts(parts: Mapping[str, object], queries: Sequence[int]) -> Figure:
    """Matrices (N,M) in [0, 1] under their titles, objects as rows, with the same queries framed in each."""
    figure, axes = new_figure(len(parts), 1, height=92 * len(parts), squeeze=False)
    for ax, (title, values) in zip(axes[:, 0], parts.items(), strict=True):
        table(ax, np.asarray(values, dtype=float), queries)
        ax.set_title(title, loc="left")
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_ylabel("objects", size=8)
    axes[-1, 0].set_xlabel("queries")
    return figure


def taught(truth, outcomes: Mapping[str, tuple[object, Sequence[float]]]) -> Figure:
    """What each way of assigning has made of Q queries: title -> (masks (Q,h,w) in [0,1], class probabilities (Q,)).

    Framed: a query that says "here is one". First column: the objects (M,h,w).
    """
    queries = len(next(iter(outcomes.values()))[1])
    figure, axes = new_figure(len(outcomes), 1 + queries, height=98 * len(outcomes), squeeze=False)
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    blank = np.ones((3, *np.asarray(truth).shape[1:]))
    for row, (title, (masks, sure)) in zip(axes, outcomes.items(), strict=True):
        show_image(row[0], paint_instances(blank, truth), title)
        row[0].title.set(fontsize=9, ha="left", position=(0, 1))
        for ax, mask, probability in zip(row[1:], masks, sure, strict=True):
            show_alpha(ax, mask)
            height, width = as_matte(mask).shape
            ax.text(0.5, -0.05, f"{float(probability):.2f}", transform=ax.transAxes, ha="center", va="top", size=9)
            if probability > 0.5:
                outline = Rectangle(
                    (-0.5, -0.5), width, height, fill=False, edgecolor=CHOSEN, linewidth=4, clip_on=False
                )
                ax.add_patch(outline)
    return figure


def table(
    ax: Axes, scores: np.ndarray, queries: Sequence[int], numbers: bool = False
) -> tuple[AxesImage, list[Rectangle]]:
    """Scores (N,M) in [0, 1] as a heat map, objects as rows; framed: cell (m, queries[m]). → the map, the frames."""
    heat = ax.imshow(scores.T, cmap="viridis", vmin=0, vmax=1, aspect="auto", interpolation="nearest")
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(length=0)
    if numbers:
        for n, m in np.ndindex(*scores.shape):
            ink = "black" if scores[n, m] > 0.6 else "white"
            ax.text(n, m, f"{scores[n, m]:.1f}", ha="center", va="center", color=ink)
    return heat, [frame(ax, int(n), m, 3) for m, n in enumerate(queries)]


def frame(ax: Axes, column: float, row: float, width: float) -> Rectangle:
    """Around one cell of a table."""
    corner = (column - 0.5, row - 0.5)
    outline = Rectangle(corner, 1, 1, fill=False, edgecolor=CHOSEN, linewidth=width, clip_on=False, zorder=3)
    return ax.add_patch(outline)


def _edge(ax: Axes, m: int, n: int, colour, style: str, label: str) -> None:
    """A line from object m to query n; its label stands above it, of a rising line below it, where nothing else runs."""
    ax.plot([0, 1], [-m, -n], style, color=colour, linewidth=2, zorder=0)
    at, rises = 0.78, n < m
    where = {"ha": "left", "va": "top"} if rises else {"ha": "center", "va": "bottom"}
    ax.text(at, -m + at * (m - n) + (-0.04 if rises else 0.09), label, color=colour, size=9, **where)
