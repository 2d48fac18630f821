"""README's picture of the lab: how it is made, and what is kept of it."""

import io

import numpy as np
from PIL import Image

from course_lib.chapters import ROOT
from tests.widgets.examples import EXAMPLES

from .lab_picture import LARGEST, PATH, SIZE, lab_picture


def test_it_shows_both_views_as_they_were_left(watched):
    names = ("lab", "instance_lab")
    touched = (("input[type=range]", 0, 3),)
    first = lab_picture(watched.page, [EXAMPLES[name]() for name in names], ((), ()))
    second = lab_picture(watched.page, [EXAMPLES[name]() for name in names], (touched, ()))
    before, after = (np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float) for data in (first, second))
    assert before.shape == (SIZE[1], 2 * SIZE[0])
    for half in np.split(before, 2, axis=1):
        assert half.std() > 5, "something is drawn"
    left, right = (np.abs(one).mean() for one in np.split(after - before, 2, axis=1))
    assert left > 10 * right, "who moves a slider on the left sees it there"
    assert watched.errors == []
    assert watched.elsewhere == []


def test_the_kept_picture_is_small_and_readme_shows_it():
    assert PATH.stat().st_size <= LARGEST
    with Image.open(PATH) as picture:
        assert picture.size == (2 * SIZE[0], SIZE[1])
    assert f"]({PATH.relative_to(ROOT).as_posix()})" in (ROOT / "README.md").read_text(encoding="utf-8")
