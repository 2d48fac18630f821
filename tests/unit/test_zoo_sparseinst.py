"""`load_model` on SparseInst checkpoints: what is told from keys and shapes, and what wrong files are told."""

import ast
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from course_lib.errors import CourseError
from course_lib.instances import SparseInst
from course_lib.zoo import load_model

SMALL = {"num_classes": 5, "num_masks": 7, "width": 16, "kernel_width": 8, "depth": 2}
VARIANTS = {
    "base": {"decoder": "base"},
    "group": {"decoder": "group"},
    "softmax": {"decoder": "group_softmax", "groups": 2},
    "one group": {"decoder": "group", "groups": 1},
    "no coordinates": {"decoder": "base", "coordinates": False},
    "no objectness": {"decoder": "group", "objectness": False},
    "frozen": {"decoder": "base", "frozen_batch_norm": True},
    "resnet18": {"backbone": "resnet18", "decoder": "base"},
    "resnet34": {"backbone": "resnet34", "decoder": "base"},
}


def build(**options) -> SparseInst:
    torch.manual_seed(0)
    return SparseInst(**{"backbone": "mobilenetv3", **SMALL, **options}).eval()


@pytest.fixture(scope="module")
def published():
    """What a file of the authors holds, with few queries: the state dict under "model", its training beside it."""
    model = SparseInst("resnet50", "group", num_classes=80, num_masks=8, groups=4, width=16, kernel_width=8, depth=4)
    return {"model": model.state_dict(), "iteration": 269_999, "scheduler": {"last_epoch": 270_000}}


@pytest.fixture
def state(published):
    return dict(published["model"])


@pytest.mark.parametrize("name", VARIANTS)
def test_a_checkpoint_is_recognised_by_its_keys_and_shapes(tmp_path, name):
    model = build(**VARIANTS[name])
    save_file(model.state_dict(), tmp_path / "a.safetensors")
    loaded = load_model(tmp_path / "a.safetensors")
    assert isinstance(loaded, SparseInst)
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())
    assert list(loaded.state_dict()) == list(model.state_dict())
    image = torch.rand(1, 3, 64, 32)
    with torch.no_grad():
        for ours, theirs in zip(vars(loaded(image)).values(), vars(model(image)).values(), strict=True):
            assert (ours is None and theirs is None) or torch.equal(ours, theirs)


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_file_as_the_authors_save_them(published, tmp_path, wrapped):
    torch.save(published if wrapped else published["model"], tmp_path / "a.pth")
    loaded = load_model(str(tmp_path / "a.pth"))
    assert type(loaded.backbone).__name__ == "ResNet50"
    assert loaded.decoder.inst_branch.groups == 4
    for key, value in published["model"].items():
        assert torch.equal(loaded.state_dict()[key], value), key


@pytest.mark.parametrize("name", ["base", "giam", "giam_soft"])
def test_a_file_of_the_authors_at_its_full_size(tmp_path, name):
    """Names and shapes as their model has them, each tensor random: every one arrives, in its own place."""
    lines = (
        (Path(__file__).parents[1] / f"reference/data/sparse_inst_r50_{name}_state_dict.txt").read_text().splitlines()
    )
    shapes = {key: ast.literal_eval(shape) for key, shape in (line.split("\t") for line in lines)}
    generator = torch.Generator().manual_seed(0)
    given = {key: torch.rand(shape, generator=generator) for key, shape in shapes.items()}
    torch.save({"model": given, "iteration": 269_999}, tmp_path / "sparse_inst.pth")
    loaded = load_model(tmp_path / "sparse_inst.pth")
    arrived = loaded.state_dict()
    assert arrived.keys() == given.keys()
    assert [key for key in given if not torch.equal(arrived[key], given[key])] == []
    assert loaded.class_names[0] == "person"
    assert len(loaded.class_names) == 80


def test_torchvisions_resnet50_is_told_from_the_authors(tmp_path):
    torch.save(build(backbone="resnet50_torchvision", decoder="base").state_dict(), tmp_path / "a.pth")
    assert type(load_model(tmp_path / "a.pth").backbone).__name__ == "TorchvisionResNet"


def one_less(state):
    del state["encoder.ppm.bottleneck.bias"]
    return state


def without_backbone(state):
    return {key: value for key, value in state.items() if not key.startswith("backbone.")}


def without_decoder(state):
    return {key: value for key, value in state.items() if not key.startswith("decoder.")}


def deformable(state):
    return {**state, "backbone.res4.0.conv2_offset.weight": torch.zeros(18, 256, 3, 3)}


def another_backbone(state):
    return {key.replace("backbone.res", "backbone.dark"): value for key, value in state.items()}


def misshapen(state):
    return {**state, "encoder.fusion.weight": torch.zeros(16, 32, 1, 1)}


def odd_groups(state):
    return {**state, "decoder.inst_branch.iam_conv.weight": torch.zeros(24, 5, 3, 3)}


def flat(state):
    return {**state, "decoder.inst_branch.cls_score.weight": torch.zeros(80)}


def timm_backbone(state):
    return {"conv1.0.weight": torch.zeros(1), "bn1.weight": torch.zeros(1), "layer1.0.conv1.weight": torch.zeros(1)}


WRONG = {
    one_less: r"lacks encoder\.ppm\.bottleneck\.bias\. It is not a complete SparseInst",
    without_backbone: r"without its backbone: no entry starts with backbone\.",
    without_decoder: r"lacks decoder\.inst_branch\.inst_convs\.0\.weight\. It is not a complete SparseInst",
    deformable: r"holds backbone\.res4\.0\.conv2_offset\.weight, which SparseInst does not have\. The backbones",
    another_backbone: r"another backbone.*backbone\.stem.*The backbones of this course are",
    misshapen: r"encoder\.fusion\.weight has shape \(16, 32, 1, 1\), but SparseInst needs \(16, 48, 1, 1\)",
    odd_groups: r"16 channels cannot be parted into 3 groups.*another architecture",
    flat: r"cls_score\.weight has shape \(80,\), which is no layer's",
    timm_backbone: r"a backbone alone \(first entries: conv1\.0\.weight, .*pretrained_backbone=True",
}


@pytest.mark.parametrize("change", WRONG, ids=lambda change: change.__name__)
def test_a_wrong_checkpoint_is_told_what_is_wrong(state, tmp_path, change):
    path = tmp_path / "wrong.pth"
    torch.save(change(state), path)
    with pytest.raises(CourseError, match="(?s)" + WRONG[change]) as error:
        load_model(path)
    assert str(path) in str(error.value)
