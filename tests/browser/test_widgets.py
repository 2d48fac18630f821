"""Widgets work in a built page without a kernel and without a network: stored state, linked sliders, anywidget."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.cli.book import build
from course_lib.cli.execute import execute_chapter

WIDGETS = """
import anywidget, ipywidgets, traitlets

class Percent(anywidget.AnyWidget):
    _esm = '''
    export default { render({ model, el }) {
      const show = () => { el.innerHTML = `<b class="percent">${model.get("value")} %</b>` };
      model.on("change:value", show); show();
    } }'''
    value = traitlets.Int(40).tag(sync=True)

slider, percent = ipywidgets.IntSlider(value=40), Percent()
ipywidgets.jslink((slider, "value"), (percent, "value"))
ipywidgets.VBox([slider, percent])
"""


@pytest.fixture(scope="module")
def page_with_widgets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    path = folder / "index.ipynb"
    opening = 'from course_lib.chapters import open_chapter\n\nopen_chapter("in", version="0.1")'
    cells = [new_markdown_cell("# Widgets\n\n$x^2$ in $\\mathbb{R}$"), new_code_cell(opening), new_code_cell(WIDGETS)]
    nbformat.write(new_notebook(cells=cells), path)
    execute_chapter(path, records=folder / "records.json")
    build(folder, folder / "_build" / "html")
    return folder / "_build" / "html" / "index.html"


def test_a_linked_slider_moves_without_a_kernel(page_with_widgets, watched):
    page = watched.page
    page.goto(page_with_widgets.as_uri(), wait_until="load")
    page.wait_for_selector(".percent")
    assert page.locator(".percent").inner_text() == "40 %"
    page.locator(".noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('.percent').textContent === '41 %'")
    assert page.locator("mjx-container").count() == 2
    assert watched.errors == []
    assert watched.failed == []
    assert watched.elsewhere == []
