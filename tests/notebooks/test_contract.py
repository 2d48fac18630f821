"""Every chapter keeps the contract; and every check of the contract is seen to fail on a chapter that breaks it.

One chapter: `pytest tests/notebooks/test_contract.py -k chapter_04`.
"""

from statistics import mean

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from course_lib.chapters import chapter_paths, read_records
from course_lib.exercises import cells

from . import contract, contract_code
from .chapter import Chapter
from .example import NAMES, NUMBER, PREDICT, example_chapter, path_in, picture

CHECKS = contract.CHECKS + contract_code.CHECKS
PATHS = chapter_paths()
MAX_BOOK_BYTES = 15_000_000
MAX_MEAN_SECONDS = 45


PLANNED = {"20"}  # speed and export: chapter 21 does not need it


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("path", PATHS.values(), ids=[f"chapter_{number}" for number in PATHS])
def test_contract(path, check):
    problems = check(Chapter(path))
    assert not problems, f"\n{path.name}:\n" + "\n".join(f"- {problem}" for problem in problems)


def test_chapters_are_numbered_without_gaps():
    numbers = [f"{number:02d}" for number in range(int(max(PATHS)) + 1)]
    assert list(PATHS) == [number for number in numbers if number not in PLANNED]


def test_cell_ids_are_unique_over_the_book():
    ids = [cell.id for path in PATHS.values() for cell in nbformat.read(path, as_version=4).cells]
    assert len(ids) == len(set(ids))


def test_the_book_stays_small_and_quick():
    assert sum(path.stat().st_size for path in PATHS.values()) <= MAX_BOOK_BYTES
    records = read_records()
    assert set(records) == set(PATHS), "results/chapters.json and notebooks/ differ: python3 course.py execute"
    assert mean(record["seconds"] for record in records.values()) <= MAX_MEAN_SECONDS


# The checks themselves. Each line: the check, what is done to a good chapter, what its message must say.


def source(at, old, new):
    def change(notebook):
        assert old in notebook.cells[at].source
        notebook.cells[at].source = notebook.cells[at].source.replace(old, new)

    return change


def tags(at, *names):
    return lambda notebook: notebook.cells[at].metadata.update(tags=list(names))


def outputs(at, *values):
    return lambda notebook: notebook.cells[at].update(outputs=list(values))


def insert(at, cell):
    return lambda notebook: notebook.cells.insert(at, cell)


def delete(at):
    return lambda notebook: notebook.cells.pop(at)


def code(*lines):
    return new_code_cell("\n".join(lines), execution_count=2)


def widget_cell(*lines):
    return new_code_cell("\n".join(lines), metadata={"tags": ["widget", "hide-input"]})


def foreign_exercise():
    return new_code_cell("check(nothing)", id="c04-exercise-nothing-stub")


def stdout(text):
    return new_output("stream", name="stdout", text=text)


BROKEN = [
    ("title_and_opening", delete(0), "Start with a markdown cell"),
    ("title_and_opening", source(0, "# 04 ·", "# 05 ·"), "first line of cell 1"),
    ("title_and_opening", source(0, "**Prerequisites**", "Prerequisites"), r"led by \*\*Prerequisites"),
    ("title_and_opening", source(0, "hold?", "hold."), "question mark"),
    ("title_and_opening", source(14, "## Summary", "# Summary"), "one `#` heading"),
    ("first_code_cell", source(1, '"04"', '"05"'), "only imports"),
    ("first_code_cell", source(1, ', version="0.1"', ""), "pass the version"),
    ("first_code_cell", source(1, "import numpy as np", "import numpy as np\nx = 1"), "move the rest"),
    ("first_code_cell", source(1, "open_chapter", "close_chapter"), "only imports"),
    ("picture_before_code", tags(2), "hide-input"),
    ("picture_before_code", outputs(2), "exactly one picture"),
    ("picture_before_code", source(2, "overview()", "def f():\n    pass"), "only draw"),
    ("picture_before_code", insert(2, new_markdown_cell("## 1 · Early\n\n$x$")), "before the first"),
    ("section_numbers", source(5, "## 2 ·", "## 4 ·"), r"found \[1, 4, 3\]"),
    ("section_numbers", source(5, "## 2 ·", "Words.\n\n## 2 ·"), "start a new cell"),
    ("section_numbers", source(14, "## Summary", "## Thoughts"), "a section is numbered"),
    ("section_contents", source(3, "$y = 1x$", "y = 1x"), "write the formula"),
    ("section_contents", delete(4), "no code cell"),
    ("section_contents", source(4, "np.testing.assert_allclose", "print"), "no assertion"),
    ("section_contents", source(4, "# (B, C)", "# two by three"), "no shape comment"),
    ("section_contents", source(4, "(y1.sum(), 6)", "(y1.sum(), y1.sum())"), "compares a thing with itself"),
    ("section_contents", source(4, "print(y1.mean())", "assert True"), "no variable"),
    ("section_contents", source(4, "print(y1.mean())", "assert (x1 == 1, 'ones')"), "asserts a tuple"),
    ("section_contents", source(4, "print(y1.mean())", "assert x1 is x1"), "compares a thing with itself"),
    ("boxes", source(3, PREDICT, ""), "Ask for a prediction"),
    ("boxes", source(3, "larger?", "larger."), "must ask a question"),
    ("boxes", source(10, "Paper · authors' code · ours", "Paper"), "Add the box"),
    ("boxes", source(10, "Comparison", "Something"), "No heading contains"),
    ("closing", delete(14), "must end with"),
    ("closing", source(13, "**Core**", "**Heart**"), "warm-up, core, stretch"),
    ("links_to_neighbours", source(16, "(03_before.ipynb)", "(03_after.ipynb)"), "link to the previous"),
    ("links_to_neighbours", source(16, "(05_after.ipynb)", ""), "link to the next"),
    ("links_to_neighbours", delete(16), "last cell must be markdown"),
    ("links_to_neighbours", source(0, "none", "[07](07_none.ipynb)"), "there is no chapter 07_none"),
    ("amount", lambda nb: nb.cells.extend(code("x = 1") for _ in range(45)), "code cells, at most 45"),
    ("amount", lambda nb: nb.cells.extend(code(*["x = 1"] * 20) for _ in range(20)), "lines of code, at most 350"),
    ("amount", insert(0, new_markdown_cell("word " * 4001)), "words of text, at most 4,000"),
    ("amount", outputs(4, stdout("x" * 2_000_001)), "bytes, at most 2,000,000"),
    ("amount", insert(4, code(*["x = 1"] * 26)), "26 lines, at most 25"),
    ("amount", insert(4, code("x = '" + "a" * 84 + "'")), "90 columns, at most 88"),
    ("widgets_are_short", insert(4, widget_cell(*["x = 1"] * 19)), "at most 18 lines"),
    ("widgets_are_short", insert(4, widget_cell("def f(): ...")), "only hands over"),
    ("exercises_from_the_catalogue", insert(14, foreign_exercise()), "not those of course_lib/exercises"),
    ("alternative_texts", lambda nb: nb.cells[2].metadata.pop("mystnb"), "describe the picture"),
    ("alternative_texts", lambda nb: nb.cells[11].metadata.update(nb.cells[2].metadata), "same alt text"),
    ("alternative_texts", outputs(11, *picture(1), *picture(2)), "2 pictures"),
    ("figures_come_from_the_library", insert(4, code("import matplotlib.pyplot as plt")), "draw in a function"),
    ("figures_come_from_the_library", insert(4, code("from course_lib.viz.style import new_figure")), "draw in a func"),
    ("figures_come_from_the_library", insert(4, code("%time x = 1")), "no magics"),
    ("executed_in_order", lambda nb: nb.cells[4].update(execution_count=9), "execute 04"),
    ("executed_in_order", lambda nb: nb.cells[4].update(execution_count=None), "execute 04"),
    ("clean_outputs", outputs(4, new_output("error", ename="E", evalue="bad", traceback=[])), "holds the error E: bad"),
    ("clean_outputs", outputs(4, new_output("stream", name="stderr", text="careful")), "stderr"),
    ("clean_outputs", outputs(4, stdout("saved to /mnt/ada/x.png")), "path of this machine, '/mnt/ada"),
    ("clean_outputs", outputs(4, stdout("saved to C:\\Users\\ada")), "path of this machine"),
    ("clean_outputs", insert(4, code("path = '/data/clip.mp4'")), "absolute path, '/data/clip.mp4"),
    ("clean_outputs", lambda nb: [tags(at, "nbval-skip")(nb) for at in (4, 6)], "2 cells tagged"),
    ("notebook_metadata", lambda nb: nb.metadata.kernelspec.update(name="conda-env"), "python3"),
    ("notebook_metadata", lambda nb: nb.cells[4].metadata.update(execution={"x": 1}), "times of one run"),
    ("notebook_metadata", lambda nb: nb.cells[4].update(id="c04-0"), "unique"),
    ("notebook_metadata", lambda nb: nb.cells[4].update(id="c05-4"), "start with `c04-`"),
    ("definitions_listed", lambda nb: nb.metadata.pop("course"), "ConvGRU is defined here"),
    ("definitions_listed", delete(9), "which no cell defines"),
    ("definitions_listed", lambda nb: (nb.metadata.pop("course"), nb.cells.pop(9)), "lists nothing"),
]


def found(check, notebook, tmp_path):
    return "\n".join(check(Chapter(path_in(tmp_path), notebook, neighbours=NAMES)))


@pytest.fixture
def timed(monkeypatch):
    """Records in which the example took 10 s; returns them to be changed."""
    records = {NUMBER: {"seconds": 10, "threads": 1, "cpu": "Some CPU"}}
    monkeypatch.setattr("course_lib.chapters.read_records", lambda *_: records)
    monkeypatch.setattr(contract_code, "read_records", lambda *_: records)
    monkeypatch.setattr(contract_code, "exercises_of", lambda _: ["one"])
    monkeypatch.setattr(cells, "exercises_of", lambda _: [])  # none of them is in the example
    return records


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_good_chapter_passes(check, tmp_path, timed):
    assert found(check, example_chapter(), tmp_path) == ""


@pytest.mark.parametrize(("name", "change", "message"), BROKEN, ids=[f"{n}-{m[:20]}" for n, _, m in BROKEN])
def test_a_check_sees_what_it_is_for(name, change, message, tmp_path, timed):
    notebook = example_chapter()
    change(notebook)
    check = next(check for check in CHECKS if check.__name__ == name)
    with pytest.raises(AssertionError, match=message):
        assert not (problems := found(check, notebook, tmp_path)), problems


def test_measured_time_is_checked(tmp_path, timed):
    notebook, check = example_chapter(), contract_code.measured_time
    timed[NUMBER]["seconds"] = 91
    assert "at most 90 s" in found(check, notebook, tmp_path)
    assert "does not show the record" in found(check, notebook, tmp_path)
    timed.clear()
    assert "no time for chapter 04" in found(check, notebook, tmp_path)


@pytest.mark.parametrize(("number", "told"), [("00", False), ("04", True), ("19", False), ("21", True)])
def test_a_chapter_without_exercises_is_told_but_for_the_tour_and_the_lab(number, told, tmp_path, timed, monkeypatch):
    monkeypatch.setattr(contract_code, "exercises_of", lambda _: [])
    path = path_in(tmp_path).with_name(f"{number}_example.ipynb")
    problems = contract_code.exercises_from_the_catalogue(Chapter(path, example_chapter(), neighbours=NAMES))
    assert [problem.split(":")[0] for problem in problems] == ["No exercises"] * told


def test_widgets_and_exercises_do_not_count_as_reading(tmp_path, timed):
    notebook = example_chapter()
    notebook.cells.extend(widget_cell(*["x = 1"] * 20) for _ in range(20))
    assert found(contract_code.amount, notebook, tmp_path) == ""


def test_every_check_has_been_seen_to_fail():
    assert {check.__name__ for check in CHECKS} == {name for name, _, _ in BROKEN} | {"measured_time"}


@pytest.mark.parametrize(
    "text", ["3/4/5", "https://example.org/a/b", "a / b", "αF + (1−α)B/2", "</b></td>", "conv/bn/relu"]
)
def test_what_only_looks_like_a_path_is_none(text):
    assert not contract_code.ABSOLUTE_PATH.search(text)
