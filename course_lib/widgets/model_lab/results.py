"""One contestant on one clip: computed once, kept in the cache, measured against the truth where there is one."""

import time
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.evaluation import matting_metrics
from course_lib.widgets.model_lab.clips import LabClip
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.kept import find_kept, keep, kept_path

STILL = 6 / 255  # a pixel whose colour changes by less shows nothing new (chapter 04)


@dataclass(frozen=True)
class LabResult:
    """foreground (T, 3, H, W), alpha (T, 1, H, W) in [0, 1]. metrics: name → (T,), empty without a truth; flicker: (T,).

    seconds: that the contestant took for the clip when it was computed.
    """

    contestant: str
    clip: str
    foreground: Float[Tensor, "T 3 H W"]
    alpha: Float[Tensor, "T 1 H W"]
    flicker: Float[np.ndarray, "T"]
    metrics: dict[str, Float[np.ndarray, "T"]] = field(default_factory=dict)
    seconds: float = 0.0


def result_of(contestant: Contestant, clip: LabClip) -> LabResult:
    """From the cache, or computed.

    Raises CourseError where the contestant cannot be had, ValueError for an alpha of another shape.
    """
    path = kept_path(contestant, _levels(clip.frames))
    if kept := _read(find_kept(path), contestant, clip):
        return kept
    run = contestant.build()
    started = time.perf_counter()
    foreground, alpha = run(clip.frames)
    seconds = time.perf_counter() - started
    if alpha.shape != (len(clip.frames), 1, *clip.frames.shape[-2:]):
        raise ValueError(f"{contestant.name} gives alpha {tuple(alpha.shape)} for frames {tuple(clip.frames.shape)}")
    alpha = alpha.float().clamp(0, 1)
    result = LabResult(
        contestant.name,
        clip.name,
        foreground.float().clamp(0, 1),
        alpha,
        flicker(clip.frames, alpha),
        {} if clip.alpha is None else matting_metrics(alpha, clip.alpha),
        seconds,
    )
    keep(path, _arrays(result))
    return result


def flicker(frames: Float[Tensor, "T 3 H W"], alpha: Float[Tensor, "T 1 H W"]) -> Float[np.ndarray, "T"]:
    """Mean change of alpha, in 1/255, where the picture stands still; 0 in the first frame and where nothing does."""
    still = (frames.diff(dim=0).abs().amax(1, keepdim=True) < STILL).float()  # (T−1, 1, H, W)
    change = 255 * (alpha.diff(dim=0).abs() * still).sum((1, 2, 3)) / still.sum((1, 2, 3)).clamp(min=1)
    return np.concatenate([[0.0], change.numpy()])


def _levels(picture: Tensor) -> np.ndarray:
    return (picture * 255).round().byte().numpy()


def _arrays(result: LabResult) -> dict:
    """8 bits of what is looked at; the numbers are those of the full precision."""
    pictures = {name: _levels(getattr(result, name)) for name in ("foreground", "alpha")}
    numbers = {f"metric {name}": values for name, values in result.metrics.items()}
    return {**pictures, **numbers, "flicker": result.flicker, "seconds": result.seconds}


def _read(kept: dict[str, np.ndarray], contestant: Contestant, clip: LabClip) -> LabResult | None:
    """None where nothing is kept, or it was made when the clip had no truth."""
    metrics = {name.removeprefix("metric "): kept[name] for name in kept if name.startswith("metric ")}
    if not kept or bool(metrics) != (clip.alpha is not None):
        return None
    pictures = (torch.from_numpy(kept[name]).float() / 255 for name in ("foreground", "alpha"))
    return LabResult(contestant.name, clip.name, *pictures, kept["flicker"], metrics, float(kept["seconds"]))
