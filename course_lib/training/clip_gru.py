"""A ConvGRU over a whole clip with the input half of its convolutions taken out of the loop over time.

A convolution of [x_t, h_{t-1}] is the sum of one of x_t and one of h_{t-1} (the weight split along its input channels). The
frames are all known in training, so their half is done for all T at once, with B·T pictures in one call; what is left in the
loop are the halves that wait for the state:

    gates_x = W_rz,x * x + b_rz      candidate_x = W_o,x * x + b_o       all T at once
    r_t, z_t = σ(gates_x,t + W_rz,h * h_{t-1})
    o_t      = tanh(candidate_x,t + W_o,h * (r_t ⊙ h_{t-1}))             one after another

Equal to `ConvGRU.forward` but for rounding.

Where it pays: not on one thread of a CPU, where it was tried at T = 4, 12 and 40. Both ways do the same multiplications, and a
CPU is as busy with one picture as with many. On a GPU small convolutions leave most of the device idle, so `step.prepare` uses
it there; that is not measured.
"""

from functools import partial

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting import ConvGRU


def over_clip(
    gru: ConvGRU, x: Tensor, state: Float[Tensor, "B C H W"] | None = None
) -> tuple[Tensor, Float[Tensor, "B C H W"]]:
    """As `gru(x, state)`: x (B, T, C, H, W) or (B, C, H, W) → output of x's shape, last state (B, C, H, W)."""
    if x.ndim == 4:
        return ConvGRU.forward(gru, x, state)
    gates, candidate = gru.ih[0], gru.hh[0]
    gates_x, gates_h = gates.weight.chunk(2, dim=1)
    candidate_x, candidate_h = candidate.weight.chunk(2, dim=1)
    padding = gates.padding
    weight, bias = torch.cat([gates_x, candidate_x]), torch.cat([gates.bias, candidate.bias])
    inputs = F.conv2d(x.flatten(0, 1), weight, bias, padding=padding).unflatten(0, x.shape[:2])  # (B, T, 3C, H, W)
    h = torch.zeros_like(x[:, 0]) if state is None else state
    outputs = []
    for frame in inputs.unbind(dim=1):
        gate, new = frame.split([2 * gru.channels, gru.channels], dim=1)
        r, z = (gate + F.conv2d(h, gates_h, padding=padding)).sigmoid().chunk(2, dim=1)
        o = (new + F.conv2d(r * h, candidate_h, padding=padding)).tanh()
        h = (1 - z) * h + z * o
        outputs.append(h)
    return torch.stack(outputs, dim=1), h


def use_over_clip(model: nn.Module) -> None:
    """Every ConvGRU of the model takes this way from now on. The state dict stays as it is."""
    for module in model.modules():
        if isinstance(module, ConvGRU):
            module.forward = partial(over_clip, module)
