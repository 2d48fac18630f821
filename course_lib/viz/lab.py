"""The figure of the model lab: two mattes of one clip, side by side, and where they are wrong or differ."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from course_lib.viz.style import PALETTE, WIDTH, new_figure, show_alpha, show_heat, show_image, show_signed

SHOWN = 5  # moments of the clip
SMALL = {"fontsize": 9}


def comparison(clip, a, b) -> Figure:
    """`clip` has frames (T,3,H,W) and alpha (T,1,H,W) or None; `a`, `b` have contestant, alpha, metrics and flicker.

    Rows: frames; alpha of a and of b; the error of each, or without a truth a minus b; x–t slices and the error over time.
    """
    moments = np.linspace(0, len(clip.frames) - 1, SHOWN).round().astype(int)
    height, width = clip.frames.shape[-2:]
    cell = (WIDTH - 60) / SHOWN * height / width
    rows = 5 if clip.alpha is not None else 4
    figure, axes = new_figure(rows + 1, SHOWN, height=round((rows + 1.25) * (cell + 8) + 40), squeeze=False)
    for column, t in enumerate(moments):
        show_image(axes[0, column], clip.frames[t], f"frame {t}")
        show_alpha(axes[1, column], a.alpha[t])
        show_alpha(axes[2, column], b.alpha[t])
        if clip.alpha is not None:
            for row, result in ((3, a), (4, b)):
                show_heat(axes[row, column], (result.alpha[t] - clip.alpha[t]).abs(), limit=0.5)
        else:
            show_signed(axes[3, column], (a.alpha[t] - b.alpha[t])[0], limit=1)
    names = ["frame", "α of A", "α of B", *(["error of A", "error of B"] if clip.alpha is not None else ["A − B"])]
    for row, name in enumerate(names):
        _left(axes[row, 0], name)
    _over_time(axes[rows], clip, a, b)
    figure.suptitle(f"A: {a.contestant}   ·   B: {b.contestant}", **SMALL)
    return figure


def _over_time(axes, clip, a, b) -> None:
    """Two x–t slices at the row where alpha changes most, and the curves in the rest of the row."""
    change = clip.frames.diff(dim=0).abs().mean((0, 1, 3)) * (a.alpha.mean((0, 1, 3)) > 0.05)
    at = int(change.argmax())
    for ax, result, name in ((axes[0], a, "A"), (axes[1], b, "B")):
        show_alpha(ax, result.alpha[:, 0, at], f"x–t of {name}, row {at}")
        ax.set_aspect("auto")
        ax.title.set_fontsize(9)
    for ax in axes[3:]:
        ax.remove()
    figure, grid = axes[2].figure, axes[2].get_gridspec()
    axes[2].remove()
    curves = figure.add_subplot(grid[-1, 2:])
    metric = "mad" if a.metrics else "flicker"
    for result, name, colour in ((a, "A", PALETTE["ours"]), (b, "B", PALETTE["foreground"])):
        values = result.metrics[metric] if a.metrics else result.flicker
        curves.plot(range(len(values)), values, color=colour, label=name)
    curves.set_xlabel("frame", **SMALL)
    curves.yaxis.tick_right()  # on the left its numbers would push the columns above apart
    curves.spines[["left", "right"]].set_visible(False)
    curves.set_title({"mad": "MAD ×1000", "flicker": "flicker /255"}[metric] + " over time", **SMALL)
    curves.legend()


def _left(ax, name: str) -> None:
    ax.text(-0.06, 0.5, name, transform=ax.transAxes, rotation=90, ha="center", va="center", fontsize=9)
