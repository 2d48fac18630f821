"""The hidden states: every channel at its place, in the book's colours, with its numbers."""

import re

import matplotlib as mpl
import numpy as np
import pytest
import torch

from course_lib import widgets
from course_lib.widgets.hidden_states import liveliest, tile_columns

from .examples import _clip
from .stage import move, show

TOLERANCE = 0.1  # of values in -1 … 1: a WebP of the widget's quality, for smooth pictures


def _smooth_states(frames=2):
    """Each channel has its own mean and a slope that grows with its number: (1, C, h, w) at two scales."""

    def state(t, c, h, w):
        slope = torch.linspace(-0.5, 0.5, w).expand(h, w)
        levels = torch.linspace(-0.5, 0.5, c).roll(t).view(1, c, 1, 1)
        return levels + slope * torch.linspace(0.2, 0.9, c).view(1, c, 1, 1)

    return [[state(t, 5, 12, 16), state(t, 9, 6, 8)] for t in range(frames)]


def _numbers(page):
    text = page.get_by_role("status").text_content().replace("−", "-")
    return [float(value) for value in re.findall(r"≈ (-?[\d.]+)", text.rstrip("."))]


@pytest.mark.parametrize(("channels", "columns"), [(2, 2), (16, 8), (20, 10), (40, 10), (64, 16), (7, 7)])
def test_tiles_fill_a_block(channels, columns):
    assert tile_columns(channels) == columns
    assert channels % columns == 0


def test_the_liveliest_channels_vary_most():
    values = np.stack([scale * np.linspace(-1, 1, 12).reshape(3, 4) for scale in (0.1, 0.9, 0.5)])[None]
    assert liveliest(values, 2) == [1, 2]
    assert liveliest(values, 9) == [0, 1, 2]


@pytest.mark.parametrize("kept", [None, (2, 4)])
def test_each_cell_has_the_value_of_its_channel_over_the_frames(kept, watched):
    states, page = _smooth_states(), watched.page
    widget = widgets.hidden_states(_clip(2), states, numbers=[7, 9], scale=2, channel=8, kept=kept)
    show(page, widget)
    stored = widget.data["scales"][1]["channels"]
    assert stored == (list(range(9)) if kept is None else stored)
    assert len(stored) == (9 if kept is None else 4)
    for which, channel in enumerate(stored):
        move(page, page.get_by_role("slider", name="channel"), which)
        assert f"channel {channel} " in page.get_by_role("status").text_content()
        expected = [state[1][0, channel, 3, 4].item() for state in states]  # the cell in the middle
        assert _numbers(page) == pytest.approx(expected, abs=TOLERANCE)
    move(page, page.get_by_role("combobox", name="scale"), 0)
    page.locator("canvas").first.press("ArrowRight")
    channel = widget.data["scales"][0]["channels"][-1]
    assert _numbers(page) == pytest.approx([s[0][0, channel, 6, 9].item() for s in states], abs=TOLERANCE)
    assert watched.errors == []


def test_colours_are_those_of_the_books_figures(watched):
    show(watched.page, widgets.hidden_states(_clip(2), _smooth_states()))
    values = np.linspace(-1, 1, 41)
    widget_module = widgets.hidden_states(_clip(2), _smooth_states())._esm
    helpers = widget_module[: widget_module.index("export default")]
    drawn = watched.page.evaluate(f"(values) => {{ {helpers}; return values.map(signed); }}", values.tolist())
    expected = 255 * mpl.colormaps["RdBu_r"]((values + 1) / 2)[:, :3]
    np.testing.assert_allclose(drawn, expected, atol=3)  # matplotlib has 256 steps


def test_a_press_on_a_small_picture_chooses_its_channel(watched):
    page = watched.page
    show(page, widgets.hidden_states(_clip(2), _smooth_states(), scale=2))
    box = page.locator("canvas").last.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 7.5 / 9, box["y"] + box["height"] / 2)
    assert "channel 7 " in page.get_by_role("status").text_content()
    page.locator("canvas").last.press("ArrowRight")
    assert "channel 8 " in page.get_by_role("status").text_content()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"numbers": [1]}, "not one of each"),
        ({"states": [[torch.full((1, 2, 4, 4), 1.5)]] * 2}, "average of values of tanh"),
        ({"scale": 3}, "no channel"),
        ({"channel": 99}, "no channel"),
        ({"kept": (3,)}, "one number of channels"),
    ],
)
def test_what_does_not_belong_together_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        widgets.hidden_states(**{"frames": _clip(2), "states": _smooth_states(), **change})
