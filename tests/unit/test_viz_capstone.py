import numpy as np
import torch
from matplotlib.colors import to_rgb

from course_lib.viz import capstone as figures
from course_lib.viz.emoji_scenes import instance_colour
from course_lib.viz.style import PALETTE, WIDTH

FRAMES = torch.rand(4, 3, 20, 30)
ALPHA = torch.rand(4, 1, 20, 30)
WAYS = {
    name: {"mad": mad, "mad_low": mad - 1, "mad_high": mad + 2, "kept": kept, "kept_low": None, "kept_high": None}
    for name, mad, kept in (("everybody", 90.0, 0.2), ("capstone", 12.0, 0.8), ("true masks", 5.0, 0.97))
}


def pictures(figure):
    return [np.asarray(ax.images[0].get_array()) for ax in figure.axes if ax.images]


def test_from_many_to_one_shows_its_four_pictures():
    figure = figures.from_many_to_one(FRAMES[0], ALPHA[0], ALPHA[1], FRAMES[2])
    frame, everybody, one, out = pictures(figure)
    np.testing.assert_allclose(frame, FRAMES[0].permute(1, 2, 0), atol=1e-6)
    np.testing.assert_allclose(everybody, ALPHA[0, 0])
    np.testing.assert_allclose(one, ALPHA[1, 0])
    np.testing.assert_allclose(out, FRAMES[2].permute(1, 2, 0), atol=1e-6)
    assert figure.get_size_inches()[0] * figure.dpi == WIDTH


def test_followed_paints_and_names_by_number():
    masks = [np.zeros((2, 20, 30), bool) for _ in range(4)]
    for t, some in enumerate(masks):
        some[0, 4:12, 2 + t : 8 + t] = some[1, 6:18, 18:26] = True
    numbers = [[0, 1], [0, 1], [4, 1], [4, 1]]
    figure = figures.followed(FRAMES, masks, numbers, (0, 3))
    assert [[text.get_text() for text in ax.texts] for ax in figure.axes] == [["0", "1"], ["4", "1"]]
    np.testing.assert_allclose(pictures(figure)[1][4, 5], instance_colour(4), atol=1e-6)  # an outline
    x, y = figure.axes[0].texts[0].get_position()
    assert (x, y) == (4.5, 7.5)


def test_whose_pixel_gives_each_pixel_to_the_nearest():
    masks = np.zeros((2, 20, 30), bool)
    distances = np.stack([np.tile(np.arange(30), (20, 1)), np.tile(20 - np.arange(30), (20, 1))])
    figure = figures.whose_pixel(torch.zeros(3, 20, 30), masks, distances, np.ones((20, 30)), "the second")
    nearest = pictures(figure)[1]
    np.testing.assert_allclose(nearest[3, 0], 0.55 * instance_colour(0), atol=1e-6)
    np.testing.assert_allclose(nearest[3, 29], 0.55 * instance_colour(1), atol=1e-6)
    assert figure.axes[2].get_title() == "the gate of the second"


def test_ways_are_bars_as_long_as_their_numbers():
    figure = figures.ways(WAYS)
    left, right = figure.axes
    assert [bar.get_width() for bar in left.patches] == [90, 12, 5]
    assert [bar.get_width() for bar in right.patches] == [0.2, 0.8, 0.97]
    assert [tuple(line.get_xdata()) for line in left.lines] == [(89, 92), (11, 14), (4, 7)]
    assert not right.lines  # no interval is known
    assert [label.get_text() for label in left.get_yticklabels()] == list(WAYS)
    assert left.patches[1].get_facecolor()[:3] == to_rgb(PALETTE["ours"])


def test_failure_has_a_column_a_moment():
    figure = figures.failure(FRAMES, ALPHA, 1 - ALPHA, (1, 3))
    shown = pictures(figure)
    assert len(shown) == 6
    np.testing.assert_allclose(shown[3], ALPHA[3, 0])
    np.testing.assert_allclose(shown[5], 1 - ALPHA[3, 0], atol=1e-6)
