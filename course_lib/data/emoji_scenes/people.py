"""People for scenes: cut-outs of puppets, and two real persons from photographs.

A puppet takes some 60 ms to draw, four times what a whole scene may take. So each split has a fixed number of them, drawn once
(`kept`), and scenes show those mirrored, turned, resized and coloured anew. They are puppets of Part I's splits `train` and
`val`; its `test` puppets are for the clips of `clip.py` alone.

The two real persons (the astronaut Eileen Collins; Grace Hopper) were cut out of their photographs by the published RVM, and
their alpha is what that network said, its errors included. The man of the real clip is test data and never here.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import cv2
import numpy as np
import torch
from jaxtyping import Float, UInt8

from course_lib.data.emoji_scenes.kept import kept
from course_lib.data.emoji_scenes.sprites import pyramid
from course_lib.data.images import sample_image
from course_lib.data.puppets import puppet_clip
from course_lib.errors import CourseError

PUPPETS = {"train": 384, "val": 96}  # how many each split has
REAL = ("astronaut", "grace_hopper")
WEIGHTS = "rvm-mobilenetv3-published"
HEIGHT, WIDTH = 384, 512  # of the picture that a puppet is drawn in; wide, so that few are cut at the sides
FRAMINGS = ("full", "full", "half", "bust")
PASSES = 4  # of RVM over a photograph: its state needs some frames to settle


@dataclass(frozen=True)
class CutOut:
    """A person as premultiplied RGBA, and halved pictures of it. `whole`: from head to feet; else cut off at the lower edge."""

    style: Literal["puppet", "photograph"]
    name: str
    whole: bool
    levels: tuple[UInt8[np.ndarray, "_ _ 4"], ...]


@lru_cache(maxsize=128)
def puppet_cut_out(number: int, split: Literal["train", "val"]) -> CutOut:
    """Puppet `number` of a split, 0 … PUPPETS[split] − 1. Drawn at its first use. Raises CourseError for another number."""
    if split not in PUPPETS or not 0 <= number < PUPPETS[split]:
        raise CourseError(
            f"There is no puppet {number} of {split!r}: {', '.join(f'{n} of {s}' for s, n in PUPPETS.items())}."
        )
    framing = FRAMINGS[number % len(FRAMINGS)]
    pixels = kept(f"puppets/{split}/{number:04}", lambda: _draw(number, split, framing))
    return CutOut("puppet", f"{split}/{number}", framing == "full", pyramid(pixels))


@lru_cache(maxsize=len(REAL))
def real_cut_out(name: str) -> CutOut:
    """One of REAL, cut out by the published RVM at its first use. Raises CourseError for another name, and without weights."""
    if name not in REAL:
        raise CourseError(f"{name!r} is none of the real persons {', '.join(REAL)}.")
    return CutOut("photograph", name, False, pyramid(kept(f"real/{name}", lambda: _cut_out_by_rvm(name))))


def premultiplied(
    foreground: Float[np.ndarray, "H W 3"], alpha: Float[np.ndarray, "H W 1"]
) -> UInt8[np.ndarray, "H W 4"]:
    """Straight colour and alpha in [0, 1] as premultiplied bytes."""
    pixels = np.concatenate([foreground * alpha, alpha], axis=-1)
    return np.rint(pixels.clip(0, 1) * 255).astype(np.uint8)


def _draw(number: int, split: str, framing: str) -> UInt8[np.ndarray, "h w 4"]:
    """The first puppet among the seeds number, number + N, … that no edge cuts but, unless it is whole, the lower one."""
    seed = number
    while True:
        clip = puppet_clip(seed, frames=1, height=HEIGHT, width=WIDTH, split=split, people=1, framing=framing)
        front, alpha = (tensor[0].permute(1, 2, 0).numpy() for tensor in (clip.foreground, clip.alpha))  # → (H, W, ·)
        edges = [alpha[:, 0], alpha[:, -1], alpha[0]] + ([alpha[-1]] if framing == "full" else [])
        if max(edge.max() for edge in edges) < 0.05:
            return _trimmed(premultiplied(front, alpha))
        seed += PUPPETS[split]


@torch.no_grad()
def _cut_out_by_rvm(name: str) -> UInt8[np.ndarray, "h w 4"]:
    from course_lib.zoo import load_model

    network, states = load_model(WEIGHTS), []
    photograph = sample_image(name)[None, None]  # (B, T, 3, H, W)
    for _ in range(PASSES):
        foreground, alpha, *states = network(photograph, *states, downsample_ratio=0.5)
    alpha = (alpha[0, 0] * 1.04 - 0.02).clamp(0, 1)  # a network seldom says quite 0 or 1
    front, alpha = (tensor.permute(1, 2, 0).numpy() for tensor in (foreground[0, 0], alpha))  # → (H, W, ·)
    pixels = _trimmed(premultiplied(front, alpha))
    scale = HEIGHT / len(pixels)
    return cv2.resize(pixels, (round(pixels.shape[1] * scale), HEIGHT), interpolation=cv2.INTER_AREA)


def _trimmed(pixels: UInt8[np.ndarray, "H W 4"]) -> UInt8[np.ndarray, "h w 4"]:
    """Without the empty rows above and below and the empty columns beside what shows."""
    rows, columns = (np.flatnonzero((pixels[..., 3] > 40).any(axis)) for axis in (1, 0))
    return np.ascontiguousarray(pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
