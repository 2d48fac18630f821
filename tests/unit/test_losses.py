"""The losses: what each term sees and does not see, against slow code, and their gradients."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch.autograd import gradcheck

from course_lib.matting.laplacian import enlarge, laplacian_loss, laplacian_pyramid, layers_that_fit, shrink
from course_lib.matting.losses import matting_loss, segmentation_loss

TERMS = ["pha_l1", "pha_laplacian", "pha_coherence", "fgr_l1", "fgr_coherence"]


def random_clips(batch=2, length=3, height=64, width=72, dtype=torch.float64, seed=0):
    """foreground, alpha, true_foreground, true_alpha; nobody on 30 % of the pixels."""
    generator = torch.Generator().manual_seed(seed)
    clips = [torch.rand(batch, length, c, height, width, generator=generator, dtype=dtype) for c in (3, 1, 3, 1)]
    clips[3] = clips[3].masked_fill(clips[3] < 0.3, 0)
    return clips


# The Laplacian pyramid


def slow_pyramid(image: np.ndarray, layers: int) -> list[np.ndarray]:
    """As it is defined: a 5×5 filter, every second pixel; zeros between pixels and the same filter."""
    line = np.array([1, 4, 6, 4, 1]) / 16
    kernel = np.outer(line, line)
    pyramid = []
    for _ in range(layers):
        image = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
        smaller = ndimage.correlate(image, kernel, mode="mirror")[::2, ::2]
        spread = np.zeros_like(image)
        spread[::2, ::2] = 4 * smaller
        pyramid.append(image - ndimage.correlate(spread, kernel, mode="mirror"))
        image = smaller
    return pyramid


@pytest.mark.parametrize(
    ("height", "width", "layers"), [(64, 64, 5), (65, 127, 5), (48, 64, 4), (31, 80, 3), (4, 4, 1), (7, 5, 1)]
)
def test_pyramid_equals_its_definition(height, width, layers):
    images = torch.rand(2, 3, height, width, dtype=torch.float64)
    pyramid = laplacian_pyramid(images)
    assert len(pyramid) == layers
    for n in range(2):
        for c in range(3):
            expected = slow_pyramid(images[n, c].numpy(), layers)
            for layer, slow in zip(pyramid, expected, strict=True):
                np.testing.assert_allclose(layer[n, c].numpy(), slow, atol=1e-14)


def test_the_loss_weighs_a_layer_alike_at_every_size():
    for height, width, layers in [(64, 90, 5), (48, 90, 4), (9, 17, 2)]:
        a, b = torch.rand(2, height, width, dtype=torch.float64)
        pyramids = [slow_pyramid(x.numpy(), layers) for x in (a, b)]
        expected = sum(2**k / 5 * np.abs(p - q).mean() for k, (p, q) in enumerate(zip(*pyramids, strict=True)))
        assert laplacian_loss((a - b)[None, None]).item() == pytest.approx(expected, rel=1e-12)


def test_layers_that_fit_counts_halvings():
    for side in range(200):
        halvings, rest = 0, side
        while rest >= 4 and halvings < 5:
            halvings, rest = halvings + 1, rest // 2
        assert layers_that_fit(side, 1000) == layers_that_fit(1000, side) == halvings


@pytest.mark.parametrize("size", [(4, 4), (6, 10), (64, 96)])
def test_shrinking_and_enlarging_ones_gives_ones_up_to_the_border(size):
    ones = torch.ones(1, 1, *size)
    torch.testing.assert_close(enlarge(shrink(ones)), ones, rtol=0, atol=1e-6)


def test_a_constant_offset_costs_nothing():
    assert laplacian_loss(torch.full((1, 1, 96, 128), 0.25)).item() == pytest.approx(0, abs=1e-6)


# What each term sees


def test_identical_clips_cost_exactly_nothing():
    foreground, alpha, _, _ = random_clips(dtype=torch.float32)
    assert {name: value.item() for name, value in matting_loss(foreground, alpha, foreground, alpha).items()} == (
        dict.fromkeys([*TERMS, "total"], 0.0)
    )


def test_a_constant_offset_of_alpha_is_seen_by_l1_alone():
    foreground, _, _, true_alpha = random_clips()
    losses = matting_loss(foreground, true_alpha + 0.1, foreground, true_alpha)
    assert losses["pha_l1"].item() == pytest.approx(0.1)
    for name in ["pha_laplacian", "pha_coherence", "fgr_l1", "fgr_coherence"]:
        assert losses[name].item() == pytest.approx(0, abs=1e-12), name


def test_flicker_is_seen_by_coherence():
    """An offset that comes and goes: ± 0.1, so that each frame changes by 0.2 against the truth."""
    foreground, _, _, true_alpha = random_clips(length=4)
    sign = torch.tensor([1.0, -1, 1, -1]).reshape(1, 4, 1, 1, 1)
    true_alpha = true_alpha + 1  # someone everywhere
    losses = matting_loss(foreground + 0.1 * sign, true_alpha + 0.1 * sign, foreground, true_alpha)
    assert losses["pha_coherence"].item() == pytest.approx(5 * 0.2**2)
    assert losses["fgr_coherence"].item() == pytest.approx(5 * 0.2**2)
    assert losses["pha_laplacian"].item() == pytest.approx(0, abs=1e-12)


def test_colour_is_free_where_nobody_stands_and_a_mean_over_all_pixels_elsewhere():
    _, alpha, true_foreground, _ = random_clips()
    true_alpha = torch.zeros_like(alpha)
    true_alpha[..., :18] = 1e-3  # a quarter of the 72 columns, however faint
    error = torch.where(true_alpha > 0, 0.2, 7.0)
    losses = matting_loss(true_foreground + error, alpha, true_foreground, true_alpha)
    assert losses["fgr_l1"].item() == pytest.approx(0.2 / 4)
    assert losses["fgr_coherence"].item() == pytest.approx(0, abs=1e-12)


def test_a_pixel_that_leaves_the_person_is_a_change_of_the_masked_colour():
    """Colour off by 0.2 everywhere; the person covers frame 0 only: m(F − F*) goes from 0.2 to 0."""
    _, alpha, true_foreground, _ = random_clips(length=2)
    true_alpha = torch.ones_like(alpha)
    true_alpha[:, 1] = 0
    losses = matting_loss(true_foreground + 0.2, alpha, true_foreground, true_alpha)
    assert losses["fgr_coherence"].item() == pytest.approx(5 * 0.2**2)
    assert losses["fgr_l1"].item() == pytest.approx(0.1)


def test_all_terms_equal_slow_code():
    foreground, alpha, true_foreground, true_alpha = clips = random_clips(length=4)
    losses = matting_loss(*clips)
    f, a, tf, ta = (clip.numpy() for clip in (foreground, alpha, true_foreground, true_alpha))
    mask = ta > 0
    mf, mtf = mask * f, mask * tf
    assert losses["pha_l1"].item() == pytest.approx(np.abs(a - ta).mean())
    assert losses["pha_coherence"].item() == pytest.approx(5 * np.mean((np.diff(a, axis=1) - np.diff(ta, axis=1)) ** 2))
    assert losses["fgr_l1"].item() == pytest.approx(np.abs(mf - mtf).mean())
    assert losses["fgr_coherence"].item() == pytest.approx(
        5 * np.mean((np.diff(mf, axis=1) - np.diff(mtf, axis=1)) ** 2)
    )
    assert losses["total"].item() == pytest.approx(sum(losses[name].item() for name in TERMS))


# One frame, small pictures, 16 bits


def test_one_frame_has_no_coherence_and_gradients_that_are_finite():
    foreground, alpha, true_foreground, true_alpha = random_clips(length=1)
    foreground.requires_grad_()
    alpha.requires_grad_()
    losses = matting_loss(foreground, alpha, true_foreground, true_alpha)
    assert losses["pha_coherence"].item() == losses["fgr_coherence"].item() == 0
    assert losses["pha_coherence"].requires_grad
    assert losses["fgr_coherence"].requires_grad
    losses["total"].backward()
    assert alpha.grad.isfinite().all()
    assert alpha.grad.abs().sum() > 0
    assert foreground.grad.isfinite().all()
    for term in ("pha_coherence", "fgr_coherence"):
        matting_loss(foreground, alpha, true_foreground, true_alpha)[
            term
        ].backward()  # raises if it is no part of a graph


@pytest.mark.parametrize("side", [1, 2, 3, 4, 20, 48])
def test_small_pictures_have_a_finite_loss_and_gradients(side):
    clips = random_clips(height=side, width=side)
    clips[1].requires_grad_()
    losses = matting_loss(*clips)
    losses["total"].backward()
    assert clips[1].grad.isfinite().all()
    assert (losses["pha_laplacian"].item() > 0) == (side >= 4)
    matting_loss(*clips)["pha_laplacian"].backward()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_sixteen_bits_are_computed_in_thirty_two_also_under_autocast(dtype):
    clips = [clip.to(dtype) for clip in random_clips(dtype=torch.float32)]
    expected = matting_loss(*(clip.float() for clip in clips))
    with torch.autocast("cpu", torch.bfloat16):
        losses = matting_loss(*clips)
    for name, value in losses.items():
        assert value.dtype == torch.float32
        assert value.item() == expected[name].item(), name


# Gradients


def test_gradients_of_every_term_are_those_of_finite_differences():
    _, _, true_foreground, true_alpha = random_clips(1, 3, 8, 10)
    foreground, alpha = (clip.requires_grad_() for clip in random_clips(1, 3, 8, 10, seed=1)[:2])
    assert gradcheck(
        lambda f, a: tuple(matting_loss(f, a, true_foreground, true_alpha).values()),
        (foreground, alpha),
        fast_mode=True,
    )


def test_colour_where_nobody_stands_gets_no_gradient():
    foreground, alpha, true_foreground, true_alpha = random_clips()
    foreground.requires_grad_()
    matting_loss(foreground, alpha, true_foreground, true_alpha)["total"].backward()
    assert torch.equal(foreground.grad.abs().sum(dim=2, keepdim=True) > 0, true_alpha > 0)


# Segmentation


def test_segmentation_loss_equals_its_formula():
    logits = torch.randn(2, 3, 1, 8, 9, dtype=torch.float64) * 4
    mask = torch.rand(2, 3, 1, 8, 9) > 0.5
    p = 1 / (1 + np.exp(-logits.numpy()))
    expected = -np.where(mask.numpy(), np.log(p), np.log(1 - p)).mean()
    assert segmentation_loss(logits, mask).item() == pytest.approx(expected)
    assert segmentation_loss(logits, mask.float()).item() == pytest.approx(expected)
    torch.autograd.gradcheck(segmentation_loss, (logits.requires_grad_(), mask))


def test_segmentation_loss_of_extreme_logits_is_finite_in_sixteen_bits():
    logits = torch.tensor([60000.0, -60000.0], dtype=torch.float16).reshape(2, 1, 1, 1)
    loss = segmentation_loss(logits, torch.tensor([False, False]).reshape(2, 1, 1, 1))
    assert loss.item() == pytest.approx(30000, rel=1e-3)


# Mistakes


@pytest.mark.parametrize("wrong", range(4))
def test_a_wrong_dtype_is_named(wrong):
    clips = random_clips(height=8, width=8)
    clips[wrong] = (clips[wrong] * 255).to(torch.uint8)
    name = ["foreground", "alpha", "true_foreground", "true_alpha"][wrong]
    with pytest.raises(TypeError, match=f"^{name} must be floating point.*uint8"):
        matting_loss(*clips)


@pytest.mark.parametrize(
    ("index", "name", "change"),
    [
        (0, "foreground", lambda x: x[:, :, :1]),
        (1, "alpha", lambda x: x[0]),
        (1, "alpha", lambda x: x.repeat(1, 1, 3, 1, 1)),
        (2, "true_foreground", lambda x: x[:, :2]),
        (3, "true_alpha", lambda x: x[:1]),
        (3, "true_alpha", lambda x: x[..., 1:]),
    ],
)
def test_a_wrong_shape_is_named_instead_of_broadcast(index, name, change):
    clips = random_clips(height=8, width=8)
    clips[index] = change(clips[index])
    with pytest.raises(ValueError, match=f"^{name} must be"):
        matting_loss(*clips)


def test_segmentation_loss_refuses_other_shapes_and_integers():
    logits = torch.zeros(2, 1, 4, 4)
    with pytest.raises(ValueError, match="one shape"):
        segmentation_loss(logits, torch.zeros(2, 4, 4))
    with pytest.raises(TypeError, match="mask must be bool"):
        segmentation_loss(logits, torch.zeros(2, 1, 4, 4, dtype=torch.uint8))
    with pytest.raises(TypeError, match="logits must be floating point"):
        segmentation_loss(torch.zeros(2, 1, 4, 4, dtype=torch.int64), torch.zeros(2, 1, 4, 4))
