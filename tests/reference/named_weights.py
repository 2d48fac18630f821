"""Weights that depend on nothing but their own names, so that two implementations can be compared tensor by tensor."""

import zlib
from math import prod, sqrt

import numpy as np
import torch
from torch import Tensor, nn


def fill_from_names(model: nn.Module) -> nn.Module:
    """Fill every floating-point entry of the state dict from its name (box filter and counters stay as they are)."""
    state = model.state_dict()
    for name, tensor in state.items():
        if tensor.is_floating_point() and name != "refiner.box_filter.weight":
            state[name] = weight_from_name(name, tuple(tensor.shape))
    model.load_state_dict(state)
    return model.eval()


def fill_sparseinst_from_names(model: nn.Module) -> nn.Module:
    """The same with gains that keep the numbers of this deeper network moderate, and its activation maps distinct."""
    state = model.state_dict()
    for name, tensor in state.items():
        gain = 1.0
        if name.endswith("conv3.norm.weight"):
            gain = 0.5
        elif name.endswith("iam_conv.weight"):
            gain = 8.0
        elif tensor.ndim >= 2:
            gain = 0.75 if name.startswith(("decoder.", "encoder.")) else 0.8
        state[name] = gain * weight_from_name(name, tuple(tensor.shape))
    model.load_state_dict(state)
    return model.eval()


def weight_from_name(name: str, shape: tuple[int, ...]) -> Tensor:
    a = np.random.default_rng(zlib.crc32(name.encode())).standard_normal(shape)
    if len(shape) >= 2:
        a *= sqrt(2 / prod(shape[1:]))
    elif name.endswith("running_var"):
        a = 1 + 0.1 * np.abs(a)
    elif name.endswith("weight"):
        a = 1 + 0.1 * a
    else:
        a = 0.1 * a
    return torch.from_numpy(a).float()
