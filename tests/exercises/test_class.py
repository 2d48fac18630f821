"""What a lecturer uses: chapters without solutions, graded submissions; and what a student keeps: progress."""

import csv
import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from typer.testing import CliRunner

from course_lib.chapters import chapter_paths
from course_lib.cli.main import app
from course_lib.errors import CourseError
from course_lib.exercises import progress
from course_lib.exercises.answers import read_answers
from course_lib.exercises.assignment import write_assignment
from course_lib.exercises.catalogue import all_exercises, exercises_of, find_exercise
from course_lib.exercises.cells import exercise_cells, refresh
from course_lib.exercises.grade import Grade, Limits, grade_submission, missing_limits, submissions_in, to_csv
from course_lib.exercises.stub import solution_of, stub_of

IMPORTS = "import torch\nimport torch.nn.functional as F\n"
STEP = find_exercise("conv_gru_step")
WRONG_WEIGHTS = "def leaky_weights(z, frames):\n    return z * (1 - z) ** torch.arange(frames - 1, -1, -1)\n"
SEED = 7
HANGS = "def conv_gru_clip(*arguments):\n    while True:\n        pass\n"


@pytest.fixture(autouse=True)
def _own_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "own" / "progress.json"))


def notebook_with(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_a_submission_that_hangs_or_dies_loses_that_exercise_only(tmp_path):
    path = tmp_path / "anna.py"
    dies = "def conv_gru_step(*arguments):\n    import os\n    os._exit(1)\n"
    path.write_text(f"{IMPORTS}print('noise')\n{WRONG_WEIGHTS}{HANGS}{dies}")
    grades = {grade.exercise: grade for grade in grade_submission(path, "anna.py", SEED, Limits(seconds=1))}
    assert grades["conv_gru_clip"].status == grades["conv_gru_step"].status == "stopped"
    assert grades["leaky_weights"].status == "failed"
    assert "h_0" in grades["leaky_weights"].problem


def test_a_submission_cannot_take_all_memory(tmp_path):
    path = tmp_path / "greedy.py"
    path.write_text(f"{IMPORTS}def leaky_weights(z, frames):\n    return torch.ones(2**30).double()[:frames]\n")
    grades = grade_submission(path, "greedy.py", SEED, Limits(megabytes=500))
    assert grades[0].status == "failed"
    assert "RuntimeError" in grades[0].problem


def test_every_exercise_of_an_answered_chapter_is_listed(tmp_path):
    path = tmp_path / "ben.py"
    path.write_text(f"{IMPORTS}{solution_of(STEP)}\n")
    grades = grade_submission(path, "ben.py", SEED)
    assert [grade.exercise for grade in grades] == [exercise.name for exercise in exercises_of("04")]
    assert [grade.status for grade in grades].count("passed") == 1
    assert [grade.status for grade in grades].count("missing") == len(grades) - 1


def test_what_a_submission_starts_ends_with_it_and_what_it_writes_is_gone(tmp_path, monkeypatch):
    """Its child lives in the group of its process; the test asks for the child's number after the time limit."""
    (tmp_path / "lecturer").mkdir()
    monkeypatch.chdir(tmp_path / "lecturer")
    note = tmp_path / "child"
    sleeps = "import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])"
    body = f"{sleeps}\nopen({str(note)!r}, 'w').write(str(child.pid))\nopen('left', 'w').write('x')\nwhile True: pass"
    source = f"{IMPORTS}def leaky_weights(z, frames):\n" + "".join(f"    {line}\n" for line in body.splitlines())
    Path("anna.py").write_text(source)
    (grade,) = (
        g for g in grade_submission(Path("anna.py"), "anna.py", SEED, Limits(seconds=5)) if g.status == "stopped"
    )
    assert grade.exercise == "leaky_weights"
    assert _has_ended(int(note.read_text()))
    assert [path.name for path in Path.cwd().iterdir()] == ["anna.py"]


def _has_ended(process: int) -> bool:
    """Nobody may be there to fetch its exit code: then it stays in the list, as a zombie."""
    status = Path(f"/proc/{process}/stat")
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z"


def test_what_the_system_cannot_limit_is_told(monkeypatch):
    from course_lib.exercises import grade, grade_one

    assert missing_limits() == [] or sys.platform != "linux"
    monkeypatch.setattr(grade_one, "STATUS", Path("not/there"))
    monkeypatch.setattr(grade, "GROUPS", False)
    memory, group = missing_limits()
    assert memory.startswith("No limit of memory")
    assert "programs that it started run on" in group


@pytest.fixture
def submissions(tmp_path):
    """A right answer, one that is wrong by an amount that depends on the seed, and a file without any."""
    folder = tmp_path / "all"
    (folder / "anna").mkdir(parents=True)
    nbformat.write(notebook_with(IMPORTS, f"%timeit 1\n{solution_of(STEP)}"), folder / "anna" / "04.ipynb")
    nearly = solution_of(STEP).replace("z * o", "z * o + 1e-3 * (torch.rand(1) + x.mean())")
    (folder / "ben.py").write_text(f"{IMPORTS}{nearly}")
    (folder / "carl.py").write_text("x = 1")
    return folder


def test_a_folder_is_graded_into_a_table(submissions, tmp_path):
    result = CliRunner().invoke(app, ["grade", str(submissions), "--csv", str(tmp_path / "out.csv")])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert {row["submission"] for row in rows} == {"anna/04.ipynb", "ben.py", "carl.py"}
    assert sum(row["status"] == "passed" for row in rows) == 1
    assert len({row["seed"] for row in rows}) == 1
    assert f"--seed {rows[0]['seed']}," in result.output
    assert not (submissions / "grades.csv").exists()


def test_grading_again_with_the_seed_of_the_table_gives_the_same_table(submissions, tmp_path):
    """A bare --csv writes it beside the submissions; the second call has its arguments in the other order."""
    shutil.rmtree(submissions / "anna")
    tables = (submissions / "grades.csv", tmp_path / "again.csv")
    for call in ([str(submissions), "--csv"], ["--csv", str(tables[1]), str(submissions)]):
        result = CliRunner().invoke(app, ["grade", *call, "--seed", "5"])
        assert result.exit_code == 0, result.output
    first, again = (table.read_text() for table in tables)
    assert again == first
    torch.manual_seed(5)
    answers = read_answers(submissions / "ben.py")
    assert answers.examine("conv_gru_step", 5).problem in first
    assert answers.examine("conv_gru_step", 6).problem not in first


def test_a_table_without_its_option_and_an_empty_folder_are_refused(submissions, tmp_path):
    result = CliRunner().invoke(app, ["grade", str(submissions), "out.csv"])
    assert "--csv out.csv" in str(result.exception)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CourseError, match="holds no notebooks"):
        submissions_in(tmp_path / "empty")


def test_no_text_of_a_student_becomes_a_formula():
    assert "'=cmd" in to_csv([Grade("a", "04", "x", "core", "failed", "=cmd()")])


def test_an_assignment_has_stubs_hints_and_no_solutions(tmp_path):
    (path,) = write_assignment(["04"], tmp_path)
    text = path.read_text()
    for exercise in exercises_of("04"):
        assert f"check({exercise.name})" in text
        assert solution_of(exercise).splitlines()[-2].strip() not in text.replace('\\"', '"').split("## Exercises")[1]
    assert "Hint 1" in text
    with pytest.raises(CourseError, match="already"):
        write_assignment(["04"], tmp_path)
    with pytest.raises(CourseError, match="No chapter 77"):
        write_assignment(["77"], tmp_path)


def test_cells_are_made_once_keep_their_outputs_and_follow_the_catalogue():
    notebook = nbformat.read(chapter_paths()["04"], as_version=4)
    assert not refresh(notebook, "04"), "the chapter is up to date"
    stub = next(cell for cell in notebook.cells if cell.get("id") == "c04-exercise-conv_gru_step-stub")
    stub.source = "something else"
    assert refresh(notebook, "04")
    assert not refresh(notebook, "04")


@pytest.mark.parametrize("exercise", list(all_exercises().values()), ids=lambda exercise: exercise.name)
def test_the_solution_that_a_reader_unfolds_is_the_one_that_is_tested(exercise):
    shown = exercise_cells(exercise, first=False)[3].source
    assert solution_of(exercise) in shown
    assert stub_of(exercise) in exercise_cells(exercise, first=False)[1].source


def test_progress_is_kept_exported_and_survives_names_that_are_unknown(tmp_path):
    file = progress.progress_file()
    file.parent.mkdir()
    file.write_text(
        '{"format": 1, "exercises": {"from_another_time": {"status": "passed", "tries": 1}}, "note": "mine"}'
    )
    (tmp_path / "mine.py").write_text(f"{IMPORTS}{solution_of(STEP)}\n{WRONG_WEIGHTS}")
    result = CliRunner().invoke(app, ["check", str(tmp_path / "mine.py")])
    assert result.exit_code == 1
    assert "1 of 2 are right." in result.output
    kept = json.loads(file.read_text())
    assert kept["note"] == "mine"
    assert kept["exercises"]["from_another_time"]["status"] == "passed"
    shown = CliRunner().invoke(app, ["progress", "--export", str(tmp_path / "copy.json")])
    assert shown.exit_code == 0
    assert "1 of 3" in shown.output
    assert json.loads((tmp_path / "copy.json").read_text())["exercises"]["conv_gru_step"]["status"] == "passed"


def test_a_damaged_record_is_named_and_not_overwritten(tmp_path):
    file = progress.progress_file()
    file.parent.mkdir()
    file.write_text("{")
    with pytest.raises(CourseError, match="damaged"):
        progress.record("conv_gru_step", "passed")
    assert file.read_text() == "{"
