"""What one change of a network or of its training is worth, against the control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from course_lib.viz.style import PALETTE, new_figure


def worth_of_changes(changes: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """metric → what was changed → (change, low, high) relative to the control, 0.1 is 10 % worse; bars are intervals.

    A change whose interval leaves out 0 is drawn full, the others hollow.
    """
    names = list(next(iter(changes.values())))
    figure, axes = new_figure(1, len(changes), height=70 + 34 * len(names), sharey=True, squeeze=False)
    for ax, (metric, rows) in zip(axes[0], changes.items(), strict=True):
        ax.axvline(0, color="#888888", linewidth=1)
        for y, name in enumerate(names):
            change, low, high = (100 * value for value in rows[name])
            certain = low > 0 or high < 0
            colour = PALETTE["foreground" if change > 0 else "ours"]
            ax.plot([low, high], [y, y], color=colour, linewidth=2.2)
            ax.plot(change, y, "o", color=colour, markersize=8, markerfacecolor=colour if certain else "white")
        ax.set(title=metric, xlabel="% against the control", ylim=(len(names) - 0.5, -0.5))
        ax.set_yticks(range(len(names)), names)
        ax.tick_params(axis="y", length=0)
    return figure
