"""`execute` stores what a chapter shows in a form that does not depend on the run, or leaves it alone."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_lib.cli import execute as command
from course_lib.errors import CourseError

FIRST = 'from course_lib.chapters import open_chapter\n\nopen_chapter("90", version="0.1")'


@pytest.fixture
def write(tmp_path):
    def write(*sources):
        cells = [new_markdown_cell("# 90 · Toy"), new_code_cell(FIRST), *map(new_code_cell, sources)]
        path = tmp_path / "90_toy.ipynb"
        nbformat.write(new_notebook(cells=cells), path)
        return path

    return write


def run(path):
    return command.execute_chapter(path, records=path.with_name("chapters.json"))


def test_two_runs_store_the_same_and_the_first_cell_prints_the_record(write):
    path = write(
        "import ipywidgets\n\nipywidgets.HBox([ipywidgets.IntSlider(), ipywidgets.FloatSlider()])",
        "import os\n\nos.environ['OMP_NUM_THREADS'], os.environ['OMP_WAIT_POLICY'], os.environ['COURSE_PROFILE']",
        "from course_lib.viz.style import new_figure\n\nnew_figure()[0]",
        "",
        "",
    )
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[4].metadata["tags"] = ["hide-input"]
    nbformat.write(notebook, path)
    run(path)
    records = json.loads(path.with_name("chapters.json").read_text("utf-8"))
    assert set(records["90"]) == {"seconds", "threads", "cpu"}
    notebook = nbformat.read(path, as_version=4)
    seconds = records["90"]["seconds"]
    assert f"Chapter 90 · {seconds} s on 1 thread · {records['90']['cpu']}\n" in notebook.cells[1].outputs[0].text
    assert notebook.cells[3].outputs[0].data["text/plain"] == "('1', 'passive', 'laptop')"
    assert len(notebook.metadata.widgets[command.WIDGET_STATE].state) == 8
    ids = [cell.id for cell in notebook.cells]
    assert all(name.startswith("c90-") for name in ids)
    assert len(set(ids)) == len(ids)
    assert notebook.cells[4].metadata.jupyter.source_hidden, "folded in JupyterLab as in the book"
    assert not any("execution" in cell.metadata for cell in notebook.cells)

    first = path.read_text("utf-8")
    run(path)
    again = json.loads(path.with_name("chapters.json").read_text("utf-8"))["90"]["seconds"]
    assert path.read_text("utf-8").replace(f"· {again} s on", f"· {seconds} s on") == first


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (["x = 1", "1 / 0"], r"(?s)90_toy.*code cell 3 of 3 fails.*1 / 0.*ZeroDivisionError: division by zero"),
        (["import os\n\nos._exit(1)"], r"(?s)90_toy.*did not finish.*DeadKernelError"),
        (["print('x' * 3_000_000)"], r"3\.0 MB with its outputs, over the limit of 2 MB"),
    ],
    ids=["error", "dead kernel", "too large"],
)
def test_a_chapter_that_fails_is_left_as_it_was(write, sources, message):
    path = write(*sources)
    before = path.read_bytes()
    with pytest.raises(CourseError, match=message):
        run(path)
    assert path.read_bytes() == before
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_a_first_cell_that_prints_something_else_is_an_error(write):
    path = write()
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].source += "\nprint('hello')"
    nbformat.write(notebook, path)
    with pytest.raises(CourseError, match=r"first code cell must print the chapter's record and nothing else"):
        run(path)


def test_a_chapter_that_does_not_exist_is_named():
    with pytest.raises(CourseError, match="No chapter 77"):
        command.execute(["77"])
