"""Instance activation maps: each query looks at the picture through its own map and averages the features under it.

SparseInst §3 (arXiv 2203.12827). With F the features (C × hw) and A the logits of the maps (M × hw), M = G·N:

    base, group        Â = σ(A) / max(Σ_hw σ(A), 1e-6)
    group_softmax      Â = softmax_hw(A + b)              b has no effect: the softmax takes it out again
    both               Z = Â Fᵀ                           (M × C), one vector per map

A grouped query has G maps, each computed from its own G-th of the channels; all pool every channel, and the G vectors are
joined to one of G·C.

Paper, authors' code, ours: theirs regroups with a literal 4 (not in the softmax decoder), which for any other G mixes the
queries; ours takes any G. They normalise in the dtype at hand. Under autocast PyTorch takes the sum in 32 bits even so; in a
network of 16-bit numbers 1e-6 lies below the smallest that have full precision (6e-5), and the pixels of Â, about 1/hw, lie
near it. We normalise in 32 bits always.
"""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from course_lib.instances.initialisation import RARE_BIAS, gaussian_fill

DecoderKind = Literal["base", "group", "group_softmax"]
KINDS = ("base", "group", "group_softmax")
EPSILON = 1e-6


def activation_convolution(width: int, num_masks: int, groups: int) -> nn.Conv2d:
    """Features (B, width, h, w) → logits (B, G·N, h, w): maps g·N … g·N + N − 1 from the g-th part of the channels.

    Raises ValueError when the channels cannot be parted so.
    """
    if groups < 1 or width % groups:
        raise ValueError(f"{width} channels cannot be parted into {groups} groups: take a divisor of {width}")
    convolution = nn.Conv2d(width, groups * num_masks, 3, padding=1, groups=groups)
    gaussian_fill(convolution, RARE_BIAS)  # every map starts as nearly empty
    return convolution


def sigmoid_maps(logits: Float[Tensor, "B M h w"]) -> Float[Tensor, "B M h w"]:
    """Each pixel decides alone; then every map is divided by its sum. In 32 bits or more."""
    maps = precise(logits).sigmoid()
    return maps / maps.sum(dim=(-2, -1), keepdim=True).clamp(min=EPSILON)


def softmax_maps(logits: Float[Tensor, "B M h w"]) -> Float[Tensor, "B M h w"]:
    """The pixels of a map compete; its sum is 1. In 32 bits or more."""
    return precise(logits).flatten(-2).softmax(dim=-1).view_as(logits)


def pool_under_maps(
    maps: Float[Tensor, "B M h w"], features: Float[Tensor, "B C h w"], groups: int
) -> Float[Tensor, "B N G*C"]:
    """Z = Â Fᵀ, and the G vectors of a query side by side. The product is taken in the dtype of the features."""
    pooled = maps.flatten(2).to(features.dtype) @ features.flatten(2).mT  # (B, G·N, hw) × (B, hw, C) → (B, G·N, C)
    return pooled.unflatten(1, (groups, -1)).transpose(1, 2).flatten(2)  # (B, G, N, C) → (B, N, G, C) → (B, N, G·C)


def precise(x: Tensor) -> Tensor:
    """At least 32 bits; 64 stay 64."""
    return x if x.itemsize > 4 else x.float()
