"""SparseInst's losses and gradients against numbers of the authors' code: same weights, pictures and targets (data/)."""

import ast

import numpy as np
import pytest
import torch

from course_lib.instances import SparseInst
from course_lib.instances.losses import SparseInstCriterion

from .named_weights import fill_sparseinst_from_names
from .test_sparseinst import CASES, DATA, pictures

LOSSES = ["loss_ce", "loss_dice", "loss_mask", "loss_objectness"]


def ellipses(meta: dict) -> list[dict[str, torch.Tensor]]:
    """Targets drawn from seed + 1: `counts` ellipses in each picture, then their labels."""
    rng = np.random.default_rng(meta["seed"] + 1)
    targets = []
    for (height, width), count in zip(meta["sizes"], meta["counts"], strict=True):
        y, x = np.mgrid[:height, :width]
        masks = np.zeros((count, height, width), bool)
        for mask in masks:
            cy, cx = rng.uniform(0, height), rng.uniform(0, width)
            ry, rx = rng.uniform(6, height / 3), rng.uniform(6, width / 3)
            mask[:] = ((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 <= 1
        targets.append({"labels": torch.from_numpy(rng.integers(0, 80, count)), "masks": torch.from_numpy(masks)})
    return targets


@pytest.fixture(scope="module", params=CASES)
def case(request):
    """Model after a backward pass, its output, the targets, the losses, the reference."""
    reference = np.load(DATA / f"{CASES[request.param]}.npz")
    meta = ast.literal_eval(str(reference["meta"]))
    model = fill_sparseinst_from_names(SparseInst("resnet50", request.param)).train()
    output, targets = model(pictures(meta)), ellipses(meta)
    losses = SparseInstCriterion(num_classes=80)(output, targets)
    sum(losses.values()).backward()
    return model, output, targets, losses, reference


def test_losses_reproduce_the_authors_numbers(case):
    *_, losses, reference = case
    assert sorted(losses) == LOSSES == sorted(name for name in reference.files if name.startswith("loss_"))
    for name, value in losses.items():
        assert value.item() == pytest.approx(float(reference[name]), rel=1e-4), name


def test_gradients_reproduce_the_authors_norms(case):
    model, *_, reference = case
    norms = {name: value for name, value in reference.items() if name.startswith("gradnorm/")}
    assert len(norms) == 3
    for name, expected in norms.items():
        gradient = model.get_parameter(name.removeprefix("gradnorm/")).grad
        assert gradient.norm().item() == pytest.approx(float(expected), rel=1e-3), name


def test_area_averaged_targets_are_another_loss(case):
    """The tolerance tells the authors' sampling from averaging all sixteen pixels."""
    _, output, targets, losses, _ = case
    others = SparseInstCriterion(80, target_sampling="area")(output, targets)
    assert abs(others["loss_dice"].item() / losses["loss_dice"].item() - 1) > 1e-3
