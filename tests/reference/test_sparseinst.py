"""SparseInst against numbers of the authors' model: same weights, same pictures (data/, made once with their code)."""

import ast
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.instances import SparseInst

from .named_weights import fill_sparseinst_from_names

DATA = Path(__file__).parent / "data"
CASES = {"base": "sparseinst_r50_base", "group": "sparseinst_r50_giam"}
STATE_DICTS = {"base": "base", "group": "giam", "group_softmax": "giam_soft"}


def pictures(meta: dict) -> list[torch.Tensor]:
    """RGB in [0, 1]."""
    rng = np.random.default_rng(meta["seed"])
    return [torch.from_numpy(rng.integers(0, 256, (3, *size)).astype(np.float32)) / 255 for size in meta["sizes"]]


def relative_error(ours: torch.Tensor, reference: np.ndarray) -> float:
    reference = torch.from_numpy(reference)
    assert ours.shape == reference.shape
    return float((ours - reference).norm() / reference.norm())


@pytest.fixture(scope="module", params=CASES)
def case(request):
    reference = np.load(DATA / f"{CASES[request.param]}.npz")
    meta = ast.literal_eval(str(reference["meta"]))
    return fill_sparseinst_from_names(SparseInst("resnet50", request.param)), pictures(meta), meta, reference


def test_reproduces_the_authors_logits(case):
    model, images, _, reference = case
    fused = []
    hook = model.encoder.register_forward_hook(lambda module, inputs, output: fused.append(output.mean(dim=(2, 3))))
    with torch.inference_mode():
        output = model(images)
    hook.remove()
    assert relative_error(fused[0], reference["fused_mean"]) <= 1e-4
    assert relative_error(output.class_logits, reference["pred_logits"]) <= 1e-4
    assert relative_error(output.objectness_logits, reference["pred_scores"]) <= 1e-4
    assert relative_error(output.mask_logits[:, ::10], reference["pred_masks"]) <= 1e-4


def test_reproduces_the_authors_detections(case):
    model, images, meta, reference = case
    for index, found in enumerate(model.predict(images, sizes=meta["orig"])):
        assert tuple(found.masks.shape[1:]) == meta["orig"][index]
        assert relative_error(found.scores, reference[f"det{index}/scores"]) <= 1e-4
        assert found.labels.tolist() == reference[f"det{index}/labels"].tolist()
        areas = found.masks.sum(dim=(1, 2)).numpy()
        assert np.abs(areas - reference[f"det{index}/mask_area"]).max() <= 2


@pytest.mark.parametrize(("decoder", "name"), STATE_DICTS.items())
def test_state_dict_has_the_authors_keys_and_shapes(decoder, name):
    lines = (DATA / f"sparse_inst_r50_{name}_state_dict.txt").read_text().splitlines()
    expected = {key: ast.literal_eval(shape) for key, shape in (line.split("\t") for line in lines)}
    with torch.device("meta"):
        state = SparseInst("resnet50", decoder).state_dict()
    assert {key: tuple(tensor.shape) for key, tensor in state.items()} == expected
    assert list(state) == list(expected)  # in their order too
    assert all(prod(shape) for shape in expected.values())


def test_one_changed_weight_is_noticed(case):
    """The tolerance is tight enough to see x and y exchanged in the mask branch."""
    model, images, _, reference = case
    weight = model.decoder.mask_branch.mask_convs[0].weight
    with torch.inference_mode():
        weight[:, [0, 1]] = weight[:, [1, 0]]
        output = model(images)
        weight[:, [0, 1]] = weight[:, [1, 0]]
    assert relative_error(output.mask_logits[:, ::10], reference["pred_masks"]) > 1e-3
