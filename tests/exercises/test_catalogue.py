"""Each exercise of the course: the solution passes, the empty stub is no try, each wrong answer fails with its own message."""

import inspect

import pytest
import torch

from course_lib.exercises.catalogue import all_exercises, exercises_of
from course_lib.exercises.checking import examine
from course_lib.exercises.exercise import LEVELS
from course_lib.exercises.stub import solution_of, stub_of

EXERCISES = list(all_exercises().values())
SEEDS = (0, 1, 2)
COLUMNS = 88  # of code in a chapter
each = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: f"{exercise.chapter}-{exercise.name}")
each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    [
        pytest.param(exercise, mistake, id=f"{exercise.chapter}-{exercise.name}-{mistake.answer.__name__.strip('_')}")
        for exercise in EXERCISES
        for mistake in exercise.mistakes
    ],
)


@each
@pytest.mark.parametrize("seed", SEEDS)
def test_the_solution_is_right(exercise, seed):
    result = examine(exercise, exercise.solution, seed)
    assert result.status == "passed", str(result)
    assert result.known >= 1
    assert result.fresh >= 1


@each
def test_the_stub_is_no_try(exercise):
    namespace = {}
    exec(stub_of(exercise), namespace)
    assert examine(exercise, namespace[exercise.name]).status == "not attempted"


@each_mistake
@pytest.mark.parametrize("seed", SEEDS)
def test_a_wrong_answer_fails_with_its_own_message(exercise, mistake, seed):
    result = examine(exercise, mistake.answer, seed)
    assert result.status == "failed", f"{mistake.answer.__name__} passes"
    assert result.diagnosis == mistake.message, str(result)


@each
def test_wrong_answers_are_many_and_one_is_only_caught_by_fresh_cases(exercise):
    results = [examine(exercise, mistake.answer, 0) for mistake in exercise.mistakes]
    assert len(results) >= 3
    assert any(not result.public for result in results)
    assert len({mistake.message for mistake in exercise.mistakes}) == len(results)


@each
def test_writing_into_an_argument_is_told(exercise):
    def writes(*arguments):
        output = exercise.solution(*arguments)
        for argument in arguments:
            if isinstance(argument, torch.Tensor) and argument.is_floating_point():
                argument += 1
        return output

    takes_tensors = any(isinstance(a, torch.Tensor) and a.is_floating_point() for a in _first_arguments(exercise))
    if takes_tensors:
        assert "writes into its argument" in examine(exercise, writes).problem


@each
def test_another_dtype_is_told(exercise):
    def halves(*arguments):
        return _converted(exercise.solution(*arguments))

    if _has_floats(exercise.solution(*_first_arguments(exercise))):
        assert "dtype" in examine(exercise, halves).problem


@each
def test_it_says_all_that_a_reader_needs(exercise):
    assert exercise.level in LEVELS
    assert 1 <= exercise.difficulty <= 5
    assert 1 <= exercise.importance <= 5
    assert exercise.minutes > 0
    assert len(exercise.hints) == 2
    assert "→" in (inspect.getdoc(exercise.solution) or ""), "the docstring gives the shapes of arguments and result"
    assert "Known case" in exercise.task
    assert max(map(len, [*stub_of(exercise).splitlines(), *solution_of(exercise).splitlines()])) <= COLUMNS


@pytest.mark.parametrize("chapter", sorted({exercise.chapter for exercise in EXERCISES}))
def test_a_chapter_has_all_levels_in_order(chapter):
    levels = [exercise.level for exercise in exercises_of(chapter)]
    assert set(levels) == set(LEVELS)
    assert levels == sorted(levels, key=LEVELS.index)


def test_a_name_belongs_to_one_exercise():
    from course_lib.exercises import catalogue

    listed = [e.name for module in catalogue.chapter_modules() for e in module.EXERCISES]
    assert len(listed) == len(set(listed))


def _first_arguments(exercise):
    from course_lib.exercises.exercise import Draw

    return next(iter(exercise.cases(Draw(0)))).arguments


def _has_floats(value):
    if isinstance(value, tuple | list):
        return any(_has_floats(part) for part in value)
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def _converted(value):
    if isinstance(value, tuple | list):
        return type(value)(_converted(part) for part in value)
    return value.half() if isinstance(value, torch.Tensor) and value.is_floating_point() else value
