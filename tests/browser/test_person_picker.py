"""The person picker in a built page, from its stored state: a click at a person shows that person alone."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.cli.book import build
from course_lib.cli.execute import execute_chapter

CLIP = """import torch
from course_lib import widgets
from course_lib.chapters import open_chapter

open_chapter("in", version="0.1")
frames, alphas = torch.full((4, 3, 48, 64), 0.3), torch.zeros(2, 4, 1, 48, 64)
for t in range(4):  # two boxes: a red one that stands, a blue one that walks to the right
    alphas[0, t, 0, 10:40, 8:20] = 1
    alphas[1, t, 0, 16:44, 30 + 5 * t : 42 + 5 * t] = 1
frames = frames + 0.5 * alphas[0] * torch.tensor([1.0, 0, 0]).view(3, 1, 1)
frames = frames + 0.5 * alphas[1] * torch.tensor([0, 0, 1.0]).view(3, 1, 1)
widgets.person_picker(frames, alphas[:, 0, 0] > 0.5, alphas)"""

COLOUR = """([row, column]) => { const c = document.querySelectorAll('.course-widget canvas')[1];
  return [...c.getContext('2d').getImageData(column, row, 1, 1).data.slice(0, 3)]; }"""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    path = folder / "index.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell("# Who is it?"), new_code_cell(CLIP)]), path)
    execute_chapter(path, records=folder / "records.json")
    build(folder, folder / "_build" / "html")
    return folder / "_build" / "html" / "index.html"


@pytest.fixture
def opened(built, watched):
    watched.page.goto(built.as_uri(), wait_until="load")
    watched.page.locator(".course-widget canvas").nth(1).wait_for()
    yield watched
    assert watched.errors == []
    assert watched.failed == []
    assert watched.elsewhere == []


def click(page, row, column):
    """The mouse is pressed at a pixel of the left picture."""
    view = page.locator(".course-widget canvas").first
    view.scroll_into_view_if_needed()
    box = view.bounding_box()
    page.mouse.click(box["x"] + (column + 0.5) * box["width"] / 64, box["y"] + (row + 0.5) * box["height"] / 48)


def seen(page, row, column):
    """What the right picture shows at a pixel: red, blue, or the grey wall."""
    red, green, blue = page.evaluate(COLOUR, [row, column])
    return "red" if red > green + 50 else "blue" if blue > green + 50 else "wall"


def test_a_click_at_a_person_shows_that_person_alone(opened):
    page = opened.page
    assert (seen(page, 30, 12), seen(page, 30, 35)) == ("red", "wall")
    click(page, 30, 35)
    assert (seen(page, 30, 12), seen(page, 30, 35)) == ("wall", "blue")
    page.get_by_role("slider", name="frame").focus()
    page.keyboard.press("End")
    assert (seen(page, 30, 35), seen(page, 30, 50)) == ("wall", "blue")
    click(page, 30, 12)
    assert (seen(page, 30, 12), seen(page, 30, 50)) == ("red", "wall")


def test_keys_choose_and_a_click_beside_everybody_says_so(opened):
    page = opened.page
    page.locator(".course-widget canvas").first.focus()
    page.keyboard.press("2")
    assert (seen(page, 30, 12), seen(page, 30, 35)) == ("wall", "blue")
    page.keyboard.press("ArrowLeft")
    assert (seen(page, 30, 12), seen(page, 30, 35)) == ("red", "wall")
    click(page, 4, 60)
    said = page.locator(".course-widget [role=status]")
    assert said.inner_text() == "Nobody is there: please click inside of an outline. Person 1 stays chosen."
    assert said.is_visible()
    assert (seen(page, 30, 12), seen(page, 30, 35)) == ("red", "wall")
