"""How far two binary masks are the same object: IoU, the intersection over the union, for all pairs at once.

The intersections of n masks with m are one matrix product of their pixels, (n, P) × (P, m). The pixels go through it in parts,
so that a hundred masks of a 12-megapixel picture need no more memory than their bools and one part. Sums are exact: a part
holds fewer pixels than float32 has integers.

A *crowd* (COCO: one mask over many objects that nobody told apart) cannot be matched as a whole. With it the intersection is
divided by the other mask's own area: how much of that mask lies inside.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

PART = 2**23  # values at a time, 4 bytes each


def mask_iou(
    masks: Bool[Tensor, "n H W"], others: Bool[Tensor, "m H W"], crowd: Bool[Tensor, "m"] | None = None
) -> Float[Tensor, "n m"]:
    """→ float64 in [0, 1]. Two empty masks have 0. ValueError for masks of different sizes."""
    if masks.shape[1:] != others.shape[1:]:
        raise ValueError(
            f"masks of {tuple(masks.shape[1:])} cannot be compared with masks of {tuple(others.shape[1:])}"
        )
    both = intersections(masks, others)
    areas = mask_areas(masks)[:, None]
    union = areas + mask_areas(others) - both
    if crowd is not None:
        union = torch.where(crowd, areas, union)
    return both / union.clamp(min=1)


def intersections(masks: Bool[Tensor, "n H W"], others: Bool[Tensor, "m H W"]) -> Float[Tensor, "n m"]:
    """Pixels that each pair shares. → float64"""
    total = torch.zeros(len(masks), len(others), dtype=torch.float64, device=masks.device)
    part = max(PART // max(len(masks) + len(others), 1), 1)
    with torch.autocast(masks.device.type, enabled=False):
        for some, more in zip(masks.flatten(1).split(part, dim=1), others.flatten(1).split(part, dim=1), strict=True):
            total += some.float() @ more.float().T
    return total


def mask_areas(masks: Bool[Tensor, "n H W"]) -> Float[Tensor, "n"]:
    """Pixels of each mask. → float64"""
    return masks.sum(dim=(1, 2)).double()
