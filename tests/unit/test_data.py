"""The clip and the photographs: shapes, types, ranges, and the exact bytes."""

import hashlib
from dataclasses import replace

import numpy as np
import pytest
import torch

from course_lib.data import clips, images, list_images, sample_clip, sample_clip_path, sample_image
from course_lib.errors import CourseError

# SHA-256 of the first frame and of all frames as (T, H, W, 3) uint8 RGB, decoded once by OpenCV.
FIRST_FRAME = "d5b81976c4da6286ed881497a4e134f2bf37d3305ce5de51acfa80a522f79dbe"
ALL_FRAMES = "52012fd017c4179534fe655a762eb8dbcb83a7073313d92eadf814258001c7d3"


def to_bytes(clip: torch.Tensor) -> np.ndarray:
    return (clip * 255).round().byte().permute(0, 2, 3, 1).contiguous().numpy()


def sha256(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()


def test_the_clip_is_the_one_the_reference_numbers_were_made_from():
    clip = sample_clip("carphone")
    assert clip.shape == (120, 3, 144, 176)
    assert clip.dtype == torch.float32
    assert clip.is_contiguous()
    assert clip.min() >= 0
    assert clip.max() <= 1
    assert sha256(to_bytes(clip)[0]) == FIRST_FRAME
    assert sha256(to_bytes(clip)) == ALL_FRAMES


def test_pyav_and_opencv_decode_to_the_same_bytes():
    path = sample_clip_path()
    np.testing.assert_array_equal(np.stack(clips._decode_with_pyav(path)), np.stack(clips._decode_with_opencv(path)))


def test_without_pyav_opencv_decodes(monkeypatch):
    monkeypatch.setattr(clips, "_decode_with_pyav", None)  # calling it would fail
    monkeypatch.setattr(clips.importlib.util, "find_spec", lambda name: None)
    assert sha256(to_bytes(sample_clip("carphone"))) == ALL_FRAMES


@pytest.mark.parametrize(
    ("frames", "indices"), [(3, [0, 1, 2]), (slice(5, 12, 3), [5, 8, 11]), (slice(-2, None), [118, 119])]
)
def test_frames_may_be_chosen(frames, indices):
    torch.testing.assert_close(sample_clip(frames=frames), sample_clip()[indices], rtol=0, atol=0)


def test_wrong_clips_are_named():
    with pytest.raises(CourseError, match=r"'nobody'.*carphone"):
        sample_clip("nobody")
    with pytest.raises(CourseError, match="no frame"):
        sample_clip(frames=slice(200, 300))


@pytest.mark.parametrize("name", list_images())
def test_every_photograph_is_a_picture_with_a_credit(name):
    image = sample_image(name)
    channels, height, width = image.shape
    assert channels == 3
    assert min(height, width) >= 300
    assert image.dtype == torch.float32
    assert image.min() >= 0
    assert 0.5 < image.max() <= 1
    assert image.std() > 0.05
    assert len(images.PHOTOGRAPHS[name].credit) > 10


def test_a_photograph_equals_scikit_images_own_reading():
    from skimage.data import astronaut

    expected = torch.from_numpy(astronaut().astype(np.float32) / 255).permute(2, 0, 1)
    torch.testing.assert_close(sample_image("astronaut"), expected, rtol=0, atol=1e-7)


def test_wrong_photographs_are_named(monkeypatch):
    with pytest.raises(CourseError, match=r"'nobody'.*astronaut"):
        sample_image("nobody")
    chelsea = images.PHOTOGRAPHS["chelsea"]
    monkeypatch.setitem(images.PHOTOGRAPHS, "chelsea", replace(chelsea, sha256="0" * 64))
    with pytest.raises(CourseError, match=r"(?s)chelsea.*force-reinstall scikit-image"):
        sample_image("chelsea")
    monkeypatch.setitem(images.PHOTOGRAPHS, "chelsea", replace(chelsea, file="data/gone.png"))
    with pytest.raises(CourseError, match=r"gone.png of scikit-image is missing.*force-reinstall scikit-image"):
        sample_image("chelsea")
