"""The receptive field: the recurrence equals the gradient of a network, and the page says what the recurrence says."""

import re

import pytest
import torch
from torch import nn

from course_lib import widgets
from course_lib.widgets.receptive_field import fields, map_sizes

from .examples import LAYERS, _picture
from .stage import move, show

CHAINS = [LAYERS, [(3, 1, 1, 0), (4, 2, 1, 1), (3, 1, 2, 0)], [(7, 2, 1), (3, 2, 1), (1, 1, 1)]]


def _reached(layers, side, cell):
    """First and last pixel of a line of `side` pixels that reach a cell, by the gradient through ones."""
    line = torch.ones(1, 1, side, requires_grad=True)
    x = line
    for k, s, d, *padding in layers:
        conv = nn.Conv1d(1, 1, k, s, padding[0] if padding else d * (k - 1) // 2, d, bias=False)
        nn.init.ones_(conv.weight)
        x = conv(x)
    x[0, 0, cell].backward()
    touched = line.grad[0, 0].nonzero()[:, 0]
    return x.shape[-1], touched.min().item(), touched.max().item()


@pytest.mark.parametrize("layers", CHAINS)
@pytest.mark.parametrize("side", [61, 64])
def test_field_and_size_are_those_of_the_gradient(layers, side):
    field, cells = fields(layers)[-1], map_sizes(side, layers)[-1]
    for cell in (0, 3, cells // 2, cells - 1):
        first, last = field.of_cell(cell)
        assert _reached(layers, side, cell) == (cells, max(first, 0), min(last, side - 1))


def test_a_cell_at_stride_16_looks_around_the_corner_of_its_block():
    field = fields([(3, 2, 1), (5, 2, 1), (3, 2, 1), (3, 2, 1)])[-1]
    first, last = field.of_cell(5)
    assert (field.j, (first + last) / 2) == (16, 16 * 5)


def test_the_page_says_the_same(watched):
    height, width, page = 48, 64, watched.page
    show(page, widgets.receptive_field(_picture(height, width), LAYERS, ["a", "b", "c", "d"]))
    picture = page.locator("canvas")
    for layer, field in enumerate(fields(LAYERS)):
        move(page, page.get_by_role("slider", name="layer"), layer)
        for key in ("Shift+ArrowLeft", "ArrowUp", "Shift+ArrowDown", "ArrowRight"):
            picture.press(key)
            text = page.get_by_role("status").text_content()
            row, column = (int(value) for value in re.search(r"Row (\d+), column (\d+)", text).groups())
            (top, bottom), (left, right) = field.of_cell(row), field.of_cell(column)
            assert f"rows {top} to {bottom}, columns {left} to {right}" in text.replace("−", "-")
            assert text.startswith(
                f"{'abcd'[layer]}: {map_sizes(height, LAYERS)[layer]} × {map_sizes(width, LAYERS)[layer]} cells"
            )
            seen = (min(bottom, height - 1) - max(top, 0) + 1) * (min(right, width - 1) - max(left, 0) + 1)
            share = float(re.search(r"([\d.]+) % of the picture", text)[1])
            assert share == pytest.approx(100 * seen / (height * width), abs=0.051)
            assert ("The whole square" in text) == (seen == field.r**2)
    assert watched.errors == []


def test_another_layer_keeps_the_place_and_a_press_chooses_it(watched):
    page = watched.page
    show(page, widgets.receptive_field(_picture(48, 64), LAYERS))
    box = page.locator("canvas").bounding_box()
    across = (0.12 * 64 + 41) / (1.24 * 64)  # pixel 40, beside a margin
    page.mouse.click(box["x"] + across * box["width"], box["y"] + box["height"] / 2)
    assert "column 10 may see" in page.get_by_role("status").text_content()  # 4 pixels apart
    move(page, page.get_by_role("slider", name="layer"), 0)
    assert "column 20 may see" in page.get_by_role("status").text_content()  # 2 pixels apart


@pytest.mark.parametrize(
    ("layers", "names", "message"),
    [([], None, "at least one"), (LAYERS, ["one"], "4 layers and 1 names"), ([(99, 1, 1, 0)], None, "leave nothing")],
)
def test_what_cannot_be_drawn_is_refused(layers, names, message):
    with pytest.raises(ValueError, match=message):
        widgets.receptive_field(_picture(), layers, names)
