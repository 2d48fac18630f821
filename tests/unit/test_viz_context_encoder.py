"""Figures of chapter 12 by their data."""

import numpy as np
import torch

from course_lib.viz import context_encoder as figures
from course_lib.viz.boxes import quiet
from course_lib.viz.features import principal_colours


def random(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def test_three_maps_shows_each_map_at_its_own_size():
    maps = [random(1, 5, 8, 12), random(1, 6, 4, 6), random(1, 7, 2, 3)]
    figure = figures.three_maps(random(3, 64, 96), maps)
    pictures = [ax.images[0].get_array() for ax in figure.axes]
    assert [picture.shape[:2] for picture in pictures] == [(64, 96), (8, 12), (4, 6), (2, 3)]
    np.testing.assert_allclose(pictures[2], principal_colours(maps[1]).transpose(1, 2, 0), atol=1e-6)
    assert figure.axes[3].get_title() == "C5, stride 32\n7 × 2 × 3"


def test_scores_stand_on_one_half():
    scores = {"C3": {"small": 0.9, "large": 0.6}, "all": {"small": 0.85, "large": 0.75}}
    (ax,) = figures.scores_by_size(scores).axes
    tops = [round(bar.get_y() + bar.get_height(), 6) for bar in ax.patches]
    assert tops == [0.9, 0.6, 0.85, 0.75]
    assert {text.get_text() for text in ax.texts} == {"0.90", "0.60", "0.85", "0.75"}
    assert ax.get_ylim()[0] == 0.5


def test_grains_share_their_colours():
    """Equal features have equal colours, whichever map they are in."""
    fine = random(4, 3, 3)
    figure = figures.grains(random(3, 9, 9), {"C5": fine, "part": fine[:, :1, :2]})
    whole, part = (ax.images[0].get_array() for ax in figure.axes[1:])
    assert whole.shape == (3, 3, 3)
    np.testing.assert_array_equal(part, whole[:1, :2])


def test_fields_draws_each_square_around_the_place():
    image = random(3, 40, 60)
    left, right = figures.fields(image, (20, 30), {"C3": 6, "C5": 16}).axes
    corners = [(patch.get_x(), patch.get_y(), patch.get_width()) for patch in left.patches]
    assert corners == [(27, 17, 6), (22, 12, 16)]
    whole = right.patches[-1]
    assert (whole.get_width(), whole.get_height()) == (60, 40)


def test_changes_are_logarithmic_and_share_a_scale():
    maps = {"none": np.zeros((2, 2)), "some": np.array([[1.0, 0.1], [1e-3, 1e-9]])}
    figure = figures.changes(random(3, 16, 16), (4, 4), maps)
    none, some = (ax.images[0].get_array() for ax in figure.axes[1:])
    np.testing.assert_array_equal(none, np.zeros((2, 2)))
    np.testing.assert_allclose(some, [[6, 5], [3, 0]], atol=1e-6)
    (square,) = figure.axes[0].patches
    assert (square.get_x(), square.get_width()) == (0, 4)


def test_changes_say_what_arrives_in_the_far_corner():
    values = np.zeros((16, 24))
    values[14:, 21:] = 0.25  # the last eighth of both sides
    figure = figures.changes(random(3, 16, 24), (4, 4), {"some": values})
    assert [text.get_text() for text in figure.axes[1].texts] == ["far corner 0.2500"]


def test_along_columns_keeps_no_change_on_the_axis():
    figure = figures.along_columns({"neither": [0.0, 0.01], "both": torch.tensor([0.1, 0.2])}, edge=2)
    first, second = figure.axes[0].lines[:2]
    np.testing.assert_allclose(first.get_ydata(), [1e-7, 0.01])
    np.testing.assert_allclose(second.get_ydata(), [0.1, 0.2], rtol=1e-6)
    assert list(figure.axes[0].lines[2].get_xdata()) == [2, 2]


def test_twins_are_drawn_on_one_scale():
    image, answer = random(3, 8, 16), np.array([[0.5, 0.5], [1.0, 0.0]])
    figure = figures.twins(image, {"without": answer, "with": answer / 2})
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), quiet(image, 0.8).transpose(1, 2, 0), atol=1e-6)
    assert [ax.images[0].get_clim() for ax in figure.axes[1:]] == [(-1, 1), (-1, 1)]
    np.testing.assert_allclose(figure.axes[2].images[0].get_array(), answer / 2)
    assert [len(ax.collections) for ax in figure.axes[1:]] == [1, 1]  # the outline of where it was asked
