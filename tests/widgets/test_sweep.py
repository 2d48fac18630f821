"""Every option, both ends of every slider, every button: no error, and each control changes what is seen."""

import io

import pytest
from PIL import Image

from course_lib import widgets

from .examples import EXAMPLES
from .stage import SEEN, move, seen, show

each = pytest.mark.parametrize("name", EXAMPLES)


def photograph():
    """A small picture as a file's bytes."""
    stream = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).convert("RGB").save(stream, "PNG")
    return stream.getvalue()


def test_every_widget_has_an_example():
    assert set(EXAMPLES) == set(widgets.__all__)


@each
def test_a_sweep_over_all_controls(name, watched):
    page = watched.page
    show(page, EXAMPLES[name]())
    sliders, lists = page.locator("#widget input[type=range]"), page.locator("#widget select")
    boxes, colours = page.locator("#widget input[type=checkbox]"), page.locator("#widget input[type=color]")
    files = page.locator("#widget input[type=file]")
    buttons = page.locator("#widget button")
    assert sliders.count() + lists.count() + boxes.count() + buttons.count() > 0, "nothing to touch"
    for at in range(sliders.count()):
        slider = sliders.nth(at)
        looks = []
        for end in ("min", "max"):
            move(page, slider, slider.get_attribute(end) or slider.evaluate(f"element => element.{end}"))
            looks.append(seen(page))
        assert looks[0] != looks[1], f"slider {at} changes nothing"
    for at in range(lists.count()):
        options = lists.nth(at).locator("option")
        looks = []
        for option in range(options.count()):
            move(page, lists.nth(at), options.nth(option).get_attribute("value"))
            looks.append(seen(page))
        assert len(set(looks)) > 1, f"list {at} changes nothing"
    for at in range(colours.count()):
        looks = []
        for value in ("#000000", "#ffffff", "#ff0000"):
            move(page, colours.nth(at), value)
            looks.append(seen(page))
        assert len(set(looks)) == 3, f"colour {at} changes nothing"
    for at in range(files.count()):
        before = seen(page)
        files.nth(at).set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": photograph()})
        page.wait_for_function(f"before => ({SEEN})() !== before", arg=before)
    for controls in (boxes, buttons):
        for at in range(controls.count()):
            before = seen(page)
            controls.nth(at).click()
            page.wait_for_timeout(30)
            assert seen(page) != before or controls.nth(at).is_disabled(), f"control {at} changes nothing"
    assert watched.errors == []
    assert watched.elsewhere == []


@each
def test_all_controls_have_names_and_can_be_reached_with_the_keyboard(name, watched):
    page = watched.page
    show(page, EXAMPLES[name]())
    for control in page.locator("#widget input, #widget select, #widget button").all():
        named = control.evaluate(
            "e => (e.labels && e.labels.length && e.labels[0].textContent) || e.ariaLabel || e.textContent"
        )
        assert named.strip()
        assert control.evaluate("e => e.tabIndex") >= 0
    assert page.locator("#widget [role=group]").first.get_attribute("aria-label")
    for canvas in page.locator("#widget canvas").all():
        assert canvas.get_attribute("aria-label"), "a canvas says what it shows"


@each
def test_it_says_something_where_widgets_do_not_run(name):
    assert len(repr(EXAMPLES[name]())) >= 20
    assert "object at" not in repr(EXAMPLES[name]())
