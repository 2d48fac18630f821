"""A real JupyterLab: chapter 00 opens and its first cells run; an exercise is filled in, and turns right."""

import json
import re
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.chapters import chapter_paths
from course_lib.exercises.catalogue import all_exercises, find_exercise
from course_lib.exercises.cells import exercise_cells
from course_lib.exercises.shown import LOOKS
from course_lib.exercises.stub import solution_of

from .jupyterlab import KERNEL, environment_of, opened, serve

EXERCISE = find_exercise("leaky_weights")

PICTURE = "() => document.querySelectorAll('.jp-CodeCell')[1]?.querySelector('.jp-OutputArea img')?.naturalWidth > 0"


@pytest.fixture
def lab(tmp_path, browser):
    """Address of a JupyterLab over a copy of the first chapter."""
    path = next(iter(chapter_paths().values()))
    shutil.copy(path, tmp_path)
    with serve(tmp_path, path.name) as address:
        yield address


@pytest.fixture
def exercise_lab(tmp_path, browser):
    """Address of a JupyterLab over a notebook that holds one exercise and, last, the table of what is done."""
    cells = [new_code_cell("import torch\nimport torch.nn.functional as F"), *exercise_cells(EXERCISE, first=True)]
    cells.append(new_code_cell("from course_lib import widgets\n\nwidgets.progress_table()"))
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), tmp_path / "exercise.ipynb")
    with serve(tmp_path, "exercise.ipynb") as address:
        yield address


def test_the_first_chapter_opens_and_runs(lab, watched):
    page = opened(watched, lab)
    page.wait_for_function(PICTURE)
    output = page.locator(".jp-NotebookPanel .jp-CodeCell").first.locator(".jp-OutputArea-output")
    stored = output.inner_text()
    assert re.search(r"course_lib \d+\.\d+\.\d+ · profile laptop", stored), "the stored output shows before any run"

    text = page.locator(".jp-NotebookPanel").inner_text()
    assert ":::" not in text, "boxes show as boxes, not as their source"

    page.get_by_role("menuitem", name="Edit", exact=True).click()
    page.get_by_role("menuitem", name="Clear Outputs of All Cells", exact=True).click()
    output.wait_for(state="detached")
    page.locator(".jp-NotebookPanel .jp-CodeCell .jp-InputArea-editor").first.click()
    kinds = [cell.cell_type for cell in nbformat.read(next(iter(chapter_paths().values())), as_version=4).cells]
    first, second = [at for at, kind in enumerate(kinds) if kind == "code"][:2]
    for _ in range(first, second + 1):
        page.keyboard.press("Shift+Enter")
    page.wait_for_function(PICTURE)
    assert output.inner_text() == stored
    assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    assert watched.errors == []
    assert watched.elsewhere == []


def test_an_exercise_is_filled_in_and_turns_right(exercise_lab, watched, tmp_path):
    page = opened(watched, exercise_lab)
    text = page.locator(".jp-NotebookPanel").inner_text()
    assert ":::" not in text, "folds show as folds"
    assert solution_of(EXERCISE).splitlines()[-1].strip() not in text, "the solution is folded"

    stub = page.locator(".jp-CodeCell").nth(1)
    said = stub.locator(".jp-OutputArea-output")
    page.locator(".jp-CodeCell").nth(0).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    write(page, stub, stub.locator(".cm-content").inner_text())
    said.get_by_text("not attempted yet").wait_for()
    wrong = solution_of(EXERCISE).replace("    weights[0] = (1 - z) ** (frames - 1)\n", "")
    write(page, stub, f"{wrong}\n\ncheck({EXERCISE.name})")
    said.get_by_text("h_0 = o_0 enters whole").wait_for()
    assert colour(said) == LOOKS["failed"][1]
    write(page, stub, f"{solution_of(EXERCISE)}\n\ncheck({EXERCISE.name})")
    said.get_by_text(": right, on the 2 cases of the task").wait_for()
    assert said.get_by_text("✓", exact=True).is_visible()
    assert colour(said) == LOOKS["passed"][1]
    kept = json.loads((tmp_path / "progress.json").read_text())["exercises"][EXERCISE.name]
    assert (kept["status"], kept["tries"]) == ("passed", 2)

    page.locator(".jp-CodeCell").nth(2).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.get_by_role("row", name=re.compile("1 of 3")).wait_for()
    (row,) = page.get_by_role("row").filter(has_text=re.compile("^04")).all()
    assert row.get_by_role("cell").all_inner_texts()[2:] == ["✓", "–", "–", "1 of 3"]
    command = [sys.executable, "-m", "course_lib", "progress"]
    told = subprocess.run(command, env=environment_of(tmp_path), capture_output=True, text=True, check=True).stdout
    (line,) = (line for line in told.splitlines() if "✓" in line and "04" in line)
    assert "1 of 3" in line
    assert f"1 of {len(all_exercises())} done" in told
    assert watched.errors == []
    assert watched.elsewhere == []


def colour(said) -> str:
    """Of the line beside a result, as #RRGGBB."""
    computed = said.locator(".course-check").evaluate("box => getComputedStyle(box).borderLeftColor")
    return "#" + "".join(f"{int(part):02X}" for part in re.findall(r"\d+", computed)[:3])


def write(page, cell, source: str) -> None:
    """Replace a cell's source as a person does, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
