"""The reader's functions, read out of a notebook or a Python file.

Only imports, definitions and literal constants are run: a notebook's figures, trainings and its own `check` calls are not.
"""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.exercises.catalogue import all_exercises

ENDINGS = (".ipynb", ".py")


@dataclass(frozen=True)
class Answers:
    """Functions by name of their exercise, and what could not be read, as sentences."""

    functions: dict[str, Callable]
    problems: list[str] = field(default_factory=list)


def read_answers(path: Path) -> Answers:
    """Raises CourseError for a file that is not there, is no notebook or Python file, or is damaged."""
    problems: list[str] = []
    trees = []
    for number, source in enumerate(read_cells(path), start=1):
        try:
            trees.append(ast.parse(source))
        except SyntaxError as error:
            where = f"cell {number}, line {error.lineno}" if path.suffix == ".ipynb" else f"line {error.lineno}"
            problems.append(f"{path.name}, {where}: {error.msg}.")
    namespace, failures = definitions(trees)
    problems += [f"{path.name}: {failure}." for failure in failures]
    known = all_exercises()
    functions = {name: value for name, value in namespace.items() if name in known and callable(value)}
    return Answers(functions, problems)


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


def definitions(trees: Iterable[ast.Module]) -> tuple[dict, list[str]]:
    """Run imports, definitions and literal constants, one by one. → what they make, and what failed."""
    namespace: dict = {"__name__": "answers"}
    failures = []
    for tree in trees:
        for node in tree.body:
            if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef) or _is_constant(node):
                try:
                    exec(compile(ast.Module([node], []), "<answers>", "exec"), namespace)
                except Exception as error:  # one bad import does not take the rest with it
                    failures.append(f"`{ast.unparse(node).splitlines()[0]}` fails, {type(error).__name__}: {error}")
    return namespace, failures


def _is_constant(node: ast.stmt) -> bool:
    if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not all(isinstance(target, ast.Name) for target in targets):
        return False  # `layer.stride = 2` changes an object that is not here
    try:
        ast.literal_eval(node.value)
    except ValueError:
        return False
    return True
