"""Targets at stride 4, dice, the assignment and its alternative, mask NMS: against slow code, by hand, and at their edges."""

from itertools import permutations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course_lib.instances.dice import dice, pairwise_dice
from course_lib.instances.mask_iou import intersections, mask_iou
from course_lib.instances.matching import HungarianMatcher
from course_lib.instances.one_to_many import OneToManyMatcher
from course_lib.instances.output import SparseInstOutput
from course_lib.instances.targets import prepare_targets, shrink_masks

CLASSES = 5


def random_output(images=2, queries=7, height=6, width=8, seed=0, dtype=torch.float32):
    g = torch.Generator().manual_seed(seed)

    def logits(*shape):
        return 3 * torch.randn(*shape, generator=g, dtype=torch.float64).to(dtype)

    return SparseInstOutput(
        logits(images, queries, CLASSES),
        logits(images, queries, height, width),
        logits(images, queries, 1),
        logits(images, queries, height // 2, width // 2),
    )


def random_target(count, height=24, width=32, seed=0):
    g = torch.Generator().manual_seed(seed)
    coarse = torch.rand(count, 1, 5, 6, generator=g)
    masks = F.interpolate(coarse, (height, width), mode="bilinear")[:, 0] > 0.55
    return {"labels": torch.randint(CLASSES, (count,), generator=g), "masks": masks}


def prepare(targets, size=(6, 8), **options):
    return prepare_targets(targets, size, CLASSES, **options)


# Targets


def test_the_centre_is_what_bilinear_shrinking_of_the_padded_batch_gives():
    targets = [random_target(3, 22, 31, seed=1), random_target(0, 9, 9), random_target(2, 24, 13, seed=2)]
    batch = prepare(targets)
    assert batch.counts == (3, 0, 2)
    padded = torch.zeros(5, 24, 32)
    padded[:3, :22, :31] = targets[0]["masks"].float()
    padded[3:, :24, :13] = targets[2]["masks"].float()
    expected = F.interpolate(padded[:, None], (6, 8), mode="bilinear", align_corners=False)[:, 0]
    assert torch.equal(batch.masks, expected)
    assert batch.labels.tolist() == [*targets[0]["labels"].tolist(), *targets[2]["labels"].tolist()]
    assert torch.equal(batch.per_image()[2][1], expected[3:])
    assert len(batch.per_image()[1][0]) == 0


def test_area_is_the_mean_of_all_sixteen_pixels():
    targets = [random_target(2, 21, 30, seed=3)]
    padded = torch.zeros(2, 24, 32)
    padded[:, :21, :30] = targets[0]["masks"].float()
    assert torch.equal(prepare(targets, sampling="area").masks, F.avg_pool2d(padded, 4))


def test_a_thin_pole_vanishes_from_the_centre_and_not_from_the_area():
    pole = torch.zeros(1, 24, 32, dtype=torch.bool)
    pole[:, :, 7:9] = True  # the last column of one cell and the first of the next
    assert shrink_masks(pole, "centre").sum() == 0
    assert shrink_masks(pole, "area").sum() == 24 * 2 / 16


def test_one_pixel():
    for row, column in [(0, 0), (1, 2), (23, 31)]:
        masks = torch.zeros(1, 24, 32, dtype=torch.bool)
        masks[0, row, column] = True
        inside = row % 4 in (1, 2) and column % 4 in (1, 2)
        assert shrink_masks(masks, "centre").sum() == (0.25 if inside else 0)
        assert shrink_masks(masks, "area")[0, row // 4, column // 4] == 1 / 16


def test_wrong_targets_are_named():
    good = random_target(2)
    for change, error, message in [
        ({"masks": good["masks"].to(torch.uint8)}, TypeError, "^target 1: masks must be bool"),
        ({"labels": good["labels"].int()}, TypeError, "^target 1: labels must be int64"),
        ({"labels": good["labels"][:1]}, ValueError, "^target 1: labels .* must be"),
        ({"labels": torch.tensor([0, CLASSES])}, ValueError, "5 classes, counted from 0"),
        ({"labels": torch.tensor([-1, 0])}, ValueError, "labels reach from -1"),
        ({"masks": torch.zeros(2, 25, 32, dtype=torch.bool)}, ValueError, r"exceed the padded picture \(24, 32\)"),
    ]:
        with pytest.raises(error, match=message):
            prepare([good, good | change])
    with pytest.raises(ValueError, match="sampling"):
        prepare([good], sampling="nearest")


# Dice


def test_dice_equals_its_formula_and_the_pairs_are_the_diagonal():
    p, t = torch.rand(2, 4, 5, 6, dtype=torch.float64)
    pairs = pairwise_dice(p, t)
    for n in range(4):
        for m in range(4):
            both = float((p[n] * t[m]).sum())
            expected = 2 * both / (float((p[n] ** 2).sum()) + float((t[m] ** 2).sum()) + 1e-4)
            assert pairs[n, m].item() == pytest.approx(expected, rel=1e-12)
    torch.testing.assert_close(dice(p, t), pairs.diagonal())


def test_dice_of_equal_and_of_empty_masks():
    ones, nothing = torch.ones(1, 10, 10), torch.zeros(1, 10, 10)
    assert dice(ones, ones).item() == pytest.approx(1, abs=1e-6)
    assert dice(nothing, nothing).item() == dice(ones, nothing).item() == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_sixteen_bits_are_summed_in_thirty_two_also_under_autocast(dtype):
    p = torch.ones(2, 300, 300, dtype=dtype)  # Σ p² = 90,000 exceeds 65,504
    with torch.autocast("cpu", torch.bfloat16):
        pairs, own = pairwise_dice(p, p), dice(p, p)
    assert pairs.dtype == own.dtype == torch.float32
    torch.testing.assert_close(pairs, torch.ones(2, 2))
    torch.testing.assert_close(own, torch.ones(2))


# The assignment


def slow_scores(output, target, image):
    p, c = output.mask_logits[image].double().sigmoid(), output.class_logits[image].double().sigmoid()
    t = prepare([target]).masks.double()
    scores = np.zeros((len(p), len(t)))
    for n in range(len(p)):
        for m in range(len(t)):
            d = 2 * (p[n] * t[m]).sum() / ((p[n] ** 2).sum() + (t[m] ** 2).sum() + 1e-4)
            scores[n, m] = d**0.8 * c[n, target["labels"][m]] ** 0.2
    return scores


def test_scores_equal_slow_code_and_the_assignment_is_the_best_of_all():
    output, targets = random_output(3), [random_target(3, seed=4), random_target(0), random_target(2, seed=5)]
    batch, matcher = prepare(targets), HungarianMatcher()
    matches = matcher(output, batch)
    assert matches.image.dtype == matches.query.dtype == matches.target.dtype == torch.int64
    assert matches.image.tolist() == [0, 0, 0, 2, 2]
    assert sorted(matches.target.tolist()) == [0, 1, 2, 3, 4]
    for image, first in [(0, 0), (2, 3)]:
        expected = slow_scores(output, targets[image], image)
        np.testing.assert_allclose(matcher.scores(output, batch)[image].numpy(), expected, rtol=1e-5)
        objects = range(expected.shape[1])
        best = max(permutations(range(7), len(objects)), key=lambda queries: sum(expected[queries, objects]))
        of_image = matches.image == image
        ours = dict(zip(matches.target[of_image].tolist(), matches.query[of_image].tolist(), strict=True))
        assert [ours[first + m] for m in objects] == list(best)


def test_greedy_would_differ():
    """By hand: query 0 fits both objects best, but giving it to object 1 costs less in all."""
    scores = np.array([[0.9, 0.8], [0.7, 0.1]])
    query, target = HungarianMatcher().assign(scores)
    assert list(zip(query, target, strict=True)) == [(0, 1), (1, 0)]


def test_powers_weigh_mask_and_class():
    """Query 0 has the mask, query 1 the class: with 0.8 and 0.2 the mask decides, the other way round the class."""
    mask_logits = torch.full((1, 2, 6, 8), -9.0)
    mask_logits[0, 0, :3], mask_logits[0, 1, 2:5] = 9, 9
    class_logits = torch.full((1, 2, CLASSES), -1.0)
    class_logits[0, 1, 3] = 4
    output = SparseInstOutput(class_logits, mask_logits, None, torch.zeros(1, 2, 3, 4))
    masks = torch.zeros(1, 24, 32, dtype=torch.bool)
    masks[:, :12] = True
    batch = prepare([{"labels": torch.tensor([3]), "masks": masks}])
    assert HungarianMatcher()(output, batch).query.tolist() == [0]
    assert HungarianMatcher(mask_power=0.2, class_power=0.8)(output, batch).query.tolist() == [1]


@pytest.mark.parametrize("matcher", [HungarianMatcher(), OneToManyMatcher(3)])
def test_a_batch_without_objects_has_an_empty_assignment(matcher):
    matches = matcher(random_output(), prepare([random_target(0), random_target(0)]))
    assert len(matches) == 0
    for index in (matches.image, matches.query, matches.target):
        assert index.dtype == torch.int64
    assert random_output().mask_logits[matches.image, matches.query].shape == (0, 6, 8)


@pytest.mark.parametrize("matcher", [HungarianMatcher(), OneToManyMatcher(3)])
def test_more_objects_than_queries_give_each_query_one(matcher):
    targets = [random_target(150, seed=6), random_target(2, seed=7)]
    matches = matcher(random_output(queries=7), prepare(targets))
    of_first = matches.image == 0
    assert sorted(matches.query[of_first].tolist()) == list(range(7))
    assert len(set(matches.target[of_first].tolist())) == 7
    assert set(matches.target[~of_first].tolist()) == {150, 151}


def test_the_network_has_diverged():
    output = random_output()
    output.mask_logits[1, 3, 2, 2] = torch.nan
    with pytest.raises(ValueError, match="not finite: lower the learning rate"):
        HungarianMatcher()(output, prepare([random_target(1), random_target(1)]))


def test_half_precision_outputs_assign_as_their_values_do():
    output, batch = random_output(dtype=torch.float16), prepare([random_target(3), random_target(3, seed=1)])
    full = SparseInstOutput(output.class_logits.float(), output.mask_logits.float(), None, output.activation_maps)
    with torch.autocast("cpu", torch.bfloat16):
        half_matches = HungarianMatcher()(output, batch)
    assert torch.equal(half_matches.query, HungarianMatcher()(full, batch).query)


# One to many


def test_every_object_gets_k_different_queries():
    output, batch = random_output(queries=12), prepare([random_target(3, seed=8), random_target(1, seed=9)])
    matches = OneToManyMatcher(4)(output, batch)
    assert matches.target.bincount().tolist() == [4, 4, 4, 4]
    for image in range(2):
        queries = matches.query[matches.image == image].tolist()
        assert len(set(queries)) == len(queries)
    alone = matches.image == 1  # the one object of image 1 has the four best
    best = HungarianMatcher().scores(output, batch)[1][:, 0].topk(4).indices
    assert set(matches.query[alone].tolist()) == set(best.tolist())


def test_objects_of_a_crowd_share_the_queries():
    matches = OneToManyMatcher(4)(random_output(1, queries=11), prepare([random_target(4)]))
    assert matches.target.bincount().tolist() == [2, 2, 2, 2]


def test_one_query_per_object_is_the_hungarian_matcher():
    output, batch = random_output(), prepare([random_target(3), random_target(2, seed=1)])
    one, many = HungarianMatcher()(output, batch), OneToManyMatcher(1)(output, batch)
    assert torch.equal(one.query, many.query)
    assert torch.equal(one.target, many.target)
    with pytest.raises(ValueError, match="at least 1"):
        OneToManyMatcher(0)


# IoU


def test_iou_counts_pixels(monkeypatch):
    masks, others = torch.rand(2, 4, 9, 11) > 0.5
    masks[1] = False
    others[2] = False
    crowd = torch.tensor([False, True, False, False])
    expected = np.zeros((4, 4))
    for n in range(4):
        for m in range(4):
            both = int((masks[n] & others[m]).sum())
            over = int(masks[n].sum()) if crowd[m] else int((masks[n] | others[m]).sum())
            expected[n, m] = both / over if over else 0
    np.testing.assert_array_equal(mask_iou(masks, others, crowd).numpy(), expected)
    monkeypatch.setattr("course_lib.instances.mask_iou.PART", 100)  # 12 pixels at a time, and a rest
    np.testing.assert_array_equal(mask_iou(masks, others, crowd).numpy(), expected)


def test_iou_is_exact_beyond_the_integers_of_sixteen_bits():
    masks = torch.ones(1, 300, 300, dtype=torch.bool)
    with torch.autocast("cpu", torch.bfloat16):
        assert intersections(masks, masks).item() == 90_000


def test_iou_of_no_masks_and_of_two_sizes():
    some, none = torch.ones(3, 4, 5, dtype=torch.bool), torch.zeros(0, 4, 5, dtype=torch.bool)
    assert mask_iou(some, none).shape == (3, 0)
    assert mask_iou(none, some).shape == (0, 3)
    with pytest.raises(ValueError, match="cannot be compared"):
        mask_iou(some, some[:, :3])
