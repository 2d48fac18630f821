"""SparseInst's losses against slow code and torchvision's focal loss, their gradients, and batches at the edge."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import distributed
from torch.autograd import gradcheck
from torchvision.ops import sigmoid_focal_loss

from course_lib.instances.losses import (
    LossWeights,
    SparseInstCriterion,
    focal_loss,
    mean_over_processes,
    overlap_targets,
)
from course_lib.instances.one_to_many import OneToManyMatcher
from course_lib.instances.output import SparseInstOutput
from course_lib.instances.targets import prepare_targets

from .test_instances_matching import CLASSES, random_output, random_target, slow_scores

TERMS = ["loss_ce", "loss_dice", "loss_mask", "loss_objectness"]


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def cross_entropy(logit, target):
    return -(target * math.log(sigmoid(logit)) + (1 - target) * math.log(sigmoid(-logit)))


def slow_losses(output, targets, pairs, num):
    """pairs: (image, query, object of that image). As the formulas are written, one number at a time."""
    positive = {(b, n, int(targets[b]["labels"][m])) for b, n, m in pairs}
    ce = 0.0
    for (b, n, k), x in np.ndenumerate(output.class_logits.numpy()):
        if (b, n, k) in positive:
            ce += 0.25 * (1 - sigmoid(x)) ** 2 * cross_entropy(x, 1)
        else:
            ce += 0.75 * sigmoid(x) ** 2 * cross_entropy(x, 0)
    dice, mask, objectness = [], [], []
    for b, n, m in pairs:
        x = output.mask_logits[b, n].numpy().ravel()
        t = prepare_targets([targets[b]], output.mask_logits.shape[2:], CLASSES).masks[m].numpy().ravel()
        p = 1 / (1 + np.exp(-x))
        dice.append(1 - 2 * (p * t).sum() / ((p**2).sum() + (t**2).sum() + 1e-4))
        mask += [cross_entropy(*pixel) for pixel in zip(x, t, strict=True)]
        predicted, true = p >= 0.4, t > 0.5
        overlap = (predicted & true).sum() / ((predicted | true).sum() + 1e-6)
        objectness.append(cross_entropy(output.objectness_logits[b, n, 0].item(), overlap))
    terms = (2 * ce / num, 2 * sum(dice) / num, 5 * np.mean(mask), np.mean(objectness))
    return dict(zip(TERMS, terms, strict=True))


def test_all_terms_equal_slow_code():
    output = random_output(3, dtype=torch.float64)
    targets = [random_target(3, 22, 31, seed=1), random_target(0), random_target(2, 24, 13, seed=2)]
    matches = SparseInstCriterion(CLASSES).matcher(output, prepare_targets(targets, (6, 8), CLASSES))
    first = [0, 3, 3]
    pairs = [(b, n, m - first[b]) for b, n, m in zip(*map(torch.Tensor.tolist, vars(matches).values()), strict=True)]
    losses = SparseInstCriterion(CLASSES)(output, targets)
    expected = slow_losses(output, targets, pairs, num=5)
    assert list(losses) == TERMS
    for name in TERMS:
        assert losses[name].item() == pytest.approx(expected[name], rel=1e-6), name
        assert losses[name].ndim == 0


def test_the_pairs_are_those_with_the_best_score():
    output, targets = random_output(1, queries=2), [random_target(1, seed=3)]
    scores = slow_scores(output, targets[0], 0)[:, 0]
    output = dataclasses.replace(output, objectness_logits=torch.tensor([[[-4.0], [4.0]]]))
    loss = SparseInstCriterion(CLASSES)(output, targets)["loss_objectness"].item()
    overlap = overlap_targets(output.mask_logits[0], prepare_targets(targets, (6, 8), CLASSES).masks.expand(2, -1, -1))
    best = int(scores.argmax())
    assert loss == pytest.approx(cross_entropy([-4, 4][best], overlap[best].item()), rel=1e-5)


def test_focal_loss_is_torchvisions():
    logits = 8 * torch.randn(4, 9, 7, dtype=torch.float64)
    positive = torch.rand(4, 9, 7) > 0.8
    expected = sigmoid_focal_loss(logits, positive.double(), alpha=0.25, gamma=2, reduction="sum")
    assert focal_loss(logits, positive).item() == pytest.approx(expected.item(), rel=1e-12)
    gradcheck(lambda x: focal_loss(x, positive), logits.requires_grad_(), fast_mode=True)


def test_overlap_targets_by_hand():
    """Predicted: probability 0.4 belongs, 0.39 does not. True: 0.5 does not belong, 0.75 does."""
    mask = torch.tensor([[[0.41, 0.39], [0.9, 0.1]]]).logit()
    true = torch.tensor([[[0.75, 1.0], [0.5, 0.0]]])
    assert overlap_targets(mask, true).item() == pytest.approx(1 / 3, abs=1e-6)
    assert overlap_targets(-torch.ones(1, 2, 2), torch.zeros(1, 2, 2)).item() == 0


def test_weights_are_factors():
    output, targets = random_output(), [random_target(2), random_target(1)]
    plain = SparseInstCriterion(CLASSES, LossWeights(1, 1, 1, 1))(output, targets)
    standard = SparseInstCriterion(CLASSES)(output, targets)
    factors = {name: (standard[name] / plain[name]).item() for name in TERMS}
    assert factors == pytest.approx(dict(zip(TERMS, (2, 2, 5, 1), strict=True)))


def test_the_perfect_answer_costs_almost_nothing():
    target = random_target(3)
    batch = prepare_targets([target], (6, 8), CLASSES)
    hard = (batch.masks > 0.5).float()
    target["masks"] = hard.bool().repeat_interleave(4, 1).repeat_interleave(4, 2)
    class_logits = torch.full((1, 7, CLASSES), -20.0)
    class_logits[0, torch.arange(3), target["labels"]] = 20
    mask_logits = torch.full((1, 7, 6, 8), -20.0)
    mask_logits[0, :3] = 40 * hard - 20
    objectness = torch.full((1, 7, 1), 20.0)
    losses = SparseInstCriterion(CLASSES)(
        SparseInstOutput(class_logits, mask_logits, objectness, torch.zeros(1, 7, 3, 4)), [target]
    )
    assert {name: value.item() for name, value in losses.items()} == pytest.approx(dict.fromkeys(TERMS, 0), abs=1e-4)


# At the edge


def trainable(output):
    leaves = (output.class_logits, output.mask_logits, output.objectness_logits)
    return SparseInstOutput(*(leaf.clone().requires_grad_() for leaf in leaves), output.activation_maps)


def test_without_objects_only_the_classes_cost_and_every_logit_has_a_gradient():
    output = trainable(random_output())
    losses = SparseInstCriterion(CLASSES)(output, [random_target(0), random_target(0)])
    assert [losses[name].item() for name in TERMS[1:]] == [0, 0, 0]
    nowhere = torch.zeros_like(output.class_logits, dtype=torch.bool)
    assert losses["loss_ce"].item() == pytest.approx(2 * focal_loss(output.class_logits, nowhere).item())
    sum(losses.values()).backward()
    assert output.class_logits.grad.abs().sum() > 0
    assert output.mask_logits.grad.abs().sum() == output.objectness_logits.grad.abs().sum() == 0


def test_an_empty_picture_beside_others_adds_its_classes_alone():
    output, targets = random_output(dtype=torch.float64), [random_target(2), random_target(0)]
    first = SparseInstOutput(*(getattr(output, field.name)[:1] for field in dataclasses.fields(output)))
    both, alone = SparseInstCriterion(CLASSES)(output, targets), SparseInstCriterion(CLASSES)(first, targets[:1])
    for name in TERMS[1:]:
        assert both[name].item() == pytest.approx(alone[name].item()), name
    assert both["loss_ce"] > alone["loss_ce"]


def test_objects_beyond_the_queries_dilute_nothing():
    """150 objects, 7 queries: 7 pairs count, not 150."""
    output, targets = random_output(1, dtype=torch.float64), [random_target(150, seed=6)]
    matches = SparseInstCriterion(CLASSES).matcher(output, prepare_targets(targets, (6, 8), CLASSES))
    pairs = list(zip([0] * 7, matches.query.tolist(), matches.target.tolist(), strict=True))
    expected = slow_losses(output, targets, pairs, num=7)
    losses = SparseInstCriterion(CLASSES)(output, targets)
    for name in TERMS:
        assert losses[name].item() == pytest.approx(expected[name], rel=1e-6), name


def test_an_object_of_one_pixel_has_finite_losses_and_gradients():
    masks = torch.zeros(1, 24, 32, dtype=torch.bool)
    masks[0, 0, 0] = True
    for sampling in ("centre", "area"):
        output = trainable(random_output(1))
        criterion = SparseInstCriterion(CLASSES, target_sampling=sampling)
        losses = criterion(output, [{"labels": torch.tensor([2]), "masks": masks}])
        sum(losses.values()).backward()
        assert output.mask_logits.grad.isfinite().all()
        assert (losses["loss_dice"].item() == 2) == (
            sampling == "centre"
        )  # the target is empty: nothing can agree with it


def test_a_network_without_objectness_has_no_such_loss():
    output, targets = random_output(), [random_target(2), random_target(1)]
    without = SparseInstCriterion(CLASSES)(dataclasses.replace(output, objectness_logits=None), targets)
    assert list(without) == TERMS[:3]
    expected = SparseInstCriterion(CLASSES)(output, targets)
    assert all(torch.equal(without[name], expected[name]) for name in TERMS[:3])


def test_one_to_many_counts_its_pairs():
    output, targets = random_output(1, queries=12, dtype=torch.float64), [random_target(3)]
    matcher = OneToManyMatcher(4)
    matches = matcher(output, prepare_targets(targets, (6, 8), CLASSES))
    pairs = list(zip([0] * 12, matches.query.tolist(), matches.target.tolist(), strict=True))
    losses = SparseInstCriterion(CLASSES, matcher=matcher)(output, targets)
    expected = slow_losses(output, targets, pairs, num=12)
    for name in TERMS:
        assert losses[name].item() == pytest.approx(expected[name], rel=1e-6), name


def test_only_matched_queries_learn_masks_and_objectness():
    output = trainable(random_output())
    targets = [random_target(2), random_target(1)]
    matches = SparseInstCriterion(CLASSES).matcher(output, prepare_targets(targets, (6, 8), CLASSES))
    sum(SparseInstCriterion(CLASSES)(output, targets).values()).backward()
    matched = torch.zeros(2, 7, dtype=torch.bool)
    matched[matches.image, matches.query] = True
    assert torch.equal(output.mask_logits.grad.abs().sum(dim=(2, 3)) > 0, matched)
    assert torch.equal(output.objectness_logits.grad[..., 0] != 0, matched)
    assert (output.class_logits.grad != 0).all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_sixteen_bits_are_computed_in_thirty_two_also_under_autocast(dtype):
    output = random_output(dtype=dtype)
    fields = (getattr(output, field.name) for field in dataclasses.fields(output))
    full = SparseInstOutput(*(logits.float() for logits in fields))
    targets = [random_target(2), random_target(1)]
    expected = SparseInstCriterion(CLASSES)(full, targets)
    with torch.autocast("cpu", torch.bfloat16):
        losses = SparseInstCriterion(CLASSES)(output, targets)
    for name, value in losses.items():
        assert value.dtype == torch.float32
        assert value.item() == expected[name].item(), name


def test_gradients_are_those_of_finite_differences():
    output = trainable(random_output(1, queries=4, dtype=torch.float64))
    targets = [random_target(2)]

    def losses(*leaves):
        return tuple(SparseInstCriterion(CLASSES)(SparseInstOutput(*leaves, None), targets).values())

    assert gradcheck(losses, (output.class_logits, output.mask_logits, output.objectness_logits), fast_mode=True)


def test_mistakes_are_named():
    output = random_output()
    with pytest.raises(ValueError, match="network has 5 classes, the criterion 80"):
        SparseInstCriterion()(output, [random_target(1)] * 2)
    with pytest.raises(ValueError, match="2 pictures, but targets of 1"):
        SparseInstCriterion(CLASSES)(output, [random_target(1)])


# Several processes


def test_the_count_is_averaged_over_processes(monkeypatch):
    """Another process with 9 objects beside our 3: each divides by 6."""
    output, targets = random_output(), [random_target(2), random_target(1)]
    alone = SparseInstCriterion(CLASSES)(output, targets)
    monkeypatch.setattr(distributed, "is_initialized", lambda: True)
    monkeypatch.setattr(distributed, "get_world_size", lambda: 2)
    monkeypatch.setattr(distributed, "all_reduce", lambda total: total.add_(9))
    shared = SparseInstCriterion(CLASSES)(output, targets)
    for name, factor in zip(TERMS, (0.5, 0.5, 1, 1), strict=True):
        assert shared[name].item() == pytest.approx(factor * alone[name].item()), name


def test_a_process_group_of_one_changes_nothing():
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        assert mean_over_processes(3, torch.device("cpu")).item() == 3
    finally:
        distributed.destroy_process_group()


# On a GPU


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("where", ["cpu", "cuda"])
def test_a_gpu_gives_the_losses_of_the_cpu_wherever_the_targets_are(where):
    output, targets = random_output(), [random_target(3), random_target(0)]
    on_gpu = SparseInstOutput(*(getattr(output, field.name).cuda() for field in dataclasses.fields(output)))
    moved = [{name: values.to(where) for name, values in target.items()} for target in targets]
    losses = SparseInstCriterion(CLASSES)(on_gpu, moved)
    for name, expected in SparseInstCriterion(CLASSES)(output, targets).items():
        assert losses[name].item() == pytest.approx(expected.item(), rel=1e-5), name
