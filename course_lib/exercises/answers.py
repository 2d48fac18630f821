"""The reader's functions, read out of a notebook or a Python file.

Only what they need is run: a notebook's figures, trainings and its own `check` calls are not.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.exercises.catalogue import all_exercises, find_exercise
from course_lib.exercises.checking import Result, examine
from course_lib.exercises.definitions import Definitions
from course_lib.exercises.magics import parse_cell

ENDINGS = (".ipynb", ".py")


@dataclass(frozen=True)
class Answers:
    """Functions by name of their exercise, and what could not be read, as sentences."""

    functions: dict[str, Callable]
    problems: list[str] = field(default_factory=list)
    definitions: Definitions = field(default_factory=lambda: Definitions([]))

    def examine(self, name: str, seed: int | None = None) -> Result:
        """As `check` sees the answer in its notebook: a name that it asks for is made first, where the file makes it."""
        while True:
            result = examine(find_exercise(name), self.functions[name], seed)
            if not result.unbound:
                return result
            if not self.definitions.bind(result.unbound):
                return replace(result, diagnosis=self.definitions.why_missing(result.unbound))


def read_answers(path: Path) -> Answers:
    """Raises CourseError for a file that is not there, is no notebook or Python file, or is damaged."""
    problems: list[str] = []
    trees = []
    is_notebook = path.suffix == ".ipynb"
    for number, source in enumerate(read_cells(path), start=1):
        try:
            trees.append(parse_cell(source) if is_notebook else ast.parse(source))
        except SyntaxError as error:
            where = f"cell {number}, line {error.lineno}" if is_notebook else f"line {error.lineno}"
            problems.append(f"{path.name}, {where}: {error.msg}.")
    made = Definitions(trees)
    problems += [f"{path.name}: {failure}." for failure in made.failures]
    known = all_exercises()
    functions = {name: value for name, value in made.namespace.items() if name in known and callable(value)}
    for name in [name for name, value in functions.items() if _is_ours(value)]:
        source = functions.pop(name).__module__
        problems.append(f"{path.name}: {name} comes from {source}, so it does not count: write it yourself.")
    return Answers(functions, problems, made)


def read_cells(path: Path) -> list[str]:
    """Sources of the code cells of a notebook; a Python file is one cell."""
    if path.suffix not in ENDINGS:
        raise CourseError(f"{path}: give a notebook (.ipynb) or a Python file (.py).")
    if not path.is_file():
        raise CourseError(f"{path} is not there.")
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            return [text]
        import nbformat

        return [cell.source for cell in nbformat.reads(text, as_version=4).cells if cell.cell_type == "code"]
    except Exception as error:  # nbformat fails on damaged files in many ways
        raise CourseError(f"{path} cannot be read: {error}") from None


def _is_ours(function: Callable) -> bool:
    """Whether it was imported from this library, where the solutions are."""
    return (getattr(function, "__module__", None) or "").split(".")[0] == "course_lib"
