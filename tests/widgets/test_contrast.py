"""Every widget can be read on light and on dark ground, whatever the system's own scheme is."""

import pytest

from .contrast import faint
from .examples import EXAMPLES
from .stage import show

HOSTS = {  # what says on which ground the widget stands
    "book": ("document.documentElement", "data-theme", {"light": "light", "dark": "dark"}),
    "jupyterlab": ("document.body", "data-jp-theme-light", {"light": "true", "dark": "false"}),
}


def stand(page, host, ground):
    element, attribute, values = HOSTS[host]
    page.evaluate(f"{element}.setAttribute('{attribute}', '{values[ground]}')")


def leave(page, host):
    element, attribute, _ = HOSTS[host]
    page.evaluate(f"{element}.removeAttribute('{attribute}')")


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_text_is_readable_on_both_grounds_under_both_schemes(name, watched):
    page = watched.page
    show(page, EXAMPLES[name]())
    for button in page.locator("#widget button:enabled").all():
        button.click()  # a quiz gives its verdicts
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert faint(page) == [], f"{scheme}, nobody says on what"
        for host in HOSTS:
            for ground in ("light", "dark"):
                stand(page, host, ground)
                assert faint(page) == [], f"{host}, {ground} ground, {scheme} system"
            leave(page, host)
    assert watched.errors == []


def test_a_faint_text_is_told(watched):
    show(watched.page, EXAMPLES["quiz"]())
    watched.page.evaluate("document.querySelector('.course-widget legend').style.color = '#999'")
    (told,) = faint(watched.page)
    assert told.endswith("2.85, 153,153,153 on 255,255,255")


def test_controls_are_drawn_for_the_ground_and_not_for_the_system(watched):
    page = watched.page
    page.emulate_media(color_scheme="dark")
    show(page, EXAMPLES["progress_table"]())
    for host in HOSTS:
        for ground in ("light", "dark"):
            stand(page, host, ground)
            assert page.locator(".course-widget").evaluate("box => getComputedStyle(box).colorScheme") == ground
        leave(page, host)
