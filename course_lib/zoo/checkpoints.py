"""Reading a checkpoint from a file, building an RVM from one, and telling what is wrong with one that does not fit.

Only tensors are ever read: `torch.load(..., weights_only=True)` or safetensors, so a file cannot run code.
"""

from __future__ import annotations

import io
from pathlib import Path

import torch
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.matting import ConvGRU, ConvLSTM, RobustVideoMatting
from course_lib.matting.decoder import Memory

SEGMENTATION = "project_seg."  # browser models lack it; it may be absent


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Tensors of a `.safetensors` file, or of a file that torch.save wrote: a state dict, or one under "model".

    Raises CourseError when it is neither.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"Cannot read the weights {path}: {error.strerror or error}.") from None
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load

            state = load(data)
        else:
            state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load reports a damaged file by a dozen types of exception
        raise CourseError(
            f"{path} cannot be read as weights ({type(error).__name__}).\n"
            "It is cut off, or no .pth or .safetensors file, or it holds more than tensors. Get the file again."
        ) from None
    if isinstance(state, dict) and isinstance(state.get("model"), dict):
        state = state[
            "model"
        ]  # a checkpoint with the state of its training beside it, as SparseInst's authors save them
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise CourseError(f"{path} holds no plain state dict (names with tensors); save model.state_dict() alone.")
    return state


def build_rvm(state: dict[str, Tensor], where: str | Path) -> RobustVideoMatting:
    """The network that `state` belongs to, told by its keys, with these weights, in eval mode and without gradients.

    Without `project_seg` in `state`, that layer is zero and `segmentation_available` is False. Raises CourseError,
    naming `where` and the first entry that is missing, unexpected or of another shape.
    """
    backbone, refiner = recognise_backbone(state, where), recognise_refiner(state)
    model = RobustVideoMatting(backbone, refiner, memory=recognise_memory(state), split=recognise_split(state))
    target = model.state_dict()
    absent = [key for key in target if key not in state]
    if absent and all(key.startswith(SEGMENTATION) for key in absent):
        model.segmentation_available = False
        for parameter in model.project_seg.parameters():
            nn.init.zeros_(parameter)
    elif absent:
        raise CourseError(f"{where} lacks {absent[0]}" + _more(absent) + ". It is not a complete RVM checkpoint.")
    unexpected = [key for key in state if key not in target]
    if unexpected:
        raise CourseError(f"{where} holds {unexpected[0]}, which RVM does not have" + _more(unexpected) + ".")
    for key, value in state.items():
        if value.shape != target[key].shape:
            raise CourseError(
                f"{where}: {key} has shape {tuple(value.shape)}, but RVM needs {tuple(target[key].shape)}. "
                "It was trained with another architecture."
            )
    model.load_state_dict(state, strict=False)
    return model.eval().requires_grad_(False)


def recognise_backbone(state: dict[str, Tensor], where: str | Path) -> str:
    """ "mobilenetv3" or "resnet50", by the keys. Raises CourseError when they are those of another network."""
    if any(key.startswith("backbone.features.") for key in state):
        return "mobilenetv3"
    if any(key.startswith("backbone.layer1.") for key in state):
        return "resnet50"
    first = ", ".join(list(state)[:3]) or "none"
    raise CourseError(
        f"{where} is not an RVM checkpoint: no entry starts with backbone.features. (MobileNetV3) or "
        f"backbone.layer1. (ResNet-50). Its first entries: {first}."
    )


def recognise_refiner(state: dict[str, Tensor]) -> str:
    """The fast guided filter has no weights; the deep one has."""
    return "deep_guided_filter" if any(key.startswith("refiner.") for key in state) else "fast_guided_filter"


def recognise_memory(state: dict[str, Tensor]) -> Memory:
    """A ConvLSTM has all its gates in one convolution."""
    return ConvLSTM if any(key.startswith("decoder.decode4.gru.gates.") for key in state) else ConvGRU


def recognise_split(state: dict[str, Tensor]) -> bool:
    """Whether the memory of the bottleneck is as wide as half of what LR-ASPP gives it, or as all of it."""
    channels, gates = (state.get(f"{name}.weight") for name in ("aspp.aspp1.0", "decoder.decode4.gru.ih.0"))
    return channels is None or gates is None or gates.ndim != 4 or gates.shape[1] != 2 * channels.shape[0]


def _more(keys: list[str]) -> str:
    return f" (and {len(keys) - 1} more)" if len(keys) > 1 else ""
