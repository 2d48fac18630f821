import numpy as np
import pytest
import torch

from course_lib.errors import CourseError
from course_lib.matting import RobustVideoMatting
from course_lib.video import MattingSession
from tests.video_files import RedIsAlpha, picture


def test_numpy_in_numpy_out():
    frame = picture(3)
    foreground, alpha = MattingSession(RedIsAlpha()).step(frame)
    assert foreground.dtype == alpha.dtype == np.float32
    np.testing.assert_allclose(foreground, frame / 255, atol=1e-6)
    np.testing.assert_allclose(alpha, frame[..., 0] / 255, atol=1e-6)


def test_uint8_float_and_torch_agree():
    frame = picture(5)
    tensor = torch.from_numpy(frame).permute(2, 0, 1)
    results = [
        MattingSession(RedIsAlpha()).step(given)[1].squeeze()
        for given in (frame, (frame / 255).astype(np.float32), frame / 255, tensor, tensor.float() / 255)
    ]
    for result in results[1:]:
        np.testing.assert_allclose(result, results[0], atol=1e-6)


def test_states_are_kept_and_reset_forgets_them():
    session = MattingSession(model := RedIsAlpha())
    for _ in range(3):
        session.step(picture(0))
    assert model.seen == 3
    session.reset()
    session.step(picture(0, 20, 30))
    assert model.seen == 1


def test_steps_of_the_real_network_equal_one_clip():
    torch.manual_seed(0)
    model = RobustVideoMatting("mobilenetv3").eval()
    frames = torch.rand(3, 3, 33, 47)
    session = MattingSession(model, downsample_ratio=0.5)
    stepped = [session.step(frame) for frame in frames]
    foreground, alpha = MattingSession(model, downsample_ratio=0.5).clip(frames)
    torch.testing.assert_close(torch.stack([a for _, a in stepped]), alpha, atol=1e-5, rtol=0)
    torch.testing.assert_close(torch.stack([f for f, _ in stepped]), foreground, atol=1e-5, rtol=0)
    assert not torch.equal(alpha[0], alpha[1])


def test_another_size_is_refused_until_reset():
    session = MattingSession(RedIsAlpha())
    session.step(picture(0, 40, 60))
    with pytest.raises(CourseError, match=r"60×40.*64×48.*reset\(\)"):
        session.step(picture(0, 48, 64))
    session.reset()
    session.step(picture(0, 48, 64))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (np.full((8, 8, 3), np.nan, np.float32), "nan"),
        (np.full((8, 8, 3), 200, np.float32), "go from 200 to 200"),
        (np.full((8, 8, 3), -0.5, np.float32), "-0.5"),
        (np.zeros((8, 8, 3), np.int32), "int32"),
        (np.zeros((8, 8), np.uint8), r"\(8, 8\)"),
        (np.zeros((8, 8, 4), np.uint8), r"\(8, 8, 4\)"),
        (torch.zeros(8, 8, 3), r"\(8, 8, 3\)"),
    ],
)
def test_what_is_no_frame_is_named(frame, words):
    with pytest.raises(CourseError, match=words):
        MattingSession(RedIsAlpha()).step(frame)


@pytest.mark.parametrize("ratio", [0, -0.5, 1.5, float("nan"), "half"])
def test_ratio_out_of_range(ratio):
    with pytest.raises(CourseError, match="ratio"):
        MattingSession(RedIsAlpha(), ratio)


def test_auto_ratio_makes_the_longer_side_512():
    session = MattingSession(model := RedIsAlpha())
    session.step(np.zeros((20, 1024, 3), np.uint8))
    session.reset()
    session.step(np.zeros((20, 100, 3), np.uint8))
    assert model.ratios == [0.5, 1.0]


def test_ratio_that_leaves_nothing():
    with pytest.raises(CourseError, match="leaves nothing"):
        MattingSession(RedIsAlpha(), 0.01).step(picture(0))
