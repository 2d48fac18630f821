"""Five questions of a chapter with explained answers."""

from dataclasses import asdict

from course_lib.exercises.questions import questions_of
from course_lib.widgets.base import CourseWidget, script


class Quiz(CourseWidget):
    _esm = script("quiz")


def quiz(chapter: str) -> Quiz:
    """The questions of chapter "04". Where widgets do not run, the questions stand as text, without the answers' reasons."""
    questions = questions_of(chapter)
    lines = []
    for number, question in enumerate(questions, start=1):
        lines += [f"{number}. {question.text}", *(f"   ( ) {answer.text}" for answer in question.answers)]
    return Quiz(
        {"questions": [asdict(question) for question in questions]}, f"Questions of {chapter}", "\n".join(lines)
    )
