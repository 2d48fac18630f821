"""Questions and exercises of a chapter as notebook cells, made from the catalogue: task, stub with its check, help, solution.

`course execute` puts them behind the chapter's heading `## Exercises` and in front of what else stands in that section, so
that notebook and catalogue cannot part; the chapter contract compares them.
"""

import re

from course_lib.exercises.catalogue import exercises_of
from course_lib.exercises.exercise import Exercise
from course_lib.exercises.stub import solution_of, stub_of

HEADING = "## Exercises"
TAG = "exercise"
INTRODUCTION = (
    "Fill in the body and run the cell. `check` tries the cases that the task names, then fresh ones, and says what is wrong. "
    "Help is folded below each cell; `course progress` shows what is done."
)
QUESTIONS = "### Five questions\n\nWhat do you expect? Each answer, right or wrong, has its reason."


def refresh(notebook, chapter: str) -> bool:
    """Replaces the exercise cells of a notebook (nbformat) in place. → whether anything changed."""
    exercises = exercises_of(chapter)
    prefix = f"c{chapter}-exercise-"
    cells = [cell for cell in notebook.cells if not cell.get("id", "").startswith(prefix)]
    places = [at for at, cell in enumerate(cells) if cell.source.startswith(HEADING)]
    if exercises and places:
        outputs = {cell["id"]: cell for cell in notebook.cells if cell.get("id", "").startswith(prefix)}
        made = question_cells(chapter)
        made += [cell for exercise in exercises for cell in exercise_cells(exercise, first=exercise is exercises[0])]
        made = [_kept(cell, outputs.get(cell["id"])) for cell in made]
        cells[places[0] + 1 : places[0] + 1] = made
    changed = [(c.get("id"), c.source) for c in cells] != [(c.get("id"), c.source) for c in notebook.cells]
    notebook.cells = cells
    return changed


def is_exercise(cell) -> bool:
    """Whether a cell of a notebook was made here."""
    return re.match(r"c\d\d-exercise-", cell.get("id", "")) is not None


def is_solution(cell) -> bool:
    return is_exercise(cell) and cell["id"].endswith("-solution")


def question_cells(chapter: str) -> list:
    """A heading (Markdown) and the widget with the questions (code)."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    code = f'from course_lib.widgets import quiz\n\nquiz("{chapter}")'
    return [
        new_markdown_cell(QUESTIONS, id=f"c{chapter}-exercise-questions"),
        new_code_cell(code, id=f"c{chapter}-exercise-quiz", metadata={"tags": [TAG]}),
    ]


def exercise_cells(exercise: Exercise, first: bool) -> list:
    """Task (Markdown), stub and check (code), help and solution (Markdown, folded)."""
    from nbformat.v4 import new_code_cell, new_markdown_cell

    def name(part: str) -> str:
        return f"c{exercise.chapter}-exercise-{exercise.name}-{part}"

    imports = "from course_lib.exercises import check\n\n\n" if first else ""
    code = f"{imports}{stub_of(exercise)}\n\n\ncheck({exercise.name})"
    return [
        new_markdown_cell(_task(exercise), id=name("task")),
        new_code_cell(code, id=name("stub"), metadata={"tags": [TAG]}),
        new_markdown_cell(_help(exercise), id=name("help")),
        new_markdown_cell(_solution(exercise), id=name("solution")),
    ]


def _task(exercise: Exercise) -> str:
    lines = [
        f"### {exercise.level.capitalize()} · {exercise.title}",
        f"*Difficulty {_dots(exercise.difficulty)} · importance {_dots(exercise.importance)} · {exercise.minutes} minutes*",
        exercise.task,
    ]
    return "\n\n".join(lines)


def _help(exercise: Exercise) -> str:
    symptoms = "\n".join(f"- *{mistake.symptom}* {mistake.message}" for mistake in exercise.mistakes)
    folds = [_folded("Help by symptom", symptoms)]
    folds += [_folded(f"Hint {number}", hint) for number, hint in enumerate(exercise.hints, start=1)]
    return "\n\n".join(folds)


def _solution(exercise: Exercise) -> str:
    return _folded("Solution", f"```python\n{solution_of(exercise)}\n```")


def _folded(title: str, text: str) -> str:
    return f":::{{dropdown}} {title}\n{text}\n:::"


def _dots(number: int) -> str:
    return "●" * number + "○" * (5 - number)


def _kept(cell, before):
    """With the outputs that the same code had."""
    if before is not None and cell.cell_type == "code" and before.source == cell.source:
        cell.outputs, cell.execution_count = before.outputs, before.execution_count
    return cell
