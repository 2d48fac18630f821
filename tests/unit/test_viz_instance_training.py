"""Figures of chapter 16 by their data."""

import numpy as np
import pytest
import torch

from course_lib.viz import instance_training as figures


def random(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def square(corner: int, side: int = 10, size: int = 32) -> torch.Tensor:
    mask = torch.zeros(1, size, size, dtype=torch.bool)
    mask[:, corner : corner + side, corner : corner + side] = True
    return mask


def test_class_targets_mark_every_yes():
    positive = torch.zeros(5, 4, dtype=torch.bool)
    positive[1, 0], positive[4, 3] = True, True
    _, grid = figures.class_targets(random(3, 32, 32), square(4), positive, ["cat", "dog", "cow", "car"]).axes
    assert [(patch.get_x() + 0.5, patch.get_y() + 0.5) for patch in grid.patches] == [(0, 1), (3, 4)]
    assert [text.get_text() for text in grid.texts] == ["cat", "car"]
    assert [text.get_ha() for text in grid.texts] == ["left", "right"]
    assert grid.get_title() == "5 queries × 4 classes: 2 yes, 18 no"


def test_focal_shapes_split_a_sum():
    left, right = figures.focal_shapes([0.1, 0.5], {"a": [1, 2], "b": [0.1, 1]}, {"x": (1, 3), "y": (9, 1)}).axes
    assert len(left.lines) == 2
    np.testing.assert_allclose([bar.get_width() for bar in right.patches], [0.25, 0.75, 0.9, 0.1])
    assert [text.get_text() for text in right.texts] == ["25.0% from the positives", "90.0% from the positives"]


def test_mask_losses_stand_under_their_masks():
    axes = figures.mask_losses({"good": (random(8, 8), 0.1, 0.02), "bad": (random(8, 8), 1.0, 0.004)}).axes
    assert [ax.get_title() for ax in axes[:2]] == ["good", "bad"]
    good, bad = ([bar.get_height() for bar in ax.patches] for ax in axes[2:])
    assert good[0] / bad[0] == pytest.approx(0.1)
    assert good[1] / bad[1] == pytest.approx(5)
    assert [text.get_text() for text in axes[3].texts] == ["1.00", "0.004"]


def test_pulls_are_lines_with_names():
    (ax,) = figures.pulls([2, 4], {"dice": [0.1, 0.2], "cross-entropy": [0.01, 0.04]}).axes
    assert [list(line.get_ydata()) for line in ax.lines] == [[0.1, 0.2], [0.01, 0.04]]
    assert [text.get_text() for text in ax.texts] == ["dice", "cross-entropy"]


def test_objectness_has_a_panel_for_each_kind_of_query():
    taught, free = figures.objectness((random(3), random(3)), (random(7), random(7))).axes
    assert len(taught.lines[1].get_xdata()) == 3
    assert len(free.lines[1].get_xdata()) == 7
    assert list(free.lines[0].get_ydata()) == [0, 1]


def test_one_batch_shows_truth_answers_and_the_loss():
    row = (random(3, 32, 32), square(4), square(5), [0])
    figure = figures.one_batch([row, row], [9.0, 3.0, 1.0])
    pictures = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title() for ax in pictures] == ["truth", "its surest answers", "", ""]
    (curve,) = [ax for ax in figure.axes if not ax.images]
    np.testing.assert_allclose(curve.lines[0].get_ydata(), [9, 3, 1])


def test_recorded_run_smooths_training_and_dots_validation():
    rows = [
        {"stage": 1.0, "step": float(20 * k)}
        | {f"instances_{term}": float(k) for term in figures.TERM_COLOURS}
        | {f"validation_{term}": 2.0 if k == 3 else None for term in figures.TERM_COLOURS}
        for k in range(1, 7)
    ]
    for ax, term in zip(figures.recorded_run(rows, window=3).axes, figures.TERM_COLOURS, strict=True):
        line, dots = ax.lines
        np.testing.assert_allclose(line.get_xdata(), [60, 80, 100, 120])
        np.testing.assert_allclose(line.get_ydata(), [2, 3, 4, 5])
        assert [list(dots.get_xdata()), list(dots.get_ydata())] == [[60], [2]]
        assert ax.get_title(loc="left") == f"loss_{term}"
    later = [*rows, {**rows[-1], "stage": 2.0, "step": 20.0}]
    end = figures.recorded_run(later, window=3).axes[0].lines[-1]
    assert list(end.get_xdata()) == [120, 120]  # where stage 1 ended


def test_recorded_run_that_has_only_begun():
    rows = [{"stage": 1.0, "step": 20.0, **{f"{kind}_{term}": 1.0 if kind == "instances" else None
             for kind in ("instances", "validation") for term in figures.TERM_COLOURS}}]  # fmt: skip
    assert [len(ax.lines) for ax in figures.recorded_run(rows).axes] == [0, 0, 0, 0]


def test_answers_stand_beside_their_truth():
    scene = (random(3, 32, 32), square(4), square(15), [-1])
    axes = figures.answers({"best": [(*scene, "1 of 1")], "worst": [(*scene, "0 of 1"), (*scene, "0 of 2")]}).axes
    titles = [[ax.get_title() for ax in axes[k : k + 4]] for k in (0, 4)]
    assert titles == [["best", "1 of 1", "", ""], ["worst", "0 of 1", "worst", "0 of 2"]]
    truth, answer = (ax.images[0].get_array() for ax in axes[:2])
    assert np.ptp(answer, axis=2).max() < 1e-6  # grey: it belongs to nothing
    assert np.ptp(truth, axis=2).max() > 0.2


def test_sampling_frames_every_centre_and_writes_what_is_left():
    target = np.zeros((8, 8))
    target[2, 3], target[4, 4] = 0.25, 1
    mask, small = figures.sampling(square(4)[0].float(), {"centre": target}).axes
    frames = [patch for patch in mask.patches if patch.get_width() == 2]
    assert len(frames) == 64
    assert (frames[0].get_x(), frames[0].get_y()) == (0.5, 0.5)  # pixels 1 and 2
    assert [(text.get_position(), text.get_text()) for text in small.texts] == [((3, 2), ".25"), ((4, 4), "1")]


def test_lost_targets_are_shares_by_size():
    shares = {"none": [0.5, 0.0], "faint": [0.75, 0.001]}
    (ax,) = figures.lost_targets(["0–5", "5–"], shares, [4, 1000]).axes
    assert [bar.get_height() for bar in ax.patches] == [0.5, 0.0, 0.75, 0.001]
    assert [text.get_text() for text in ax.texts] == ["50%", "0", "75%", "<1%"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0–5\n4 objects", "5–\n1,000 objects"]
