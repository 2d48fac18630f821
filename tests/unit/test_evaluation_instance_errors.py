"""The error breakdown: scenes in which every error is known, its cost by hand, and its AP50 that of mask_ap."""

import numpy as np
import pytest
import torch

from course_lib.evaluation.instance_errors import KINDS, error_breakdown, image_errors
from course_lib.evaluation.instance_matching import match_image
from course_lib.evaluation.mask_ap import mask_average_precision

from .test_evaluation_mask_ap import found, random_data, square, truth

CAT, DOG = 0, 1
LEFT, RIGHT, FAR = square(0, 0, 20), square(0, 30, 20), square(40, 40, 20)
PART = square(0, 0, 10)  # a quarter of LEFT: IoU 0.25


def breakdown(detections, target):
    return error_breakdown([match_image(detections, target)])


SCENES = {
    "duplicate": (found((0.9, CAT, LEFT), (0.8, CAT, LEFT)), truth((CAT, LEFT))),
    "confused_class": (found((0.9, DOG, LEFT)), truth((CAT, LEFT))),
    "poor_mask": (found((0.9, CAT, PART)), truth((CAT, LEFT))),
    "confused_and_poor": (found((0.9, DOG, PART), (0.8, CAT, LEFT)), truth((CAT, LEFT))),
    "background": (found((0.9, CAT, FAR), (0.8, CAT, LEFT)), truth((CAT, LEFT))),
    "missed": (found((0.9, CAT, LEFT)), truth((CAT, LEFT), (CAT, RIGHT))),
}


@pytest.mark.parametrize("kind", SCENES)
def test_each_error_alone_is_named(kind):
    result = breakdown(*SCENES[kind])
    assert result.counts == dict.fromkeys(KINDS, 0) | {kind: 1}
    assert all(cost == 0 for name, cost in result.costs.items() if name != kind)


def test_costs_by_hand():
    costs = {kind: breakdown(*SCENES[kind]) for kind in SCENES}
    for kind in ("confused_class", "poor_mask"):  # nothing right → everything right
        assert (costs[kind].ap50, costs[kind].costs[kind]) == (0, 1)
    assert costs["duplicate"].costs["duplicate"] == 0  # after the last object nothing costs any more
    assert costs["background"].costs["background"] == pytest.approx(1 - 1 / 2)  # wrong, right: precision ½
    assert costs["confused_and_poor"].costs["confused_and_poor"] == 0  # nobody asked for a dog
    assert costs["missed"].costs["missed"] == pytest.approx(1 - 51 / 101)


def test_a_duplicate_before_the_next_object_costs_precision():
    result = breakdown(found((0.9, CAT, LEFT), (0.8, CAT, LEFT), (0.7, CAT, RIGHT)), truth((CAT, LEFT), (CAT, RIGHT)))
    assert result.counts["duplicate"] == 1
    assert result.ap50 == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert result.costs["duplicate"] == pytest.approx(1 - result.ap50)


def test_a_class_put_right_twice_counts_once():
    """Two dogs on one cat: one becomes the cat, the other goes, and is not wrong."""
    result = breakdown(found((0.9, DOG, LEFT), (0.8, DOG, LEFT)), truth((CAT, LEFT)))
    assert result.counts == dict.fromkeys(KINDS, 0) | {"confused_class": 2}
    assert result.costs["confused_class"] == 1


def test_of_a_right_one_and_one_put_right_the_better_score_stays():
    """Cat 0.9 with a poor mask, cat 0.8 nowhere, cat 0.7 right: mended, the first is the right one and the last goes."""
    result = breakdown(found((0.9, CAT, PART), (0.8, CAT, FAR), (0.7, CAT, LEFT)), truth((CAT, LEFT)))
    assert result.counts == dict.fromkeys(KINDS, 0) | {"poor_mask": 1, "background": 1}
    assert result.ap50 == pytest.approx(1 / 3)
    assert result.costs["poor_mask"] == pytest.approx(1 - 1 / 3)
    assert result.costs["background"] == pytest.approx(1 / 2 - 1 / 3)


def test_an_object_that_something_points_at_is_not_missed():
    """A poor mask lies on the left cat, nothing on the right one."""
    matches = match_image(found((0.9, CAT, PART)), truth((CAT, LEFT), (CAT, RIGHT)))
    errors = image_errors(matches)
    assert errors.kinds.tolist() == ["poor_mask"]
    assert errors.objects.tolist() == [0]
    assert errors.missed.tolist() == [False, True]


def test_a_better_overlap_with_another_class_decides():
    """A dog at IoU 0.64 on a cat, and at 0.16 on a dog: its class is confused, not its mask poor."""
    matches = match_image(
        found((0.9, DOG, LEFT)), truth((CAT, square(0, 0, 20) & ~square(0, 0, 12)), (DOG, square(0, 0, 8)))
    )
    assert matches.overlaps[0].tolist() == [256 / 400, 64 / 400]
    assert image_errors(matches).kinds.tolist() == ["confused_class"]


def test_crowds_are_neither_wrong_nor_missed():
    crowd = torch.tensor([True, False])
    detections = found((0.9, CAT, PART), (0.8, CAT, PART), (0.7, CAT, RIGHT))
    matches = match_image(detections, truth((CAT, LEFT), (CAT, RIGHT), crowd=crowd))
    assert image_errors(matches).kinds.tolist() == ["ignored", "ignored", "right"]
    result = error_breakdown([matches])
    assert result.ap50 == 1
    assert result.counts == dict.fromkeys(KINDS, 0)


def test_with_everything_missed_the_misses_cost_everything():
    result = breakdown(found(), truth((CAT, LEFT), (DOG, RIGHT)))
    assert (result.ap50, result.counts["missed"], result.costs["missed"]) == (0, 2, 1)


def test_without_objects_nothing_can_be_said():
    for result in (error_breakdown([]), breakdown(found(), truth()), breakdown(found((0.9, CAT, LEFT)), truth())):
        assert result.ap50 == -1
        assert set(result.costs.values()) == {0}
    assert result.counts == dict.fromkeys(KINDS, 0) | {"background": 1}


@pytest.mark.parametrize("seed", range(5))
def test_on_random_data_every_detection_has_one_kind_and_no_cost_is_negative(seed):
    detections, targets = random_data(seed, ties=seed % 2 == 0)
    images = list(map(match_image, detections, targets))
    result = error_breakdown(images)
    assert result.ap50 == pytest.approx(mask_average_precision(detections, targets)["AP50"], abs=1e-12)
    kinds = np.concatenate([image_errors(matches).kinds for matches in images])
    right, ignored = (int((kinds == kind).sum()) for kind in ("right", "ignored"))
    assert right + ignored + sum(result.counts.values()) - result.counts["missed"] == len(kinds)
    assert right == sum(int(((m.matched[0, 0] >= 0) & ~m.ignored[0, 0]).sum()) for m in images)
    assert min(result.costs.values()) >= -1e-12
    assert max(result.costs.values()) <= 1 - result.ap50 + 1e-12
    assert sum(count > 0 for count in result.counts.values()) >= 5


@pytest.mark.parametrize("seed", range(3))
def test_taking_errors_away_is_evaluating_without_them(seed):
    """The cost of background and duplicates by another route: remove those detections and measure AP50 again."""
    detections, targets = random_data(seed)
    images = list(map(match_image, detections, targets))
    result = error_breakdown(images)
    for kind in ("background", "duplicate", "confused_and_poor"):
        remaining = []
        for detection, matches in zip(detections, images, strict=True):
            kept = np.sort(matches.index[image_errors(matches).kinds != kind])
            remaining.append({name: values[kept] for name, values in detection.items()})
        after = mask_average_precision(remaining, targets)["AP50"]
        assert after - result.ap50 == pytest.approx(result.costs[kind], abs=1e-12), kind
