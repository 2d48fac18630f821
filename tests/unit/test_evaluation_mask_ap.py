"""Average precision: equal to pycocotools on random data and where decisions are made; and by hand."""

import contextlib
import io
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from course_lib.evaluation.instance_matching import match_image
from course_lib.evaluation.mask_ap import mask_average_precision, precision_at_recalls, precision_recall

# What pycocotools says


def runs(mask):
    encoded = coco_mask.encode(np.asfortranarray(mask.numpy().astype(np.uint8)))
    return {"size": encoded["size"], "counts": encoded["counts"].decode()}


def pycocotools(detections, targets):
    """→ its precision (T, R, K, A, 3), recall, and the seven numbers."""
    classes = {int(label) for entry in [*detections, *targets] for label in entry["labels"]} or {0}
    sizes = [dict(zip(("height", "width"), target["masks"].shape[1:], strict=True)) for target in targets]
    truth = {"images": [{"id": i} | size for i, size in enumerate(sizes)], "annotations": []}
    truth["categories"], found = [{"id": label} for label in sorted(classes)], []
    for image, (detection, target) in enumerate(zip(detections, targets, strict=True)):
        for m, (label, mask) in enumerate(zip(target["labels"].tolist(), target["masks"], strict=True)):
            area = float(target["area"][m]) if "area" in target else float(mask.sum())
            crowd = int(target["crowd"][m]) if "crowd" in target else 0
            entry = {"id": len(truth["annotations"]) + 1, "image_id": image, "category_id": label}
            truth["annotations"].append(entry | {"segmentation": runs(mask), "area": area, "iscrowd": crowd})
        for score, label, mask in zip(*(detection[name] for name in ("scores", "labels", "masks")), strict=True):
            entry = {"image_id": image, "category_id": int(label), "score": float(score)}
            found.append(entry | {"segmentation": runs(mask)})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        results = coco.loadRes(found) if found else COCO()
        evaluation = COCOeval(coco, results, "segm")
        evaluation.params.imgIds = list(range(len(targets)))
        evaluation.params.catIds = sorted(classes)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    values = dict(zip(["AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large"], evaluation.stats[:6], strict=True))
    return evaluation.eval, values | {"AR": evaluation.stats[8]}


def assert_equals_pycocotools(detections, targets):
    theirs, expected = pycocotools(detections, targets)
    summary = mask_average_precision(detections, targets)
    assert summary == pytest.approx(expected, abs=1e-6)
    curves = precision_recall(map(match_image, detections, targets))
    if len(curves.classes):
        reference = theirs["precision"][..., 2].transpose(2, 3, 0, 1)  # T R K A → K A T R
        np.testing.assert_allclose(curves.precision, reference, atol=1e-12)
        np.testing.assert_allclose(curves.recall, theirs["recall"][..., 2].transpose(1, 2, 0), atol=1e-12)
    return summary


# Data


def blob(rng, size, radius):
    y, x = np.mgrid[:size, :size]
    cy, cx = rng.uniform(0, size, 2)
    ry, rx = radius * rng.uniform(0.6, 1.4, 2)
    return torch.from_numpy(((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 <= 1)


def moved(rng, mask):
    """Some pixels further, with a bite taken out: an IoU between 0.3 and 1."""
    reach = max(int(mask.sum().sqrt() * rng.uniform(0, 0.3)), 0)
    shifts = [int(shift) for shift in rng.integers(-reach, reach + 1, 2)]
    return mask.roll(shifts, (0, 1))


def stack(masks, size):
    return torch.stack(masks) if masks else torch.zeros(0, size, size, dtype=torch.bool)


def random_data(seed, images=12, classes=4, size=192, ties=False, crowds=True, extra=6):
    rng = np.random.default_rng(seed)
    detections, targets = [], []
    for _ in range(images):
        count = int(rng.integers(0, 6))
        truth = [blob(rng, size, rng.choice([4, 12, 25, 80])) for _ in range(count)]
        labels = rng.integers(classes, size=count)
        target = {"labels": torch.from_numpy(labels), "masks": stack(truth, size)}
        if crowds:
            target["crowd"] = torch.from_numpy(rng.random(count) < 0.25)
            target["area"] = target["masks"].sum(dim=(1, 2)) * torch.from_numpy(rng.uniform(0.8, 1, count))
        found, found_labels = [], []
        for mask, label in zip(truth, labels, strict=True):
            for _ in range(int(rng.integers(0, 4))):  # missed, found, found again
                found.append(moved(rng, mask))
                found_labels.append(label if rng.random() < 0.8 else rng.integers(classes + 1))
        for _ in range(int(rng.integers(0, extra))):
            found.append(blob(rng, size, rng.choice([4, 12, 25, 80])))
            found_labels.append(rng.integers(classes + 1))  # one class has no object at all
        scores = rng.random(len(found))
        detections.append(
            {
                "scores": torch.from_numpy(scores.round(1) if ties else scores),
                "labels": torch.tensor(found_labels, dtype=torch.long),
                "masks": stack(found, size),
            }
        )
        targets.append(target)
    return detections, targets


# Equality


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("crowds", [False, True])
def test_equals_pycocotools_on_random_data(seed, ties, crowds):
    summary = assert_equals_pycocotools(*random_data(seed, ties=ties, crowds=crowds))
    assert 0.1 < summary["AP"] < 0.9
    assert -1 not in summary.values()


def square(row, column, side, size=64):
    mask = torch.zeros(size, size, dtype=torch.bool)
    mask[row : row + side, column : column + side] = True
    return mask


def found(*rows, size=64):
    """Each row: score, label, mask."""
    return {
        "scores": torch.tensor([row[0] for row in rows], dtype=torch.float64),
        "labels": torch.tensor([row[1] for row in rows], dtype=torch.long),
        "masks": stack([row[2] for row in rows], size),
    }


def truth(*rows, size=64, **more):
    """Each row: label, mask."""
    labels = torch.tensor([row[0] for row in rows], dtype=torch.long)
    return {"labels": labels, "masks": stack([row[1] for row in rows], size), **more}


A, B = square(0, 0, 20), square(30, 30, 20)
HALF = square(0, 0, 10) | square(10, 0, 10)  # the left 10 columns of A: IoU 0.5
EDGES = {
    "no detections": ([found()], [truth((0, A))]),
    "no objects": ([found((0.9, 0, A))], [truth()]),
    "nothing at all": ([found()], [truth()]),
    "an empty picture beside another": ([found((0.9, 0, A)), found((0.8, 0, A))], [truth((0, A)), truth()]),
    "a class without objects": ([found((0.9, 0, A), (0.8, 1, B))], [truth((0, A))]),
    "a class without detections": ([found((0.9, 0, A))], [truth((0, A), (1, B))]),
    "an overlap equal to the threshold": ([found((0.9, 0, HALF))], [truth((0, A))]),
    "a perfect overlap": ([found((0.9, 0, A))], [truth((0, A))]),
    "an empty mask found": ([found((0.9, 0, A & B), (0.8, 0, A))], [truth((0, A))]),
    "an object of no pixels": ([found((0.9, 0, A), (0.8, 0, A & B))], [truth((0, A & B), (0, A))]),
    "found twice": ([found((0.9, 0, A), (0.8, 0, A))], [truth((0, A), (0, B))]),
    "two equal objects": ([found((0.9, 0, A), (0.8, 0, A), (0.7, 0, A))], [truth((0, A), (0, A))]),
    "equal overlaps": (  # the first detection lies as much on one object as on the other; the second needs the last
        [found((0.9, 0, square(0, 0, 20) | square(0, 10, 20)), (0.8, 0, square(0, 10, 20)))],
        [truth((0, square(0, 0, 20)), (0, square(0, 10, 20)))],
    ),
    "equal scores": ([found((0.5, 0, B), (0.5, 0, A))] * 2, [truth((0, A)), truth((0, B))]),
    "only a crowd": ([found((0.9, 0, A))], [truth((0, A), crowd=torch.tensor([True]))]),
    "a crowd takes many": (
        [found((0.9, 0, square(0, 0, 5)), (0.8, 0, square(9, 9, 5)), (0.7, 0, B))],
        [truth((0, A), (0, B), crowd=torch.tensor([True, False]))],
    ),
    "an object before a crowd": (
        [found((0.9, 0, A), (0.8, 0, A))],
        [truth((0, square(0, 0, 40)), (0, A | square(0, 0, 21)), crowd=torch.tensor([True, False]))],
    ),
    "areas at the limits": (
        [found((0.9, 0, square(0, 0, 32)), (0.8, 0, square(31, 31, 33)), (0.7, 0, B))],
        [truth((0, square(0, 0, 32)), (0, square(31, 31, 33)), area=torch.tensor([32.0**2, 96.0**2]))],
    ),
    "an area that is not the mask's": ([found((0.9, 0, A))], [truth((0, A), area=torch.tensor([5000.0]))]),
}


@pytest.mark.parametrize("name", EDGES)
def test_equals_pycocotools_at_the_edge(name):
    assert_equals_pycocotools(*EDGES[name])


def test_equals_pycocotools_with_more_than_a_hundred_detections():
    """130 of each of two classes; the right ones come last by score and are cut off in class 0."""
    rng = np.random.default_rng(0)
    wrong = [
        (0.5 + 0.5 * rng.random(), label, square(*rng.integers(40, 50, 2), 8)) for label in (0, 1) for _ in range(130)
    ]
    detections = [found(*wrong, (0.1, 0, A), (0.99, 1, A))]
    summary = assert_equals_pycocotools(detections, [truth((0, A), (1, A))])
    assert summary["AR"] == 0.5


def test_minus_one_where_pycocotools_says_so():
    summary = mask_average_precision([found((0.9, 0, A))], [truth((0, A))])
    assert summary["AP"] == summary["AP_small"] == summary["AR"] == 1
    assert summary["AP_medium"] == summary["AP_large"] == -1
    assert set(mask_average_precision([found((0.9, 0, A))], [truth()]).values()) == {-1}
    assert set(mask_average_precision([], []).values()) == {-1}
    assert list(mask_average_precision([], [])) == ["AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large", "AR"]


# By hand


def test_precision_at_recalls_by_hand():
    """Right, wrong, right, of 3 objects: precision 1, ½, ⅔ at recall ⅓, ⅓, ⅔. So p is 1 up to ⅓, ⅔ up to ⅔, then 0."""
    right, wrong = np.array([True, False, True]), np.array([False, True, False])
    precision, recall = precision_at_recalls(right, wrong, 3)
    assert recall == pytest.approx(2 / 3)
    np.testing.assert_allclose(precision[:34], 1)
    np.testing.assert_allclose(precision[34:67], 2 / 3)
    np.testing.assert_array_equal(precision[67:], 0)


def test_ap_by_hand():
    """One of two objects found, at IoU 0.5: AP50 is the 51 recalls up to ½ of 101, AP a tenth of that."""
    summary = mask_average_precision([found((0.9, 0, HALF))], [truth((0, A), (0, B))])
    assert summary["AP50"] == pytest.approx(51 / 101)
    assert summary["AP"] == pytest.approx(51 / 1010)
    assert summary["AP75"] == 0
    assert summary["AR"] == pytest.approx(0.05)


def test_per_class_is_each_class_evaluated_alone():
    detections, targets = random_data(1)
    curves = precision_recall(map(match_image, detections, targets))
    per_class = curves.per_class()
    assert list(per_class) == [0, 1, 2, 3, 4]
    assert set(per_class[4].values()) == {-1}
    for label in range(4):
        alone = mask_average_precision(
            *([only(entry, label) for entry in entries] for entries in (detections, targets))
        )
        assert per_class[label] == pytest.approx(alone), label
    known = [per_class[label]["AP"] for label in range(4)]
    assert curves.summary()["AP"] == pytest.approx(np.mean(known))


def only(entry, label):
    chosen = entry["labels"] == label
    return {name: values[chosen] for name, values in entry.items()}


# What may be handed in


def test_objects_and_arrays_and_generators_count_as_dicts_of_tensors():
    detections, targets = random_data(2, images=4)
    expected = mask_average_precision(detections, targets)
    objects = [SimpleNamespace(**entry) for entry in detections]
    arrays = [{name: values.numpy() for name, values in entry.items()} for entry in targets]
    assert mask_average_precision((entry for entry in objects), iter(arrays)) == expected
    single = [entry | {"scores": entry["scores"].float().requires_grad_()} for entry in detections]
    assert mask_average_precision(single, targets) == expected


def test_matches_point_at_what_was_handed_in():
    detection = found((0.3, 0, B), (0.9, 1, A), (0.6, 0, A))
    matches = match_image(detection, truth((0, A), (0, B)))
    assert matches.index.tolist() == [1, 2, 0]
    assert matches.scores.tolist() == [0.9, 0.6, 0.3]
    assert matches.matched[0, 0].tolist() == [-1, 0, 1]
    assert matches.overlaps[0].tolist() == [1, 0]


def test_mistakes_are_named():
    good, target = found((0.9, 0, A), (0.8, 1, B)), truth((0, A))
    for wrong, error, message in [
        (good | {"masks": good["masks"].float()}, TypeError, "^masks of detections must be bool"),
        (good | {"scores": good["scores"][:1]}, ValueError, r"^detections: scores \(1,\)"),
        (good | {"masks": good["masks"][:, :32]}, ValueError, "cannot be compared"),
        (good | {"scores": torch.tensor([0.9, torch.nan])}, ValueError, "not a number"),
        ({"scores": good["scores"], "labels": good["labels"]}, ValueError, "has no masks"),
    ]:
        with pytest.raises(error, match=message):
            mask_average_precision([wrong], [target])
    with pytest.raises(ValueError, match=r"^target: .*crowd"):
        mask_average_precision([good], [target | {"crowd": torch.zeros(3, dtype=torch.bool)}])
    with pytest.raises(ValueError, match="shorter"):
        mask_average_precision([good, good], [target])
