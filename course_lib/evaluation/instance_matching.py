"""Which detection of a picture found which object, as COCO counts it: the first half of average precision.

Lin et al. 2014, "Microsoft COCO", and its evaluation code (`pycocotools`), whose every decision is kept. Per class, from the
highest score down, a detection takes the object that it overlaps most, if their IoU reaches the threshold and nobody took the
object before. That is done for ten thresholds and, to count small, medium and large objects apart, for four ranges of area:

    an object outside the range, or a crowd, is *ignored*: a detection turns to it only if no other object is left, and is
    then ignored itself, neither right nor wrong; a crowd may be taken many times
    a detection that found nothing is ignored where its own area is outside the range

At most 100 detections of a class and a picture count. Of equal scores the first comes first, of equal overlaps the last object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course_lib.instances.mask_iou import intersections, mask_areas, overlaps

THRESHOLDS = np.linspace(0.5, 0.95, 10)
AREAS = {
    "all": (0, 1e5**2),
    "small": (0, 32**2),
    "medium": (32**2, 96**2),
    "large": (96**2, 1e5**2),
}  # pixels, both ends in
MAX_DETECTIONS = 100
NOBODY = -1


@dataclass(frozen=True)
class ImageMatches:
    """D detections by falling score, G objects; A ranges of area × T thresholds.

    index: a detection's place in what was handed in. matched: the object that it found, or −1. overlaps: IoU; with a crowd, the
    share of the detection that lies inside.
    """

    index: Int[np.ndarray, "D"]
    scores: Float[np.ndarray, "D"]
    labels: Int[np.ndarray, "D"]
    matched: Int[np.ndarray, "A T D"]
    ignored: Bool[np.ndarray, "A T D"]
    object_labels: Int[np.ndarray, "G"]
    object_ignored: Bool[np.ndarray, "A G"]
    overlaps: Float[np.ndarray, "D G"]


def match_image(detections: Any, target: Any) -> ImageMatches:
    """detections: scores (n,), labels (n,), masks (n, h, w) bool. target: labels (m,), masks (m, h, w) bool; it may have area
    (m,), in pixels, and crowd (m,) bool. Both objects or dicts, of tensors or arrays.

    Without `area` an object is as large as its mask. ValueError for lengths or sizes that do not belong together and for a
    score that is not a number, TypeError for masks that are not bool.
    """
    scores, labels, masks = (_tensor(detections, name) for name in ("scores", "labels", "masks"))
    object_labels, object_masks = (_tensor(target, name) for name in ("labels", "masks"))
    crowd = _tensor(target, "crowd", torch.zeros(len(object_labels), dtype=torch.bool)).bool()
    mask_sizes = mask_areas(object_masks).cpu()
    areas = _tensor(target, "area", mask_sizes)
    _check("detections", masks, scores=scores, labels=labels)
    _check("target", object_masks, labels=object_labels, crowd=crowd, area=areas)
    if scores.isnan().any():
        raise ValueError("a detection's score is not a number: the network has diverged, or its input held NaN")

    index = _best_first(scores.double().cpu().numpy(), labels.cpu().numpy())
    rows = torch.from_numpy(index).to(masks.device)
    masks, labels = masks[rows], labels[rows].cpu().numpy()
    detection_sizes = mask_areas(masks).cpu()
    if len(masks) and len(object_masks):
        both = intersections(masks, object_masks.to(masks.device)).cpu()
    else:  # no masks may be of any size
        both = torch.zeros(len(masks), len(object_masks))
    shares = overlaps(both, detection_sizes, mask_sizes, crowd.cpu()).numpy()
    crowd, object_labels = crowd.cpu().numpy(), object_labels.cpu().numpy()
    object_ignored = crowd | _outside(areas.double().cpu().numpy())  # (A, G)
    same_class = labels[:, None] == object_labels  # (D, G)
    matched = _greedy(np.where(same_class, shares, -1.0), crowd, object_ignored)

    found = matched != NOBODY
    ignored = ~found & _outside(detection_sizes.numpy())[:, None]  # (A, T, D)
    if len(object_labels):
        ranges = np.arange(len(AREAS))[:, None, None]
        ignored |= found & object_ignored[ranges, matched]
    scores = scores.double().cpu().numpy()[index]
    return ImageMatches(index, scores, labels, matched, ignored, object_labels, object_ignored, shares)


def _greedy(
    overlaps: Float[np.ndarray, "D G"], crowd: Bool[np.ndarray, "G"], object_ignored: Bool[np.ndarray, "A G"]
) -> Int[np.ndarray, "A T D"]:
    """One pass over the detections; ranges and thresholds side by side. Objects of other classes have a negative overlap."""
    reached = np.minimum(THRESHOLDS, 1 - 1e-10)[:, None]  # (T, 1)
    matched = np.full((len(AREAS), len(THRESHOLDS), len(overlaps)), NOBODY)
    free = np.ones((len(AREAS), len(THRESHOLDS), len(crowd)), bool)
    for d, row in enumerate(overlaps):
        near = np.flatnonzero(row >= reached[0])[::-1]  # last first: argmax takes the first of equals
        if len(near) == 0:
            continue
        possible = free[:, :, near] & (row[near] >= reached)  # (A, T, near)
        counted = possible & ~object_ignored[:, None, near]
        possible = np.where(counted.any(axis=2, keepdims=True), counted, possible)
        best = near[np.where(possible, row[near], -1.0).argmax(axis=2)]  # (A, T)
        a, t = np.nonzero(possible.any(axis=2))
        matched[a, t, d] = best[a, t]
        free[a, t, best[a, t]] = crowd[best[a, t]]
    return matched


def _best_first(scores: Float[np.ndarray, "n"], labels: Int[np.ndarray, "n"]) -> Int[np.ndarray, "D"]:
    """Indices by falling score, at most MAX_DETECTIONS of each class."""
    order = np.argsort(-scores, kind="stable")
    kept = np.zeros(len(order), bool)
    for label in np.unique(labels):
        kept[np.flatnonzero(labels[order] == label)[:MAX_DETECTIONS]] = True
    return order[kept]


def _outside(areas: Float[np.ndarray, "n"]) -> Bool[np.ndarray, "A n"]:
    limits = np.array(list(AREAS.values()))[:, :, None]  # (A, 2, 1)
    return (areas < limits[:, 0]) | (areas > limits[:, 1])


def _tensor(source: Any, name: str, default: Tensor | None = None) -> Tensor:
    value = source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)
    if value is None:
        if default is None:
            raise ValueError(f"{type(source).__name__} has no {name}")
        return default
    return torch.as_tensor(value).detach()


def _check(who: str, masks: Tensor, **columns: Tensor) -> None:
    if masks.dtype != torch.bool:
        raise TypeError(f"masks of {who} must be bool, not {masks.dtype}: compare with a threshold first")
    if masks.ndim != 3 or any(column.shape != masks.shape[:1] for column in columns.values()):
        shapes = ", ".join(f"{name} {tuple(column.shape)}" for name, column in columns.items())
        raise ValueError(f"{who}: {shapes} and masks {tuple(masks.shape)} must be (n,) and (n, h, w)")
