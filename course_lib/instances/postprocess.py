"""From logits to instances: score, maskness, and masks at the size of the original picture.

SparseInst §3 (arXiv 2203.12827). No non-maximum suppression and no sorting: a query is an instance, or it is not.

    1.  s = √(σ(class) · σ(objectness)), the best class of each query; keep s > threshold
    2.  s ← s · maskness, the mean probability of the mask's own pixels (those above mask_threshold, at stride 4)
    3.  probabilities, not logits: bilinear to the padded size, crop the padding, bilinear to the original, > mask_threshold

Paper, authors' code, ours: the numbers are those of the authors' evaluation (their speed script thresholds the class alone,
before the root). They enlarge all masks at once, 4.8 GB for 100 masks on 4,000 × 3,000; we enlarge a few at a time, and only
what is kept. A picture without instances has empty masks here, none at all there. Without objectness s = σ(class).
"""

from collections.abc import Sequence
from operator import index as whole

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course_lib.instances.detections import Detections
from course_lib.instances.output import SparseInstOutput

THRESHOLD = 0.005
MASK_THRESHOLD = 0.45
EPSILON = 1e-6
PIXELS_AT_ONCE = 2**25  # enlarged masks held in 32 bits: 134 MB, and as much again while they are made


def postprocess(
    output: SparseInstOutput,
    image_sizes: Sequence[tuple[int, int]],
    sizes: Sequence[tuple[int, int]],
    threshold: float = THRESHOLD,
    min_score: float = 0.0,
    mask_threshold: float = MASK_THRESHOLD,
) -> list[Detections]:
    """One `Detections` per picture.

    image_sizes: (h, w) of each picture as it went in, without padding. sizes: (h, w) that its masks shall have.
    threshold: on the score before the maskness, as published. min_score: on the final score, for showing only what is sure.

    Raises ValueError when the scores are not numbers, and for sizes that are no pairs of whole numbers, one for each picture.
    """
    batch, _, quarter_height, quarter_width = output.mask_logits.shape
    image_sizes, sizes = (pairs(name, given, batch) for name, given in (("image_sizes", image_sizes), ("sizes", sizes)))
    scores, labels = score_queries(output)
    detections = []
    for index in range(batch):
        if not scores[index].isfinite().all():
            raise ValueError(f"the scores of picture {index} are not numbers: the picture, or the weights, hold NaN")
        kept = (scores[index] > threshold).nonzero()[:, 0]
        probabilities = output.mask_logits[index, kept].float().sigmoid()  # (n, H/4, W/4)
        final = scores[index, kept] * maskness(probabilities, mask_threshold)
        sure = final >= min_score
        kept, final, probabilities = kept[sure], final[sure], probabilities[sure]
        padded = (4 * quarter_height, 4 * quarter_width)
        masks = enlarge(probabilities, padded, image_sizes[index], sizes[index], mask_threshold)
        detections.append(Detections(final, labels[index, kept], masks))
    return detections


def pairs(name: str, sizes: Sequence[tuple[int, int]], batch: int) -> list[tuple[int, int]]:
    """(height, width) of each picture, checked; whole numbers of any type are taken."""
    try:
        checked = [(whole(height), whole(width)) for height, width in sizes]
    except (TypeError, ValueError):
        checked = []
    if len(checked) != batch or any(side < 1 for pair in checked for side in pair):
        raise ValueError(
            f"{name} must be [(height, width)] in whole pixels, one pair for each of the {batch} pictures, not {sizes!r}"
        )
    return checked


def score_queries(output: SparseInstOutput) -> tuple[Float[Tensor, "B N"], Int[Tensor, "B N"]]:
    """The best class of each query and its score. Class and objectness weigh the same: their geometric mean."""
    scores, labels = output.class_logits.float().sigmoid().max(dim=-1)
    if output.objectness_logits is not None:
        scores = (scores * output.objectness_logits[..., 0].float().sigmoid()).sqrt()
    return scores, labels


def maskness(probabilities: Float[Tensor, "n h w"], mask_threshold: float = MASK_THRESHOLD) -> Float[Tensor, "n"]:
    """How sure the mask is of itself: the mean probability of its pixels; 0 for a mask without pixels."""
    inside = (probabilities > mask_threshold).to(probabilities.dtype)
    return (probabilities * inside).sum(dim=(-2, -1)) / (inside.sum(dim=(-2, -1)) + EPSILON)


def enlarge(
    probabilities: Float[Tensor, "n h w"],
    padded_size: tuple[int, int],
    image_size: tuple[int, int],
    size: tuple[int, int],
    mask_threshold: float = MASK_THRESHOLD,
) -> Bool[Tensor, "n H W"]:
    """Stride 4 → padded size → cropped to the picture → original size → bool, a few masks at a time."""
    masks = torch.empty((len(probabilities), *size), dtype=torch.bool, device=probabilities.device)
    pixels = max(padded_size[0] * padded_size[1], size[0] * size[1])
    height, width = image_size
    for part, result in zip(*(x.split(max(PIXELS_AT_ONCE // pixels, 1)) for x in (probabilities, masks)), strict=True):
        part = resize(part, padded_size)[:, :height, :width]
        torch.gt(resize(part, size), mask_threshold, out=result)
    return masks


def resize(maps: Float[Tensor, "n h w"], size: tuple[int, int]) -> Float[Tensor, "n H W"]:
    if tuple(maps.shape[-2:]) == tuple(size) or not len(maps):
        return maps.reshape(len(maps), *size)  # no mask at all has no size to interpolate
    return F.interpolate(maps[None], size=size, mode="bilinear", align_corners=False)[0]
