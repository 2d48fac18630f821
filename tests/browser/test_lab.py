"""A real JupyterLab: chapter 00 opens and its first cells run; an exercise is filled in, and turns right."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.chapters import chapter_paths
from course_lib.exercises.catalogue import find_exercise
from course_lib.exercises.cells import exercise_cells
from course_lib.exercises.stub import solution_of

EXERCISE = find_exercise("leaky_weights")

TOKEN = "course"
SETTINGS = {  # no question about news; all cells in the page, not only those in view
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
PICTURE = "() => document.querySelectorAll('.jp-CodeCell')[1]?.querySelector('.jp-OutputArea img')?.naturalWidth > 0"
IDLE = "() => [...document.querySelectorAll('#jp-main-statusbar *')].some(e => /\\| Idle$/.test(e.textContent))"


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def lab(tmp_path, browser):
    """Address of a JupyterLab over a copy of the first chapter."""
    path = next(iter(chapter_paths().values()))
    shutil.copy(path, tmp_path)
    with serve(tmp_path, path.name) as address:
        yield address


@pytest.fixture
def exercise_lab(tmp_path, browser):
    """Address of a JupyterLab over a notebook that holds one exercise."""
    cells = [new_code_cell("import torch\nimport torch.nn.functional as F"), *exercise_cells(EXERCISE, first=True)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=cells, metadata=kernel), tmp_path / "exercise.ipynb")
    with serve(tmp_path, "exercise.ipynb") as address:
        yield address


@contextmanager
def serve(tmp_path, name):
    """JupyterLab over a folder, in which the notebook `name` is trusted, with settings and progress of its own."""
    folder, port = tmp_path / "settings", free_port()
    environment = os.environ | {
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "passive",
        "COURSE_PROGRESS": str(tmp_path / "progress.json"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "lab"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
    }
    for extension, values in SETTINGS.items():
        file = folder / f"lab/@jupyterlab/{extension}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values))
    trust = [sys.executable, "-m", "jupyter", "trust", name]
    subprocess.run(trust, cwd=tmp_path, env=environment, check=True, capture_output=True)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={tmp_path}"]
    log = (tmp_path / "lab.log").open("w")
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api/status?token={TOKEN}", server)
        yield f"{address}/lab/tree/{name}?token={TOKEN}&reset"
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def wait_for(address: str, server: subprocess.Popen, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"JupyterLab did not answer within {seconds} s (exit code {server.poll()}).")


def test_the_first_chapter_opens_and_runs(lab, watched):
    page = watched.page
    page.set_default_timeout(120_000)
    page.goto(lab)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.wait_for_function(IDLE)
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
    page = watched.page
    page.set_default_timeout(120_000)
    page.goto(exercise_lab)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell")
    page.wait_for_function(IDLE)
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
    write(page, stub, f"{solution_of(EXERCISE)}\n\ncheck({EXERCISE.name})")
    said.get_by_text(": right, on the 2 cases of the task").wait_for()
    kept = json.loads((tmp_path / "progress.json").read_text())["exercises"][EXERCISE.name]
    assert (kept["status"], kept["tries"]) == ("passed", 2)
    assert watched.errors == []
    assert watched.elsewhere == []


def write(page, cell, source: str) -> None:
    """Replace a cell's source as a person does, and run it."""
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
