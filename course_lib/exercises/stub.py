"""What the chapter shows of an exercise's code: the stub, made from the solution, and the solution itself."""

import ast
import inspect
import textwrap

from course_lib.exercises.exercise import Exercise


def solution_of(exercise: Exercise) -> str:
    """Source of the solution."""
    return textwrap.dedent(inspect.getsource(exercise.solution)).strip()


def stub_of(exercise: Exercise) -> str:
    """The solution with `...` for a body: its name, arguments and docstring."""
    source = solution_of(exercise)
    function = ast.parse(source).body[0]
    first = function.body[1]  # behind the docstring
    head = source.splitlines()[: first.lineno - 1]
    while not head[-1].strip() or head[-1].lstrip().startswith("#"):  # a comment belongs to the body
        head.pop()
    return "\n".join([*head, "    ...  # your code"])
