"""The player: what the line says and what the slices show is what the clips hold."""

import re

import numpy as np
import pytest
import torch

from course_lib import widgets
from course_lib.widgets.player import row_change

from .examples import _clip
from .stage import move, show

LEVELS = 6  # of 255: how far a WebP of the player's quality may be off in a mean over a row


def _film(frames=6, height=24, width=32):
    """Smooth stripes that move, (T, 3, H, W), and their mean as a matte."""
    t = torch.arange(frames).view(-1, 1, 1, 1)
    x, y = torch.arange(width), torch.arange(height).view(-1, 1)
    colours = torch.tensor([0.0, 1.0, 2.0]).view(3, 1, 1)
    film = 0.5 + 0.4 * torch.sin(x / 6 + y / 9 + t / 2 + colours)
    return film, film.mean(1, keepdim=True)


def _slice_of(page, name):
    """The slice of a clip as it is drawn, grey levels (rows, columns)."""
    values = page.evaluate(
        "name => { const c = [...document.querySelectorAll('canvas')].find((c) => c.ariaLabel.startsWith(name + ':'));"
        " const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; return [c.height, c.width, ...p]; }",
        name,
    )
    height, width, *values = values
    return np.array(values, dtype=np.float32).reshape(height, width, 4)[..., :3]


def test_the_line_says_the_change_of_the_row(watched):
    clips = dict(zip(("clip", "matte"), _film(), strict=True))
    page = watched.page
    show(page, widgets.player(clips, row=10, numbers=range(20, 26)))
    frame_slider, row_slider = page.get_by_role("slider", name="frame"), page.get_by_role("slider", name="row")
    assert "nothing before it" in page.get_by_role("status").text_content()
    for frame, row in ((3, 10), (5, 0), (1, 23)):
        move(page, row_slider, row)
        move(page, frame_slider, frame)
        text = page.get_by_role("status").text_content()
        assert f"Frame {20 + frame}, row {row}." in text
        for name, clip in clips.items():
            said = float(re.search(rf"{name} (\d+\.\d)", text)[1])
            assert said == pytest.approx(row_change(clip, frame, row), abs=LEVELS)
    assert watched.errors == []


def test_a_slice_is_the_row_over_time(watched):
    film, matte = _film()
    show(watched.page, widgets.player({"clip": film, "matte": matte}, row=10))
    drawn = _slice_of(watched.page, "clip")
    height, width = drawn.shape[:2]
    middles = drawn[height // 12 :: height // 6, width // 64 :: width // 32][:6, :32]  # one pixel of each cell
    expected = 255 * film[:, :, 10].permute(0, 2, 1).numpy()  # (T, W, 3)
    difference = np.abs(middles - expected)[1:]  # the mark of the present frame lies on the first
    assert difference.mean() < LEVELS


def test_a_press_on_a_picture_chooses_the_row_and_the_arrow_keys_move_it(watched):
    page = watched.page
    show(page, widgets.player({"clip": _clip()}, row=3, first=2))
    picture = page.locator("canvas").first
    box = picture.bounding_box()
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] * 18.5 / 24)
    assert "row 18." in page.get_by_role("status").text_content()
    picture.press("ArrowUp")
    assert "row 17." in page.get_by_role("status").text_content()
    page.locator("canvas").nth(1).press("ArrowDown")
    assert "Frame 3," in page.get_by_role("status").text_content()


def test_it_plays_and_stops(watched):
    page = watched.page
    show(page, widgets.player({"clip": _clip()}, rate=50))
    button = page.get_by_role("button")
    button.click()
    page.wait_for_function("document.querySelector('[role=status]').textContent.includes('Frame 3')")
    button.click()
    stopped = page.get_by_role("status").text_content()
    page.wait_for_timeout(100)
    assert page.get_by_role("status").text_content() == stopped
    assert "play" in button.text_content()


@pytest.mark.parametrize(
    ("clips", "options", "message"),
    [
        ({}, {}, "one number of frames"),
        ({"a": _clip(3), "b": _clip(4)}, {}, "one number of frames"),
        ({"a": torch.zeros(3, 2, 8, 8)}, {}, "“a” must be"),
        ({"a": _clip()}, {"row": 24}, "Row 24"),
        ({"a": _clip()}, {"numbers": [1, 2]}, "2 numbers for 6"),
        ({"a": _clip()}, {"first": 9}, "no frame 9"),
    ],
)
def test_what_cannot_be_played_is_refused(clips, options, message):
    with pytest.raises(ValueError, match=message):
        widgets.player(clips, **options)
