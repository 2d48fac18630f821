"""Evaluating a method: what it is given, what is measured of it, and how results are averaged and grouped."""

import numpy as np
import pytest
import torch
from torch import nn

from course_lib.evaluation import TestScene, evaluate_method, matting_metrics
from course_lib.evaluation.evaluate import extras_of, network_method


def scene(name="a/1", length=3, height=12, width=16, foreground=True, **groups) -> TestScene:
    generator = torch.Generator().manual_seed(len(name) + length)
    alpha = torch.zeros(length, 1, height, width)
    alpha[:, :, 3:9, 4:12] = 1
    frames = torch.rand(length, 3, height, width, generator=generator)
    return TestScene(
        name, frames, alpha, frames * 0.5 if foreground else None, frames * 0.9, {"set": name[0], **groups}
    )


def half(frames, extras):
    return torch.full_like(frames[:, :1], 0.5)


class Counter(nn.Module):
    """Called as RVM is; its state counts frames, alpha is a tenth of the count, the foreground is the frame."""

    def forward(self, frames, state=None, *others, downsample_ratio=1.0):
        start = torch.zeros(1) if state is None else state
        counts = start + torch.arange(1, frames.shape[1] + 1)
        alpha = (counts / 10).view(1, -1, 1, 1, 1).expand(1, frames.shape[1], 1, *frames.shape[-2:])
        return frames, alpha, counts[-1:], None, None, None


def test_errors_are_those_of_the_metrics():
    one = scene()
    (clip,) = evaluate_method(half, [one]).clips
    assert clip.name == "a/1"
    assert clip.frames == 3
    expected = matting_metrics(half(one.frames, None), one.alpha)
    assert set(clip.metrics) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(clip.metrics[name], values)


def test_a_method_never_sees_the_truth_but_gets_trimap_and_plate():
    one, seen = scene(), {}

    def curious(frames, extras):
        seen.update(frames=frames, extras=extras)
        return half(frames, extras)

    evaluate_method(curious, [one])
    assert torch.equal(seen["frames"], one.frames)
    assert torch.equal(seen["extras"].clean_plate, one.background)
    assert set(seen["extras"].trimap.unique().tolist()) == {0, 0.5, 1}


def test_the_trimap_is_right_where_it_is_certain():
    one = scene(height=64, width=64)
    trimap = extras_of(one).trimap
    assert (one.alpha[trimap == 1] == 1).all()
    assert (one.alpha[trimap == 0] == 0).all()


def test_a_network_keeps_its_state_within_a_scene_and_starts_anew_for_the_next(monkeypatch):
    monkeypatch.setattr("course_lib.matting.baselines.interface.PIXELS_AT_ONCE", 2 * 12 * 16)  # two frames a call
    evaluation = evaluate_method(Counter(), [scene("a/1"), scene("a/2")])
    for clip in evaluation.clips:
        share = 6 * 8 / (12 * 16)
        expected = [1000 * (share * (1 - k / 10) + (1 - share) * k / 10) for k in (1, 2, 3)]
        np.testing.assert_allclose(clip.metrics["mad"], expected, rtol=1e-5)
        frames = scene(clip.name).frames[
            :, :, 3:9, 4:12
        ]  # where alpha is above 0; the true foreground is half as bright
        np.testing.assert_allclose(clip.metrics["fgr_mad"], 1000 * 0.5 * frames.mean(dim=(1, 2, 3)), rtol=1e-5)


def test_long_clips_go_through_a_network_in_parts(monkeypatch):
    frames = torch.rand(7, 3, 4, 4)
    whole = network_method(Counter())(frames, None)
    monkeypatch.setattr("course_lib.matting.baselines.interface.PIXELS_AT_ONCE", 3 * 16)
    for expected, part in zip(whole, network_method(Counter())(frames, None), strict=True):
        assert torch.equal(expected, part)


def test_metrics_that_one_clip_lacks_are_in_no_average():
    evaluation = evaluate_method(Counter(), [scene("a/1"), scene("a/2", foreground=False)])
    assert "fgr_mad" in evaluation.clips[0].metrics
    assert evaluation.metrics == ("mad", "mse", "grad", "conn", "dtssd")
    assert list(evaluation.average()) == list(evaluation.metrics)


def test_groups_and_both_averages():
    scenes = [scene("a/1", 2, light="dark"), scene("a/2", 4, light="bright"), scene("b/1", 3)]
    evaluation = evaluate_method(Counter(), scenes)
    mads = evaluation.per_clip()["mad"]
    assert evaluation.sets == ["a", "a", "b"]
    groups = evaluation.by_group("light")
    assert {name: group["mad"].mean for name, group in groups.items()} == {"bright": mads[1], "dark": mads[0]}
    assert evaluation.average()["mad"].mean == pytest.approx(mads.mean())
    # Per frame index first: the fourth frame exists once and weighs as much as the others.
    assert evaluation.average_over_frames()["mad"] == pytest.approx(evaluation.clips[1].metrics["mad"].mean())


def test_alpha_of_another_size_is_refused():
    with pytest.raises(ValueError, match="must agree in T, H and W"):
        evaluate_method(lambda frames, extras: frames[:2, :1], [scene()])
