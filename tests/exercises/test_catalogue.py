"""Each exercise of the course: the solution passes, the empty stub is no try, each wrong answer fails with its own message."""

import inspect

import pytest
import torch

from course_lib.exercises.catalogue import all_exercises, exercises_of
from course_lib.exercises.checking import examine
from course_lib.exercises.exercise import LEVELS, Draw
from course_lib.exercises.outcome import parameter_names, run
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


OTHER = {torch.bool: torch.uint8, torch.int64: torch.int32, torch.float32: torch.float16}


def _first_arguments(exercise):
    return next(iter(exercise.cases(Draw(0)))).arguments


def _kind(value):
    """Type, shape and dtype, also of what a sequence holds."""
    if isinstance(value, tuple | list):
        return [_kind(part) for part in value]
    if isinstance(value, torch.Tensor):
        return "tensor", tuple(value.shape), value.dtype
    return type(value).__name__


def _write_into(value):
    if isinstance(value, list) and not any(isinstance(part, torch.Tensor) for part in value):
        value.append(value[0])
    elif isinstance(value, list):
        _write_into(value[-1])
    elif value.dtype == torch.bool:
        value.logical_not_()
    else:
        value += 1


def _converted(value):
    if isinstance(value, tuple | list):
        return type(value)(_converted(part) for part in value)
    return value.to(OTHER[value.dtype]) if isinstance(value, torch.Tensor) else value


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


@each_mistake
def test_a_wrong_answer_has_the_right_kind_shape_and_dtype_on_the_cases_of_the_task(exercise, mistake):
    """Else its reader would be told that, and not what he believes that is not so."""
    public = [case for case in exercise.cases(Draw(0)) if case.public]
    assert public
    for case in public:
        right, wrong = (run(answer, case.arguments, []) for answer in (exercise.solution, mistake.answer))
        assert (type(wrong.error), _kind(wrong.output)) == (type(right.error), _kind(right.output)), case.label


WRITABLE = [e for e in EXERCISES if any(isinstance(a, torch.Tensor | list) for a in _first_arguments(e))]
GIVE_TENSORS = [e for e in EXERCISES if "tensor" in str(_kind(e.solution(*_first_arguments(e))))]


def test_most_exercises_take_what_can_be_written_into_and_give_tensors():
    """The two tests below leave out those that take or give numbers only."""
    assert {e.name for e in EXERCISES} - {e.name for e in WRITABLE} == {
        "macs_of_convolution",
        "leaky_weights",
        "grain_matrix",
        "focal_of_one_answer",
    }
    assert {e.name for e in EXERCISES} - {e.name for e in GIVE_TENSORS} == {
        "macs_of_convolution",
        "pixels_seen",
        "chance_of_group",
        "threshold_window",
        "pixels_read",
        "focal_of_one_answer",
        "display_quality",
        "ap_of_ranking",
        "habit_above_chance",
    }


@pytest.mark.parametrize(
    ("exercise", "at"),
    [
        pytest.param(exercise, at, id=f"{exercise.chapter}-{exercise.name}-{at}")
        for exercise in WRITABLE
        for at, argument in enumerate(_first_arguments(exercise))
        if isinstance(argument, torch.Tensor | list)
    ],
)
def test_writing_into_an_argument_is_told(exercise, at):
    def writes(*arguments):
        output = exercise.solution(*arguments)
        _write_into(arguments[at])
        return output

    name = parameter_names(exercise.solution)[at]
    assert f"writes into its argument {name}:" in examine(exercise, writes, 0).problem


@pytest.mark.parametrize("exercise", GIVE_TENSORS, ids=lambda exercise: f"{exercise.chapter}-{exercise.name}")
def test_another_dtype_is_told(exercise):
    def converts(*arguments):
        return _converted(exercise.solution(*arguments))

    assert "dtype" in examine(exercise, converts, 0).problem


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
