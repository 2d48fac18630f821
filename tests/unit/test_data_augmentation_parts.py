"""The pieces of augmentation against other routes: torchvision, OpenCV, SciPy, and what curves and draws must obey."""

import math

import cv2
import numpy as np
import pytest
import torch
from scipy import ndimage
from torchvision.transforms.v2 import functional as tv

from course_lib.data.augmentation import blur, colour, noise
from course_lib.data.augmentation.affine import affine_matrices, crop_matrices, draw_motion, warp
from course_lib.data.augmentation.draws import chance, choice, integer, uniform
from course_lib.data.augmentation.easing import EASINGS, FAMILIES, draw_easing, draw_progress, time_axis
from course_lib.data.augmentation.premultiplied import filter_foreground


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def smooth_clip(frames: int, height: int, width: int, channels: int = 3) -> torch.Tensor:
    """Waves of a few pixels, other ones in every frame and channel."""
    frame, channel, y, x = torch.meshgrid(
        *(torch.arange(float(n)) for n in (frames, channels, height, width)), indexing="ij"
    )
    return 0.5 + 0.4 * torch.sin(0.21 * x + 0.17 * y + frame + 2 * channel)


@pytest.mark.parametrize("name", EASINGS)
def test_an_easing_starts_at_0_and_ends_at_1(name):
    ends = EASINGS[name](torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(ends, torch.tensor([0.0, 1.0]), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", EASINGS)
def test_only_back_elastic_and_bounce_turn_round(name):
    values = EASINGS[name](torch.linspace(0, 1, 401))
    turns_round = bool((values.diff() < -1e-6).any())
    assert turns_round == (name.split("_")[0] in ("back", "elastic", "bounce"))
    overshoots = bool(((values < -1e-6) | (values > 1 + 1e-6)).any())
    assert overshoots == (name.split("_")[0] in ("back", "elastic"))


@pytest.mark.parametrize("family", FAMILIES)
def test_in_starts_slowly_out_ends_slowly_in_out_is_both(family):
    t = torch.linspace(0, 1, 101)
    ease_in, ease_out, both = (EASINGS[f"{family}_{kind}"](t) for kind in ("in", "out", "in_out"))
    assert ease_in.mean() < 0.5 < ease_out.mean()
    torch.testing.assert_close(ease_in + ease_out.flip(0), torch.ones(101), rtol=0, atol=1e-5)
    torch.testing.assert_close(both + both.flip(0), torch.ones(101), rtol=0, atol=1e-5)
    torch.testing.assert_close(both[:51:5] * 2, ease_in[::10], rtol=0, atol=1e-5)


def test_easings_are_31_and_linear_comes_once_in_five_draws():
    assert len(EASINGS) == 31
    t, generator = time_axis(9), seeded()
    linear = sum(torch.equal(draw_easing(generator)(t), t) for _ in range(2000))
    assert 330 < linear < 470  # 400 ± 4 standard deviations


def test_one_frame_stands_at_the_start():
    generator = seeded()
    assert all(abs(float(draw_progress(1, generator))) < 1e-6 for _ in range(40))


def test_draws_keep_to_their_ranges_and_reach_both_ends():
    generator = seeded()
    numbers = uniform(generator, -2, 3, 5000)
    assert -2 <= numbers.min() < -1.9
    assert 2.9 < numbers.max() < 3
    assert {integer(generator, 2, 5) for _ in range(200)} == {2, 3, 4, 5}
    assert {choice(generator, ("a", "b")) for _ in range(50)} == {"a", "b"}
    assert not any(chance(generator, 0) for _ in range(100))
    assert all(chance(generator, 1) for _ in range(100))
    assert 2350 < sum(chance(generator, 0.25) for _ in range(10000)) < 2650


def test_a_chance_of_zero_takes_as_many_random_numbers_as_any_other():
    one, other = seeded(3), seeded(3)
    chance(one, 0), chance(other, 0.7)
    assert torch.equal(uniform(one, 0, 1, 4), uniform(other, 0, 1, 4))


PARAMETERS = torch.tensor([[9.0, 0.05, -0.1, 1.1, 4.0, -3.0], [-7.0, -0.1, 0.05, 0.9, -5.0, 2.0]])


def test_warp_equals_torchvisions_affine():
    clip = smooth_clip(2, 40, 60)
    ours = warp(clip, torch.linalg.inv(affine_matrices(PARAMETERS, 40, 60)), (40, 60), "zeros")
    for frame, (degrees, x, y, scale, shear_x, shear_y) in enumerate(PARAMETERS.tolist()):
        # torchvision's affine wants whole pixels of shift: 3 and 2, 6 and 4 here.
        theirs = tv.affine(
            clip[frame],
            degrees,
            [round(60 * x), round(40 * y)],
            scale,
            [shear_x, shear_y],
            tv.InterpolationMode.BILINEAR,
        )
        inside = theirs.amin(0) > 0.05  # not the edge, where torchvision weighs its fill differently
        inside &= ours[frame].amin(0) > 0.05
        assert inside.float().mean() > 0.6
        torch.testing.assert_close(ours[frame][:, inside], theirs[:, inside], rtol=0, atol=2e-5)


def test_warp_equals_opencv_in_absolute_pixels():
    clip = smooth_clip(2, 40, 60)
    matrices = affine_matrices(PARAMETERS, 40, 60)
    ours = warp(clip, torch.linalg.inv(matrices), (40, 60), "border")
    # OpenCV counts pixel centres from 0: move the origin from the middle of the picture to the middle of the first pixel.
    middle = np.array([[1, 0, 29.5], [0, 1, 19.5], [0, 0, 1]])
    for frame in range(2):
        forward = (middle @ matrices[frame].numpy() @ np.linalg.inv(middle))[:2]
        theirs = cv2.warpAffine(
            clip[frame].permute(1, 2, 0).numpy(),
            forward,
            (60, 40),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        assert np.abs(ours[frame].permute(1, 2, 0).numpy() - theirs).max() < 0.012  # OpenCV rounds to 1/32 pixel


def test_a_crop_matrix_is_crop_flip_and_resize():
    clip = smooth_clip(1, 48, 64)
    to_source = crop_matrices((8, 12, 20, 40), (48, 64), (30, 60), flip=True)
    ours = warp(clip, to_source, (30, 60), "border")
    theirs = tv.horizontal_flip(tv.resize(tv.crop(clip, 8, 12, 20, 40), [30, 60], antialias=False))
    torch.testing.assert_close(ours[..., 2:-2, 2:-2], theirs[..., 2:-2, 2:-2], rtol=0, atol=1e-5)


def test_shrinking_does_not_alias():
    stripes = torch.zeros(1, 3, 64, 64)
    stripes[..., ::2] = 1  # every second column: grey from afar
    small = warp(stripes, crop_matrices((0, 0, 64, 64), (64, 64), (12, 12)), (12, 12), "border")
    assert (small - 0.5).abs().max() < 0.04


def test_reflection_leaves_no_black_corner_and_zeros_do():
    white = torch.ones(2, 3, 32, 32)
    to_source = torch.linalg.inv(affine_matrices(PARAMETERS, 32, 32))
    assert warp(white, to_source, (32, 32), "reflection").min() > 0.999
    assert warp(white, to_source, (32, 32), "zeros").min() == 0


def test_motion_runs_between_two_states_within_bounds():
    generator = seeded()
    for _ in range(50):
        path = draw_motion(12, generator)
        ends = path[[0, -1]]
        assert path.shape == (12, 6)
        assert (ends[:, [0]].abs() <= 10).all()
        assert (ends[:, 1:3].abs() <= 0.1).all()
        assert ((ends[:, 3] - 1).abs() <= 0.1).all()
        assert (ends[:, 4:].abs() <= 5).all()


def test_a_dark_surround_does_not_darken_the_edge_of_a_person():
    alpha = torch.zeros(1, 1, 33, 33)
    alpha[..., 8:25, 8:25] = 1
    foreground = 0.8 * alpha.expand(1, 3, 33, 33)  # black where there is nobody
    colours, softer = filter_foreground(foreground, alpha, lambda x: blur.gaussian_blur(x, torch.tensor([2.0])))
    edge = softer[0, 0] > 2e-3
    torch.testing.assert_close(colours[0, :, edge], torch.full_like(colours[0, :, edge], 0.8), rtol=0, atol=1e-3)
    torch.testing.assert_close(softer, blur.gaussian_blur(alpha, torch.tensor([2.0])))


@pytest.mark.parametrize("sigma", [0.7, 1.5, 4.0])
def test_blur_equals_scipys_in_every_frame(sigma):
    clip = smooth_clip(2, 30, 41, channels=4)
    ours = blur.gaussian_blur(clip, torch.tensor([0.0, sigma]))
    torch.testing.assert_close(ours[0], clip[0])
    for channel in range(4):
        expected = ndimage.gaussian_filter(clip[1, channel].numpy(), sigma, mode="reflect", radius=math.ceil(3 * sigma))
        np.testing.assert_allclose(ours[1, channel].numpy(), expected, atol=1e-5)


def test_blur_wider_than_the_picture_mirrors_again_and_again():
    clip = torch.rand(1, 1, 9, 5, generator=seeded())
    expected = ndimage.gaussian_filter(clip[0, 0].numpy(), 6.0, mode="reflect", radius=18)
    np.testing.assert_allclose(blur.gaussian_blur(clip, torch.tensor([6.0]))[0, 0].numpy(), expected, atol=1e-5)


def test_blur_scales_with_the_picture():
    generator = seeded()
    drawn = torch.cat([blur.draw_sigmas(10, 128, generator) for _ in range(200)])
    assert drawn.min() >= 0
    assert 2.3 < drawn.quantile(0.99) < 3.5  # up to 10 pixels at 512, so 2.5 at 128; Elastic and Back go beyond


def test_colour_equals_torchvision_frame_by_frame():
    clip = torch.rand(3, 3, 12, 14, generator=seeded())
    factors = torch.tensor([[1.0, 0.7, 1.4], [1.2, 1.0, 0.6], [0.5, 1.6, 1.0], [0.0, 0.13, -0.4]])
    ours = colour.adjust_colour(clip, *factors)
    for frame, (brightness, contrast, saturation, hue) in enumerate(factors.T.tolist()):
        theirs = tv.adjust_contrast(tv.adjust_brightness(clip[frame], brightness), contrast)
        theirs = tv.adjust_hue(tv.adjust_saturation(theirs, saturation), hue)
        torch.testing.assert_close(ours[frame], theirs, rtol=0, atol=1e-5)


def test_a_full_turn_of_hue_changes_nothing_and_grey_has_none():
    clip = torch.rand(2, 3, 8, 8, generator=seeded())
    turned = colour.turn_hue(colour.turn_hue(clip, torch.full((2, 1, 1), 0.5)), torch.full((2, 1, 1), 0.5))
    torch.testing.assert_close(turned, clip, rtol=0, atol=1e-5)
    grey = clip[:, :1].expand(2, 3, 8, 8)
    torch.testing.assert_close(colour.turn_hue(grey, torch.full((2, 1, 1), 0.3)), grey)


def test_the_light_of_motion_jitter_drifts_and_saturation_goes_its_own_way(monkeypatch):
    seen = {}
    monkeypatch.setattr(
        colour, "adjust_colour", lambda clip, *factors: seen.update(factors=torch.stack(factors)) or clip
    )
    varied = 0
    for seed in range(20):
        colour.motion_jitter(torch.rand(6, 3, 4, 4), seeded(seed))
        brightness, _, saturation, hue = seen["factors"]
        assert not torch.allclose(brightness, saturation)
        assert hue.abs().max() < 0.1
        varied += bool(brightness.std() > 1e-4)
    assert varied > 15


@pytest.mark.parametrize("size", [1.0, 4.0])
def test_noise_has_the_drawn_grain(size):
    grey = torch.full((40, 3, 32, 32), 0.5)
    noisy = noise.add_noise(grey, noise.Grain(size, monochrome=False), seeded(1)) - 0.5
    assert 0 < noisy.std() <= 0.2 / size
    neighbours = torch.corrcoef(torch.stack([noisy[..., 1:].flatten(), noisy[..., :-1].flatten()]))[0, 1]
    assert (abs(neighbours) < 0.02) if size == 1 else (neighbours > 0.7)
    frames = torch.corrcoef(noisy[:2].flatten(1))[0, 1]
    assert abs(frames) < 0.15  # new in every frame


def test_monochrome_noise_is_grey():
    noisy = noise.add_noise(torch.full((2, 3, 16, 16), 0.5), noise.Grain(1.5, monochrome=True), seeded())
    torch.testing.assert_close(noisy[:, 0], noisy[:, 2])
    assert noisy.std() > 0
    grains = [noise.draw_grain(seeded(seed)) for seed in range(60)]
    assert all(1 <= grain.size < 4 for grain in grains)
    assert 15 < sum(grain.monochrome for grain in grains) < 45
