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

PART = 2**22  # values at a time, 4 bytes each: about what a CPU's cache holds


def mask_iou(
    masks: Bool[Tensor, "n H W"], others: Bool[Tensor, "m H W"], crowd: Bool[Tensor, "m"] | None = None
) -> Float[Tensor, "n m"]:
    """→ float64 in [0, 1]. Two empty masks have 0. ValueError for masks of different sizes."""
    return overlaps(intersections(masks, others), mask_areas(masks), mask_areas(others), crowd)


def overlaps(
    both: Float[Tensor, "n m"],
    areas: Float[Tensor, "n"],
    other_areas: Float[Tensor, "m"],
    crowd: Bool[Tensor, "m"] | None = None,
) -> Float[Tensor, "n m"]:
    """The same from counts of pixels: what each pair shares, and each mask's own."""
    areas = areas[:, None]
    union = areas + other_areas - both
    if crowd is not None:
        union = torch.where(crowd, areas, union)
    return both / union.clamp(min=1)


def intersections(masks: Bool[Tensor, "n H W"], others: Bool[Tensor, "m H W"]) -> Float[Tensor, "n m"]:
    """Pixels that each pair shares. → float64. ValueError for masks of different sizes."""
    if masks.shape[1:] != others.shape[1:]:
        sizes = f"{tuple(masks.shape[1:])} and {tuple(others.shape[1:])}"
        raise ValueError(f"masks of two sizes cannot be compared, {sizes}: bring both to the picture's")
    total = torch.zeros(len(masks), len(others), dtype=torch.float64, device=masks.device)
    part = max(PART // max(len(masks) + len(others), 1), 1)
    with torch.autocast(masks.device.type, enabled=False):
        for some, more in zip(masks.flatten(1).split(part, dim=1), others.flatten(1).split(part, dim=1), strict=True):
            total += some.float() @ more.float().T
    return total


def mask_areas(masks: Bool[Tensor, "n H W"]) -> Float[Tensor, "n"]:
    """Pixels of each mask. → float64. One mask at a time: `sum` would first copy all bools to 64-bit integers."""
    areas = [mask.count_nonzero() for mask in masks]
    return torch.stack(areas).double() if areas else torch.zeros(0, dtype=torch.float64, device=masks.device)
