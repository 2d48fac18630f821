"""SparseInst's contract: counts, shapes, sizes, dtypes, memory formats, ablations, wrong options, export."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course_lib.instances import SparseInst
from course_lib.instances.backbone import BACKBONES

PARAMETERS = {  # trainable ones, from the authors' model
    "base": {"backbone": 23_454_912, "encoder": 3_082_496, "decoder": 5_046_965},
    "group": {"backbone": 23_454_912, "encoder": 3_082_496, "decoder": 6_257_377},
    "group_softmax": {"backbone": 23_454_912, "encoder": 3_082_496, "decoder": 6_257_378},
}
DECODER_PARTS = {
    "base": {
        "inst_branch": 2_649_141,
        "inst_branch.inst_convs": 2_364_928,
        "inst_branch.iam_conv": 230_500,
        "inst_branch.cls_score": 20_560,
        "inst_branch.mask_kernel": 32_896,
        "inst_branch.objectness": 257,
        "mask_branch": 2_397_824,
    },
    "group": {
        "inst_branch": 3_859_553,
        "inst_branch.iam_conv": 230_800,
        "inst_branch.fc": 1_049_600,
        "inst_branch.cls_score": 82_000,
        "inst_branch.mask_kernel": 131_200,
        "inst_branch.objectness": 1_025,
        "mask_branch.projection": 32_896,
    },
}
ENCODER_PARTS = {"fpn_laterals": 918_272, "fpn_outputs": 1_770_240, "ppm": 197_120, "fusion": 196_864}
SMALL = {"num_classes": 5, "num_masks": 7, "width": 32, "kernel_width": 16, "depth": 1}


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def small(decoder="group", backbone="mobilenetv3", **options) -> SparseInst:
    """A narrow network whose queries, kernels and classes differ visibly from the start."""
    torch.manual_seed(0)
    model = SparseInst(backbone, decoder, **SMALL, **options).eval().requires_grad_(False)
    for layer in ("iam_conv", "cls_score", "mask_kernel"):
        getattr(model.decoder.inst_branch, layer).weight.mul_(20)
    return model


@pytest.fixture(scope="module")
def model():
    return small()


@pytest.fixture(scope="module")
def image():
    return torch.rand(3, 64, 96, generator=torch.Generator().manual_seed(1))


def assert_same(a, b, tolerance):
    """All four fields, relative to their own size."""
    for name, ours in vars(a).items():
        other = getattr(b, name)
        assert ours.shape == other.shape, name
        assert (ours.double() - other.double()).norm() <= tolerance * other.double().norm(), name


@pytest.mark.parametrize("decoder", PARAMETERS)
def test_parameter_counts(decoder):
    with torch.device("meta"):
        model = SparseInst("resnet50", decoder)
    assert {name: count(getattr(model, name)) for name in PARAMETERS[decoder]} == PARAMETERS[decoder]
    frozen = sum(buffer.numel() for buffer in model.buffers())
    assert frozen == 106_240  # weight, bias, mean and variance of frozen batch norm
    assert {name: count(model.encoder.get_submodule(name)) for name in ENCODER_PARTS} == ENCODER_PARTS
    parts = DECODER_PARTS.get(decoder, {})
    assert {name: count(model.decoder.get_submodule(name)) for name in parts} == parts


@pytest.mark.parametrize(
    ("size", "base", "group"),
    [((640, 640), 73.3, 73.9), ((608, 832), 90.5, 91.2), ((640, 864), 98.9, 99.7), ((512, 704), 64.5, 65.1)],
)
def test_multiply_accumulates(size, base, group):
    """Of convolutions and matrix products, by PyTorch's own counter (two operations each), without computing anything."""
    for decoder, expected in (("base", base), ("group", group)):
        with torch.device("meta"):
            model = SparseInst("resnet50", decoder)
            with FlopCounterMode(display=False) as counter:
                model(torch.empty(1, 3, *size))
        assert counter.get_total_flops() / 2e9 == pytest.approx(expected, abs=0.06)


def test_multiply_accumulates_of_the_parts():
    with torch.device("meta"):
        model = SparseInst("resnet50", "group")
        with FlopCounterMode(display=False) as counter:
            model(torch.empty(1, 3, 640, 640))
    counts = counter.get_flop_counts()
    parts = {name: sum(counts[f"SparseInst.{name}"].values()) / 2e9 for name in ("backbone", "encoder", "decoder")}
    assert parts == pytest.approx({"backbone": 33.4, "encoder": 7.7, "decoder": 32.8}, abs=0.06)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_every_backbone_fits(backbone):
    with torch.device("meta"):
        model = SparseInst(backbone, "group", num_classes=3, num_masks=10, groups=2)
        output = model(torch.empty(2, 3, 640, 864))
        features = model.backbone(torch.empty(2, 3, 640, 864))
    assert [tuple(map_.shape[1:]) for map_ in features] == [
        (channels, 640 // stride, 864 // stride)
        for channels, stride in zip(model.backbone.channels, (8, 16, 32), strict=True)
    ]
    assert tuple(output.class_logits.shape) == (2, 10, 3)
    assert tuple(output.mask_logits.shape) == (2, 10, 160, 216)
    assert tuple(output.objectness_logits.shape) == (2, 10, 1)
    assert tuple(output.activation_maps.shape) == (2, 20, 80, 108)


def test_pictures_of_different_sizes_are_padded_together(model, image):
    """To the largest height and the largest width, each rounded up to a multiple of 32; the pads are the mean colour."""
    batch = [image[:, :40, :], image[:, :, :33]]
    output = model(batch)
    assert tuple(output.mask_logits.shape) == (2, 7, 16, 24)  # 64 × 96
    mean = torch.tensor((0.485, 0.456, 0.406)).view(3, 1, 1).expand(3, 64, 96)
    padded = torch.stack([mean, mean]).clone()
    padded[0, :, :40, :], padded[1, :, :, :33] = batch
    assert_same(output, model(padded), 1e-5)


def test_pictures_of_one_size_do_not_see_each_other(model, image):
    other = image.flip(2)
    together = model([image, other])
    assert_same(together, model(torch.stack([image, other])), 1e-6)
    for index, alone in enumerate((model(image[None]), model(other[None]))):
        for name, value in vars(alone).items():
            torch.testing.assert_close(getattr(together, name)[index : index + 1], value, rtol=1e-3, atol=1e-4)


def test_a_result_depends_on_the_padding(model, image):
    """As with the authors: coordinates and pyramid pooling span the padded batch. A known property, so it is written down."""
    alone = model(image[None])
    beside_a_larger_one = model([image, torch.zeros(3, 96, 160)])
    inside = beside_a_larger_one.mask_logits[:1, :, :16, :24]
    difference = (inside - alone.mask_logits).norm() / alone.mask_logits.norm()
    assert difference > 1e-2


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (31, 7), (33, 65)])
def test_small_and_odd_pictures(model, size):
    output = model([torch.rand(3, *size)])
    expected = tuple(-(-side // 32) * 8 for side in size)
    assert tuple(output.mask_logits.shape[2:]) == expected
    assert all(value.isfinite().all() for value in vars(output).values())
    assert tuple(model.predict([torch.rand(3, *size)], threshold=0.0)[0].masks.shape) == (7, *size)


def test_memory_format_and_strides_do_not_matter(model, image):
    expected = model(image[None])
    assert_same(model(image.permute(1, 2, 0).contiguous().permute(2, 0, 1)[None]), expected, 1e-5)
    assert_same(model(image.flip(1)[None].flip(2)), expected, 1e-5)
    wide = image.repeat_interleave(2, dim=2)[None, :, :, ::2]
    assert not wide.is_contiguous()
    assert_same(model(wide), expected, 1e-5)
    channels_last = small().to(memory_format=torch.channels_last)
    assert_same(channels_last(image[None].contiguous(memory_format=torch.channels_last)), expected, 1e-4)


def test_dtypes(model, image):
    image = image[:, :32, :64]
    expected = small().double()(image[None].double())
    assert expected.mask_logits.dtype == torch.float64
    assert_same(model(image[None]), expected, 1e-4)
    with torch.autocast("cpu", torch.bfloat16):
        assert_same(model(image[None]), expected, 0.1)
    half = small().half()(image[None].half())
    assert half.class_logits.dtype == torch.float16
    assert_same(half, expected, 0.02)


def test_gradients_reach_every_parameter(image):
    model = SparseInst("resnet18", "group_softmax", **SMALL)
    output = model(torch.stack([image, image.flip(2)]))
    sum(value.square().sum() for name, value in vars(output).items() if name != "activation_maps").backward()
    without = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert without == []
    # The softmax takes its bias out again.
    gradient = model.decoder.inst_branch.softmax_bias.grad
    assert gradient.abs().item() < 1e-3 * model.decoder.inst_branch.fc.weight.grad.norm().item()


def test_coordinates_tell_equal_places_apart(image):
    """In a picture of one colour only the borders and the coordinates say where a pixel is."""
    grey = torch.full((1, 3, 256, 256), 0.5)
    with_coordinates, without = small("base", coordinates=True), small("base", coordinates=False)
    assert without.decoder.inst_branch.inst_convs[0].in_channels == SMALL["width"]
    spread = [
        model.decoder.mask_branch(features)[0, :, 14:18, 14:18].std(dim=(1, 2)).mean()
        for model, features in (
            (without, torch.full((1, 32, 32, 32), 0.3)),
            (
                with_coordinates,
                torch.cat([torch.linspace(-1, 1, 32).expand(1, 2, 32, 32), torch.full((1, 32, 32, 32), 0.3)], 1),
            ),
        )
    ]
    assert spread[0] < 1e-6 < 1e-3 < spread[1]
    assert without(grey).mask_logits.shape == with_coordinates(grey).mask_logits.shape


def test_without_objectness_the_class_alone_is_the_score(image):
    model = small("base", objectness=False)
    output = model(image[None])
    assert output.objectness_logits is None
    assert not any("objectness" in name for name in model.state_dict())
    (found,) = model.predict(image[None], threshold=0.0, mask_threshold=0.0)
    probabilities = output.mask_logits[0].sigmoid()
    expected = output.class_logits[0].sigmoid().amax(dim=1) * probabilities.mean(dim=(1, 2))
    torch.testing.assert_close(found.scores, expected)


@pytest.mark.parametrize("decoder", ["base", "group", "group_softmax"])
def test_normalised_maps(decoder, image):
    model = small(decoder)
    output = model(image[None])
    groups = 1 if decoder == "base" else 4
    assert tuple(output.activation_maps.shape) == (1, groups * 7, 8, 12)
    maps = model.normalised_maps(output)  # (B, N, G, h, w)
    assert tuple(maps.shape) == (1, 7, groups, 8, 12)
    torch.testing.assert_close(maps.sum(dim=(-2, -1)), torch.ones(1, 7, groups))
    logits = output.activation_maps[0, (groups - 1) * 7 + 2]  # last group of query 2
    expected = (
        logits.exp() / logits.exp().sum() if decoder == "group_softmax" else logits.sigmoid() / logits.sigmoid().sum()
    )
    torch.testing.assert_close(maps[0, 2, groups - 1], expected)


def test_predict_leaves_the_network_as_it_was(image):
    model = SparseInst("mobilenetv3", "base", **SMALL)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for mode in (True, False):
        model.train(mode)
        (found,) = model.predict(image[None], sizes=[(10, 20)], threshold=0.0)
        assert tuple(found.masks.shape[1:]) == (10, 20)
        assert not found.scores.requires_grad
        assert all(module.training == mode for module in model.modules())
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backbone": "resnet51"}, "backbone 'resnet51' is not one of resnet50, mobilenetv3"),
        ({"decoder": "giam"}, "decoder 'giam' is not one of base, group, group_softmax"),
        ({"groups": 3}, "256 channels cannot be parted into 3 groups"),
        ({"groups": 0}, "into 0 groups"),
    ],
)
def test_wrong_options(options, message):
    with torch.device("meta"), pytest.raises(ValueError, match=message):
        SparseInst(**{"backbone": "resnet18", **options})


@pytest.mark.parametrize(
    ("decoder", "backbone"),
    [("base", "resnet18"), ("group_softmax", "resnet18"), ("group", "mobilenetv3"), ("group", "resnet50")],
)
def test_export(decoder, backbone, image):
    """With batch, height and width left open."""
    model = small(decoder, backbone)
    batch, rows, columns = (torch.export.Dim(name, min=2, max=64) for name in ("batch", "rows", "columns"))
    program = torch.export.export(
        model, (torch.stack([image, image]),), dynamic_shapes=({0: batch, 2: 32 * rows, 3: 32 * columns},), strict=False
    )
    assert_same(program.module()(torch.stack([image, image])), model(torch.stack([image, image])), 1e-5)
    other = torch.rand(3, 3, 128, 64)
    assert_same(program.module()(other), model(other), 1e-5)
