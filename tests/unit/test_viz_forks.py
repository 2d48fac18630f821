"""The figure of forks draws changes and intervals as they are."""

import numpy as np

from course_lib.viz import forks
from course_lib.viz.style import PALETTE


def test_a_change_is_full_where_its_interval_leaves_out_zero():
    rows = {"no memory": (0.2, 0.1, 0.3), "wider": (-0.02, -0.05, 0.01)}
    figure = forks.worth_of_changes({"MAD": rows, "dtSSD": rows})
    for ax, title in zip(figure.axes, ("MAD", "dtSSD"), strict=True):
        assert ax.get_title() == title
        dots = [line for line in ax.lines if line.get_marker() == "o"]
        assert [float(dot.get_xdata()[0]) for dot in dots] == [20, -2]
        assert dots[0].get_markerfacecolor() == dots[0].get_color()
        assert dots[1].get_markerfacecolor() == "white"
        bars = [line for line in ax.lines if line.get_linewidth() == 2.2]
        np.testing.assert_allclose([bar.get_xdata() for bar in bars], [[10, 30], [-5, 1]])
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == list(rows)


def test_where_more_is_better_the_colours_change_sides():
    changes = {"AP": {"worse": (-0.05, -0.07, -0.03), "better": (0.04, 0.01, 0.06)}}
    ax = forks.worth_of_changes(changes, "points of AP", less_is_better=False).axes[0]
    colours = [line.get_color() for line in ax.lines[1:] if len(line.get_xdata()) == 2]
    assert colours == [PALETTE["foreground"], PALETTE["ours"]]
    assert ax.get_xlabel() == "points of AP"
    np.testing.assert_allclose(ax.lines[1].get_xdata(), (-7, -3))


def test_before_and_after_has_two_bars_a_run():
    figure = forks.before_and_after({"one": (0.1, 0.05), "many": (1.4, 0.2)}, ("as found", "after NMS"), "duplicates")
    (ax,) = figure.axes
    first, second = ax.containers[:2] if hasattr(ax.containers[0], "patches") else ax.containers
    assert [bar.get_width() for bar in first.patches] == [0.1, 1.4]
    assert [bar.get_width() for bar in second.patches] == [0.05, 0.2]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["as found", "after NMS"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "many"]
