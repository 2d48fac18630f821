"""Five questions a chapter, each with one right answer and a reason for every answer."""

import pytest

from course_lib.exercises.catalogue import all_exercises
from course_lib.exercises.questions import questions_of

CHAPTERS = sorted({exercise.chapter for exercise in all_exercises().values()})


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_questions_are_five_and_complete(chapter):
    questions = questions_of(chapter)
    assert len(questions) == 5
    assert len({question.text for question in questions}) == 5
    for question in questions:
        assert 3 <= len(question.answers) <= 4, question.text
        assert sum(answer.right for answer in question.answers) == 1, question.text
        assert all(answer.text and answer.why for answer in question.answers), question.text


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_right_answer_is_not_always_in_the_same_place_nor_the_longest(chapter):
    questions = questions_of(chapter)
    places = [[answer.right for answer in question.answers].index(True) for question in questions]
    assert len(set(places)) > 1
    longest = [max(question.answers, key=lambda a: len(a.text)).right for question in questions]
    assert not all(longest)
