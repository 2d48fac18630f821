"""Chapter 11: the IoU of masks and NMS on masks of the notebook are the library's."""

import torch

from course_lib.instances import Detections, mask_nms
from course_lib.instances.mask_iou import mask_iou

from ..comparing import draws, same_function


def stacks(seed: int, *counts: int, size: tuple[int, int] = (7, 9)) -> list[torch.Tensor]:
    draw = draws(seed)
    return [draw(count, *size) > 0 for count in counts]


def iou(notebook_function):
    """Any counts, none at all, empty masks, which have an IoU of 0 with each other, and a picture of one row."""
    empty = torch.zeros(2, 7, 9, dtype=torch.bool)
    cases = [tuple(stacks(110, 4, 3)), tuple(stacks(111, 1, 1)), tuple(stacks(112, 0, 2)), (empty, empty)]
    same_function(notebook_function, mask_iou, cases=[*cases, tuple(stacks(113, 3, 2, size=(1, 5)))])


def nms(notebook_function):
    """Many overlaps, equal scores, several classes, one detection and none, thresholds from 0 to 1."""
    for seed, count in ((114, 12), (115, 12), (116, 1), (117, 0)):
        draw = draws(seed)
        base = draw(1, 6, 8)
        masks = base + draw(count, 6, 8) > 0  # alike, so that they suppress each other
        scores = (draw(count).sigmoid() * 4).round() / 4  # with ties
        found = Detections(scores, (draw(count) > 0).long(), masks)
        for threshold in (0.0, 0.3, 0.5, 0.7, 1.0):
            ours, theirs = notebook_function(found, threshold), mask_nms(found, threshold)
            for one, other in ((ours.scores, theirs.scores), (ours.labels, theirs.labels), (ours.masks, theirs.masks)):
                torch.testing.assert_close(one, other)


COMPARATORS = {
    "course_lib.instances.mask_iou.mask_iou": iou,
    "course_lib.instances.mask_nms.mask_nms": nms,
}
