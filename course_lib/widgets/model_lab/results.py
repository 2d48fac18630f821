"""One contestant on one clip: computed once, kept in the cache, measured against the truth where there is one."""

import hashlib
import io
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.evaluation import matting_metrics
from course_lib.fetch import cache_dir
from course_lib.training.files import write_whole
from course_lib.widgets.model_lab.clips import LabClip
from course_lib.widgets.model_lab.contestants import Contestant

LIBRARY = Path(__file__).parents[2]
DECIDING = ("matting", "evaluation", "exercises/chapters", "widgets/model_lab")  # whose code a result depends on
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
    path = _path(contestant, clip)
    if path is not None and path.is_file() and (kept := _read(path, contestant, clip)):
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
    if path is not None:
        _write(path, result)
    return result


def flicker(frames: Float[Tensor, "T 3 H W"], alpha: Float[Tensor, "T 1 H W"]) -> Float[np.ndarray, "T"]:
    """Mean change of alpha, in 1/255, where the picture stands still; 0 in the first frame and where nothing does."""
    still = (frames.diff(dim=0).abs().amax(1, keepdim=True) < STILL).float()  # (T−1, 1, H, W)
    change = 255 * (alpha.diff(dim=0).abs() * still).sum((1, 2, 3)) / still.sum((1, 2, 3)).clamp(min=1)
    return np.concatenate([[0.0], change.numpy()])


def _path(contestant: Contestant, clip: LabClip) -> Path | None:
    if contestant.key is None:
        return None
    frames = hashlib.sha256(np.ascontiguousarray((clip.frames * 255).round().byte().numpy()).tobytes()).hexdigest()
    name = hashlib.sha256(f"{_code()} {contestant.key} {frames}".encode()).hexdigest()[:24]
    return cache_dir() / "lab" / f"{name}.npz"


@cache
def _code() -> str:
    """Changes when a module does: who edits the network must not be shown what it did before."""
    files = [path for folder in DECIDING for path in sorted((LIBRARY / folder).rglob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _write(path: Path, result: LabResult) -> None:
    """8 bits of what is looked at; the numbers are those of the full precision."""
    pictures = {name: (getattr(result, name) * 255).round().byte().numpy() for name in ("foreground", "alpha")}
    numbers = {f"metric {name}": values for name, values in result.metrics.items()}
    stream = io.BytesIO()
    np.savez_compressed(stream, **pictures, **numbers, flicker=result.flicker, seconds=result.seconds)
    write_whole(path, stream.getvalue())


def _read(path: Path, contestant: Contestant, clip: LabClip) -> LabResult | None:
    """None for a file that is damaged, or was made when the clip had no truth."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            metrics = {name.removeprefix("metric "): kept[name] for name in kept.files if name.startswith("metric ")}
            pictures = (torch.from_numpy(kept[name]).float() / 255 for name in ("foreground", "alpha"))
            if bool(metrics) == (clip.alpha is not None):
                return LabResult(
                    contestant.name, clip.name, *pictures, kept["flicker"], metrics, float(kept["seconds"])
                )
    except (OSError, ValueError, KeyError):
        return None
    return None
