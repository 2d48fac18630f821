"""Mouse and keyboard as a reader uses them: the edge of two pictures follows the mouse, a question is answered once."""

import pytest

from course_lib.exercises.questions import questions_of

from .examples import EXAMPLES
from .stage import show


def edge(page):
    """Where the edge stands, in hundredths of the picture: as the slider says, and as it is seen."""
    slider, upper = page.locator("#widget input[type=range]"), page.locator("#widget .upper")
    seen = upper.evaluate("e => 100 - parseFloat(getComputedStyle(e).clipPath.split(' ')[1] || '0')")
    assert seen == pytest.approx(float(slider.input_value()), abs=1)
    return seen


def test_the_edge_follows_the_mouse_beyond_the_border_and_stops_when_it_is_let_go(watched):
    page = watched.page
    show(page, EXAMPLES["wipe"]())
    box = page.locator("#widget .wipe").bounding_box()
    x, y = (lambda part: box["x"] + part * box["width"]), box["y"] + box["height"] / 2
    page.mouse.click(x(0.2), y)
    assert edge(page) == pytest.approx(20, abs=1)
    page.mouse.move(x(0.3), y)
    page.mouse.down()
    for part in (0.35, 0.4, 0.6, 0.7):  # a browser that begins to drag the picture lets go after the first
        page.mouse.move(x(part), y)
        assert edge(page) == pytest.approx(100 * part, abs=1)
    page.mouse.move(x(0.9), y + 2 * box["height"])
    assert edge(page) == pytest.approx(90, abs=1)
    page.mouse.move(x(1.05), y)
    assert edge(page) == 100
    page.mouse.up()
    page.mouse.move(x(0.1), y)
    assert edge(page) == 100
    assert page.locator("#widget .wipe").evaluate("e => getComputedStyle(e).touchAction") == "pan-y"
    assert watched.errors == []


def test_the_keyboard_answers_only_when_it_says_so(watched):
    page = watched.page
    show(page, EXAMPLES["quiz"]())
    answers = questions_of("04")[0].answers
    right = [answer.right for answer in answers].index(True)
    score = page.get_by_role("status").last
    buttons = page.locator("#widget fieldset").first.locator("button")
    buttons.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    for _ in range(right):
        page.keyboard.press("Tab")
    assert page.locator("#widget [aria-pressed=true]").count() == 0, "who looks around has not answered"
    page.keyboard.press("Enter")
    assert score.inner_text().startswith("1 of 5")
    assert page.get_by_role("status").first.inner_text() == f"Right. {answers[right].why}"
    assert buttons.nth(right).get_attribute("aria-pressed") == "true"


def test_a_second_try_does_not_count(watched):
    page = watched.page
    show(page, EXAMPLES["quiz"]())
    right = [answer.right for answer in questions_of("04")[0].answers].index(True)
    buttons = page.locator("#widget fieldset").first.locator("button")
    buttons.nth((right + 1) % 3).click()
    assert page.get_by_role("status").first.inner_text().startswith("No. ")
    buttons.nth(right).click()
    assert page.get_by_role("status").last.inner_text().startswith("0 of 5")
    assert page.locator("#widget [aria-pressed=true]").count() == 1


def test_two_quizzes_on_one_page_leave_each_other_alone(watched):
    page = watched.page
    show(page, EXAMPLES["quiz"]())
    page.evaluate("() => drawn(document.body.appendChild(document.createElement('div')))")
    boxes = page.locator(".course-widget")
    for at in range(2):
        boxes.nth(at).locator("button").nth(at).click()
    assert [boxes.nth(at).locator("[aria-pressed=true]").count() for at in range(2)] == [1, 1]
