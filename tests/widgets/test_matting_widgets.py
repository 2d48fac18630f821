"""The filter and the losses that widgets compute in the browser, compared with the library's: to 1e-9 of each number."""

import base64

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter

from course_lib.matting.guided_filter import FastGuidedFilter
from course_lib.matting.losses import matting_loss
from course_lib.widgets import guided_filter, loss_explorer

from .examples import EXAMPLES
from .stage import move, numbers, show


def _levels(text, *shape):
    """What the widget kept of a picture in [0, 1], in 64 bits."""
    return torch.from_numpy(np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape) / 255)


class _WideFilter(FastGuidedFilter):
    def __init__(self, radius, eps):
        super().__init__(eps)
        self.radius = radius

    def box(self, x):
        return F.avg_pool2d(x, 2 * self.radius + 1, stride=1, padding=self.radius, count_include_pad=True)


def test_a_radius_of_one_is_the_library_s_own_filter():
    x = torch.rand(1, 4, 9, 7, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(_WideFilter(1, 1e-5).box(x), FastGuidedFilter().box(x))


@pytest.mark.parametrize(("ratio", "radius", "power"), [(4, 1, -5), (2, 3, -2), (8, 8, 1), (16, 2, -7)])
def test_the_browser_filters_as_the_library_does(ratio, radius, power, watched):
    widget = EXAMPLES["guided_filter"]()
    show(watched.page, widget)
    sliders = watched.page.locator("#widget input[type=range]")
    for at, value in enumerate((widget.data["ratios"].index(ratio), radius, power)):
        move(watched.page, sliders.nth(at), value)
    guide, alpha = (_levels(widget.data[name], 1, 1, 32, 48) for name in ("guide", "alpha"))
    small_guide, small = (F.avg_pool2d(x, ratio) for x in (guide, alpha))
    plain = F.interpolate(small, (32, 48), mode="bilinear")
    large, small_frames = guide.expand(-1, 3, -1, -1), small_guide.expand(-1, 3, -1, -1)
    filtered = _WideFilter(radius, 10.0**power)(large, small_frames, torch.zeros_like(small_frames), small, small)[1]
    expected = [1000 * (matte.clamp(0, 1) - alpha).abs().mean().item() for matte in (plain, filtered)]
    np.testing.assert_allclose(numbers(watched.page, "mad"), expected, rtol=1e-9)
    drawn = watched.page.evaluate(
        "() => { const c = document.querySelectorAll('#widget canvas')[1];"
        " return [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data].filter((_, i) => i % 4 === 0); }"
    )
    assert np.abs(np.array(drawn) - 255 * filtered.clamp(0, 1).numpy().ravel()).max() <= 1


def test_pictures_that_no_filter_can_take_are_refused():
    with pytest.raises(ValueError, match="must be equal"):
        guided_filter(torch.rand(3, 8, 8), torch.rand(8, 6))
    with pytest.raises(ValueError, match="even"):
        guided_filter(torch.rand(3, 8, 9), torch.rand(8, 9))


def _wrong(truth, hole, shift, sigma, radius, factor, flicker):
    """The widget's mistakes, as its docstring says; truth (T, H, W)."""
    columns = (np.arange(truth.shape[2]) - shift).clip(0)
    wrong = gaussian_filter(truth[:, :, columns], (0, sigma, sigma))
    row, column = np.indices(truth.shape[1:])
    if radius:
        wrong = wrong * (np.hypot(row - hole[0], column - hole[1]) - radius).clip(0, 1)
    sign = np.where(np.arange(len(truth)) % 2 == 0, 1, -1)[:, None, None]
    return (wrong * factor + flicker * sign).clip(0, 1)


@pytest.mark.parametrize("size", [(32, 32), (70, 65), (19, 22), (5, 4)])
@pytest.mark.parametrize("mistake", [(0, 0, 0, 1, 0), (3, 0, 0, 1, 0), (2, 1.5, 1, 0.7, 0.12), (0, 5, 0, 1.5, 0.3)])
def test_the_browser_charges_what_the_library_charges(size, mistake, watched):
    clip = torch.rand(3, 1, *size, generator=torch.Generator().manual_seed(4))
    widget = loss_explorer(clip, hole=(2, 1))
    show(watched.page, widget)
    for at, value in enumerate(mistake):
        move(watched.page, watched.page.locator("#widget input[type=range]").nth(at), value)
    truth = _levels(widget.data["alpha"], 3, *size)
    wrong = torch.from_numpy(_wrong(truth.numpy(), (2, 1), *mistake))
    clips = [x[None, :, None] for x in (wrong, truth)]  # (1, T, 1, H, W)
    colours = torch.zeros(1, 3, 3, *size, dtype=torch.float64)
    losses = matting_loss(colours, clips[0], colours, clips[1])
    expected = [float(losses[name]) for name in ("pha_l1", "pha_laplacian", "pha_coherence", "total")]
    np.testing.assert_allclose(numbers(watched.page, "price"), expected, rtol=1e-9, atol=1e-12)
    assert watched.errors == []


def test_a_single_frame_has_no_coherence_and_is_refused():
    for shape in ((1, 16, 16), (16, 16), (2, 3, 16, 16), (2, 3, 16)):
        with pytest.raises(ValueError, match="two frames"):
            loss_explorer(torch.rand(shape))
