"""The matting equation against closed formulas, Pillow and linear algebra."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageChops

from course_lib.matting.equation import (
    alpha_from_two_backgrounds,
    composite,
    composite_premultiplied,
    linear_to_srgb,
    pixel_system,
    premultiply,
    solve_foreground,
    srgb_to_linear,
    unpremultiply,
)


def draw(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.fixture
def layers():
    return draw(2, 3, 5, 7, seed=1), draw(2, 3, 5, 7, seed=2), draw(2, 1, 5, 7, seed=3)


def test_composite_is_pillows_composite(layers):
    foreground, background, alpha = (layer[0] for layer in layers)
    eight_bit = [(layer * 255).round() for layer in (foreground, background, alpha)]
    pictures = [Image.fromarray(layer.permute(1, 2, 0).numpy().astype(np.uint8).squeeze()) for layer in eight_bit]
    expected = np.asarray(Image.composite(*pictures)) / 255
    ours = composite(*(layer / 255 for layer in eight_bit)).permute(1, 2, 0)
    np.testing.assert_allclose(ours, expected, atol=0.51 / 255)


def test_composite_is_the_straight_line_between_the_layers(layers):
    foreground, background, alpha = layers
    torch.testing.assert_close(
        composite(foreground, background, alpha), torch.lerp(background, foreground, alpha.expand(2, 3, 5, 7))
    )
    assert torch.equal(composite(foreground, background, torch.ones_like(alpha)), foreground)
    assert torch.equal(composite(foreground, background, torch.zeros_like(alpha)), background)


def test_a_clip_goes_over_one_background(layers):
    foreground, background, alpha = layers
    over_one = composite(foreground, background[0], alpha)
    torch.testing.assert_close(over_one[1], alpha[1] * foreground[1] + (1 - alpha[1]) * background[0])


def test_premultiplied_over_is_the_same_picture(layers):
    foreground, background, alpha = layers
    torch.testing.assert_close(
        composite_premultiplied(premultiply(foreground, alpha), background, alpha),
        composite(foreground, background, alpha),
    )


def test_premultiplication_is_pillows_multiply(layers):
    foreground, _, alpha = (layer[0] for layer in layers)
    one, other = (
        Image.fromarray((layer.expand(3, 5, 7) * 255).round().permute(1, 2, 0).numpy().astype(np.uint8))
        for layer in (foreground, alpha)
    )
    expected = np.asarray(ImageChops.multiply(one, other)) / 255
    np.testing.assert_allclose(premultiply(foreground, alpha).permute(1, 2, 0), expected, atol=1.6 / 255)


def test_unpremultiply_brings_colours_back_but_not_where_there_is_nothing(layers):
    foreground, _, alpha = layers
    alpha = alpha.clone()
    alpha[..., 0] = 0
    back = unpremultiply(premultiply(foreground, alpha), alpha)
    torch.testing.assert_close(back[..., 1:], foreground[..., 1:])
    assert torch.equal(back[..., 0], torch.zeros(2, 3, 5, dtype=torch.float64))


def test_the_foreground_solved_for_explains_the_picture_whatever_alpha_was_assumed(layers):
    foreground, background, alpha = layers
    image = composite(foreground, background, alpha)
    torch.testing.assert_close(solve_foreground(image, background, alpha), foreground)
    wrong = 0.1 + 0.8 * draw(2, 1, 5, 7, seed=9)
    other = solve_foreground(image, background, wrong)
    assert (other - foreground).abs().max() > 0.1
    torch.testing.assert_close(composite(other, background, wrong), image)


@pytest.mark.parametrize(
    ("backgrounds", "shape", "rank"),
    [
        (None, (3, 7), 3),
        (torch.zeros(0, 3), (0, 4), 0),
        (torch.tensor([[0.1, 0.6, 0.2]]), (3, 4), 3),
        (torch.tensor([[0.1, 0.6, 0.2], [0.1, 0.6, 0.2]]), (6, 4), 3),
        (torch.tensor([[0.1, 0.6, 0.2], [0.1, 0.6, 0.3]]), (6, 4), 4),
        (torch.tensor([[0.1, 0.6, 0.2], [0.1, 0.6, 0.3], [0.9, 0.6, 0.3]]), (9, 4), 4),
    ],
)
def test_the_rank_of_what_is_known(backgrounds, shape, rank):
    system = pixel_system(backgrounds)
    assert system.shape == shape
    assert torch.linalg.matrix_rank(system) == rank


def test_the_system_holds_for_a_pixel():
    backgrounds = draw(4, 3, seed=4)
    foreground, alpha = draw(3, seed=5), 0.3
    images = alpha * foreground + (1 - alpha) * backgrounds
    unknowns = torch.cat([alpha * foreground, torch.tensor([alpha], dtype=torch.float64)])
    torch.testing.assert_close(pixel_system(backgrounds) @ unknowns, (images - backgrounds).reshape(-1))
    everything = torch.cat([alpha * foreground, (1 - alpha) * backgrounds[0], torch.tensor([alpha])])
    torch.testing.assert_close(pixel_system(None).double() @ everything, images[0])


def test_two_backgrounds_determine_alpha(layers):
    foreground, first, alpha = layers
    second = draw(2, 3, 5, 7, seed=6)
    images = composite(foreground, first, alpha), composite(foreground, second, alpha)
    premultiplied, found = alpha_from_two_backgrounds(*images, first, second)
    torch.testing.assert_close(found, alpha)
    torch.testing.assert_close(premultiplied, alpha * foreground)


def test_triangulation_is_the_least_squares_solution_when_there_is_noise():
    """αF and α that numpy finds from Smith & Blinn's six equations, for a pixel that no α explains exactly."""
    images, backgrounds = draw(2, 3, seed=7), draw(2, 3, seed=8)
    expected, *_ = np.linalg.lstsq(pixel_system(backgrounds).numpy(), (images - backgrounds).reshape(-1).numpy())
    premultiplied, alpha = alpha_from_two_backgrounds(*images[:, :, None, None], *backgrounds[:, :, None, None])
    np.testing.assert_allclose(torch.cat([premultiplied, alpha]).squeeze(), expected, rtol=1e-9)


def test_equal_backgrounds_are_refused(layers):
    foreground, first, alpha = layers
    second = draw(2, 3, 5, 7, seed=6)
    second[0, :, 2, 2] = first[0, :, 2, 2]
    with pytest.raises(ValueError, match="not determined"):
        alpha_from_two_backgrounds(
            composite(foreground, first, alpha), composite(foreground, second, alpha), first, second
        )


def test_the_srgb_curve():
    coded = torch.linspace(0, 1, 256, dtype=torch.float64)
    light = srgb_to_linear(coded)
    torch.testing.assert_close(linear_to_srgb(light), coded)
    known = {0: 0.0, 10: 0.0030353, 11: 0.0033465, 128: 0.2158605, 188: 0.5028865, 255: 1.0}  # 8-bit code: light
    for code, value in known.items():
        assert light[code].item() == pytest.approx(value, abs=5e-7)


def test_the_srgb_curve_has_finite_gradients_everywhere():
    for curve in (srgb_to_linear, linear_to_srgb):
        values = torch.linspace(0, 1, 101, dtype=torch.float64, requires_grad=True)
        curve(values).sum().backward()
        assert torch.isfinite(values.grad).all()
        assert (values.grad > 0).all()
