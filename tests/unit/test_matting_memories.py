"""The memories of the ablations: ConvLSTM against its equations, both inside the whole network, and told by their keys."""

import pytest
import torch

from course_lib.matting import ConvGRU, ConvLSTM, RobustVideoMatting
from course_lib.zoo.checkpoints import build_rvm

VARIANTS = {"convlstm": {"memory": ConvLSTM}, "full width": {"split": False}}


def test_conv_lstm_is_torchs_lstm_at_every_pixel():
    """With a 1×1 kernel each pixel is a sequence of its own: torch.nn.LSTM, whose gates come as i, f, g, o."""
    torch.manual_seed(0)
    memory, lstm = ConvLSTM(3, kernel_size=1).double(), torch.nn.LSTM(3, 3, batch_first=True).double()
    i, f, o, g = range(4)
    rows = torch.arange(12).view(4, 3)[[i, f, g, o]].flatten()  # of ours, in torch's order
    weight, bias = memory.gates.weight[rows, :, 0, 0], memory.gates.bias[rows]
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(weight[:, :3])
        lstm.weight_hh_l0.copy_(weight[:, 3:])
        lstm.bias_ih_l0.copy_(bias)
        lstm.bias_hh_l0.zero_()
    clip = torch.randn(2, 5, 3, 4, 6, dtype=torch.float64)
    pixels = clip.permute(0, 3, 4, 1, 2).flatten(0, 2)  # (B·H·W, T, C)
    expected, (_, cell) = lstm(pixels)
    output, state = memory(clip)
    torch.testing.assert_close(output.permute(0, 3, 4, 1, 2).flatten(0, 2), expected)
    torch.testing.assert_close(state[:, 3:].permute(0, 2, 3, 1).flatten(0, 2), cell[0])
    torch.testing.assert_close(state[:, :3], output[:, -1])


def test_a_new_conv_lstm_keeps():
    memory = ConvLSTM(4)
    assert torch.equal(memory.gates.bias[4:8], torch.ones(4))


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_clip_at_once_is_frame_by_frame(variant):
    torch.manual_seed(0)
    model = RobustVideoMatting(**VARIANTS[variant]).eval().requires_grad_(False).double()
    clip = torch.rand(1, 3, 3, 33, 50, dtype=torch.float64)
    whole = model(clip)
    alphas, states = [], []
    for frame in clip.unbind(1):
        _, alpha, *states = model(frame, *states)
        alphas.append(alpha)
    torch.testing.assert_close(torch.stack(alphas, dim=1), whole[1], rtol=0, atol=1e-9)
    factor = 2  # a cell beside the output, or all channels instead of half
    shapes = [(1, factor * c, *size) for c, size in zip((16, 20, 40, 64), sizes(33, 50), strict=True)]
    assert [tuple(state.shape) for state in whole[2:]] == shapes
    with pytest.raises(ValueError, match="state r1"):
        model(clip, *(state[:, ::2] for state in whole[2:]))


def sizes(height, width):
    return [(-(-height // stride), -(-width // stride)) for stride in (2, 4, 8, 16)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_only_the_memory_differs_and_it_is_told_by_its_keys(variant):
    ours, standard = RobustVideoMatting(**VARIANTS[variant]).state_dict(), RobustVideoMatting().state_dict()
    different = set(ours) ^ set(standard)
    different |= {key for key in ours.keys() & standard.keys() if ours[key].shape != standard[key].shape}
    assert different
    assert all(".gru." in key for key in different)
    model = build_rvm(ours, "a file")
    assert all(torch.equal(value, ours[key]) for key, value in model.state_dict().items())
    kind = VARIANTS[variant].get("memory", ConvGRU)
    assert type(model.decoder.decode4.gru) is kind


@pytest.mark.parametrize("variant", VARIANTS)
def test_an_ablation_exports_too(variant):
    model = RobustVideoMatting(**VARIANTS[variant]).eval().requires_grad_(False)
    frames = torch.rand(1, 3, 32, 48)
    program = torch.export.export(model, (frames, *model(frames)[2:])).module()
    other = torch.rand(1, 3, 32, 48)
    states = model(other)[2:]
    for ours, expected in zip(program(other, *states), model(other, *states), strict=True):
        torch.testing.assert_close(ours, expected)
