"""True masks as the losses want them: one batch, padded as the network padded its pictures, at stride 4.

SparseInst's code puts each mask top left into zeros of the batch's padded size (H, W) and shrinks it bilinearly to (H/4, W/4).
The factor is 4 exactly, so that each cell becomes the mean of the 2×2 pixels at its centre, one of 0, ¼, ½, ¾, 1:

    . . . .
    . x x .         sampling = "centre": the four x           the authors'
    . x x .         sampling = "area":   all sixteen          antialiased
    . . . .

Paper, authors' code, ours: the numbers of "centre" are the authors'. It misses what lies on the border of cells: a pole two
pixels wide can vanish, and then no prediction is right. "area" loses nothing. The authors shrink in the matcher and once more
in the losses, each time from full-size floating point; ours once, from the bool masks at their own size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int64
from torch import Tensor

STRIDE = 4

Sampling = Literal["centre", "area"]


@dataclass(frozen=True)
class BatchTargets:
    """The M objects of a batch, image after image; counts[b] of them are image b's."""

    labels: Int64[Tensor, "M"]
    masks: Float[Tensor, "M h w"]
    counts: tuple[int, ...]

    def per_image(self) -> list[tuple[Int64[Tensor, "n"], Float[Tensor, "n h w"]]]:
        """Labels and masks of each image (views)."""
        return list(zip(self.labels.split(self.counts), self.masks.split(self.counts), strict=True))


def prepare_targets(
    targets: Sequence[Mapping[str, Tensor]],
    size: tuple[int, int],
    num_classes: int,
    sampling: Sampling = "centre",
    device: torch.device | str = "cpu",
) -> BatchTargets:
    """Per image labels (n,) int64 and masks (n, h_i, w_i) bool → the batch at `size` = (h, w), the mask logits' size.

    An image may have no object (n = 0). TypeError for other dtypes, ValueError for shapes that do not belong together, a
    mask larger than the padded picture, a label outside 0 … num_classes − 1.
    """
    if sampling not in ("centre", "area"):
        raise ValueError(f'sampling must be "centre" or "area", not {sampling!r}')
    for index, target in enumerate(targets):
        _check(target, f"target {index}", size, num_classes)
    counts = tuple(len(target["labels"]) for target in targets)
    masks = torch.zeros(sum(counts), *size, device=device)
    for place, target in zip(masks.split(counts), targets, strict=True):
        if len(place):
            small = shrink_masks(target["masks"], sampling)
            place[:, : small.shape[1], : small.shape[2]] = small.to(device)
    labels = [target["labels"].to(device) for target in targets]
    return BatchTargets(torch.cat(labels) if labels else torch.zeros(0, dtype=torch.long, device=device), masks, counts)


def shrink_masks(masks: Bool[Tensor, "n H W"], sampling: Sampling = "centre") -> Float[Tensor, "n h w"]:
    """→ float32 in [0, 1] at h = ⌈H/4⌉, w = ⌈W/4⌉; beyond the mask is background."""
    height, width = masks.shape[1:]
    masks = F.pad(masks, (0, -width % STRIDE, 0, -height % STRIDE))
    taken = (1, 2) if sampling == "centre" else (0, 1, 2, 3)  # rows and columns of a cell
    pixels = masks.view(torch.uint8)
    rows = sum(pixels[:, i::STRIDE] for i in taken)  # (n, h, W); 8 bits hold 16
    cells = sum(rows[:, :, i::STRIDE] for i in taken)  # (n, h, w)
    return cells.float() / len(taken) ** 2


def _check(target: Mapping[str, Tensor], name: str, size: tuple[int, int], num_classes: int) -> None:
    labels, masks = target["labels"], target["masks"]
    if labels.dtype != torch.int64:
        raise TypeError(f"{name}: labels must be int64, not {labels.dtype}")
    if masks.dtype != torch.bool:
        raise TypeError(f"{name}: masks must be bool, not {masks.dtype}: compare with a threshold first")
    if labels.ndim != 1 or masks.ndim != 3 or len(labels) != len(masks):
        raise ValueError(
            f"{name}: labels {tuple(labels.shape)} and masks {tuple(masks.shape)} must be (n,) and (n, h, w)"
        )
    if len(labels) == 0:
        return
    padded = (STRIDE * size[0], STRIDE * size[1])
    if masks.shape[1] > padded[0] or masks.shape[2] > padded[1]:
        raise ValueError(
            f"{name}: masks of {tuple(masks.shape[1:])} exceed the padded picture {padded}: "
            "give them at the size of the picture that went into the network"
        )
    low, high = (int(value) for value in labels.aminmax())
    if low < 0 or high >= num_classes:
        raise ValueError(
            f"{name}: labels reach from {low} to {high}, but there are {num_classes} classes, counted from 0"
        )
