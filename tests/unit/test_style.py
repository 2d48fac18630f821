"""The look is tested by its data: sizes, colours, and what the drawing helpers hand to matplotlib."""

import io
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
import torch
from PIL import Image
from skimage.color import deltaE_ciede2000, rgb2lab

from course_lib.viz.style import (
    COLOURS,
    PALETTE,
    apply_style,
    as_matte,
    as_picture,
    checkerboard,
    figure_png,
    new_figure,
    over_checkerboard,
    show_alpha,
    show_heat,
    show_image,
    show_signed,
)

# Machado, Oliveira and Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency" (2009),
# severity 1.0, on linear RGB.
DEFICIENCIES = {
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def simulate(rgb: np.ndarray, matrix) -> np.ndarray:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = (linear @ np.asarray(matrix).T).clip(0, 1)
    return np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_the_palette_stays_distinct(deficiency):
    colours = {role: np.array(mpl.colors.to_rgb(value)) for role, value in PALETTE.items()}
    if deficiency:
        colours = {role: simulate(rgb, DEFICIENCIES[deficiency]) for role, rgb in colours.items()}
    for one, other in combinations(colours, 2):
        difference = deltaE_ciede2000(*(rgb2lab(colours[role][None, None])[0, 0] for role in (one, other)))
        assert difference > 8, f"{one} and {other} look alike: ΔE {difference:.1f}"


def test_apply_style_twice_is_apply_style_once():
    apply_style()
    once = dict(mpl.rcParams)
    apply_style()
    assert dict(mpl.rcParams) == once
    assert mpl.rcParams["savefig.facecolor"] == "white"
    assert not mpl.rcParams["savefig.transparent"]


def png_size(figure):
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return Image.open(stream)


@pytest.mark.parametrize(("rows", "cols", "height"), [(1, 1, 280), (2, 3, 411)])
def test_figures_have_exactly_the_size_asked_for(rows, cols, height):
    figure, axes = new_figure(rows, cols, height=height, squeeze=False)
    assert axes.shape == (rows, cols)
    picture = png_size(figure)
    assert picture.size == (700, height)
    assert np.asarray(picture.convert("RGBA"))[..., 3].min() == 255, "the face is opaque"


def test_a_figure_in_a_kernel_is_a_reproducible_png_without_the_version_of_matplotlib():
    figure, ax = new_figure(height=200)
    ax.plot([1, 3, 2])
    first, second = figure_png(figure), figure_png(figure)
    assert first == second
    picture = Image.open(io.BytesIO(first))
    assert picture.size == (700, 200)
    assert "Software" not in picture.info


def test_a_stored_figure_has_few_colours_all_near_to_the_drawn_ones_and_a_white_page():
    drawn, axes = new_figure(1, 2, height=200)
    show_image(axes[0], np.random.default_rng(0).random((3, 40, 40)))
    show_signed(axes[1], np.linspace(-1, 1, 1600).reshape(40, 40))
    stored = np.asarray(Image.open(io.BytesIO(figure_png(drawn))).convert("RGB")).astype(int)
    exact = np.asarray(png_size(drawn).convert("RGB")).astype(int)
    assert len(np.unique(stored.reshape(-1, 3), axis=0)) <= COLOURS
    assert np.abs(stored - exact).mean() < 4
    assert (stored[(exact == 255).all(-1)] == 255).all()


def test_a_dark_figure_stays_dark():
    drawn, axes = new_figure(height=100)
    drawn.set_facecolor("black")
    axes.set_axis_off()
    stored = np.asarray(Image.open(io.BytesIO(figure_png(drawn))).convert("RGB"))
    assert stored.max() < 8


def test_pictures_come_in_either_layout_as_arrays_or_tensors():
    chw = np.random.default_rng(0).random((3, 4, 5), dtype=np.float32)
    hwc = chw.transpose(1, 2, 0)
    for image in (chw, hwc, torch.from_numpy(chw).requires_grad_()):
        np.testing.assert_array_equal(as_picture(image), hwc)
    np.testing.assert_allclose(as_picture((hwc * 255).round().astype(np.uint8)), hwc, atol=0.5 / 255 + 1e-7)
    assert as_picture(chw * 3 - 1).min() == 0
    assert as_picture(chw * 3 - 1).max() == 1


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 4), (2, 3, 4, 5)])
def test_what_is_no_picture_is_named_by_its_shape(shape):
    with pytest.raises(ValueError, match=r"\(3, H, W\) or \(H, W, 3\)"):
        as_picture(np.zeros(shape))


def test_what_is_no_matte_is_named_by_its_shape():
    with pytest.raises(ValueError, match=r"\(H, W\) or \(1, H, W\), not \(3, 4, 5\)"):
        as_matte(np.zeros((3, 4, 5)))


def test_alpha_is_grey_from_zero_to_one_whatever_its_range():
    _, ax = new_figure()
    artist = show_alpha(ax, torch.full((1, 4, 5), 0.25), "α")
    assert artist.get_clim() == (0, 1)
    assert artist.get_cmap().name == "gray"
    assert ax.get_title() == "α"
    np.testing.assert_array_equal(artist.get_array(), np.full((4, 5), 0.25, np.float32))


def test_images_and_maps_reach_matplotlib_unchanged():
    _, (left, middle, right) = new_figure(1, 3)
    image = np.random.default_rng(1).random((3, 4, 5)).astype(np.float32)
    np.testing.assert_array_equal(show_image(left, image).get_array(), image.transpose(1, 2, 0))
    assert show_signed(middle, [[-3.0, 1.0]]).get_clim() == (-3, 3)
    assert show_heat(right, [[0.0, 2.0]]).get_clim() == (0, 2)
    assert show_heat(right, [[0.0, 0.0]]).get_clim() == (0, 1), "an empty map is dark, not an error"


def test_the_checkerboard_shows_where_alpha_is_zero_and_the_foreground_where_it_is_one():
    foreground = np.random.default_rng(2).random((3, 20, 30)).astype(np.float32)
    alpha = np.zeros((20, 30), np.float32)
    alpha[:, 15:] = 1
    alpha[0, 0] = 0.25
    picture, board = over_checkerboard(foreground, alpha), checkerboard(20, 30)
    np.testing.assert_array_equal(picture[:, :, 15:], foreground[:, :, 15:])
    np.testing.assert_array_equal(picture[:, 1:, :15], board[:, 1:, :15])
    np.testing.assert_allclose(
        picture[:, 0, 0], board[:, 0, 0] + 0.25 * (foreground[:, 0, 0] - board[:, 0, 0]), atol=1e-6
    )
    assert board[0, 0, 0] == board[0, 8, 8] != board[0, 0, 8]
    with pytest.raises(ValueError, match="differ"):
        over_checkerboard(foreground, alpha[:10])
