"""What a model is for, on which device, in which number format, and how many frames it gets at once."""

from __future__ import annotations

import copy
from os import PathLike
from typing import Literal

import torch
from torch import nn

from course_lib.errors import CourseError
from course_lib.matting import RobustVideoMatting

Kind = Literal["matting", "instances", "classifier"]
WHAT = {
    "matting": "makes mattes and finds no objects: it is a model for course matte, or for --model of course capstone.",
    "instances": (
        "finds objects and makes no mattes: it is a model for course segment, or for --instances of course capstone."
    ),
    "classifier": (
        "says what a picture of one thing shows: it makes no mattes and finds no objects. It is where the training of "
        "SparseInst starts. course models lists those that do."
    ),
    None: "has no predict, and so finds no objects. Give a SparseInst, or a module with its predict and class_names.",
}  # said of a model that was asked for something else

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


def kind_of(model: nn.Module) -> Kind | None:
    """What finds objects is known by its `predict`, somebody's own network too. None: unknown; it may be called as RVM is."""
    if isinstance(model, RobustVideoMatting):
        return "matting"
    if hasattr(model, "predict"):
        return "instances"
    from course_lib.instances.classifier import BackboneClassifier

    return "classifier" if isinstance(model, BackboneClassifier) else None


def check_kind(model: nn.Module, name: str, finds_objects: bool) -> None:
    """CourseError that says what the model is, and points to what it is for."""
    kind = kind_of(model)
    if kind not in (("instances",) if finds_objects else ("matting", None)):
        raise CourseError(f"{name} {WHAT[kind]}")


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
