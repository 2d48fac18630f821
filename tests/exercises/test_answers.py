"""The reader's functions are found in what a reader writes, with what they need, and nothing else is run."""

import ast

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from course_lib.errors import CourseError
from course_lib.exercises.answers import read_answers
from course_lib.exercises.catalogue import find_exercise
from course_lib.exercises.magics import parse_cell
from course_lib.exercises.stub import solution_of

IMPORTS = "import torch\nimport torch.nn.functional as F\n"
STEP = solution_of(find_exercise("conv_gru_step"))
WEIGHTS = solution_of(find_exercise("leaky_weights"))


@pytest.fixture
def read(tmp_path):
    """Reads the answers from cells of a notebook, or from one text as a Python file."""

    def reads(*cells, ending=".ipynb"):
        path = tmp_path / f"mine{ending}"
        if ending == ".ipynb":
            nbformat.write(new_notebook(cells=[new_code_cell(source) for source in cells]), path)
        else:
            path.write_text("\n".join(cells))
        return read_answers(path)

    return reads


def test_a_notebook_is_read_without_running_its_other_cells(read):
    answers = read(IMPORTS, "raise SystemExit", "def broken(:", STEP, "import no_such_package")
    assert set(answers.functions) == {"conv_gru_step"}
    assert "cell 3, line 1" in answers.problems[0]
    assert "no_such_package" in answers.problems[1]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [("a.txt", "", "give a notebook"), ("a.ipynb", "{", "cannot be read"), ("b.ipynb", "{}", "cannot be read")],
)
def test_what_is_no_notebook_is_refused(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(CourseError, match=message):
        read_answers(tmp_path / name)
    with pytest.raises(CourseError, match="is not there"):
        read_answers(tmp_path / "no.py")


@pytest.mark.parametrize(
    "magic",
    [
        "%matplotlib inline",
        "!pip list 'quietly",
        "?torch.rand",
        "torch.rand?",
        "torch.rand??",
        "%timeit 1 + \\\n    1",
        "%%time",
        "\n%%capture out",
        "if True:\n    %load_ext autoreload\n    %autoreload 2",
        "files = !ls (",
        "one, best = %timeit -o 1",
        "%cd 'a\n!echo it's",
    ],
)
def test_magics_do_nothing_to_the_cell_that_they_stand_in(read, magic):
    answers = read(f"{magic}\n{IMPORTS}{STEP}")
    assert answers.problems == []
    assert answers.examine("conv_gru_step").status == "passed"


def test_lines_keep_their_numbers_and_a_rest_over_two_lines_stays(read):
    tree = parse_cell("%timeit 1\n%timeit 1 + \\\n  1\nx = (7\n  % 4)\n")
    (line,) = (node for node in tree.body if isinstance(node, ast.Assign))
    assert line.lineno == 4
    namespace = {}
    exec(compile(tree, "cell", "exec"), namespace)
    assert namespace["x"] == 3
    assert "cell 1, line 2" in read("%timeit 1\ndef broken(:").problems[0]


def test_cells_in_other_languages_are_left_out_and_a_python_file_has_no_magics(read):
    answers = read(f"%%bash\n{WEIGHTS}", "%%html\n<b>", IMPORTS + STEP)
    assert (set(answers.functions), answers.problems) == ({"conv_gru_step"}, [])
    assert "line 1" in read("%timeit 1", STEP, ending=".py").problems[0]


@pytest.mark.parametrize(
    ("before", "used"),
    [
        ("ZERO = 10**-6 - 1e-6", "ZERO"),
        ("ZERO: float = torch.finfo(torch.float32).eps * 0", "ZERO"),
        ("ONE = F.relu(torch.ones(1))\nZERO, _ = ONE - 1, print", "ZERO"),
        ("def minus(a):\n    return a - TWO\nTWO = 2 * BASE\nBASE = len('a')\nZERO = minus(2)", "ZERO"),
        ("try:\n    from no_such_package import pi\nexcept ImportError:\n    from math import pi", "(pi > 4)"),
        ("if torch.cuda.device_count() >= 0:\n    import math as m\n    print('no')", "(m.pi > 4)"),
        ("ZERO = 5\nZERO -= BASE\nBASE = 2 + 3", "ZERO"),
        ("SIZE = 0 * len('ab')\nclass Zero(int):\n    value = SIZE", "Zero.value"),
        ("BASE = max(0, 0)\ndef zero(start=BASE):\n    return start", "zero()"),
        ("layer = nn.Softmax(1)\nlayer.none = 1", "0 * len(list(layer.parameters()))"),
    ],
    ids=lambda text: text[-20:].split("\n")[-1],
)
@pytest.mark.parametrize("ending", [".ipynb", ".py"])
def test_a_name_that_the_file_computes_is_there_for_the_answer(read, before, used, ending):
    answer = STEP.replace("z * o", f"z * o + {used}")
    assert answer != STEP
    answers = read(f"{IMPORTS}from torch import nn\n", before, answer, ending=ending)
    assert "conv_gru_step" in answers.functions, answers.problems
    result = answers.examine("conv_gru_step")
    assert result.status == "passed", str(result)


def test_what_no_answer_asks_for_is_not_run(read, tmp_path):
    """Each of these lines would leave a file."""
    leaves = f"open({str(tmp_path / 'trace')!r}, 'w')"
    lines = [leaves, f"log = {leaves}", f"for _ in range(2):\n    {leaves}", f"with {leaves} as log:\n    LOG = 1"]
    lines += [f"if True:\n    {leaves}\n    ZERO = 1 - 1\n    for _ in range(2):\n        {leaves}", f"[{leaves}]"]
    lines += [f"try:\n    {leaves}\n    log = {leaves}\nfinally:\n    {leaves}", f"log.name = {leaves}"]
    answers = read(IMPORTS, *lines, STEP.replace("z * o", "z * o + ZERO"))
    assert answers.examine("conv_gru_step").status == "passed"
    assert not (tmp_path / "trace").exists()


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ("for ZERO in range(3):\n    pass", "ZERO is made by a line that is not run here: put it into the function."),
        ("with torch.no_grad():\n    ZERO = 0", "ZERO is made by a line that is not run here"),
        ("ZERO = 1 / 0", "ZERO is made by a line that fails here: `ZERO = 1 / 0` fails, ZeroDivisionError"),
        ("ZERO = LOST + 1\nfor LOST in range(3):\n    pass", "`ZERO = LOST + 1` fails, NameError"),
        ("ZERO = LOST\nLOST = ZERO", "ZERO is made by a line that fails here"),
        ("import no_such_package as ZERO", "`import no_such_package as ZERO` fails, ModuleNotFoundError"),
        ("", ""),
    ],
    ids=lambda text: text[:20].split("\n")[0],
)
def test_a_name_that_is_not_made_is_told_why(read, before, told):
    answers = read(IMPORTS, before, STEP.replace("z * o", "z * o + ZERO"))
    result = answers.examine("conv_gru_step")
    assert "NameError: name 'ZERO' is not defined" in result.problem
    assert told in result.diagnosis
    assert bool(told) == bool(result.diagnosis)


def test_a_solution_that_is_imported_does_not_count(read):
    imported = "from course_lib.exercises.chapters.chapter_04 import conv_gru_step, leaky_weights"
    answers = read(IMPORTS, imported, STEP)
    assert set(answers.functions) == {"conv_gru_step"}, "the one that is written down"
    (problem,) = answers.problems
    assert "leaky_weights comes from course_lib.exercises.chapters.chapter_04" in problem
