"""The figure of forks draws changes and intervals as they are."""

import numpy as np

from course_lib.viz import forks


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
