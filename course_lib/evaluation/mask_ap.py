"""Average precision of instance masks, equal to COCO's own (`pycocotools`) to rounding. Lin et al. 2014, "Microsoft COCO".

For one class and one IoU threshold, put the detections of all pictures in one row, best score first. After each of them, with
TP right and FP wrong so far and G objects in all, there are

    recall = TP / G        precision = TP / (TP + FP)        AP = mean of p(r) over r = 0, 0.01, …, 1

where p(r) is the best precision at recall r or beyond, 0 where recall never gets there. Then

    AP           mean over ten IoU thresholds 0.5, 0.55, …, 0.95 and over classes; AP50, AP75: at one threshold
    AP_small …   of objects up to 32² pixels, 32² to 96², from 96² on
    AR           recall after the last detection, mean over thresholds and classes

What was found is decided in `instance_matching`. A class without objects has no precision and is left out; where none is
left, the value is −1, as in `pycocotools`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from jaxtyping import Bool, Float, Int

from course_lib.evaluation.instance_matching import AREAS, NOBODY, THRESHOLDS, ImageMatches, match_image

RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class PrecisionRecall:
    """p(r) at the 101 recalls and the final recall, per class, range of area and threshold; −1 where a class has no object."""

    classes: Int[np.ndarray, "K"]
    precision: Float[np.ndarray, "K A T R"]
    recall: Float[np.ndarray, "K A T"]

    def summary(self) -> dict[str, float]:
        """Means over classes under the names of COCO."""
        area = {name: self.precision[:, a] for a, name in enumerate(AREAS)}  # each (K, T, R)
        return {
            "AP": _mean(area["all"]),
            "AP50": _mean(area["all"][:, 0]),
            "AP75": _mean(area["all"][:, 5]),
            "AP_small": _mean(area["small"]),
            "AP_medium": _mean(area["medium"]),
            "AP_large": _mean(area["large"]),
            "AR": _mean(self.recall[:, 0]),
        }

    def per_class(self) -> dict[int, dict[str, float]]:
        """The same numbers of each class alone."""
        return {int(label): self._only(k).summary() for k, label in enumerate(self.classes)}

    def _only(self, k: int) -> Self:
        return PrecisionRecall(self.classes[k : k + 1], self.precision[k : k + 1], self.recall[k : k + 1])


def mask_average_precision(detections: Iterable[Any], targets: Iterable[Any]) -> dict[str, float]:
    """Per picture scores, labels, masks, and labels, masks (area, crowd), as `match_image` takes them → AP AP50 AP75 AP_small
    AP_medium AP_large AR.

    Masks are looked at picture by picture: generators keep memory small. ValueError where there are not equally many.
    """
    return precision_recall(match_image(*pair) for pair in zip(detections, targets, strict=True)).summary()


def precision_recall(images: Iterable[ImageMatches]) -> PrecisionRecall:
    """Of a whole data set, from `match_image` of each picture."""
    images = list(images)
    classes = np.unique(np.concatenate([np.concatenate([i.labels, i.object_labels]) for i in images] or [[]])).astype(
        int
    )
    shape = (len(classes), len(AREAS), len(THRESHOLDS))
    precision, recall = np.full((*shape, len(RECALLS)), -1.0), np.full(shape, -1.0)
    if images:
        scores, labels, object_labels = (
            np.concatenate([getattr(image, name) for image in images]) for name in ("scores", "labels", "object_labels")
        )
        order = np.argsort(-scores, kind="stable")
        labels = labels[order]
        found = np.concatenate([image.matched != NOBODY for image in images], axis=2)[..., order]  # (A, T, D)
        counted = ~np.concatenate([image.ignored for image in images], axis=2)[..., order]
        object_counted = ~np.concatenate([image.object_ignored for image in images], axis=1)  # (A, G)
    for k, label in enumerate(classes):
        of_class = labels == label
        right, wrong = found[..., of_class] & counted[..., of_class], ~found[..., of_class] & counted[..., of_class]
        for a, objects in enumerate(object_counted[:, object_labels == label].sum(axis=1)):
            for t in range(len(THRESHOLDS) if objects else 0):
                precision[k, a, t], recall[k, a, t] = precision_at_recalls(right[a, t], wrong[a, t], int(objects))
    return PrecisionRecall(classes, precision, recall)


def precision_at_recalls(
    right: Bool[np.ndarray, "D"], wrong: Bool[np.ndarray, "D"], objects: int
) -> tuple[Float[np.ndarray, "R"], float]:
    """Detections by falling score; an ignored one is neither right nor wrong. → p(r) at the 101 recalls, the final recall."""
    if len(right) == 0:
        return np.zeros(len(RECALLS)), 0.0
    found, wrong_so_far = right.cumsum(), wrong.cumsum()
    recall = found / objects
    precision = found / np.maximum(found + wrong_so_far, 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    first = np.searchsorted(recall, RECALLS, side="left")  # the first detection at which recall gets there
    return np.append(best_from_here, 0.0)[first], float(recall[-1])


def _mean(values: np.ndarray) -> float:
    known = values[values > -1]
    return float(known.mean()) if known.size else -1.0
