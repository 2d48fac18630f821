"""Easing curves: how far a movement from one state to another has come at each frame (part of RVM's motion augmentation).

Ten families, each as In (slow start), Out (slow end) and InOut, plus a step: 31 curves. 20 % of all draws are linear instead,
as in the authors' code. The In forms are those of Warren Moore's AHEasing, which the package the authors use follows, but for
one: our exponential (2^10t − 1)/1023 starts at 0 without a jump. Back and Elastic leave [0, 1] on their way.

The authors divide by T − 1, so that one frame is a division by zero; here a single frame stands at the start.
"""

import math
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation.draws import chance, choice

Curve = Callable[[Tensor], Tensor]  # t in [0, 1] -> progress, both (T,); 0 -> 0 and 1 -> 1


def _bounce_in(t: Tensor) -> Tensor:
    """Four parabolas of falling height, read backwards (Robert Penner's bounce)."""
    s = 1 - t
    arcs = [(1.0, 0.0, 0.0), (2.0, 1.5, 0.75), (2.5, 2.25, 0.9375), (math.inf, 2.625, 0.984375)]
    out = torch.zeros_like(t)
    earlier = -math.inf
    for end, centre, height in arcs:
        inside = (s * 2.75 >= earlier) & (s * 2.75 < end)
        out = torch.where(inside, (s * 2.75 - centre) ** 2 + height, out)
        earlier = end
    return 1 - out


FAMILIES: dict[str, Curve] = {
    "sine": lambda t: 1 - torch.cos(t * math.pi / 2),
    "quad": lambda t: t**2,
    "cubic": lambda t: t**3,
    "quartic": lambda t: t**4,
    "quintic": lambda t: t**5,
    "exponential": lambda t: (2 ** (10 * t) - 1) / 1023,
    "circular": lambda t: 1 - torch.sqrt(1 - t**2),
    "back": lambda t: t**3 - t * torch.sin(t * math.pi),
    "elastic": lambda t: torch.sin(6.5 * math.pi * t) * 2 ** (10 * (t - 1)),
    "bounce": _bounce_in,
}


def _ease_out(ease_in: Curve) -> Curve:
    return lambda t: 1 - ease_in(1 - t)


def _ease_in_out(ease_in: Curve) -> Curve:
    return lambda t: torch.where(t < 0.5, ease_in((2 * t).clamp(max=1)) / 2, 1 - ease_in((2 - 2 * t).clamp(max=1)) / 2)


EASINGS: dict[str, Curve] = {
    **{f"{name}_in": curve for name, curve in FAMILIES.items()},
    **{f"{name}_out": _ease_out(curve) for name, curve in FAMILIES.items()},
    **{f"{name}_in_out": _ease_in_out(curve) for name, curve in FAMILIES.items()},
    "step": lambda t: (t >= 0.5).to(t.dtype),
}


def time_axis(frames: int) -> Float[Tensor, " T"]:
    """Time of each frame, from 0 at the first to 1 at the last; a single frame stands at 0."""
    return torch.linspace(0, 1, frames)


def draw_easing(generator: Generator) -> Curve:
    """A random curve: linear in 20 % of the cases, else one of the 31."""
    linear = chance(generator, 0.2)
    drawn = EASINGS[choice(generator, tuple(EASINGS))]
    return (lambda t: t) if linear else drawn


def draw_progress(frames: int, generator: Generator) -> Float[Tensor, " T"]:
    """Progress of a movement at each frame, along a random curve."""
    return draw_easing(generator)(time_axis(frames))
