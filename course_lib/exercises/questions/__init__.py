"""Five short questions a chapter, with an explanation for every answer: one file a chapter, QUESTIONS."""

import importlib

from course_lib.exercises.questions.question import Answer, Question

__all__ = ["Answer", "Question", "questions_of"]


def questions_of(chapter: str) -> tuple[Question, ...]:
    return importlib.import_module(f"{__name__}.chapter_{chapter}").QUESTIONS
