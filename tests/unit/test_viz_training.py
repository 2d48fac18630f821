"""Figures of chapter 08 draw the numbers that they are given."""

import numpy as np
import pytest
import torch

from course_lib.viz import training as figures

RNG = np.random.default_rng(8)


def flat(value, height=6, width=8):
    """A picture of one colour, which stays the same at any size."""
    return torch.full((3, height, width), float(value))


def colours(figure):
    """The mean of each picture that is no matte."""
    return [picture.mean() for picture in pictures(figure) if picture.ndim == 3]


def pictures(figure):
    return [ax.images[0].get_array() for ax in figure.axes if ax.images]


def texts(ax):
    return [text.get_text() for text in ax.texts]


def row(stage, step, total, validation=None, segmentation=0.5):
    return {
        "stage": float(stage),
        "step": float(step),
        "low_total": total,
        "segmentation_total": segmentation,
        "validation_total": validation,
    }


def test_a_batch_is_drawn_frames_first_then_mattes():
    frames, alpha = torch.stack([flat(0), flat(1), flat(0)]), torch.rand(3, 1, 6, 8)
    figure = figures.training_batch(frames, alpha)
    assert colours(figure) == [0, 1, 0]
    np.testing.assert_allclose(pictures(figure)[4], alpha[1, 0])


def test_ingredients_keep_their_names_and_one_channel_is_a_matte():
    figure = figures.ingredients({"F": torch.rand(3, 6, 8), "α": torch.rand(1, 6, 8)})
    assert [ax.get_title() for ax in figure.axes] == ["F", "α"]
    assert [picture.ndim for picture in pictures(figure)] == [3, 2]
    assert figure.axes[1].images[0].get_clim() == (0, 1)


def test_motions_name_rows_and_times():
    clips = {"person": [flat(0), flat(0)], "both": [flat(0), flat(1)]}
    figure = figures.motions(clips, [0, 4])
    assert colours(figure) == [0, 0, 0, 1]
    assert [ax.get_title() for ax in figure.axes[1:3]] == ["t = 0", "t = 4"]
    assert [texts(ax)[0] for ax in figure.axes if ax.texts] == ["person", "both"]


def test_first_step_has_a_point_per_weight():
    moved = {"backbone": (RNG.random(5), RNG.random(5)), "decoder": (RNG.random(3), RNG.random(3))}
    (ax,) = figures.first_step(moved, {"backbone": 1e-4, "decoder": 2e-4}).axes
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), moved["decoder"][0])
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), moved["backbone"][1])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "backbone: rate 0.0001",
        "decoder: rate 0.0002",
    ]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


def test_overfitting_counts_steps_from_one():
    figure = figures.overfitting({"I": torch.rand(3, 4, 4), "α": torch.rand(1, 4, 4)}, [3, 2, 1])
    line = figure.axes[-1].lines[0]
    assert list(line.get_xdata()) == [1, 2, 3]
    assert list(line.get_ydata()) == [3, 2, 1]
    assert len(pictures(figure)) == 2


def test_stuck_colours_name_each_curve_where_it_ends():
    (ax,) = figures.colours_stuck({"all": [3, 1], "no heads": [3, 2]}).axes
    assert {text.get_text(): tuple(text.xy) for text in ax.texts} == {"all": (2, 1), "no heads": (2, 2)}


def test_longer_and_larger_draws_a_bar_per_frame_as_high_as_its_side():
    figure = figures.longer_and_larger({"gpu": [("low", 3, 100), ("high", 2, 400)]})
    (ax,) = figure.axes
    assert len(ax.patches) == 5
    low, high = ax.patches[0].get_height(), ax.patches[-1].get_height()
    assert high == pytest.approx(1.0)
    assert low == pytest.approx(0.15 + 0.85 / 4)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["low\n100², T = 3", "high\n400², T = 2"]


def test_segmentation_samples_put_each_mask_under_its_picture():
    samples = {name: (flat(k), torch.rand(1, 4, 5)) for k, name in enumerate(("clip", "still"))}
    figure = figures.segmentation_samples(samples)
    assert colours(figure) == [0, 1]
    np.testing.assert_allclose(pictures(figure)[2], samples["clip"][1][0])


def test_statistics_lag_draws_rows_of_different_kinds():
    rows = {"new people": torch.rand(2, 3, 4, 4), "measured": torch.rand(2, 1, 4, 4)}
    figure = figures.statistics_lag(rows)
    assert [picture.ndim for picture in pictures(figure)] == [3, 3, 2, 2]


def test_recorded_runs_smooth_training_and_mark_validation():
    rows = [row(1, 20 * k, 1 / k, validation=0.3 if k == 15 else None) for k in range(1, 21)]
    above, below = figures.recorded_runs({"a": rows}, window=10).axes
    line, dots = above.lines[:2]
    assert len(line.get_xdata()) == 11
    assert line.get_xdata()[0] == 200
    assert line.get_ydata()[0] == pytest.approx(np.mean([1 / k for k in range(1, 11)]))
    assert (list(dots.get_xdata()), list(dots.get_ydata())) == ([300], [0.3])
    np.testing.assert_allclose(below.lines[0].get_ydata(), 0.5)


def test_recorded_runs_take_a_run_that_has_only_begun_or_lacks_a_task():
    short = [row(1, 20, 1.0, segmentation=None)]
    above, _ = figures.recorded_runs({"begun": short, "none": short * 12}, window=10).axes
    assert len([line for line in above.lines if len(line.get_xdata()) > 0]) == 1


def test_stages_follow_each_other_in_a_recorded_run():
    rows = [row(1, 20, 1.0), row(1, 40, 1.0), row(2, 20, 1.0), row(3, 10, 1.0)]
    np.testing.assert_array_equal(figures.steps_over_stages(rows), [20, 40, 60, 70])
    above, _ = figures.recorded_runs({"a": rows}, window=2).axes
    upright = [line.get_xdata()[0] for line in above.lines if len(set(line.get_xdata())) == 1]
    assert upright == [40, 60]


def test_mattes_on_the_clip_lie_under_their_frames():
    frames, alpha = torch.rand(2, 3, 4, 6), torch.rand(2, 1, 4, 6)
    figure = figures.mattes_on_the_clip(frames, {"published": alpha}, [0, 7])
    np.testing.assert_allclose(pictures(figure)[3], alpha[1, 0])
    assert "frame 7" in [ax.get_title() for ax in figure.axes]


def test_resuming_marks_the_kill_between_two_steps():
    (ax,) = figures.resuming({"whole": [3, 2, 1], "again": [3, 2, 1], "weights": [3, 2, 2]}, stop=2).axes
    assert [list(line.get_ydata()) for line in ax.lines[:3]] == [[3, 2, 1], [3, 2, 1], [3, 2, 2]]
    assert ax.lines[3].get_xdata()[0] == 2.5
    assert texts(ax) == ["killed here"]


def test_moving_average_is_the_mean_of_neighbours():
    np.testing.assert_allclose(figures.moving_average([1, 2, 3, 6], 2), [1.5, 2.5, 4.5])


def test_few_levels_keep_shape_and_colour_within_half_a_level():
    ramp = torch.linspace(0, 1, 60).expand(3, 30, 60)
    small = figures.few_levels(ramp, 20)
    assert small.shape == (3, 10, 20)
    assert len(np.unique(small)) <= figures.LEVELS
    exact = ramp.reshape(3, 10, 3, 20, 3).mean((2, 4))
    assert np.abs(small - exact.numpy()).max() <= 0.5 / (figures.LEVELS - 1) + 1e-6
