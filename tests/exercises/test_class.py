"""What a lecturer uses: chapters without solutions, graded submissions; and what a student keeps: progress."""

import csv
import json

import nbformat
import pytest
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
from course_lib.exercises.grade import grade_submission, submissions_in, to_csv
from course_lib.exercises.stub import solution_of, stub_of

IMPORTS = "import torch\nimport torch.nn.functional as F\n"
STEP = find_exercise("conv_gru_step")
WRONG_WEIGHTS = "def leaky_weights(z, frames):\n    return z * (1 - z) ** torch.arange(frames - 1, -1, -1)\n"
HANGS = "def conv_gru_clip(*arguments):\n    while True:\n        pass\n"


@pytest.fixture(autouse=True)
def _own_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_PROGRESS", str(tmp_path / "own" / "progress.json"))


def notebook_with(*sources):
    return new_notebook(cells=[new_code_cell(source) for source in sources])


def test_a_notebook_is_read_without_running_its_other_cells(tmp_path):
    path = tmp_path / "mine.ipynb"
    sources = (IMPORTS, "raise SystemExit", "def broken(:", solution_of(STEP), "import no_such_package")
    nbformat.write(notebook_with(*sources), path)
    answers = read_answers(path)
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


def test_a_submission_that_hangs_or_dies_loses_that_exercise_only(tmp_path):
    path = tmp_path / "anna.py"
    dies = "def conv_gru_step(*arguments):\n    import os\n    os._exit(1)\n"
    path.write_text(f"{IMPORTS}print('noise')\n{WRONG_WEIGHTS}{HANGS}{dies}")
    grades = {grade.exercise: grade for grade in grade_submission(path, "anna.py", seconds=1)}
    assert grades["conv_gru_clip"].status == grades["conv_gru_step"].status == "stopped"
    assert grades["leaky_weights"].status == "failed"
    assert "h_0" in grades["leaky_weights"].problem


def test_a_submission_cannot_take_all_memory(tmp_path):
    path = tmp_path / "greedy.py"
    path.write_text(f"{IMPORTS}def leaky_weights(z, frames):\n    return torch.ones(2**30).double()[:frames]\n")
    grades = grade_submission(path, "greedy.py", megabytes=500)
    assert grades[0].status == "failed"
    assert "RuntimeError" in grades[0].problem


def test_every_exercise_of_an_answered_chapter_is_listed(tmp_path):
    path = tmp_path / "ben.py"
    path.write_text(f"{IMPORTS}{solution_of(STEP)}\n")
    grades = grade_submission(path, "ben.py")
    assert [grade.exercise for grade in grades] == [exercise.name for exercise in exercises_of("04")]
    assert [grade.status for grade in grades].count("passed") == 1
    assert [grade.status for grade in grades].count("missing") == len(grades) - 1


def test_a_folder_is_graded_into_a_table(tmp_path):
    (tmp_path / "anna").mkdir()
    nbformat.write(notebook_with(IMPORTS, solution_of(STEP)), tmp_path / "anna" / "04.ipynb")
    (tmp_path / "ben.py").write_text("x = 1")
    result = CliRunner().invoke(app, ["grade", str(tmp_path), "--csv", str(tmp_path / "out.csv")])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert {row["submission"] for row in rows} == {"anna/04.ipynb", "ben.py"}
    assert sum(row["status"] == "passed" for row in rows) == 1
    with pytest.raises(CourseError, match="holds no notebooks"):
        submissions_in(tmp_path / "own") if (tmp_path / "own").exists() else submissions_in(_empty(tmp_path))


def _empty(tmp_path):
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def test_no_text_of_a_student_becomes_a_formula():
    from course_lib.exercises.grade import Grade

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
