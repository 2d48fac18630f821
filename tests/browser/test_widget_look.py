"""What the theme of the built book does to the widgets: controls share a line, and texts are readable in light and in dark."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.cli.book import build
from course_lib.cli.execute import execute_chapter
from tests.widgets.contrast import faint

from .test_model_lab import MATTES, OPENING

SHOWN = [
    OPENING,
    'widgets.quiz("04")',
    'widgets.wipe(torch.rand(3, 40, 60), torch.rand(3, 40, 60), ("left", "right"))',
    MATTES,
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    path = folder / "index.ipynb"
    cells = [new_markdown_cell("# Three widgets"), *map(new_code_cell, SHOWN)]
    nbformat.write(new_notebook(cells=cells), path)
    execute_chapter(path, records=folder / "records.json")
    build(folder, folder / "_build" / "html")
    return folder / "_build" / "html" / "index.html"


@pytest.fixture
def page(built, watched):
    watched.page.goto(built.as_uri(), wait_until="load")
    watched.page.locator(".course-widget table").first.wait_for()
    yield watched.page
    assert watched.errors == []
    assert watched.elsewhere == []


def test_controls_share_a_line(page):
    lists = page.locator(".course-widget").last.locator("select")
    tops = [lists.nth(at).bounding_box()["y"] for at in range(2)]
    assert tops[0] == pytest.approx(tops[1], abs=2), "A and B stand beside each other"
    names = page.locator(".course-widget .line b")
    assert names.nth(0).bounding_box()["y"] == pytest.approx(names.nth(1).bounding_box()["y"], abs=2)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_edge_lies_where_the_upper_picture_ends(page, theme):
    """A frame around pictures, as the theme draws it in the dark, would shift them."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    pictures = page.locator(".course-widget .wipe")
    outer, inner = pictures.bounding_box(), pictures.locator("img.upper").bounding_box()
    assert inner == pytest.approx(outer, abs=1)
    style = "e => [getComputedStyle(e).paddingLeft, getComputedStyle(e).paddingTop]"
    assert pictures.locator("img.upper").evaluate(style) == ["0px", "0px"]


def test_a_stored_lab_has_its_first_answer(page):
    """It is computed in a thread of its own, and yet before its cell has ended."""
    box = page.locator(".course-widget").last
    measures = box.locator("select").last.locator("option").all_inner_texts()
    assert measures == box.locator("td:first-child").all_inner_texts()
    assert measures[0] == "MAD ×1000", "in their order"
    assert box.get_attribute("aria-label").startswith("Model lab: right and half on square; MAD ×1000: A 0.00, B ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_readable_whatever_the_system_s_scheme_is(page, scheme):
    page.emulate_media(color_scheme=scheme)
    for fieldset in page.locator(".course-widget fieldset").all():
        for button in fieldset.locator("button").all():
            button.click()
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
        page.wait_for_timeout(300)  # the theme fades
        assert faint(page) == [], f"{theme} book, {scheme} system"
        box = page.locator(".course-widget").first
        assert box.evaluate("e => getComputedStyle(e).colorScheme") == theme
