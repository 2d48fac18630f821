"""The authors' browser model of RVM (TensorFlow.js, 8-bit) as a state dict of `RobustVideoMatting`.

A convolution of the graph finds its layer by name (`rvm_tfjs_names`) and its bias, stride, padding and dilation by the
nodes around it. Two layouts change: kernels from (h, w, in, out) to (out, in, h, w), depthwise ones from (h, w, C, 1) to
(C, 1, h, w).

Batch normalisation was folded when the graph was exported, y = conv(x; w·s) + b, so its entries become the identity plus
that bias: running_mean 0, running_var 1 − ε, weight 1, bias b; then √(running_var + ε) = 1. Three dilated layers kept
s and b apart (a Mul and an Add after the convolution): there weight = s.

Every tensor must be used and every entry filled, but for `project_seg`, which the graph lacks; else CourseError names it.
"""

from __future__ import annotations

import base64
import re

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.zoo.rvm_tfjs_names import FLOAT_CONSTANTS, INTEGER_CONSTANTS, layer_names
from course_lib.zoo.tfjs import Graph, Node

ABSENT = "project_seg."  # the one part of the network that the browser graph does not have
_KERNEL_OPS = {"_FusedConv2D", "Conv2D", "FusedDepthwiseConv2dNative", "DepthwiseConv2dNative"}


def convert(graph: Graph, model: nn.Module) -> dict[str, Tensor]:
    """State dict for `model` (MobileNetV3, fast guided filter), complete but for the entries of `project_seg`.

    `model` is only asked for names, shapes, strides and ε. Raises CourseError that names the first tensor or layer which
    is unexpected, missing or of another shape or geometry.
    """
    convolutions = {node.inputs[1]: node for node in graph.nodes.values() if node.op in _KERNEL_OPS}
    names = layer_names(convolutions)
    affine = {kernel: _affine(graph, convolutions[kernel]) for kernel in names}
    _check_constants(graph, {*names, *(name for pair in affine.values() for name in pair if name)})
    modules = dict(model.named_modules())
    state: dict[str, Tensor] = {}
    for kernel, name in names.items():
        layer, node, (scale, bias) = modules.get(name), convolutions[kernel], affine[kernel]
        if not isinstance(layer, nn.Conv2d):
            raise CourseError(f"The graph has a convolution that the network lacks: {kernel} (expected as {name}).")
        if graph.tensors[kernel].ndim != 4:
            raise CourseError(f"{kernel} has shape {graph.tensors[kernel].shape}, which is not that of a kernel.")
        _check_geometry(graph, node, layer, name)
        layout = (2, 3, 0, 1) if "Depthwise" in node.op else (3, 2, 0, 1)
        state[f"{name}.weight"] = _tensor(graph, kernel).permute(layout).contiguous()
        norm = modules.get(_next(name))
        if isinstance(norm, nn.BatchNorm2d):
            state |= _batch_norm(graph, _next(name), norm, scale, bias)
        elif bias is not None:
            state[f"{name}.bias"] = _tensor(graph, bias)
    _check_complete(state, model.state_dict())
    return {key: state[key] for key in model.state_dict() if key in state}


def _affine(graph: Graph, node: Node) -> tuple[str | None, str | None]:
    """Names of the per-channel scale and offset that follow a convolution: fused into it, or as Mul and Add after it."""
    if len(node.inputs) > 2:
        return None, node.inputs[2]
    found: list[str | None] = []
    for op in ("Mul", "Add"):
        node = _only_reader(graph, node)
        if node is not None and node.op == "BatchToSpaceND":
            node = _only_reader(graph, node)
        tensors = [name for name in node.inputs if name in graph.tensors] if node is not None and node.op == op else []
        if not tensors:
            return None, None
        found.append(tensors[0])
    return found[0], found[1]


def _only_reader(graph: Graph, node: Node) -> Node | None:
    readers = [reader for reader in graph.nodes.values() if node.name in reader.inputs]
    return readers[0] if len(readers) == 1 else None


def _batch_norm(
    graph: Graph, name: str, norm: nn.BatchNorm2d, scale: str | None, bias: str | None
) -> dict[str, Tensor]:
    channels = norm.num_features
    if bias is None:
        raise CourseError(f"The graph has no offset for the batch norm {name}.")
    return {
        f"{name}.weight": torch.ones(channels) if scale is None else _tensor(graph, scale),
        f"{name}.bias": _tensor(graph, bias),
        f"{name}.running_mean": torch.zeros(channels),
        f"{name}.running_var": torch.full((channels,), 1 - norm.eps),
        f"{name}.num_batches_tracked": torch.tensor(0),
    }


def _check_geometry(graph: Graph, node: Node, layer: nn.Conv2d, name: str) -> None:
    """Stride, padding and dilation of the graph's convolution against ours (all are square and symmetric)."""
    stride = int(node.attributes["strides"]["list"]["i"][1])
    dilation, padding = 1, 0
    source = graph.nodes[node.inputs[0].split(":")[0]]
    if source.op == "SpaceToBatchND":  # how TensorFlow dilates: the step lies in the tensor, not in the kernel
        dilation = int(graph.tensors[source.inputs[1]].flat[0])
        source = graph.nodes[source.inputs[0]]
    if source.op == "Pad":
        padding = int(graph.tensors[source.inputs[1]][1, 0])
    if base64.b64decode(node.attributes["padding"]["s"]) == b"SAME":
        padding = graph.tensors[node.inputs[1]].shape[0] // 2
    found, ours = (stride, padding, dilation), (layer.stride[0], layer.padding[0], layer.dilation[0])
    if found != ours:
        raise CourseError(f"{name}: the graph has (stride, padding, dilation) = {found}, the network {ours}.")


def _check_constants(graph: Graph, used: set[str]) -> None:
    """Every tensor that is no weight must be a known constant with the value that our code has in its place."""
    for name, values in graph.tensors.items():
        if name in used:
            continue
        if values.dtype == np.float32:
            # An 8-bit constant may be off by half a step of its quantisation.
            tolerance = graph.steps[name] / 2 + 1e-6
            expected = [np.array(v) for pattern, v in FLOAT_CONSTANTS.items() if re.fullmatch(pattern, name)]
            good = any(e.shape == values.shape and np.allclose(values, e, 0, tolerance) for e in expected)
        else:
            expected = [v for pattern, v in INTEGER_CONSTANTS.items() if re.fullmatch(pattern, name)]
            good = any(values.tolist() in allowed for allowed in expected)
        if not expected:
            raise CourseError(f"The graph holds an unexpected tensor: {name}, shape {values.shape}.")
        if not good:
            raise CourseError(f"The constant {name} of the graph is {values.tolist()}; the network uses {expected[0]}.")


def _check_complete(state: dict[str, Tensor], target: dict[str, Tensor]) -> None:
    for key, value in target.items():
        if key not in state and not key.startswith(ABSENT):
            raise CourseError(f"The graph lacks the tensor {key}, shape {tuple(value.shape)}.")
    for key, value in state.items():
        if key not in target:
            raise CourseError(f"The graph holds a tensor that the network lacks: {key}.")
        if value.shape != target[key].shape:
            raise CourseError(
                f"{key} has shape {tuple(value.shape)} in the graph and {tuple(target[key].shape)} in the network."
            )


def _tensor(graph: Graph, name: str) -> Tensor:
    return torch.from_numpy(graph.tensors[name].copy())


def _next(name: str) -> str:
    """Name of the module after `name` in its sequence: "decode3.conv.0" -> "decode3.conv.1"."""
    parent, _, index = name.rpartition(".")
    return f"{parent}.{int(index) + 1}" if index.isdigit() else ""
