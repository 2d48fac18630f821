"""Which device, which number format, how many frames at once; and the model put there."""

from __future__ import annotations

import copy
from os import PathLike
from typing import Literal

import torch
from torch import nn

from course_lib.errors import CourseError

PUBLISHED = "rvm-mobilenetv3-published"
DTYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
CLIP_PIXELS = {"cuda": 24_000_000, "mps": 4_000_000, "cpu": 100_000}  # of a chunk; a CPU is slower outside its cache
LONGEST_CHUNK = 12


def prepare_model(model: str | PathLike[str] | nn.Module, device: str, dtype: str, *, finds_objects: bool) -> nn.Module:
    """The model, which finds objects (SparseInst) or mattes (RVM), in eval mode on its device, in its dtype.

    "auto" is cuda before mps before cpu, and float16 on cuda, float32 elsewhere. A module that is handed over stays where
    and as it is with both on "auto", and is copied otherwise. CourseError for a model of the other kind, and for what this
    machine does not have.
    """
    if isinstance(model, nn.Module):
        check_kind(model, type(model).__name__, finds_objects)
        if device == dtype == "auto":
            return model.eval()
        model = copy.deepcopy(model)
    else:
        from course_lib.zoo import load_model

        name, model = str(model), load_model(model)
        check_kind(model, name, finds_objects)
    place = pick_device(device)
    number = pick_dtype(dtype, place)
    return model.to(place, number).eval()


def check_kind(model: nn.Module, name: str, finds_objects: bool) -> None:
    """CourseError that points to the other command. What finds objects is known by its `predict`."""
    if hasattr(model, "predict") == finds_objects:
        return
    if finds_objects:
        raise CourseError(f"{name} makes mattes and finds no objects: it is a model for course matte.")
    raise CourseError(f"{name} finds objects and makes no mattes: it is a model for course segment.")


def pick_device(name: str) -> torch.device:
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError):
        raise CourseError(f"--device {name} is not available here. Use auto or cpu.") from None
    return device


def pick_dtype(name: str, device: torch.device) -> torch.dtype:
    if name == "auto":
        return torch.float16 if device.type == "cuda" else torch.float32
    if name not in DTYPES:
        raise CourseError(f"--dtype {name} is not one of auto, {', '.join(DTYPES)}.")
    return DTYPES[name]


def pick_chunk(chunk: int | Literal["auto"], height: int, width: int, device: torch.device) -> int:
    """Frames per call of the network. More need more memory and give the same result."""
    if chunk == "auto":
        return min(max(CLIP_PIXELS.get(device.type, 1) // (height * width), 1), LONGEST_CHUNK)
    if not isinstance(chunk, int) or chunk < 1:
        raise CourseError(f"--chunk {chunk} must be 1 or more, or auto.")
    return chunk
