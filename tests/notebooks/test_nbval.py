"""The comparison that re-runs every chapter is itself tried out: a changed digit and a changed curve must be seen."""

import base64
import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from course_lib.chapters import ROOT
from course_lib.cli.execute import execute_chapter

from .nbval_plugin import TolerantText, picture_difference, pictures

CELLS = [
    'from course_lib.chapters import open_chapter\n\nopen_chapter("90", version="0.1")',
    "import numpy as np\nfrom course_lib.viz.style import new_figure\n\nx = np.linspace(0, 1, 50)\n"
    'print(f"error {np.sqrt(x).mean():.4f} of {len(x)}")',
    'fig, ax = new_figure()\nax.plot(x, x**POWER)\nax.set_title("a curve")\nfig',
]


def execute(path: Path, power: int) -> Path:
    cells = [new_code_cell(source.replace("POWER", str(power))) for source in CELLS]
    nbformat.write(new_notebook(cells=cells), path)
    execute_chapter(path, records=path.parent / "records" / "chapters.json")
    notebook = nbformat.read(path, as_version=4)
    # The kernel reads the course's own records, which have no chapter 90: keep what it will print again.
    notebook.cells[0].outputs[0].text = re.sub(
        r"(?<=Chapter 90 · ).*",
        "not timed yet: `python3 course.py execute 90` runs and times it",
        notebook.cells[0].outputs[0].text,
    )
    nbformat.write(notebook, path)
    return path


def change(source: Path, target: str, edit) -> None:
    notebook = nbformat.read(source, as_version=4)
    edit(notebook)
    nbformat.write(notebook, source.with_name(target))


def set_error(old_to_new):
    def edit(notebook):
        output = notebook.cells[1].outputs[0]
        changed = old_to_new(output.text)
        assert changed != output.text
        output.text = changed

    return edit


def set_picture(image: np.ndarray):
    def edit(notebook):
        stream = io.BytesIO()
        Image.fromarray(image).save(stream, format="PNG")
        notebook.cells[2].outputs[0].data["image/png"] = base64.b64encode(stream.getvalue()).decode()

    return edit


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """Run nbval once over copies of one notebook; return copy -> the numbers of the cells that failed."""
    folder = tmp_path_factory.mktemp("chapters")
    good = execute(folder / "90_good.ipynb", power=2)
    other = execute(folder / "90_other.ipynb", power=3)
    curve, other_curve = (pictures(nbformat.read(path, as_version=4).cells[2].outputs)[0] for path in (good, other))
    other.unlink()
    number = float(re.search(r"error ([\d.]+)", nbformat.read(good, as_version=4).cells[1].outputs[0].text)[1])
    digit = lambda text: text.replace(f"{number:.4f}", f"{number + 0.02:.4f}")  # noqa: E731
    change(good, "91_digit.ipynb", set_error(digit))
    change(good, "92_rounding.ipynb", set_error(lambda text: text.replace(f"{number:.4f}", f"{number * 1.005:.4f}")))
    change(good, "93_word.ipynb", set_error(lambda text: text.replace("error", "Error")))
    change(good, "94_curve.ipynb", set_picture(other_curve))
    change(good, "95_noise.ipynb", set_picture(np.minimum(curve, 254) + 1))
    change(good, "96_size.ipynb", set_picture(curve[:-1]))
    change(good, "97_no_picture.ipynb", lambda notebook: notebook.cells[2].outputs[0].data.pop("image/png"))
    shutil.rmtree(folder / "records")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--color=no",
        "-p",
        "no:cacheprovider",
        "-n",
        "2",
        "--dist",
        "loadfile",
    ]
    command += ["-p", "tests.notebooks.nbval_plugin", "--nbval", "--nbval-current-env", "--nbval-cell-timeout", "60"]
    command += [
        "--nbval-sanitize-with",
        str(ROOT / "tests/notebooks/sanitize.cfg"),
        "-rA",
        f"--rootdir={folder}",
        str(folder),
    ]
    report = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout
    results = re.findall(r"^(PASSED|FAILED|ERROR|XFAIL)\S* .*?(\d\d_\w+)\.ipynb::Cell (\d)", report, re.MULTILINE)
    assert {name for _, name, _ in results} == {path.stem for path in folder.glob("*.ipynb")}, report
    failed = {name: set() for _, name, _ in results}
    for outcome, name, cell in results:
        failed[name] |= {int(cell)} if outcome != "PASSED" else set()
    assert len(results) == 3 * len(failed), report
    return failed


@pytest.mark.parametrize(
    ("name", "failing"),
    [
        ("90_good", set()),
        ("91_digit", {1}),
        ("92_rounding", set()),
        ("93_word", {1}),
        ("94_curve", {2}),
        ("95_noise", set()),
        ("96_size", {2}),
        ("97_no_picture", {2}),
    ],
)
def test_nbval_fails_where_the_stored_output_is_wrong_and_nowhere_else(outcomes, name, failing):
    assert outcomes[name] == failing


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("alpha 0.500", "alpha 0.504", True),
        ("alpha 0.500", "alpha 0.506", False),
        ("alpha 0.500", "beta 0.500", False),
        ("3e-9", "-2e-8", True),
        ("-0.5", "0.5", False),
        ("1,234 weights", "1,240 weights", True),
        ("1,234 weights", "1,334 weights", False),
        ("(1, 16, 72)", "(1, 16, 71)", False),
        ("(1, 16, 72)", "(1, 16)", False),
        ("  9.99 |", " 10.01 |", True),
        ("conv1 2.0", "conv2 2.0", False),
        ("nan", "0.0", False),
        ("1.5e3", "1504", True),
        ("f4", "f5", False),
    ],
)
def test_text_agrees_when_its_numbers_are_close(one, other, same):
    assert (TolerantText(one) == TolerantText(other)) is same
    assert (TolerantText(one) != TolerantText(other)) is not same


def test_pictures_may_differ_a_little_everywhere_or_much_in_few_places():
    picture = np.full((100, 100, 3), 128, np.uint8)
    assert not picture_difference(picture + 2, picture)
    assert "mean difference 3.00" in picture_difference(picture + 3, picture)
    few, many = picture.copy(), picture.copy()
    few[0, :10], many[0, :11] = 161, 161
    assert not picture_difference(few, picture)
    assert "0.11% of the pixels" in picture_difference(many, picture)
    assert "size 100×99, stored 100×100" in picture_difference(picture[1:], picture)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("took 1.25 s at 31.2 fps", "took TIME at RATE"),
        ("<Thing at 0x7f00deadbeef>", "<Thing at ADDRESS>"),
        ("in /tmp/abc/clip.mp4 now", "in PATH now"),
        ("stride 16, 3 states, h 0.5, 4 skips", "stride 16, 3 states, h 0.5, 4 skips"),
    ],
)
def test_sanitising_touches_addresses_paths_times_and_rates_only(text, cleaned):
    from nbval.plugin import get_sanitize_patterns

    rules = (ROOT / "tests/notebooks/sanitize.cfg").read_text("utf-8")
    for pattern, replacement in get_sanitize_patterns(rules):
        text = re.sub(pattern, replacement, text)
    assert text == cleaned
