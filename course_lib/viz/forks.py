"""What one change of a network or of its training is worth, against the control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from course_lib.viz.style import PALETTE, new_figure


def worth_of_changes(
    changes: Mapping[str, Mapping[str, Sequence[float]]],
    unit: str = "% against the control",
    less_is_better: bool = True,
) -> Figure:
    """metric → what was changed → (change, low, high) against the control, drawn times 100; bars are intervals.

    A change whose interval leaves out 0 is drawn full, the others hollow; what is worse in vermilion, what is better in green.
    """
    names = list(next(iter(changes.values())))
    figure, axes = new_figure(1, len(changes), height=70 + 34 * len(names), sharey=True, squeeze=False)
    for ax, (metric, rows) in zip(axes[0], changes.items(), strict=True):
        ax.axvline(0, color="#888888", linewidth=1)
        for y, name in enumerate(names):
            change, low, high = (100 * value for value in rows[name])
            certain = low > 0 or high < 0
            colour = PALETTE["foreground" if (change > 0) == less_is_better else "ours"]
            ax.plot([low, high], [y, y], color=colour, linewidth=2.2)
            ax.plot(change, y, "o", color=colour, markersize=8, markerfacecolor=colour if certain else "white")
        ax.set(title=metric, xlabel=unit, ylim=(len(names) - 0.5, -0.5))
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(axis="y", length=0)
    return figure


def before_and_after(runs: Mapping[str, tuple[float, float]], names: tuple[str, str], label: str) -> Figure:
    """Two bars a run, such as what was found and what NMS left of it."""
    figure, ax = new_figure(height=80 + 44 * len(runs))
    y = np.arange(len(runs))
    for place, (name, role) in enumerate(zip(names, ("foreground", "ours"), strict=True)):
        bars = ax.barh(
            y + 0.38 * (place - 0.5), [pair[place] for pair in runs.values()], 0.36, color=PALETTE[role], label=name
        )
        ax.bar_label(bars, fmt="%.2f", padding=3, fontsize=9)
    ax.set(xlabel=label, ylim=(len(runs) - 0.5, -0.5))
    ax.set_yticks(y, list(runs))
    ax.tick_params(axis="y", length=0)
    ax.margins(x=0.1)
    ax.legend()
    return figure
