"""RVM against numbers of the authors' model: same deterministic weights, same frames (data/, made once with their code)."""

import ast
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.matting import RobustVideoMatting

from .named_weights import fill_from_names

DATA = Path(__file__).parent / "data"
CASES = [
    "rvm_mobilenetv3_t3_64x96",
    "rvm_mobilenetv3_dgf_128x160_dr0.5",
    "rvm_mobilenetv3_seg_64x64",
    "rvm_resnet50_fgf_96x128_dr0.5",
]


def relative_error(ours: torch.Tensor, reference: np.ndarray) -> float:
    reference = torch.from_numpy(reference)
    assert ours.shape == reference.shape
    return float((ours - reference).norm() / reference.norm())


@pytest.mark.parametrize("case", CASES)
def test_reproduces_the_authors_numbers(case):
    reference = np.load(DATA / f"{case}.npz")
    meta = ast.literal_eval(str(reference["meta"]))
    segmentation = meta.get("seg", False)
    model = fill_from_names(RobustVideoMatting(meta["variant"], meta["refiner"]))
    frames = torch.from_numpy(np.random.default_rng(meta["seed"]).random(meta["shape"]).astype(np.float32))
    with torch.inference_mode():
        outputs = model(frames, downsample_ratio=meta["dr"], segmentation_pass=segmentation)
    names = ["seg"] if segmentation else ["fgr", "pha"]
    for name, output in zip([*names, "r1", "r2", "r3", "r4"], outputs, strict=True):
        assert relative_error(output, reference[name]) <= 1e-4, name


@pytest.mark.parametrize("backbone", ["mobilenetv3", "resnet50"])
@pytest.mark.parametrize("refiner", ["deep_guided_filter", "fast_guided_filter"])
def test_state_dict_has_the_authors_keys_and_shapes(backbone, refiner):
    lines = (DATA / f"rvm_{backbone}_{refiner}_state_dict.txt").read_text().splitlines()
    expected = {name: ast.literal_eval(shape) for name, shape in (line.split("\t") for line in lines)}
    state = RobustVideoMatting(backbone, refiner).state_dict()
    assert {name: tuple(tensor.shape) for name, tensor in state.items()} == expected


def test_one_changed_weight_is_noticed():
    """The tolerance is tight enough to see the two GRU gates exchanged."""
    reference = np.load(DATA / "rvm_mobilenetv3_t3_64x96.npz")
    model = fill_from_names(RobustVideoMatting())
    for parameter in model.decoder.decode4.gru.ih.parameters():
        parameter.data = parameter.data.roll(64, dims=0)  # z where r was
    frames = torch.from_numpy(np.random.default_rng(11).random((1, 3, 3, 64, 96)).astype(np.float32))
    with torch.inference_mode():
        alpha = model(frames)[1]
    assert relative_error(alpha, reference["pha"]) > 1e-3
