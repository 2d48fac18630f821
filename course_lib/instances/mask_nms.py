"""Mask NMS: of detections that cover the same pixels, keep the best. SparseInst does without; `one_to_many` does not.

Greedy non-maximum suppression on masks in place of boxes: go from the highest score down; a detection is dropped if its IoU
with one that was kept exceeds the threshold. Of equal scores the first stays. Detections of different classes leave each other
alone, unless class_agnostic.
"""

import torch

from course_lib.instances.detections import Detections
from course_lib.instances.mask_iou import mask_iou


def mask_nms(detections: Detections, threshold: float = 0.5, class_agnostic: bool = False) -> Detections:
    """→ the detections that stay, in their order. ValueError for a threshold outside [0, 1]."""
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold must lie in [0, 1], not {threshold}")
    labels = detections.labels
    suppresses = mask_iou(detections.masks, detections.masks) > threshold  # (n, n)
    if not class_agnostic:
        suppresses &= labels[:, None] == labels
    suppresses = suppresses.cpu()
    kept = torch.zeros(len(labels), dtype=torch.bool)
    for i in detections.scores.argsort(descending=True, stable=True).tolist():
        kept[i] = not (suppresses[i] & kept).any()
    return detections[kept.to(labels.device)]
