"""Mask NMS by hand: strips of pixels whose overlaps can be counted."""

import numpy as np
import pytest
import torch

from course_lib.instances.detections import Detections
from course_lib.instances.mask_nms import mask_nms


def strips(*rows):
    """Each row: score, label, first and last + 1 column of a 1×20 picture."""
    masks = torch.zeros(len(rows), 1, 20, dtype=torch.bool)
    for mask, (_, _, start, stop) in zip(masks, rows, strict=True):
        mask[0, start:stop] = True
    return Detections(torch.tensor([row[0] for row in rows]), torch.tensor([row[1] for row in rows]), masks)


def test_only_what_was_kept_suppresses():
    """A chain: the second overlaps the first (IoU 0.6), the third the second (0.6), but not the first (⅓)."""
    detections = strips((0.9, 0, 0, 8), (0.8, 0, 2, 10), (0.7, 0, 4, 12))
    assert mask_nms(detections).scores.tolist() == pytest.approx([0.9, 0.7])
    assert len(mask_nms(detections, threshold=0.61)) == 3
    assert len(mask_nms(detections, threshold=0.3)) == 1


def test_an_overlap_equal_to_the_threshold_stays():
    assert len(mask_nms(strips((0.9, 0, 0, 10), (0.8, 0, 0, 5)), threshold=0.5)) == 2
    assert len(mask_nms(strips((0.9, 0, 0, 10), (0.8, 0, 0, 5)), threshold=0.49)) == 1


def test_the_order_stays_and_of_equal_scores_the_first():
    kept = mask_nms(strips((0.3, 0, 0, 5), (0.5, 1, 10, 20), (0.5, 1, 10, 20), (0.9, 0, 0, 5)))
    assert kept.scores.tolist() == pytest.approx([0.5, 0.9])
    second = strips((0.5, 1, 0, 9), (0.5, 1, 0, 10))
    assert torch.equal(mask_nms(second).masks, second.masks[:1])


def test_classes_leave_each_other_alone():
    detections = strips((0.9, 0, 0, 5), (0.8, 1, 0, 5))
    assert len(mask_nms(detections)) == 2
    assert mask_nms(detections, class_agnostic=True).labels.tolist() == [0]


def test_equals_slow_code_on_random_masks():
    g = torch.Generator().manual_seed(0)
    for _ in range(20):
        masks = torch.rand(12, 3, 3, generator=g) > 0.4
        found = Detections(torch.rand(12, generator=g), torch.randint(2, (12,), generator=g), masks)
        kept = []
        for i in np.argsort(-found.scores.numpy(), kind="stable"):
            overlaps = [
                (masks[i] & masks[j]).sum() / max((masks[i] | masks[j]).sum(), 1)
                for j in kept
                if found.labels[i] == found.labels[j]
            ]
            if all(overlap <= 0.5 for overlap in overlaps):
                kept.append(i)
        assert torch.equal(mask_nms(found).scores, found.scores[np.sort(kept)])


def test_nothing_stays_nothing_and_a_wrong_threshold_is_named():
    assert mask_nms(strips()).masks.shape == (0, 1, 20)
    with pytest.raises(ValueError, match="threshold"):
        mask_nms(strips(), threshold=50)
