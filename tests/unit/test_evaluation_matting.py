"""The matting metrics: cases worked by hand, slow code that follows the definitions, and what each metric must not see."""

import math

import numpy as np
import pytest
import torch

from course_lib.evaluation import average_over_clips, average_over_frames, clip_averages, matting_metrics
from course_lib.evaluation.connectivity import connected_level, largest_piece
from course_lib.evaluation.gradient import gaussian_and_derivative

NAMES = ["mad", "mse", "grad", "conn", "dtssd"]


def clip(*frames, dtype=torch.float64) -> torch.Tensor:
    """Rows of numbers → (T, 1, H, W)."""
    return torch.tensor(frames, dtype=dtype).unsqueeze(1)


def blobs(length=3, height=20, width=26, seed=0, levels=255) -> torch.Tensor:
    """Mattes with large flat parts, edges and loose pieces, in 8-bit steps as float32."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.random((length, 1, 4, 5)).astype(np.float32))
    matte = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)
    matte = (1.6 * matte - 0.3 + torch.from_numpy(0.1 * rng.standard_normal(matte.shape).astype(np.float32))).clamp(
        0, 1
    )
    return (matte * levels).round() / levels


# By hand


def test_equal_mattes_have_no_error():
    matte = blobs()
    for values in matting_metrics(matte, matte, matte.expand(-1, 3, -1, -1), matte.expand(-1, 3, -1, -1)).values():
        assert values.dtype == np.float64
        np.testing.assert_array_equal(values, np.zeros(3))


def test_offsets_by_hand():
    """Frame 0 is off by 0.1, frame 1 by −0.2, frame 2 by −0.2: MAD 100 200 200, MSE 10 40 40, changes 0.3 and 0."""
    true = torch.full((3, 1, 12, 10), 0.5, dtype=torch.float64)
    alpha = true + torch.tensor([0.1, -0.2, -0.2], dtype=torch.float64).reshape(3, 1, 1, 1)
    metrics = matting_metrics(alpha, true)
    np.testing.assert_allclose(metrics["mad"], [100, 200, 200])
    np.testing.assert_allclose(metrics["mse"], [10, 40, 40])
    np.testing.assert_allclose(metrics["dtssd"], [0, 30, 0], atol=1e-12)
    np.testing.assert_array_equal(metrics["grad"], [0, 0, 0])


def test_foreground_by_hand():
    """Two of four pixels belong to the subject, one of their six values is off by 0.6. The others, off by 9, do not count."""
    true_alpha = clip([[1.0, 0.01], [0.0, 0.0]])
    true = torch.zeros(1, 3, 2, 2, dtype=torch.float64)
    foreground = torch.full_like(true, 9.0)
    foreground[:, :, 0] = 0
    foreground[0, 1, 0, 1] = 0.6
    metrics = matting_metrics(true_alpha, true_alpha, foreground, true)
    np.testing.assert_allclose(metrics["fgr_mad"], [100])
    np.testing.assert_allclose(metrics["fgr_mse"], [60])


def test_a_frame_without_a_subject_has_no_foreground_error():
    true_alpha = clip([[0.0, 0.0]], [[1.0, 0.0]])
    foreground = torch.full((2, 3, 1, 2), 0.5)
    foreground[1, :, 0, 1] = torch.nan  # outside the subject
    metrics = matting_metrics(true_alpha, true_alpha, foreground, torch.zeros(2, 3, 1, 2))
    np.testing.assert_allclose(metrics["fgr_mad"], [np.nan, 500])
    np.testing.assert_allclose(metrics["fgr_mse"], [np.nan, 250])


def test_connectivity_of_a_loose_pixel_by_hand():
    """Truth all 1. The pieces shared at every threshold are pixels 0–1 and pixel 3; the first is larger, so l = 1 1 0 0 0.

    Truth claims 1 beyond its connection at pixels 2, 3, 4: φ(g) = 1 1 0 0 0. The matte does at 3 only: φ(p) = 1 1 1 0 1.
    """
    metrics = matting_metrics(clip([[1.0, 1, 0, 1, 0]]), clip([[1.0, 1, 1, 1, 1]]))
    np.testing.assert_allclose(metrics["conn"], [2e-3])


def test_connectivity_goes_through_sides_and_not_through_corners():
    pixels = np.array([[1, 1, 0], [0, 0, 1]], bool)
    np.testing.assert_array_equal(largest_piece(pixels), [[True, True, False], [False, False, False]])


def test_of_equal_pieces_the_first_in_reading_order_counts():
    pixels = np.array([[0, 0, 1], [1, 0, 1], [1, 0, 0]], bool)
    np.testing.assert_array_equal(largest_piece(pixels), [[False, False, True], [False, False, True], [False] * 3])


def test_nothing_is_connected_in_an_empty_matte():
    assert not largest_piece(np.zeros((3, 4), bool)).any()
    np.testing.assert_array_equal(connected_level(np.zeros((3, 4), np.float32)), np.zeros((3, 4)))
    assert matting_metrics(torch.zeros(1, 1, 3, 4), torch.ones(1, 1, 3, 4))["conn"] == [0.012]


def test_a_small_excess_over_the_connection_is_tolerated():
    """l is 0.5 for both; an excess of 0.14 is no fault, one of 0.16 costs 0.16. (0.6 is not reached in common.)"""
    for excess, cost in [(0.14, 0.0), (0.16, 0.16)]:
        metrics = matting_metrics(clip([[0.5 + excess, 0.5 + excess]]), clip([[0.5, 0.5]]))
        np.testing.assert_allclose(metrics["conn"], [2e-3 * cost], atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_that_equal_a_threshold_have_reached_it(dtype):
    """51 k / 255 = k / 5 however the quotient was made, and k / 10 though 32 bits hold a little less than 0.7."""

    def levels(values):
        return [int(connected_level(np.array([[value]], dtype))[0, 0]) for value in values]

    eight_bits = np.arange(0, 256, 51, dtype=dtype)
    for quotient in (eight_bits / dtype(255), eight_bits * (dtype(1) / dtype(255))):
        assert levels(quotient) == [0, 2, 4, 6, 8, 10]
        assert levels(quotient - dtype(1 / 65535)) == [0, 1, 3, 5, 7, 9]
    assert levels(np.arange(11, dtype=np.float32) / np.float32(10)) == list(range(11))


# Against slow code


def flood_filled_largest(pixels: np.ndarray) -> np.ndarray:
    """The largest 4-connected piece, by flood fill from each pixel in reading order."""
    seen, best = np.zeros_like(pixels), []
    for start in zip(*np.nonzero(pixels), strict=True):
        piece, stack = [], [start]
        while stack:
            y, x = stack.pop()
            if 0 <= y < pixels.shape[0] and 0 <= x < pixels.shape[1] and pixels[y, x] and not seen[y, x]:
                seen[y, x] = True
                piece.append((y, x))
                stack += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
        best = piece if len(piece) > len(best) else best
    largest = np.zeros_like(pixels)
    for y, x in best:
        largest[y, x] = True
    return largest


def slow_connectivity(p: np.ndarray, g: np.ndarray) -> float:
    last = np.full(g.shape, -1.0)
    for i in range(1, 11):
        threshold = np.float32(i) / np.float32(10)
        piece = flood_filled_largest((g >= threshold) & (p >= threshold))
        last[(last == -1) & ~piece] = (i - 1) / 10
    last[last == -1] = 1
    total = 0.0
    for y in range(g.shape[0]):
        for x in range(g.shape[1]):
            d_g, d_p = g[y, x] - last[y, x], p[y, x] - last[y, x]
            phi_g = 1 - d_g if d_g >= 0.15 else 1.0
            phi_p = 1 - d_p if d_p >= 0.15 else 1.0
            total += abs(phi_g - phi_p)
    return total / 1000


@pytest.mark.parametrize("levels", [255, 10])  # 10: every value equals a threshold
def test_connectivity_equals_flood_fill(levels):
    alpha, true = blobs(seed=1, levels=levels), blobs(seed=2, levels=levels)
    alpha[1:] = (0.7 * true[1:] + 0.3 * alpha[1:]) if levels == 255 else true[1:].roll(1, dims=-1)
    expected = [slow_connectivity(p[0].numpy(), g[0].numpy()) for p, g in zip(alpha, true, strict=True)]
    assert min(expected) > 0
    np.testing.assert_allclose(matting_metrics(alpha, true)["conn"], expected, rtol=1e-5)


def test_largest_piece_equals_flood_fill_with_many_ties():
    rng = np.random.default_rng(5)
    for density in (0.1, 0.3, 0.5, 0.6, 0.9):
        for _ in range(10):
            pixels = rng.random((11, 17)) < density
            np.testing.assert_array_equal(largest_piece(pixels), flood_filled_largest(pixels))


def slow_gradient(matte: np.ndarray) -> np.ndarray:
    """|∇| with the 9×9 kernel written out, pixel by pixel."""
    sigma = 1.4

    def gaussian(x):
        return math.exp(-(x**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))

    kernel = np.array([[gaussian(i - 4) * -(j - 4) * gaussian(j - 4) / sigma**2 for j in range(9)] for i in range(9)])
    kernel /= np.sqrt((kernel**2).sum())
    height, width = matte.shape
    magnitude = np.zeros(matte.shape)
    for y in range(height):
        for x in range(width):
            rows = [min(max(y + i - 4, 0), height - 1) for i in range(9)]  # borders repeat the edge
            columns = [min(max(x + j - 4, 0), width - 1) for j in range(9)]
            window = matte[np.ix_(rows, columns)]
            magnitude[y, x] = math.hypot((window * kernel).sum(), (window * kernel.T).sum())
    return magnitude


def test_gradient_equals_explicit_loops():
    alpha, true = (0.2 + 0.5 * blobs(2, 13, 15, seed=seed).double() for seed in (3, 4))
    expected = []
    for p, g in zip(alpha[:, 0].numpy(), true[:, 0].numpy(), strict=True):
        p, g = ((frame - frame.min()) / (frame.max() - frame.min()) for frame in (p, g))
        expected.append(((slow_gradient(p) - slow_gradient(g)) ** 2).sum() / 1000)
    np.testing.assert_allclose(matting_metrics(alpha, true)["grad"], expected, rtol=1e-9)


def test_gradient_kernel_is_9_by_9_with_norm_1():
    smooth, slope = gaussian_and_derivative()
    kernel = np.outer(smooth, slope)
    assert kernel.shape == (9, 9)
    assert np.linalg.norm(kernel) == pytest.approx(1)


def test_gradient_does_not_see_a_matte_that_is_faint_as_a_whole_nor_a_constant_one():
    true = blobs(2, seed=3).double()
    np.testing.assert_allclose(matting_metrics(0.25 + 0.5 * true, true)["grad"], [0, 0], atol=1e-12)
    flat = [matting_metrics(torch.full_like(true, value), true)["grad"] for value in (0, 0.3, 1)]
    np.testing.assert_array_equal(flat[0], flat[1])
    np.testing.assert_array_equal(flat[0], flat[2])
    assert (flat[0] > 0).all()


def test_many_frames_are_the_frames_one_by_one():
    """But for dtSSD, which needs the frame before. 19 frames are three batches of the gradient."""
    alpha, true = blobs(19, seed=1), blobs(19, seed=2)
    together = matting_metrics(alpha, true)
    for name in ["mad", "mse", "grad", "conn"]:
        alone = np.concatenate([matting_metrics(alpha[t : t + 1], true[t : t + 1])[name] for t in range(19)])
        np.testing.assert_allclose(together[name], alone, rtol=1e-6)
    slow = [
        100 * np.sqrt(np.mean(((alpha[t] - alpha[t - 1]) - (true[t] - true[t - 1])).double().numpy() ** 2))
        for t in range(1, 19)
    ]
    np.testing.assert_allclose(together["dtssd"], [0, *slow], rtol=1e-5)
    assert matting_metrics(alpha[:1], true[:1])["dtssd"].tolist() == [0]


def test_other_memory_layouts_dtypes_and_gradients_change_nothing():
    alpha, true = blobs(4, seed=1), blobs(4, seed=2)
    expected = matting_metrics(alpha, true)
    flipped = alpha.flip(-1).flip(-1).transpose(2, 3).contiguous().transpose(2, 3).requires_grad_()
    for name, values in matting_metrics(flipped, true.double()).items():
        np.testing.assert_allclose(values, expected[name], rtol=1e-5)
    half = matting_metrics(alpha.half(), true.half())
    for name, values in matting_metrics(alpha.half().float(), true.half().float()).items():
        np.testing.assert_array_equal(values, half[name])


# Averages


def clip_metrics(mad, dtssd, **more) -> dict:
    return {name: np.array(values, dtype=float) for name, values in {"mad": mad, "dtssd": dtssd, **more}.items()}


def test_averages_by_hand():
    """A clip of three frames and one of one: by frame index (2, 3, 6) → 11/3, by clip (3⅔, 2) → 17/6."""
    clips = [clip_metrics([2, 3, 6], [0, 4, 8]), clip_metrics([2], [0])]
    frames = average_over_frames(clips)
    assert frames == pytest.approx({"mad": 11 / 3, "dtssd": 4})
    np.testing.assert_allclose(clip_averages(clips)["mad"], [11 / 3, 2])
    np.testing.assert_allclose(clip_averages(clips)["dtssd"], [6, np.nan])
    assert average_over_clips(clips) == pytest.approx({"mad": 17 / 6, "dtssd": 6})


def test_averages_agree_for_clips_of_one_length_but_for_the_first_dtssd():
    rng = np.random.default_rng(0)
    clips = [clip_metrics(rng.random(5), [0, *rng.random(4)]) for _ in range(3)]
    frames, per_clip = average_over_frames(clips), average_over_clips(clips)
    assert frames["mad"] == pytest.approx(np.mean([c["mad"] for c in clips]))
    assert per_clip["mad"] == pytest.approx(frames["mad"])
    assert per_clip["dtssd"] == pytest.approx(frames["dtssd"] * 5 / 4)


def test_frames_without_a_subject_are_left_out_of_averages():
    clips = [clip_metrics([1, 1], [0, 0], fgr_mad=[np.nan, 4]), clip_metrics([1, 1], [0, 0], fgr_mad=[np.nan, 8])]
    assert average_over_frames(clips)["fgr_mad"] == average_over_clips(clips)["fgr_mad"] == 6
    assert math.isnan(average_over_clips([clip_metrics([1], [0], fgr_mad=[np.nan])])["fgr_mad"])


def test_clips_with_different_metrics_or_none_cannot_be_averaged():
    with pytest.raises(ValueError, match="no clips"):
        average_over_frames([])
    with pytest.raises(ValueError, match="same metrics"):
        average_over_clips([clip_metrics([1], [0]), {"mad": np.ones(1)}])


# Mistakes


def test_mistakes_are_named():
    alpha, colour = torch.rand(2, 1, 6, 7), torch.rand(2, 3, 6, 7)
    for wrong, error, message in [
        ((alpha * 255, alpha), ValueError, r"^alpha must lie in \[0, 1\]"),
        ((alpha, alpha - 0.5), ValueError, r"^true_alpha must lie in"),
        (((alpha * 255).byte(), alpha), TypeError, "^alpha must be floating point.*divide 8-bit values by 255"),
        ((alpha[:1], alpha), ValueError, "must agree in T, H and W"),
        ((alpha[:, 0], alpha), ValueError, "^alpha must be a clip"),
        ((colour, alpha), ValueError, "^alpha must be a clip"),
        ((alpha[:0], alpha[:0]), ValueError, "^alpha must be a clip"),
        ((alpha, alpha, colour), ValueError, "both foreground and true_foreground"),
        ((alpha, alpha, colour, alpha), ValueError, "^true_foreground must be a clip"),
        ((alpha, alpha, colour[..., 1:], colour), ValueError, "^foreground .* must agree"),
    ]:
        with pytest.raises(error, match=message):
            matting_metrics(*wrong)


def test_a_missing_value_is_not_hidden():
    alpha = blobs()
    alpha[1, 0, 3, 3] = torch.nan
    for name, values in matting_metrics(alpha, blobs(seed=1)).items():
        assert np.isnan(values[1]), name
