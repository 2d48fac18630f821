"""Why an average precision is not 1: six kinds of error, how many there are and what each costs. TIDE (Bolya et al. 2020).

At IoU 0.5, each wrong detection is of the first kind whose question it answers with yes:

    duplicate          is there an object of its class at IoU ≥ 0.5? (taken already, by a better score)
    confused_class     an object of another class at IoU ≥ 0.5?
    poor_mask          an object of its class at IoU > 0.1?
    confused_and_poor  an object of another class at IoU > 0.1?
    background         none of these
    missed             (an object) found by nobody, and no confused class or poor mask points at it either

A kind's cost is how much AP50 rises if this kind, and no other, is put right: the class or the mask of the object replaces the
detection's own, and if the object then has several, the best score stays; duplicates, confused_and_poor and background go;
missed objects are no longer asked for. The costs do not add up to 1 − AP50: one error hides another.

TIDE and ours: its definitions overlap, so the order of the questions is ours. Which detections are wrong is decided as COCO
does (`instance_matching`), so AP50 is that of `mask_ap`, and crowds count nowhere. A class of which nothing is left to ask for
is left out of the mean; if none is left, AP50 is 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

from course_lib.evaluation.instance_matching import NOBODY, ImageMatches
from course_lib.evaluation.mask_ap import precision_at_recalls

FOUND, NEAR = 0.5, 0.1
WRONG = ("duplicate", "confused_class", "poor_mask", "confused_and_poor", "background")
KINDS = (*WRONG, "missed")
MOVES = ("confused_class", "poor_mask")  # put right by giving the detection its object; the others by taking it away


@dataclass(frozen=True)
class ImageErrors:
    """Of one picture. kinds: of each detection, in the order of its `ImageMatches`: "right", "ignored" or one of WRONG.

    objects: the object that a detection found, or, if its class is confused or its mask poor, should have; −1 otherwise.
    """

    kinds: Shaped[np.ndarray, "D"]
    objects: Int[np.ndarray, "D"]
    missed: Bool[np.ndarray, "G"]


@dataclass(frozen=True)
class ErrorBreakdown:
    """ap50: −1 without any object. counts, costs: per kind."""

    ap50: float
    counts: dict[str, int]
    costs: dict[str, float]


def image_errors(matches: ImageMatches) -> ImageErrors:
    """The kind of each detection of a picture, and which objects were missed."""
    matched, ignored, crowd = matches.matched[0, 0], matches.ignored[0, 0], matches.object_ignored[0]
    same_class = matches.labels[:, None] == matches.object_labels
    same, its_object = _best(matches.overlaps, same_class & ~crowd)
    other, others_object = _best(matches.overlaps, ~same_class & ~crowd)
    kinds = np.select(
        [ignored, matched != NOBODY, same >= FOUND, other >= FOUND, same > NEAR, other > NEAR],
        ["ignored", "right", *WRONG[:-1]],
        WRONG[-1],
    )
    objects = np.select(
        [kinds == "right", kinds == "confused_class", kinds == "poor_mask"],
        [matched, others_object, its_object],
        NOBODY,
    )
    missed = ~crowd
    missed[objects[objects != NOBODY]] = False
    return ImageErrors(kinds, objects, missed)


def error_breakdown(images: Iterable[ImageMatches]) -> ErrorBreakdown:
    """Of a whole data set, from `match_image` of each picture."""
    images = list(images)
    if not images:
        return ErrorBreakdown(-1.0, dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0.0))
    errors = [image_errors(matches) for matches in images]
    scores, labels, object_labels = (
        np.concatenate([getattr(matches, name) for matches in images]) for name in ("scores", "labels", "object_labels")
    )
    kinds, missed = (np.concatenate([getattr(error, name) for error in errors]) for name in ("kinds", "missed"))
    starts = np.cumsum([0, *(len(matches.object_labels) for matches in images)])
    objects = np.concatenate(
        [
            np.where(error.objects == NOBODY, NOBODY, start + error.objects)
            for start, error in zip(starts, errors, strict=False)
        ]
    )
    asked = ~np.concatenate([matches.object_ignored[0] for matches in images])

    def ap50(right: tuple = ("right",), ignored: tuple = ("ignored",), asked: np.ndarray = asked) -> float:
        owned = np.where(np.isin(kinds, right), objects, NOBODY)
        return _average_precision(scores, labels, owned, np.isin(kinds, ignored), object_labels, asked)

    before = ap50()
    after = {kind: ap50(right=("right", kind)) if kind in MOVES else ap50(ignored=("ignored", kind)) for kind in WRONG}
    still_asked = asked & ~missed
    after["missed"] = 1.0 if missed.any() and not still_asked.any() else ap50(asked=still_asked)
    counts = {kind: int((kinds == kind).sum()) for kind in WRONG} | {"missed": int(missed.sum())}
    return ErrorBreakdown(before, counts, {kind: after[kind] - before for kind in KINDS})


def _average_precision(
    scores: Float[np.ndarray, "D"],
    labels: Int[np.ndarray, "D"],
    owned: Int[np.ndarray, "D"],
    ignored: Bool[np.ndarray, "D"],
    object_labels: Int[np.ndarray, "G"],
    asked: Bool[np.ndarray, "G"],
) -> float:
    """AP of detections that own an object (are right about it, and have its class) or none (are wrong)."""
    labels = np.where(owned == NOBODY, labels, np.append(object_labels, NOBODY)[owned])
    order = np.argsort(-scores, kind="stable")
    order = order[~ignored[order]]
    labels, owned = labels[order], owned[order]
    best = np.zeros(len(owned), bool)
    best[np.unique(owned, return_index=True)[1]] = True  # of several with one object, the first
    wrong = owned == NOBODY
    right = best & ~wrong
    classes, counts = np.unique(object_labels[asked], return_counts=True)
    precision = [
        precision_at_recalls(right[labels == label], wrong[labels == label], int(count))[0].mean()
        for label, count in zip(classes, counts, strict=True)
    ]
    return float(np.mean(precision)) if precision else -1.0


def _best(
    overlaps: Float[np.ndarray, "D G"], allowed: Bool[np.ndarray, "D G"]
) -> tuple[Float[np.ndarray, "D"], Int[np.ndarray, "D"]]:
    """The largest allowed overlap of each detection, and with which object; 0 and −1 without any."""
    overlaps = np.concatenate([np.zeros((len(overlaps), 1)), np.where(allowed, overlaps, -1.0)], axis=1)  # (D, 1 + G)
    return overlaps.max(axis=1), overlaps.argmax(axis=1) - 1
