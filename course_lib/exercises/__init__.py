"""Exercises that check themselves: `check(answer)` in a chapter, `course check`, `course progress`, `course grade`."""

from course_lib.exercises.checking import check, examine

__all__ = ["check", "examine"]
