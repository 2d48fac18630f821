"""A ranking of detections, who of them found what, and the curve and the number that COCO makes of it. Chapter 17."""

from collections.abc import Sequence

import numpy as np

from course_lib.evaluation.instance_matching import MAX_DETECTIONS, THRESHOLDS
from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, pack

ALMOST_ONE = 1 - 1e-10  # the largest threshold, as COCO has it


class PrecisionRecall(CourseWidget):
    _esm = script("precision_recall")


def precision_recall(scores: Sequence, ious: Sequence, start: float = 0.5) -> PrecisionRecall:
    """Detections of one class, picture by picture: scores (D,) in [0, 1], ious (D, G) with the picture's G objects.

    Sliders: the IoU from which on an object counts as found (COCO's ten), and the score from which on detections are shown,
    which starts at `start`. Of a picture its 100 best count. Scores keep 32 bits, IoUs all of theirs.

    ValueError where lengths do not belong together or there is no object: precision and recall would mean nothing.
    """
    scores, ious = [as_array(values) for values in scores], [as_array(pairs) for pairs in ious]
    if len(scores) != len(ious) or any(p.ndim != 2 or len(s) != len(p) for s, p in zip(scores, ious, strict=True)):
        raise ValueError("scores and ious must have one entry for each picture, of shapes (D,) and (D, G).")
    counts = [pairs.shape[1] for pairs in ious]
    if sum(counts) == 0:
        raise ValueError("There is no object in any picture: nothing could be found.")
    first = np.cumsum([0, *counts])  # an object's number, counted through all pictures
    all_scores, pairs_of = [], []
    for image, (own, pairs) in enumerate(zip(scores, ious, strict=True)):
        for d in np.argsort(-own, kind="stable")[:MAX_DETECTIONS]:
            near = np.flatnonzero(pairs[d] >= THRESHOLDS[0])  # no slider asks for less
            all_scores.append(own[d])
            pairs_of.append([(int(first[image] + g), float(pairs[d, g])) for g in near])
    order = np.argsort(-np.array(all_scores), kind="stable")
    data = {
        "scores": pack(np.array(all_scores)[order], np.float32),
        "pairs": [[place, g, iou] for place, d in enumerate(order) for g, iou in pairs_of[d]],
        "objects": sum(counts),
        "pictures": len(scores),
        "thresholds": np.minimum(THRESHOLDS, ALMOST_ONE).tolist(),
        "start": start,
    }
    return PrecisionRecall(data, "Precision and recall of a ranking, for a threshold of IoU and of score")
