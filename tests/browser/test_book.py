"""Every page of the built book, opened from the disk: nothing fails, everything shows, nothing leaves the machine."""

import os
import subprocess
import sys

import pytest

from course_lib.chapters import NOTEBOOKS, ROOT, chapter_paths
from course_lib.cli.book import OUTPUT

from .links import broken_links

SOURCES = [NOTEBOOKS / "index.md", NOTEBOOKS / "conf.py", *chapter_paths().values()]
NAMES = ["index.html", *(f"{path.stem}.html" for path in chapter_paths().values()), "search.html", "genindex.html"]
TYPESET = "() => window.MathJax?.startup?.promise?.then(() => true) ?? true"


@pytest.fixture(scope="module")
def book():
    """The folder of pages, built again where a source is newer."""
    index = OUTPUT / "index.html"
    if not index.exists() or index.stat().st_mtime < max(path.stat().st_mtime for path in SOURCES):
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
        subprocess.run([sys.executable, "-m", "course_lib", "book"], cwd=ROOT, env=environment, check=True)
    return OUTPUT


def test_there_is_a_page_for_every_chapter(book):
    assert {path.name for path in book.glob("*.html")} == set(NAMES)


def test_links_pictures_and_anchors_lead_somewhere(book):
    assert broken_links(book) == []


def test_a_broken_link_is_seen(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html#here">x</a><a href="#top" id="top">x</a><img src="https://e.org/x">'
    )
    (tmp_path / "b.html").write_text(
        '<p id="here">x</p><a href="c.html">x</a><img src="no.png"><a href="a.html#gone">x</a>'
    )
    assert broken_links(tmp_path) == ["b.html: c.html", "b.html: no.png", "b.html: a.html#gone"]


@pytest.mark.parametrize("name", NAMES)
def test_page(book, watched, name):
    page = watched.page
    page.goto((book / name).as_uri(), wait_until="load")
    page.evaluate(TYPESET)
    assert watched.errors == []
    assert watched.failed == []
    assert watched.elsewhere == []

    formulas = page.locator(".math").count()
    assert page.locator(".math mjx-container").count() >= formulas, "formulas that were not typeset"
    assert page.locator('[data-mml-node="merror"]').count() == 0, "formulas with an error in them"
    if name[:2].isdigit():
        assert formulas > 0, "a chapter without a formula"

    broken = "() => [...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"
    page.wait_for_function("() => [...document.images].every(image => image.complete)")
    assert page.evaluate(broken) == []
    silent = "() => [...document.querySelectorAll('article img')].filter(i => !i.alt.trim()).map(i => i.src)"
    assert page.evaluate(silent) == [], "pictures without alternative text"

    prose = page.evaluate(
        "() => { const copy = document.querySelector('article, main').cloneNode(true);"
        " copy.querySelectorAll('pre, code, script, .math').forEach(node => node.remove()); return copy.textContent; }"
    )
    assert not [mark for mark in ("$$", ":::", "{admonition}", "\\(", "](") if mark in prose], "markup shown as text"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "wider than the window"
    wide = (
        "() => [...document.querySelectorAll('div.math mjx-container')]"
        ".filter(node => node.scrollWidth > node.clientWidth + 1).map(node => node.parentElement.id || node.textContent)"
    )
    assert page.evaluate(wide) == [], "display formulas wider than the column: break their lines"
