"""A question with a choice of answers. Each answer says why it is right, or what one would have to believe to give it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """Plain text, no formulas: it is shown by the widget and in its static form. why: one or two sentences."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """Three or four answers, one of them right."""

    text: str
    answers: tuple[Answer, ...]
