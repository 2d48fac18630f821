"""The contact sheet shows the pictures that it is given, in order, and tells the real ones."""

import numpy as np

from course_lib.viz import puppets


def flat(value, height=90, width=120):
    picture = np.full((3, height, width), 0.9, np.float32)
    picture[:, :, 15:-15] = value  # the middle square
    return picture


def test_puppets_come_first_and_real_frames_are_marked():
    figure = puppets.contact_sheet([flat(k / 19) for k in range(20)], [flat(1 - k / 19) for k in range(4)])
    shown = [ax.images[0].get_array() for ax in figure.axes]
    assert len(shown) == 24
    expected = [k / 19 for k in range(20)] + [1 - k / 19 for k in range(4)]
    for picture, value in zip(shown, expected, strict=True):
        np.testing.assert_allclose(picture, value, atol=0.5 / (puppets.LEVELS - 1) + 1e-6)
    assert [[text.get_text() for text in ax.texts] for ax in figure.axes] == [[]] * 20 + [["real"]] * 4


def test_puppet_pictures_are_the_same_each_time():
    first, again = (puppets.puppet_pictures(3, height=32, width=40) for _ in range(2))
    assert [picture.shape for picture in first] == [(3, 32, 40)] * 3
    np.testing.assert_array_equal(first, again)
