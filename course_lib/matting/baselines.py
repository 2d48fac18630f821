"""Matting without a network, so that RVM has something to be compared with. One interface: `(frames, extras) -> alpha`.

- `closed_form`: a trimap and a sparse linear system. Levin, Lischinski & Weiss 2008, "A Closed-Form Solution to Natural Image
  Matting" (PAMI 30.2), eq. 5; solved by pymatting.
- `background_difference`: colour distance to a clean plate, one threshold to start and one to end.
- `grabcut`: a box, then foreground or background for each pixel and nothing between. Rother, Kolmogorov & Blake 2004,
  "GrabCut" (SIGGRAPH); OpenCV's.
- `recurrent_network`: a network such as RVM as a method of the same form. It asks for nothing.

And `estimate_foreground`: the colours that belong to an alpha. Germer et al. 2020, "Fast Multi-Level Foreground Estimation"
(ICPR, arXiv 2006.14970); pymatting's. The methods see each frame alone; only the network remembers.

pymatting is imported where it is used: its first import compiles for most of a minute.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

Method = Callable[[Tensor, "Extras"], Tensor]

# The solver's preconditioner is tried with these shifts of the diagonal, in order. pymatting starts at 0, which fails on
# smooth pictures with a printed warning; the solution is the same.
SHIFTS = (1e-3, 1e-2, 0.1, 1.0, 10.0)


@dataclass(frozen=True)
class Extras:
    """What somebody gives beside the frames. A method that needs one which is None raises ValueError."""

    trimap: Float[Tensor, "T 1 H W"] | None = None  # 0 background, 1 foreground, 0.5 unknown
    clean_plate: Float[Tensor, "3 H W"] | Float[Tensor, "T 3 H W"] | None = None  # the same view without the person
    box: tuple[int, int, int, int] | None = None  # left, top, width, height in pixels: nobody outside


def closed_form(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
    """Needs a trimap with some known foreground and background. About a second for 256×256 pixels."""
    from pymatting import estimate_alpha_cf
    from pymatting.preconditioner.ichol import ichol

    trimaps = _required(extras.trimap, "trimap")
    mattes = [
        estimate_alpha_cf(
            _pixels(frame), trimap[0].double().cpu().numpy(), preconditioner=lambda A: ichol(A, shifts=SHIFTS)
        )
        for frame, trimap in zip(frames, trimaps, strict=True)
    ]
    return _as_alpha(mattes, frames)


def background_difference(
    frames: Float[Tensor, "T 3 H W"], extras: Extras, low: float = 0.1, high: float = 0.3
) -> Float[Tensor, "T 1 H W"]:
    """Needs a clean plate. alpha = 0 up to the colour distance `low`, 1 from `high`, a straight line between."""
    plate = _required(extras.clean_plate, "clean_plate")
    distance = (frames - plate).norm(dim=1, keepdim=True)  # (T, 1, H, W), at most √3
    return ((distance - low) / (high - low)).clamp(0, 1)


def grabcut(frames: Float[Tensor, "T 3 H W"], extras: Extras, rounds: int = 5) -> Float[Tensor, "T 1 H W"]:
    """Takes a box, by default `central_box`; each frame is cut anew. alpha is 0 or 1."""
    height, width = frames.shape[-2:]
    box = extras.box or central_box(height, width)
    mattes = []
    for frame in frames:
        picture = np.ascontiguousarray((_pixels(frame)[..., ::-1] * 255).round().astype(np.uint8))  # (H, W, 3) BGR
        labels = np.zeros((height, width), np.uint8)
        cv2.setRNGSeed(0)  # k-means starts at random: the same frame must give the same cut
        cv2.grabCut(picture, labels, box, np.zeros((1, 65)), np.zeros((1, 65)), rounds, cv2.GC_INIT_WITH_RECT)
        mattes.append((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD))
    return _as_alpha(mattes, frames)


def recurrent_network(model: nn.Module, downsample_ratio: float = 1.0) -> Method:
    """RVM as a method: the frames are one clip, from an empty memory."""

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        with torch.no_grad():
            _, alpha, *_ = model(frames[None], downsample_ratio=downsample_ratio)  # (1, T, 1, H, W)
        return alpha[0]

    return method


def central_box(height: int, width: int) -> tuple[int, int, int, int]:
    """(left, top, width, height) of what a person before the camera fills: all but 1/16 left, right and above."""
    side, above = max(width // 16, 1), max(height // 16, 1)
    return side, above, width - 2 * side, height - above


def trimap_from_mask(mask: Float[Tensor, "*batch 1 H W"], radius: int) -> Float[Tensor, "*batch 1 H W"]:
    """1 where alpha is 1 for `radius` pixels around, 0 where it is 0 for `radius` pixels around, 0.5 between.

    Erosion of the certain foreground and of the certain background by a disk; beyond the border lies more of the same.
    """
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    flat = mask.reshape(-1, *mask.shape[-2:]).cpu().numpy()  # (N, H, W)
    trimaps = []
    for matte in flat:
        foreground = cv2.erode((matte >= 0.99).astype(np.uint8), disk)
        background = cv2.erode((matte <= 0.01).astype(np.uint8), disk)
        trimaps.append(0.5 * (1.0 + foreground - background))
    return torch.from_numpy(np.stack(trimaps)).to(mask).reshape(mask.shape)


def estimate_foreground(
    frames: Float[Tensor, "T 3 H W"], alpha: Float[Tensor, "T 1 H W"]
) -> tuple[Float[Tensor, "T 3 H W"], Float[Tensor, "T 3 H W"]]:
    """Smooth F and B with αF + (1−α)B ≈ I, by pymatting's multi-level method."""
    from pymatting import estimate_foreground_ml

    pairs = [
        estimate_foreground_ml(_pixels(frame), matte[0].double().cpu().numpy(), return_background=True)
        for frame, matte in zip(frames, alpha, strict=True)
    ]
    foreground, background = (
        torch.from_numpy(np.stack(colours)).to(frames).permute(0, 3, 1, 2) for colours in zip(*pairs, strict=True)
    )
    return foreground, background


def _required(extra: Tensor | None, name: str) -> Tensor:
    if extra is None:
        raise ValueError(f"this method needs a {name}: pass Extras({name}=…)")
    return extra


def _pixels(frame: Float[Tensor, "3 H W"]) -> Float[np.ndarray, "H W 3"]:
    return frame.permute(1, 2, 0).double().cpu().numpy()


def _as_alpha(mattes: list[np.ndarray], like: Tensor) -> Float[Tensor, "T 1 H W"]:
    return torch.from_numpy(np.stack(mattes)).to(like)[:, None]
