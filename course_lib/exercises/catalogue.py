"""All exercises of the course, in the order of the chapters."""

import difflib
import importlib
import pkgutil
from functools import cache
from types import ModuleType

from course_lib.errors import CourseError
from course_lib.exercises import chapters
from course_lib.exercises.exercise import Exercise


@cache
def all_exercises() -> dict[str, Exercise]:
    """Name of the reader's function → exercise, chapter by chapter, from warm-up to stretch."""
    return {exercise.name: exercise for module in chapter_modules() for exercise in module.EXERCISES}


def chapter_modules() -> list[ModuleType]:
    names = sorted(info.name for info in pkgutil.iter_modules(chapters.__path__))
    return [importlib.import_module(f"{chapters.__name__}.{name}") for name in names]


def exercises_of(chapter: str) -> list[Exercise]:
    return [exercise for exercise in all_exercises().values() if exercise.chapter == chapter]


def find_exercise(name: str) -> Exercise:
    """By the name of its function. Raises CourseError that names near ones."""
    known = all_exercises()
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3)
    hint = f"Did you mean {', '.join(near)}?" if near else "Keep the name that the chapter gave the function."
    raise CourseError(f"No exercise asks for a function {name}. {hint}")
