"""Figures of chapter 15 by their data."""

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from course_lib.viz import matching as figures
from course_lib.viz import settling
from course_lib.viz.emoji_scenes import instance_colour, paint_instances
from course_lib.viz.style import figure_png, new_figure

SCORES = np.array([[0.9, 0.8, 0.1], [0.8, 0.2, 0.1], [0.3, 0.6, 0.4], [0.0, 0.0, 0.0]])  # 4 queries, 3 objects


def masks(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).random(shape) > 0.5


def cell(patch) -> tuple[float, float]:
    """Column and row that a frame is around."""
    return patch.get_x() + 0.5, patch.get_y() + 0.5


def test_score_table_has_objects_down_and_queries_across():
    image, truth, drawn = np.random.default_rng(1).random((3, 8, 8)), masks(3, 8, 8), np.zeros((4, 2, 2))
    figure = figures.score_table(image, truth, drawn, SCORES, [1, 0, 2])
    axes = np.array(figure.axes).reshape(4, 5)
    assert [[ax.texts[0].get_text() for ax in row[1:]] for row in axes[1:]] == [
        [f"{value:.2f}" for value in row] for row in SCORES.T
    ]
    framed = [[len(ax.patches) for ax in row[1:]] for row in axes[1:]]
    assert framed == [[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0]]
    assert [ax.images[0].get_array().shape for ax in axes[0, 1:]] == [(2, 2)] * 4


def test_choices_frame_each_objects_query_and_add_up():
    figure = figures.choices(SCORES, {"greedy": [0, 2, 1], "best": [1, 0, 2]})
    assert [ax.get_title() for ax in figure.axes] == ["greedy\nsum 1.6", "best\nsum 2.0"]
    greedy, best = figure.axes
    assert [cell(patch) for patch in greedy.patches] == [(0, 0), (2, 1), (1, 2)]
    assert [cell(patch) for patch in best.patches] == [(1, 0), (0, 1), (2, 2)]
    np.testing.assert_array_equal(best.images[0].get_array(), SCORES.T)


def test_chains_colour_what_is_new_and_dash_what_is_given_up():
    figure = figures.chains(SCORES, [({}, {0: 0}), ({0: 0}, {0: 1, 1: 0}), ({0: 1, 1: 0}, {0: 1, 1: 0, 2: 2})])
    assert [ax.get_title() for ax in figure.axes] == [
        "A comes in: sum 0.9",
        "B comes in: sum 1.6",
        "C comes in: sum 2.0",
    ]

    def edges(ax):
        lines = [line for line in ax.lines if len(line.get_xdata()) == 2]
        return [(*-np.array(line.get_ydata()), line.get_linestyle(), line.get_color()) for line in lines]

    def colour(edge):
        return None if isinstance(edge[3], str) else tuple(edge[3])

    second, third = edges(figure.axes[1]), edges(figure.axes[2])
    assert [edge[:3] for edge in second] == [(0, 0, "--"), (0, 1, "-"), (1, 0, "-")]
    assert [colour(edge) for edge in second[1:]] == [tuple(instance_colour(0)), tuple(instance_colour(1))]
    assert [edge[:3] for edge in third] == [(0, 1, "-"), (1, 0, "-"), (2, 2, "-")]
    assert [colour(edge) for edge in third] == [None, None, tuple(instance_colour(2))]


def test_times_draws_the_slope_of_three():
    (ax,) = figures.times({"ours": ([2, 4], [1e-3, 2e-3]), "SciPy": ([4, 8, 16], [1e-5, 1e-4, 3e-4])}).axes
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [1e-3, 2e-3])
    guide = ax.lines[2]
    slope = np.diff(np.log(guide.get_ydata())) / np.diff(np.log(guide.get_xdata()))
    assert slope == pytest.approx(3)
    assert ax.get_xscale() == ax.get_yscale() == "log"


def test_score_parts_frame_the_same_queries():
    figure = figures.score_parts({"dice": SCORES, "score": SCORES / 2}, [1, 0, 2])
    for ax, factor in zip(figure.axes, (1, 0.5), strict=True):
        assert [cell(patch) for patch in ax.patches] == [(1, 0), (0, 1), (2, 2)]
        np.testing.assert_allclose(ax.images[0].get_array(), SCORES.T * factor)
        assert ax.images[0].get_clim() == (0, 1)


def test_taught_frames_who_says_yes():
    drawn = masks(3, 4, 4).astype(float)
    figure = figures.taught(masks(2, 6, 6), {"one": (drawn, [0.9, 0.1, 0.6]), "other": (drawn, [0.2, 0.1, 0.0])})
    axes = np.array(figure.axes).reshape(2, 4)
    thick = [[sum(patch.get_linewidth() == 4 for patch in ax.patches) for ax in row[1:]] for row in axes]
    assert thick == [[1, 0, 1], [0, 0, 0]]
    assert [ax.texts[0].get_text() for ax in axes[0, 1:]] == ["0.90", "0.10", "0.60"]
    assert [row[0].get_title() for row in axes] == ["one", "other"]


def test_over_steps_marks_the_last_change():
    image, assigned = np.full((3, 8, 8), 1.0), [[0, 1], [2, 1], [2, 0], [2, 0], [2, 0]]
    drawn = masks(2, 8, 8)
    figure = settling.over_steps(image, ["cat", "dog"], assigned, {0: drawn, 4: drawn})
    *shown, below = figure.axes
    assert [ax.get_title() for ax in shown] == ["step 0", "step 4"]
    expected = paint_instances(image, drawn, strength=0.75).transpose(1, 2, 0)
    np.testing.assert_allclose(shown[0].images[0].get_array(), expected, atol=1e-6)
    np.testing.assert_array_equal(below.lines[0].get_ydata(), [0, 2, 2, 2, 2])
    np.testing.assert_array_equal(below.lines[1].get_ydata(), [1, 1, 0, 0, 0])
    assert list(below.lines[2].get_xdata()) == [1.5, 1.5]  # between step 1 and step 2
    assert {text.get_text() for text in below.texts} == {"cat", "dog"}


def test_over_steps_without_a_change_has_no_mark():
    figure = settling.over_steps(np.ones((3, 8, 8)), ["cat"], [[1], [1]], {0: masks(1, 8, 8)})
    assert len(figure.axes[-1].lines) == 1


def test_film_holds_every_frame_and_ends():
    scores = np.stack([SCORES, SCORES[::-1]])
    played = settling.matching_film(["a", "b", "c"], [0, 5], scores, [[1, 0, 2], [2, 3, 1]])
    assert played.frames == 2
    assert repr(played) == "<Film of 2 frames>"
    picture = Image.open(io.BytesIO(played._repr_png_()))
    assert (picture.n_frames, picture.info["loop"]) == (2, settling.TIMES)
    first, second = (np.asarray(frame.convert("RGB"), float) for frame in ImageSequence.Iterator(picture))
    assert first.shape == (210, 560, 3)
    assert np.abs(first - second).mean() > 2


def test_a_frame_of_a_film_looks_like_its_figure():
    figure, ax = new_figure(height=120, width=200)
    ax.plot([0, 1], [0, 1])
    data = figure_png(figure)
    shown = Image.open(io.BytesIO(settling.film([data, data]).png)).convert("RGB")
    wanted = Image.open(io.BytesIO(data)).convert("RGB")
    assert np.abs(np.asarray(shown, float) - np.asarray(wanted, float)).mean() < 1
