"""What SparseInst says of pictures and sizes that it cannot take, and which it can."""

import numpy as np
import pytest
import torch

from tests.unit.test_instances_network import small


@pytest.fixture(scope="module")
def model():
    return small()


@pytest.fixture(scope="module")
def image():
    return torch.rand(3, 64, 96, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (torch.rand(3, 32, 32), r"one picture goes in as picture\[None\]"),
        (torch.rand(1, 4, 32, 32), r"expected RGB pictures \(3, h, w\), got shape \(4, 32, 32\)"),
        (torch.rand(0, 3, 32, 32), "no images"),
        ([], "no images"),
        (torch.rand(1, 3, 0, 32), r"nothing to segment in a picture of shape \(3, 0, 32\)"),
        ([torch.rand(3, 32, 32), torch.rand(32, 32, 3)], r"got shape \(32, 32, 3\)"),
        (torch.zeros(1, 3, 32, 32, dtype=torch.uint8), r"uint8.*image\.float\(\) / 255"),
    ],
)
def test_wrong_pictures(model, images, message):
    with pytest.raises(ValueError, match=message):
        model(images)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((1, 3, 32, 32), np.float32), r"of type ndarray: .*torch\.from_numpy\(array\)\.permute\(2, 0, 1\)"),
        ([np.zeros((32, 32, 3), np.float32)], r"of type ndarray: .*torch\.from_numpy"),
        ("photo.jpg", "of type str: the network takes tensors"),
        (None, "of type NoneType: the network takes tensors"),
        (torch.rand(3, 32, 32), r"one picture goes in as picture\[None\]"),
        ([], "no images"),
        ([torch.rand(32, 32, 3)], r"got shape \(32, 32, 3\)"),
        (torch.zeros(1, 3, 32, 32, dtype=torch.uint8), r"uint8.*image\.float\(\) / 255"),
        (
            torch.rand(1, 3, 32, 32).double(),
            r"torch\.float64 on cpu, the network is torch\.float32.*\.to\(.cpu., torch\.float32",
        ),
        ([torch.rand(3, 32, 32), torch.rand(3, 32, 32).half()], r"torch\.float16 on cpu, .*torch\.float32\)"),
        (torch.empty(1, 3, 32, 32, device="meta"), r"torch\.float32 on meta, .*\.to\(.cpu., torch\.float32"),
        (255 * torch.ones(1, 3, 32, 32), r"values up to 255; .*RGB in \[0, 1\].*images / 255"),
        ([torch.rand(3, 32, 32), torch.full((3, 32, 40), 2.6)], r"values up to 2\.6; .*normalises it by itself"),
    ],
)
def test_predict_says_what_to_pass(model, images, message):
    with pytest.raises(ValueError, match=message):
        model.predict(images)


def test_predict_takes_what_it_can(model, image):
    """A little above 1, as bicubic resampling leaves it; the weights' own dtype; any floating point under autocast."""
    (expected,) = model.predict(image[None], threshold=0.0)
    (above,) = model.predict([1.2 * image / image.max()], threshold=0.0)
    assert len(above) == len(expected) == 7
    (half,) = small().half().predict(image[None].half(), threshold=0.0)
    torch.testing.assert_close(half.scores, expected.scores, rtol=0.02, atol=1e-3)
    with torch.autocast("cpu", torch.bfloat16):
        (mixed,) = model.predict(image[None].bfloat16(), threshold=0.0)
    torch.testing.assert_close(mixed.scores, expected.scores, rtol=0.1, atol=1e-2)


@pytest.mark.parametrize("sizes", [(64, 64), [(64.0, 64.0)], [(64, 64, 3)]])
def test_predict_says_what_sizes_are(model, image, sizes):
    with pytest.raises(ValueError, match=r"sizes must be \[\(height, width\)\] in whole pixels.* not [\[(]\(?64"):
        model.predict(image[None], sizes)


def test_a_picture_with_nan_is_named(model, image):
    broken = image.clone()
    broken[0, 3, 5] = float("nan")
    with pytest.raises(ValueError, match=r"picture 1 are not numbers.*hold NaN"):
        model.predict([image, broken])
