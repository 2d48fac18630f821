"""The person picker: who is clicked is who is seen, and what is seen is αF + (1−α)B of what was passed."""

import base64
import io
import json
import re

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib import widgets
from course_lib.data import sample_image
from course_lib.viz.emoji_scenes import instance_colour
from course_lib.widgets.person_picker import NEAR, STEPS, only_near, soft_background

from .examples import standing
from .stage import move, show

HEIGHT, WIDTH = 48, 64
STATE = 400_000  # bytes, of 16 frames of 192 × 192 with three people
RIGHT = """() => { const c = document.querySelectorAll('canvas')[1];
  return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]; }"""
OF_COLOUR = """([r, g, b]) => { const c = document.querySelector('canvas'), found = [];
  const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height);
  for (let i = 0; i < data.length; i += 4)
    if (data[i] === r && data[i + 1] === g && data[i + 2] === b) found.push((((i / 4) % c.width) * 64) / c.width);
  return [Math.min(...found), Math.max(...found), found.length]; }"""


def click(page, row, column, height=HEIGHT, width=WIDTH):
    """Press the mouse in the middle of a pixel of the left picture."""
    box = page.locator("canvas").first.bounding_box()
    page.mouse.click(box["x"] + (column + 0.5) * box["width"] / width, box["y"] + (row + 0.5) * box["height"] / height)


def said(page):
    return page.get_by_role("status").text_content()


def chosen(page):
    """The number above the right picture."""
    return int(re.search(r"person (\d)", page.locator("b").nth(1).text_content())[1])


def right(page, height=HEIGHT, width=WIDTH):
    """The right picture as it is drawn, (3, H, W) of 0 … 255."""
    drawn = np.array(page.evaluate(RIGHT), dtype=np.float32).reshape(height, width, 4)
    assert (drawn[..., 3] == 255).all()
    return drawn[..., :3].transpose(2, 0, 1)


def opened(uri):
    """A stored sheet, (height, width, 3) of 0 … 255."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))).convert("RGB"), dtype=np.float32)


def tile(sheet, n, across, height=HEIGHT, width=WIDTH):
    row, column = divmod(n, across)
    return sheet[row * height : (row + 1) * height, column * width : (column + 1) * width].transpose(2, 0, 1)


def other_pictures():
    """Foregrounds that are not the frames, and a background with a left and a right."""
    frames, people, alphas = standing()
    background = torch.stack(
        [torch.linspace(0, 1, WIDTH).expand(HEIGHT, WIDTH)] * 2 + [torch.full((HEIGHT, WIDTH), 0.5)]
    )
    return frames, people, alphas, 1 - frames, background


@pytest.mark.parametrize("with_foregrounds", [True, False])
def test_the_right_picture_is_the_chosen_person_over_the_background(with_foregrounds, watched):
    frames, people, alphas, foregrounds, background = other_pictures()
    alphas = 0.8 * alphas  # nowhere only the foreground
    widget = widgets.person_picker(frames, people, alphas, foregrounds if with_foregrounds else None, background)
    data, page = widget.data, watched.page
    F_sheet = opened(data["foregrounds"] if with_foregrounds else data["frames"])
    B, passed = opened(data["background"]).transpose(2, 0, 1), foregrounds if with_foregrounds else frames
    show(page, widget)
    for key, frame in (("1", 0), ("2", 3), ("3", 1)):
        page.locator("canvas").first.press(key)
        move(page, page.get_by_role("slider", name="frame"), frame)
        alpha = torch.round(alphas[int(key) - 1, frame] * STEPS).numpy() / STEPS
        stored = B + alpha * (tile(F_sheet, frame, data["across"]) - B)
        assert np.abs(right(page) - stored).max() <= 2
        exact = 255 * torch.lerp(background, passed[frame], alphas[int(key) - 1, frame]).numpy()
        assert np.abs(right(page) - exact).mean() < 4
    assert watched.errors == []


def test_the_list_shows_alpha_in_grey_and_the_composite_again(watched):
    frames, people, alphas = standing()
    page = watched.page
    show(page, widgets.person_picker(frames, people, alphas, chosen=2))
    composite = right(page)
    move(page, page.get_by_role("combobox", name="show"), 1)
    expected = 255 * alphas[1, 0].expand(3, HEIGHT, WIDTH).numpy()
    assert np.abs(right(page) - expected).max() <= 0.5 * 255 / STEPS + 1
    assert page.locator("b").nth(1).text_content() == "alpha of person 2"
    move(page, page.get_by_role("combobox", name="show"), 0)
    assert (right(page) == composite).all()


def test_a_click_chooses_who_stands_there_in_the_present_frame(watched):
    frames, people, alphas = standing()
    page = watched.page
    show(page, widgets.person_picker(frames, people, alphas))
    for p in (2, 0, 1):
        row, column = people[p].nonzero().float().mean(0).round().long().tolist()
        click(page, row, column)
        assert chosen(page) == p + 1
        assert said(page) == f"Person {p + 1} of 3 is chosen."
    click(page, 35, 37)
    assert chosen(page) == 2
    move(page, page.get_by_role("slider", name="frame"), 4)
    click(page, 40, 14)
    assert chosen(page) == 1
    click(page, 40, 44)  # 8 pixels to the right of where person 2 began
    assert chosen(page) == 2
    assert not people[1, 40, 44], "nobody was there in the first frame"


def test_the_first_frame_goes_by_the_masks_and_the_others_by_alpha(watched):
    frames, people, alphas = standing()
    people = people.clone()
    people[2, 2:5, 40:50] = True  # where alpha is 0
    page = watched.page
    show(page, widgets.person_picker(frames, people, alphas))
    click(page, 4, 40)
    assert chosen(page) == 3
    page.locator("canvas").first.press("1")
    move(page, page.get_by_role("slider", name="frame"), 1)
    click(page, 4, 40)
    assert chosen(page) == 1
    assert said(page).startswith("Nobody is there")


def test_where_two_overlap_the_larger_alpha_is_meant(watched):
    frames, people, alphas = standing()
    both = people[:2].any(0).expand(2, HEIGHT, WIDTH)
    page = watched.page
    show(page, widgets.person_picker(frames, both, alphas[:2]))
    for column, who in ((31, 2), (11, 1)):
        click(page, 40, column)
        assert chosen(page) == who


def test_who_clicks_nobody_is_told_so_and_keeps_the_choice(watched):
    page = watched.page
    show(page, widgets.person_picker(*standing(), chosen=2))
    before = right(page)
    click(page, 45, 62)
    assert said(page) == "Nobody is there: please click inside of an outline. Person 2 stays chosen."
    assert (right(page) == before).all()
    page.locator("canvas").first.press("7")
    assert said(page) == "There is no person 7. Person 2 stays chosen."
    assert watched.errors == []


def test_the_keyboard_alone_reaches_everybody(watched):
    page = watched.page
    show(page, widgets.person_picker(*standing()))
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.tagName")
    assert focused == "CANVAS"
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"
    for key, who in (
        ("ArrowLeft", 1),
        ("ArrowRight", 2),
        ("ArrowRight", 3),
        ("ArrowRight", 3),
        ("1", 1),
        ("3", 3),
        ("ArrowLeft", 2),
    ):
        page.keyboard.press(key)
        assert chosen(page) == who
    label = page.locator("canvas").first.get_attribute("aria-label")
    assert label.startswith(
        "frame 0, with outlines and numbers of the people who are seen: 1, 2, 3. person 2 is chosen; press 1 to 3"
    )
    assert (
        page.locator("canvas").nth(1).get_attribute("aria-label") == "person 2 alone before a new background, frame 0"
    )


def test_everybody_is_outlined_in_their_colour_and_follows(watched):
    frames, people, alphas = standing()
    page = watched.page
    show(page, widgets.person_picker(frames, people, alphas))
    found = []
    for frame in (0, 3):
        move(page, page.get_by_role("slider", name="frame"), frame)
        colours = [np.round(255 * instance_colour(p)).tolist() for p in range(3)]
        found.append([page.evaluate(OF_COLOUR, colour) for colour in colours])
    first, later = found
    for p, (middle, step) in enumerate(((11, 1), (31, 2))):  # α > ½ in 7 pixels to both sides
        assert first[p][:2] == pytest.approx([middle - 7, middle + 7], abs=1)
        assert np.subtract(later[p], first[p])[:2] == pytest.approx([3 * step] * 2)
    assert first[2][2] > 100


def test_a_click_on_a_number_is_one_on_its_person(watched):
    frames, people, alphas = standing()
    people = people.clone()
    people[:2] &= (torch.arange(HEIGHT) > 20)[:, None]
    page = watched.page
    show(page, widgets.person_picker(frames, people, alphas))
    click(page, 18, 31)  # above the mask
    assert chosen(page) == 2


def test_a_scrap_above_the_head_does_not_carry_the_number(watched):
    """Person 2's box begins in row 20; twelve pixels in the corner above are a hundredth of it, and somebody else's."""
    frames, people, alphas = standing()
    people = people.clone()
    people[:2] &= (torch.arange(HEIGHT) > 20)[:, None]
    people[1, 1:3, 54:60] = True
    page = watched.page
    show(page, widgets.person_picker(frames, people, alphas))
    click(page, 18, 31)  # above the box
    assert chosen(page) == 2


def test_the_line_says_how_much_of_the_picture_is_theirs_or_that_they_are_gone(watched):
    frames, people, alphas = standing()
    page = watched.page
    show(page, widgets.person_picker(frames, people, alphas, numbers=[10, 12, 14, 16, 18], chosen=3))
    share = 100 * (alphas[2, 0] > 0.5).float().mean().item()
    assert (
        page.locator(".note").text_content() == f"Frame 10: α of person 3 is above ½ in {share:.1f} % of the picture."
    )
    move(page, page.get_by_role("slider", name="frame"), 4)
    assert page.locator(".note").text_content() == "Frame 18: person 3 is not to be seen, α is nowhere above ½."
    assert "who are seen: 1, 2. person 3" in page.locator("canvas").first.get_attribute("aria-label")
    assert watched.errors == []


def test_it_plays_and_stops(watched):
    page = watched.page
    show(page, widgets.person_picker(*standing(), rate=50))
    button = page.get_by_role("button")
    button.click()
    assert "pause" in button.text_content()
    page.wait_for_function("document.querySelector('.note').textContent.startsWith('Frame 3')")
    move(page, page.get_by_role("slider", name="frame"), 2)  # who moves it wants to look
    assert "play" in button.text_content()
    assert page.locator(".note").text_content().startswith("Frame 2")


def test_sixteen_frames_of_three_people_are_small():
    """A camera that pans over a photograph, as detailed as any, and three soft discs that move."""
    photo = sample_image("astronaut")[:, 60:252]
    frames = torch.stack([photo[:, :, 8 * t : 8 * t + 192] for t in range(16)])
    y, x = torch.arange(192.0)[:, None], torch.arange(192.0)
    ripple = 3 * torch.sin(x / 2) * torch.cos(y / 3)  # hair
    alphas = torch.stack(
        [
            torch.stack([(35 + ripple - torch.hypot(x - m - 2 * t, y - 90)).div(5).clamp(0, 1) for t in range(16)])
            for m in (40, 90, 150)
        ]
    )
    widget = widgets.person_picker(frames, alphas[:, 0] > 0.5, alphas[:, :, None], 1 - frames)
    state = {name: value for name, value in widget.get_state().items() if isinstance(value, str | dict | list)}
    assert len(json.dumps(state)) <= STATE
    assert frames.shape == (16, 3, 192, 192)


def test_foregrounds_are_kept_only_around_people():
    foregrounds = np.random.default_rng(0).random((2, 3, 40, 40), dtype=np.float32)
    seen = np.zeros((2, 40, 40), bool)
    seen[0, 10:20, 10:20] = True
    kept = only_near(foregrounds, seen)
    assert (kept[0, :, 10:20, 10:20] == foregrounds[0, :, 10:20, 10:20]).all()
    assert (kept[0, :, 15, 20 - 1 + NEAR] == foregrounds[0, :, 15, 20 - 1 + NEAR]).all()
    assert (kept[0, :, 15, 20 + NEAR] != foregrounds[0, :, 15, 20 + NEAR]).all()
    assert (np.ptp(kept[1], (1, 2)) == 0).all()
    assert np.isfinite(only_near(foregrounds, np.zeros_like(seen))).all()


def test_the_wall_has_no_colour_and_gets_darker_downwards():
    wall = soft_background(20, 30)
    assert wall.shape == (3, 20, 30)
    assert (wall[0] == wall[1]).all()
    assert (wall[0] == wall[2]).all()
    assert (np.diff(wall[0, :, 0]) < 0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"people": torch.zeros(0, HEIGHT, WIDTH)}, "At least one person"),
        ({"frames": torch.zeros(0, 3, HEIGHT, WIDTH)}, "At least one person and one frame"),
        ({"frames": torch.zeros(5, 1, HEIGHT, WIDTH)}, "The frames must be"),
        ({"alphas": torch.zeros(2, 5, 1, HEIGHT, WIDTH)}, "The alphas must be"),
        ({"foregrounds": torch.zeros(4, 3, HEIGHT, WIDTH)}, "The foregrounds must be"),
        ({"background": torch.zeros(3, 9, 9)}, "The background must be"),
        ({"alphas": torch.full((3, 5, 1, HEIGHT, WIDTH), float("nan"))}, "The alphas are not finite"),
        ({"people": torch.zeros(3, HEIGHT, WIDTH)}, "Person 1 has no pixel"),
        ({"chosen": 4}, "no person 4"),
        ({"numbers": [1, 2]}, "2 numbers for 5"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    frames, people, alphas = standing()
    with pytest.raises(ValueError, match=re.escape(message)):
        widgets.person_picker(**{"frames": frames, "people": people, "alphas": alphas, **change})


def test_the_description_is_ones_own_or_says_what_to_do():
    assert repr(widgets.person_picker(*standing())).startswith("PersonPicker: 3 people in 5 frames: click one of them")
    assert widgets.person_picker(*standing(), alt="three boxes").description == "three boxes"
