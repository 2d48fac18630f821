"""The inspector: its numbers are those of the pictures, and its band is that of `trimap_from_mask`."""

import re

import pytest
import torch

from course_lib import widgets
from course_lib.matting.baselines import trimap_from_mask
from course_lib.widgets.inspector import LARGEST_RADIUS, disk

from .examples import _inspected
from .stage import move, show


def test_a_disk_is_round():
    assert disk(0) == [0]
    assert disk(1) == [1, 0]
    for radius in range(2, LARGEST_RADIUS + 1):
        assert len(disk(radius)) == radius + 1
        assert disk(radius)[0] == radius
        assert disk(radius) == sorted(disk(radius), reverse=True)


@pytest.mark.parametrize("shape", [(40, 40), (23, 31)])
def test_the_band_has_as_many_pixels_as_that_of_the_library(shape, watched):
    I, alpha, F = (values[..., : shape[0], : shape[1]] for values in _inspected())
    in_bytes = (255 * alpha).round() / 255  # as the widget stores it
    page = watched.page
    show(page, widgets.inspector(I, alpha, F, at=(5, 6)))
    for radius in (0, 1, 2, 5, 9, LARGEST_RADIUS):
        move(page, page.get_by_role("slider", name="radius"), radius)
        text = page.get_by_role("status").last.text_content()
        count = int(re.search(r": (\d+) of", text)[1])
        assert count == int((trimap_from_mask(in_bytes[None], radius) == 0.5).sum()), text
    assert page.get_by_role("checkbox", name="trimap").is_checked()


def test_the_numbers_are_those_of_the_middle_pixel(watched):
    I, alpha, F = _inspected()
    page = watched.page
    show(page, widgets.inspector(I, alpha[None], F, at=(30, 117), corner=(10, 110)))
    status = page.get_by_role("status").first
    column, row = 7, 20

    def expected():
        a = round(255 * alpha[row, column].item())
        colours = [", ".join(str(round(255 * v)) for v in picture[:, row, column].tolist()) for picture in (I, F)]
        place = f"Column {column + 110}, row {row + 10}: α = {a}/255 = {a / 255:.3f}"
        return f"{place}, I = ({colours[0]}), F = ({colours[1]})."

    assert status.text_content() == expected()
    picture = page.locator("canvas").first
    for key, (dx, dy) in {
        "ArrowRight": (1, 0),
        "ArrowDown": (0, 1),
        "Shift+ArrowRight": (10, 0),
        "ArrowUp": (0, -1),
    }.items():
        picture.press(key)
        column, row = column + dx, row + dy
        assert status.text_content() == expected()
    box = picture.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 3.5 / 40, box["y"] + box["height"] * 35.5 / 40)  # no press
    column, row = 3, 35
    assert status.text_content() == expected()


def test_a_composite_is_alpha_F_and_the_rest_of_the_colour(watched):
    I, alpha, F = _inspected()
    page = watched.page
    show(page, widgets.inspector(I, alpha, F, at=(5, 5)))
    move(page, page.get_by_role("combobox", name="B"), 0)  # black: it shows the composite with F at once
    assert page.get_by_role("combobox", name="show").input_value() == "4"
    drawn = page.evaluate(
        "([x, y]) => [...document.querySelector('canvas').getContext('2d').getImageData(2 * x, 2 * y, 1, 1).data]",
        [30, 25],
    )
    expected = 255 * alpha[25, 30] * F[:, 25, 30]
    torch.testing.assert_close(torch.tensor(drawn[:3]).float(), expected, atol=2, rtol=0)


def test_a_known_background_is_told_and_makes_the_picture_again(watched):
    """αF + (1−α)B with the picture's own B is the picture, to the rounding of 8 bits."""
    I, alpha, F = _inspected()
    B = torch.tensor([0.1, 0.2, 0.6]).view(3, 1, 1).expand(3, 40, 40)
    page = watched.page
    show(page, widgets.inspector(I, alpha, F, at=(25, 30), background=B))
    assert page.get_by_role("status").first.text_content().endswith("F = (178, 178, 178), B = (26, 51, 153).")
    drawn = "() => [...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 80, 80).data]"
    looks = page.get_by_role("combobox", name="show")
    for look, expected in ((0, I), (4, I), (5, B)):
        move(page, looks, look)
        seen = torch.tensor(page.evaluate(drawn)).reshape(80, 80, 4)[::2, ::2, :3].permute(2, 0, 1)[:, :15, :15]
        torch.testing.assert_close(seen.float(), 255 * expected[:, :15, :15], atol=2, rtol=0)
    move(page, page.get_by_role("combobox", name="B"), 2)  # white
    assert looks.input_value() == "4"


@pytest.mark.parametrize(("cells", "numbers"), [(5, True), (15, True), (31, False)])
def test_the_glass_shows_more_or_fewer_pixels(cells, numbers, watched):
    """The cell beside the middle one keeps its colour, wherever its corner has come to lie."""
    I, alpha, F = _inspected()
    page = watched.page
    show(page, widgets.inspector(I, alpha, F, at=(20, 20)))
    move(page, page.get_by_role("combobox", name="show"), 0)
    move(page, page.get_by_role("slider", name="cells"), cells)
    glass = page.locator("canvas").nth(1)
    label = glass.get_attribute("aria-label")
    assert label.startswith(f"{cells} × {cells} pixels around")
    assert ("number" in label) is numbers
    half, cell = cells // 2, 330 / cells
    for away in (-half, half):
        corner = [round((half + away) * cell) + 1, round(half * cell) + 1]
        seen = glass.evaluate("(c, [x, y]) => [...c.getContext('2d').getImageData(x, y, 1, 1).data]", corner)
        torch.testing.assert_close(torch.tensor(seen[:3]).float(), 255 * I[:, 20, 20 + away], atol=1, rtol=0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"background": torch.zeros(3, 9, 9)}, "The background must be"),
        ({"foreground": torch.zeros(3, 9, 9)}, "The foreground must be"),
        ({"image": torch.zeros(1, 40, 40)}, "The image must be"),
        ({"at": (40, 0)}, "lies outside"),
        ({"radius": 99}, "The radius is"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    I, alpha, F = _inspected()
    with pytest.raises(ValueError, match=message):
        widgets.inspector(**{"image": I, "alpha": alpha, "foreground": F, **change})
