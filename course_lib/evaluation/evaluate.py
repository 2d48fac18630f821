"""A method on test scenes → its errors, per frame, per clip, on average with intervals, and by group.

A method is a function (frames, `Extras`) → alpha (`course_lib.matting.baselines`), or one that returns (foreground, alpha), or
a network that is called as RVM is. It sees the frames and what somebody could give beside them (`extras_of`), never the truth.
Alphas are taken as they come; the authors store 8-bit pictures first, which moves a pixel by up to 1/510.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.evaluation.averages import average_over_frames, clip_averages
from course_lib.evaluation.bootstrap import Interval, bootstrap_interval
from course_lib.evaluation.matting import matting_metrics
from course_lib.evaluation.scenes import TestScene
from course_lib.matting.baselines import Extras, Method, trimap_from_mask
from course_lib.matting.baselines.interface import parts
from course_lib.matting.baselines.trimap import trimap_radius
from course_lib.matting.network import ratio_for

Answer = Tensor | tuple[Tensor | None, Tensor]  # alpha, or foreground (if there is one) and alpha


@dataclass(frozen=True)
class ClipResult:
    """One clip's errors, `metrics` as `matting_metrics` gives them: name → (T,)."""

    name: str
    groups: Mapping[str, str]
    metrics: Mapping[str, np.ndarray]
    seconds: float = float("nan")  # the method took for the clip; says more of the machine than of the method

    @property
    def frames(self) -> int:
        return len(next(iter(self.metrics.values())))


@dataclass(frozen=True)
class Evaluation:
    """All clips of one method."""

    clips: tuple[ClipResult, ...]

    @property
    def sets(self) -> list[str]:
        """Each clip's set."""
        return [clip.groups.get("set", "") for clip in self.clips]

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics that every clip has: a clip without a true foreground has no fgr_mad."""
        if not self.clips:
            return ()
        return tuple(name for name in self.clips[0].metrics if all(name in clip.metrics for clip in self.clips))

    def per_clip(self) -> dict[str, Float[np.ndarray, "N"]]:
        """Each clip's average: name → (clips,). ValueError where there are no clips."""
        return clip_averages(self._tables())

    def average(self, seed: int = 0) -> dict[str, Interval]:
        """Over clips, with a bootstrap interval. This is what our tables show."""
        return {name: bootstrap_interval(values, self.sets, seed) for name, values in self.per_clip().items()}

    def average_over_frames(self) -> dict[str, float]:
        """As the authors' spreadsheets do; for comparing with the paper."""
        return average_over_frames(self._tables())

    def by_group(self, group: str) -> dict[str, dict[str, Interval]]:
        """Value of `group` → metric → average. Clips that lack the group are left out; intervals of few clips are wide."""
        values = sorted({clip.groups[group] for clip in self.clips if group in clip.groups})
        return {
            value: Evaluation(tuple(clip for clip in self.clips if clip.groups.get(group) == value)).average()
            for value in values
        }

    def select(self, names: Sequence[str]) -> "Evaluation":
        """The clips with these names, in this order. KeyError for one that is not here."""
        by_name = {clip.name: clip for clip in self.clips}
        return Evaluation(tuple(by_name[name] for name in names))

    def _tables(self) -> list[dict[str, np.ndarray]]:
        return [{name: clip.metrics[name] for name in self.metrics} for clip in self.clips]


def evaluate_method(method: Method | nn.Module, scenes: Iterable[TestScene], device: str = "cpu") -> Evaluation:
    """Runs `method` on every scene. A network runs at its full size, from an empty memory for each scene.

    ValueError where a method returns alpha of another shape or outside [0, 1] (`matting_metrics` says which).
    """
    answer = on_scenes(network_method(method) if isinstance(method, nn.Module) else method, device)
    return Evaluation(tuple(evaluate_clip(answer, scene) for scene in scenes))


def on_scenes(method: Method, device: str = "cpu") -> Callable[[TestScene], Answer]:
    """`method` as a function of a scene, of which it sees what it may."""
    return lambda scene: method(scene.frames.to(device), extras_of(scene, device))


def evaluate_clip(answer: Callable[[TestScene], Answer], scene: TestScene) -> ClipResult:
    """One scene of `evaluate_method`."""
    started = time.perf_counter()
    with torch.no_grad():
        given = answer(scene)
    seconds = time.perf_counter() - started
    foreground, alpha = given if isinstance(given, tuple) else (None, given)
    foregrounds = {}
    if foreground is not None and scene.foreground is not None:
        foregrounds = {"foreground": foreground, "true_foreground": scene.foreground.to(foreground.device)}
    metrics = matting_metrics(alpha, scene.alpha.to(alpha.device), **foregrounds)
    return ClipResult(scene.name, scene.groups, metrics, seconds)


def extras_of(scene: TestScene, device: str = "cpu") -> Extras:
    """What a person could give beside the frames: a trimap, drawn generously around the true edge, and the clean plate."""
    trimap = trimap_from_mask(scene.alpha, trimap_radius(*scene.alpha.shape[-2:])).to(device)
    return Extras(trimap=trimap, clean_plate=None if scene.background is None else scene.background.to(device))


def network_method(
    network: nn.Module, downsample_ratio: float | Literal["auto"] = 1.0
) -> Callable[[Tensor, Extras], tuple[Tensor, Tensor]]:
    """A network that is called as RVM is, as a method that gives foreground and alpha. Long clips go through in parts."""

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> tuple[Tensor, Tensor]:
        foregrounds, alphas, states = [], [], []
        ratio = ratio_for(network, frames, downsample_ratio)
        for part in parts(frames):
            foreground, alpha, *states = network(part[None], *states, downsample_ratio=ratio)
            foregrounds.append(foreground[0])
            alphas.append(alpha[0])
        return torch.cat(foregrounds), torch.cat(alphas)

    return method
