"""Figures of chapter 02 by their data."""

import numpy as np
import torch

from course_lib.matting.encoders import MobileNetV3LargeEncoder
from course_lib.viz import encoder as figures
from course_lib.viz.features import most_telling, principal_colours


def taps() -> list[torch.Tensor]:
    torch.manual_seed(0)
    with torch.no_grad():
        return MobileNetV3LargeEncoder().eval()(torch.rand(1, 3, 45, 64))


def test_four_maps_shows_the_frame_and_each_map_at_its_own_size():
    frame, maps = torch.rand(3, 45, 64), taps()
    figure = figures.four_maps(frame, maps)
    pictures = [ax.images[0].get_array() for ax in figure.axes if ax.images]
    assert len(pictures) == 5
    np.testing.assert_allclose(pictures[0], frame.permute(1, 2, 0), atol=1e-6)
    assert [picture.shape[:2] for picture in pictures[1:]] == [(23, 32), (12, 16), (6, 8), (3, 4)]
    np.testing.assert_allclose(pictures[3], principal_colours(maps[2]).transpose(1, 2, 0), atol=1e-6)
    assert "40 × 6 × 8" in figure.axes[3].get_title()


def test_hard_functions_writes_the_largest_gap():
    x = np.linspace(-1, 1, 5)
    figure = figures.hard_functions(x, {"one": (x, x + 0.25), "two": (x, x)})
    assert "0.25" in figure.axes[0].get_title()
    assert "0.00" in figure.axes[1].get_title()
    np.testing.assert_array_equal(figure.axes[0].lines[1].get_ydata(), x + 0.25)


def test_gallery_shows_the_most_telling_channels():
    maps = taps()
    figure = figures.gallery(maps, per_stage=3)
    shown = [int(ax.get_title()) for ax in figure.axes]
    assert shown[3:6] == most_telling(maps[1], 3).tolist()
    np.testing.assert_allclose(figure.axes[3].images[0].get_array(), maps[1][0, shown[3]], atol=1e-6)


def test_cost_by_layer_draws_thousands_and_millions():
    figure = figures.cost_by_layer([1000, 3000, 0, 500], [2e6, 4e6, 1e6, 0], ["f1", "f2", "f3", "f4"])
    weights, work = ([bar.get_width() for bar in ax.patches] for ax in figure.axes)
    assert weights == [1, 3, 0, 0.5]
    assert work == [2, 4, 1, 0]


def test_sensitivity_draws_the_square_only_where_it_fits():
    heat = np.zeros((20, 30))
    heat[10, 15] = 4.0
    frame = np.full((3, 20, 30), 0.5)
    figure = figures.sensitivity_on_frame(frame, [heat] * 4, [3, 7, 19, 99], (10, 15))
    assert [len(ax.patches) for ax in figure.axes] == [1, 1, 1, 0]
    square = figure.axes[1].patches[0]
    assert (square.get_x(), square.get_y(), square.get_width()) == (15 - 3.5, 10 - 3.5, 7)
    picture = figure.axes[0].images[0].get_array()
    np.testing.assert_allclose(picture[10, 15], [1.0, 0.85, 0.2])
    np.testing.assert_allclose(picture[0, 0], 0.225)


def test_share_in_square_draws_every_curve():
    sides, shares = [4, 8, 16], {"f1": [0.5, 1.0, 1.0], "f4 with live gates": [0.1, 0.2, 0.3]}
    figure = figures.share_in_square(sides, shares, {"f1": 8})
    curves = [line.get_ydata().tolist() for line in figure.axes[0].lines if len(line.get_ydata()) == 3]
    assert curves == [[0.5, 1.0, 1.0], [0.1, 0.2, 0.3]]


def test_stride_and_dilation_reach_the_same_inputs():
    """The figure's claim: the two stacks touch the same inputs, the dilated one has every output."""

    def inputs(stride: int, dilation: int) -> list[int]:
        edges = figures.kernel_edges(taps=3, outputs=4, stride=stride, dilation=dilation)
        return sorted({start[0] for start, end in edges if end[1] == 1})

    assert inputs(2, 1) == inputs(1, 2) == [1, 2, 3, 4, 5, 6, 7]
    assert figures.layer_positions(4, 2)[2] == [0, 2, 4, 6]
    assert figures.layer_positions(4, 1)[2] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert len(figures.stride_and_dilation().axes) == 2


def test_undone_shows_each_matte_with_its_note():
    alpha = np.linspace(0, 1, 12).reshape(3, 4)
    figure = figures.undone({"published": (alpha, "MAD 0"), "other": (1 - alpha, "MAD 7")})
    np.testing.assert_allclose(figure.axes[1].images[0].get_array(), 1 - alpha, atol=1e-6)
    assert figure.axes[1].get_title() == "other\nMAD 7"
