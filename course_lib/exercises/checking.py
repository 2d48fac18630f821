"""`check(answer)`: tries an answer, says what is wrong with it, and never shows the right one.

First the cases that the task names, then fresh ones: random numbers, other shapes, float64, tensors that are not contiguous,
gradients where they matter. An answer that does what a catalogued mistake does is told which one it is.
"""

import dis
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.exercises.catalogue import find_exercise
from course_lib.exercises.definitions import unbound_name
from course_lib.exercises.exercise import Case, Draw, Exercise
from course_lib.exercises.outcome import Outcome, difference, parameter_names, run, values_differ
from course_lib.exercises.progress import record
from course_lib.exercises.shown import show

Status = Literal["passed", "failed", "not attempted"]
NOTHING = {"RESUME", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "NOP", "PUSH_NULL", "CACHE"}


@dataclass(frozen=True)
class Result:
    """How an answer did.

    case: the first that fails. public: the task names it. diagnosis: a mistake's message. unbound: a name that was not there.
    """

    exercise: Exercise
    status: Status
    case: str = ""
    public: bool = False
    problem: str = ""
    diagnosis: str = ""
    known: int = 0
    fresh: int = 0
    seed: int = 0
    unbound: str = ""

    def __str__(self) -> str:
        lead = f"{self.exercise.chapter} {self.exercise.level} · {self.exercise.name}"
        if self.status == "not attempted":
            return f"{lead}: not attempted yet."
        if self.status == "passed":
            return f"{lead}: right, on the {_cases(self.known)} of the task and {self.fresh} fresh ones."
        kind = "" if self.public else f" (a fresh case; again with seed={self.seed})"
        lines = [f"{lead}: not yet.", f"  {self.case}{kind}: {self.problem}."]
        return "\n".join([*lines, *([f"  {self.diagnosis}"] if self.diagnosis else [])])


def _cases(count: int) -> str:
    return "1 case" if count == 1 else f"{count} cases"


def check(answer: Callable, seed: int | None = None) -> None:
    """Show how `answer` does, and remember it for `course progress`. The exercise is found by the function's name.

    Raises CourseError when no exercise has that name.
    """
    result = examine(find_exercise(answer.__name__), answer, seed)
    record(result.exercise.name, result.status)
    show(result)


def examine(exercise: Exercise, answer: Callable, seed: int | None = None) -> Result:
    """What `check` shows, as a value; nothing is remembered. `seed` repeats the fresh cases of an earlier try."""
    seed = secrets.randbelow(2**31) if seed is None else seed
    names = parameter_names(exercise.solution)
    trials = _trials(exercise, seed)
    first = run(answer, trials[0].arguments, names)
    if first.error is None and first.output is None and _is_empty(answer):
        return Result(exercise, "not attempted")
    for trial in trials:
        got = run(answer, trial.arguments, names, trial.gradients)
        want = run(exercise.solution, trial.arguments, names, trial.gradients)
        if problem := difference(got, want, exercise.tolerance):
            diagnosis = _diagnose(exercise, answer, trials, trial, got) or _mixed_dtypes(got.error)
            where = _line_of(got.error, answer)
            told = (trial.label, trial.public, problem + where, diagnosis)
            return Result(exercise, "failed", *told, seed=seed, unbound=unbound_name(got.error))
    known = sum(trial.public for trial in trials)
    return Result(exercise, "passed", known=known, fresh=len(trials) - known, seed=seed)


@dataclass(frozen=True, eq=False)
class _Trial:
    label: str
    arguments: tuple
    public: bool = False
    gradients: bool = False


def _trials(exercise: Exercise, seed: int) -> list[_Trial]:
    """Public cases are the same each time; fresh ones are drawn anew, and the last one comes again in other guises."""
    known = [case for case in exercise.cases(Draw(0)) if case.public]
    fresh = [case for case in exercise.cases(Draw(seed)) if not case.public]
    if not known or not fresh:
        raise CourseError(f"The exercise {exercise.name} needs public and fresh cases.")
    trials = [_Trial(case.label, case.arguments, case.public) for case in [*known, *fresh]]
    last: Case = fresh[-1]
    if exercise.tensors:
        trials.append(_Trial(f"{last.label}, in float64", _each(last.arguments, _doubled)))
        trials.append(_Trial(f"{last.label}, tensors not contiguous", _each(last.arguments, _strided)))
    if exercise.gradients:
        trials.append(_Trial(f"{last.label}, gradients", _each(last.arguments, _doubled), gradients=True))
    return trials


def _each(arguments: tuple | list, change: Callable[[Tensor], Tensor]) -> tuple:
    """Tensors changed, also those in lists."""
    changed = []
    for argument in arguments:
        if isinstance(argument, tuple | list):
            changed.append(type(argument)(_each(argument, change)))
        else:
            changed.append(change(argument) if isinstance(argument, Tensor) else argument)
    return tuple(changed)


def _doubled(tensor: Tensor) -> Tensor:
    return tensor.double() if tensor.is_floating_point() else tensor


def _strided(tensor: Tensor) -> Tensor:
    """The same numbers with another tensor's numbers between them in memory."""
    return torch.stack([tensor, torch.full_like(tensor, 7)], dim=-1)[..., 0]


def _diagnose(exercise: Exercise, answer: Callable, trials: list[_Trial], failed: _Trial, got: Outcome) -> str:
    """The message of the mistake that does what the answer does: up to the case that failed, and then in most of the others."""
    names = parameter_names(exercise.solution)
    at = trials.index(failed)
    answers = [got if trial is failed else run(answer, trial.arguments, names, trial.gradients) for trial in trials]
    alike = []
    for mistake in exercise.mistakes:
        same = [
            _same(mine, run(mistake.answer, trial.arguments, names, trial.gradients), exercise.tolerance)
            for mine, trial in zip(answers, trials, strict=True)
        ]
        if all(same[: at + 1]):
            alike.append((sum(same), mistake))
    return max(alike, key=lambda pair: pair[0])[1].message if alike else ""


def _mixed_dtypes(error: Exception | None) -> str:
    """What torch means where float64 meets a float32 that the answer made itself."""
    if isinstance(error, RuntimeError) and ("same dtype" in str(error) or "scalar type" in str(error)):
        return "Here numbers are float64. Whatever you make must have the dtype of what you are given: mine.to(given.dtype)."
    return ""


def _same(got: Outcome, other: Outcome, tolerance: float) -> bool:
    if other.gradients is not None and got.gradients is not None:
        return all(
            (mine is None) == (theirs is None) and (mine is None or values_differ(mine, theirs, tolerance) is None)
            for mine, theirs in zip(got.gradients.values(), other.gradients.values(), strict=True)
        )
    return difference(got, other, tolerance) is None


def _is_empty(answer: Callable) -> bool:
    """Whether a function's body is `...`, with or without a docstring."""
    code = getattr(answer, "__code__", None)
    return code is not None and {step.opname for step in dis.get_instructions(code)} <= NOTHING


def _line_of(error: Exception | None, answer: Callable) -> str:
    """Where in the answer an error arose."""
    code = getattr(answer, "__code__", None)
    if error is None or code is None:
        return ""
    inside = [frame for frame in traceback.walk_tb(error.__traceback__) if frame[0].f_code is code]
    return f" (line {inside[-1][1] - code.co_firstlineno + 1} of {answer.__name__})" if inside else ""
