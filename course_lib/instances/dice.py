"""Dice: how far two masks agree, 0 to 1, for soft masks too. SparseInst §3.4; the squares are V-Net's (Milletari et al. 2016).

With p a predicted mask in [0, 1], t its target, sums over pixels:

    D = 2 · Σ p t / (Σ p² + Σ t² + 1e-4)

It stands here twice: for pairs that belong together (the loss), and for all pairs at once (the matcher), where Σ p t is one
matrix product. Paper, authors' code, ours: one formula. Ours computes it in at least 32 bits in both places, also under
autocast, for Σ over a picture's pixels leaves the range of 16; the authors make sure of that in the matcher alone.
"""

import torch
from jaxtyping import Float
from torch import Tensor

EPSILON = 1e-4  # two empty masks have D = 0


def dice(masks: Float[Tensor, "*pairs h w"], targets: Float[Tensor, "*pairs h w"]) -> Float[Tensor, "*pairs"]:
    """D of each mask with its own target."""
    masks, targets = at_least_32_bits(masks), at_least_32_bits(targets)
    both = (masks * targets).sum(dim=(-2, -1))
    return 2 * both / (_squares(masks) + _squares(targets) + EPSILON)


def pairwise_dice(masks: Float[Tensor, "N h w"], targets: Float[Tensor, "M h w"]) -> Float[Tensor, "N M"]:
    """D of every mask with every target."""
    masks, targets = at_least_32_bits(masks), at_least_32_bits(targets)
    with torch.autocast(masks.device.type, enabled=False):
        both = masks.flatten(1) @ targets.to(masks.dtype).flatten(1).T  # (N, hw) × (hw, M)
    return 2 * both / (_squares(masks)[:, None] + _squares(targets) + EPSILON)


def at_least_32_bits(x: Tensor) -> Tensor:
    """16-bit floating point → 32; 64 stay 64."""
    return x if x.dtype == torch.float64 else x.float()


def _squares(masks: Tensor) -> Tensor:
    return masks.square().sum(dim=(-2, -1))
