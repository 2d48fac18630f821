"""What makes a training step faster changes no number: the GRU over a clip, depthwise convolutions, the fused Adam."""

import copy
from dataclasses import replace

import pytest
import torch
from torch import nn

from course_lib.matting import ConvGRU, RobustVideoMatting
from course_lib.training.benchmark import loader_rate, measure
from course_lib.training.clip_gru import over_clip, use_over_clip
from course_lib.training.loader import threads_beside
from course_lib.training.modules import keep_in_32_bits
from course_lib.training.recipes import PassSize, recipe


@pytest.mark.parametrize("length", [1, 4])
@pytest.mark.parametrize("with_state", [False, True])
def test_the_gru_over_a_clip_is_the_gru(length, with_state):
    torch.manual_seed(0)
    gru = ConvGRU(5)
    x = torch.randn(2, length, 5, 7, 9, requires_grad=True)
    state = torch.randn(2, 5, 7, 9) if with_state else None
    results = []
    for forward in (gru, lambda *inputs: over_clip(gru, *inputs)):
        output, last = forward(x, state)
        gradients = torch.autograd.grad((output * output.detach().cos()).sum(), [x, *gru.parameters()])
        results.append([output, last, *gradients])
    for ours, plain in zip(results[1], results[0], strict=True):
        torch.testing.assert_close(ours, plain, rtol=1e-5, atol=1e-6 * max(1, plain.detach().abs().max().item()))


def test_the_network_with_it_is_the_network():
    torch.manual_seed(0)
    plain = RobustVideoMatting().eval().requires_grad_(False)
    ours = copy.deepcopy(plain)
    use_over_clip(ours)
    clip, frame = torch.rand(1, 3, 3, 40, 56), torch.rand(1, 3, 40, 56)
    assert ours.state_dict().keys() == plain.state_dict().keys()
    for inputs in (clip, frame):
        for mine, theirs in zip(ours(inputs), plain(inputs), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=0, atol=1e-6)


def test_depthwise_convolutions_leave_autocast_when_asked_to():
    model = nn.Sequential(nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 8, 1))
    keep_in_32_bits(model, depthwise=True)
    with torch.autocast("cpu", torch.bfloat16):
        between = model[0](torch.rand(1, 8, 5, 5).bfloat16())
        assert between.dtype == torch.float32
        assert model[1](between).dtype == torch.bfloat16


def test_the_benchmark_measures_both_ways():
    chosen = replace(recipe(1), low=PassSize(64, 2, 1), segmentation=None, precision="no")
    report = measure(chosen, 1, 1, kinds=("texture",), workers=0)
    assert min(report.plain_data, report.plain_step, report.our_wait, report.our_step) > 0
    assert report.ratio == pytest.approx((report.plain_data + report.plain_step) / (report.our_wait + report.our_step))
    assert loader_rate(chosen, 1, kinds=("texture",), workers=0) > 0


@pytest.mark.parametrize(("threads", "workers", "left"), [(4, 1, 3), (2, 1, 1), (1, 1, 1), (2, 0, 2)])
def test_a_step_leaves_cores_to_the_loader_and_takes_them_back(threads, workers, left):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        with threads_beside(workers):
            assert torch.get_num_threads() == left
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
