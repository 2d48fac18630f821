"""The parts of SparseInst, each against another way to the same numbers: loops, closed forms, other people's layers."""

import math
from urllib.error import URLError

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torchvision.models import WeightsEnum, get_model, get_model_weights, resnet50

from course_lib.instances.activation_maps import (
    activation_convolution,
    pool_under_maps,
    sigmoid_maps,
    softmax_maps,
)
from course_lib.instances.backbone import build_backbone
from course_lib.instances.context_encoder import InstanceContextEncoder, PyramidPooling
from course_lib.instances.coordinates import add_coordinates
from course_lib.instances.decoder import Decoder
from course_lib.instances.frozen_batch_norm import FrozenBatchNorm
from course_lib.instances.starting_weights import load_encoder, rename_resnet
from course_lib.matting import RobustVideoMatting


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def randomise_norms(network: nn.Module) -> nn.Module:
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 1)
            module.bias.data.normal_(std=0.1)
            module.running_mean.normal_(std=0.1)
            module.running_var.uniform_(0.5, 2)
    return network.eval()


# Coordinates


@pytest.mark.parametrize("size", [(5, 3), (2, 7), (1, 4), (4, 1), (1, 1)])
def test_coordinates_are_x_then_y_from_corner_to_corner(size):
    height, width = size
    joined = add_coordinates(torch.full((2, 4, height, width), 9.0))
    assert tuple(joined.shape) == (2, 6, height, width)
    assert (joined[:, 2:] == 9).all()
    for i in range(height):
        for j in range(width):
            x = -1 + 2 * j / (width - 1) if width > 1 else 0  # a single column is the middle
            y = -1 + 2 * i / (height - 1) if height > 1 else 0
            expected = torch.tensor([[float(x), float(y)]]).expand(2, 2)
            torch.testing.assert_close(joined[:, :2, i, j], expected, rtol=0, atol=1e-6)


def test_a_decoder_takes_a_map_of_one_row():
    decoder = Decoder("group", num_classes=2, num_masks=3, width=8, kernel_width=4)
    output = decoder(torch.rand(1, 8, 1, 5))
    assert tuple(output.mask_logits.shape) == (1, 3, 2, 10)
    assert all(value.isfinite().all() for value in vars(output).values())


# Activation maps


@pytest.mark.parametrize("groups", [1, 2, 3, 4])
def test_pooling_equals_the_definition(groups):
    """Query n: for each group g the mean of all features, weighted by map g·N + n; the groups' vectors one after another."""
    batch, queries, channels, height, width = 2, 5, 12, 3, 4
    logits, features = torch.randn(batch, groups * queries, height, width), torch.randn(batch, channels, height, width)
    result = pool_under_maps(sigmoid_maps(logits), features, groups)
    assert tuple(result.shape) == (batch, queries, groups * channels)
    for b in range(batch):
        for n in range(queries):
            vectors = []
            for g in range(groups):
                weights = torch.sigmoid(logits[b, g * queries + n])
                vectors.append((features[b] * weights).sum(dim=(1, 2)) / weights.sum())
            torch.testing.assert_close(result[b, n], torch.cat(vectors), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_a_map_sees_the_channels_of_its_group_alone(groups):
    convolution = activation_convolution(width=6, num_masks=4, groups=groups)
    features = torch.randn(1, 6, 5, 5)
    before = convolution(features)
    features[:, :2] += 1  # channels 0 and 1 belong to the first group, whatever the number of groups
    changed = (convolution(features) - before).abs().amax(dim=(0, 2, 3)) > 0
    assert changed.tolist() == [index < 4 for index in range(4 * groups)]


def test_an_empty_map_is_harmless():
    maps = sigmoid_maps(torch.full((1, 2, 4, 4), -200.0))  # the sum underflows to 0
    assert (maps == 0).all()
    torch.testing.assert_close(softmax_maps(torch.full((1, 2, 4, 4), -200.0)), torch.full((1, 2, 4, 4), 1 / 16))


def test_softmax_takes_a_bias_out_again():
    logits = torch.randn(1, 3, 6, 6)
    torch.testing.assert_close(softmax_maps(logits + 7), softmax_maps(logits))
    torch.testing.assert_close(softmax_maps(logits)[0, 1].flatten(), logits[0, 1].flatten().softmax(0))


@pytest.mark.parametrize("normalise", [sigmoid_maps, softmax_maps])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_sixteen_bits_hold_a_large_map(normalise, dtype):
    """256 × 320 pixels that are all on sum to 81,920, above what float16 can hold (65,504)."""
    logits = torch.full((1, 2, 256, 320), 20.0)
    features = torch.full((1, 3, 256, 320), 3.0)
    maps = normalise(logits.to(dtype))
    assert maps.dtype == torch.float32
    pooled = pool_under_maps(maps, features.to(dtype), 1)
    assert pooled.dtype == dtype
    torch.testing.assert_close(pooled.float(), torch.full((1, 2, 3), 3.0), rtol=0.02, atol=0)
    assert not (torch.sigmoid(logits.to(torch.float16)).sum(dim=(-2, -1)).isfinite()).any()  # what is avoided


# Encoder


def test_context_encoder_equals_the_definition():
    encoder = InstanceContextEncoder((3, 5, 7), width=8)
    c3, c4, c5 = torch.randn(1, 3, 16, 24), torch.randn(1, 5, 8, 12), torch.randn(1, 7, 4, 6)
    with torch.no_grad():
        p5 = pooled_by_hand(encoder.ppm, encoder.fpn_laterals[0](c5))
        p4 = encoder.fpn_laterals[1](c4) + p5.repeat_interleave(2, 2).repeat_interleave(2, 3)
        p3 = encoder.fpn_laterals[2](c3) + p4.repeat_interleave(2, 2).repeat_interleave(2, 3)
        large = [
            F.interpolate(output(p), scale_factor=scale, mode="bilinear", align_corners=False)
            for output, p, scale in zip(reversed(encoder.fpn_outputs), (p3, p4, p5), (1, 2, 4), strict=True)
        ]
        expected = encoder.fusion(torch.cat(large, dim=1))
        torch.testing.assert_close(encoder((c3, c4, c5)), expected, rtol=1e-4, atol=1e-5)
    assert (expected < 0).any()  # no ReLU behind the fusion


def pooled_by_hand(ppm: PyramidPooling, x: torch.Tensor) -> torch.Tensor:
    """Cell (i, j) of an s×s grid covers rows ⌊i·h/s⌋ … ⌈(i + 1)·h/s⌉, and columns likewise."""
    height, width = x.shape[2:]
    grains = []
    for size, stage in zip((1, 2, 3, 6), ppm.stages, strict=True):
        grid = x.new_zeros(*x.shape[:2], size, size)
        for i in range(size):
            for j in range(size):
                rows = slice(i * height // size, -(-(i + 1) * height // size))
                columns = slice(j * width // size, -(-(j + 1) * width // size))
                grid[:, :, i, j] = x[:, :, rows, columns].mean(dim=(2, 3))
        grain = F.conv2d(grid, stage[1].weight, stage[1].bias).relu()
        grains.append(F.interpolate(grain, size=(height, width), mode="bilinear", align_corners=False))
    return F.conv2d(torch.cat([*grains, x], 1), ppm.bottleneck.weight, ppm.bottleneck.bias).relu()


def test_pyramid_pooling_sees_the_whole_picture():
    ppm = PyramidPooling(8)
    x = torch.rand(1, 8, 12, 12, requires_grad=True)
    ppm(x)[0, :, 0, 0].sum().backward()
    assert (x.grad.abs().sum(dim=1) > 0).all()


# Backbones


def test_frozen_batch_norm_equals_batch_norm_in_eval_mode():
    ordinary = randomise_norms(nn.BatchNorm2d(5, eps=1e-3))
    frozen = FrozenBatchNorm(5, eps=1e-3)
    frozen.load_state_dict(ordinary.state_dict())
    x = torch.randn(2, 5, 4, 4)
    before = frozen.running_mean.clone()
    torch.testing.assert_close(frozen.train()(x), ordinary(x))
    assert torch.equal(frozen.running_mean, before)
    assert not list(frozen.parameters())
    with torch.autocast("cpu", torch.bfloat16):
        assert frozen(x.bfloat16()).dtype == torch.bfloat16


def test_renamed_resnet_gives_torchvisions_features():
    theirs = randomise_norms(resnet50())
    ours = build_backbone("resnet50").eval()
    ours.load_state_dict(rename_resnet(theirs.state_dict()))
    x = torch.randn(1, 3, 32, 64)
    with torch.no_grad():
        stem = theirs.maxpool(theirs.relu(theirs.bn1(theirs.conv1(x))))
        c3 = theirs.layer2(theirs.layer1(stem))
        c4 = theirs.layer3(c3)
        for a, b in zip(ours(x), (c3, c4, theirs.layer4(c4)), strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
        same = build_backbone("resnet50_torchvision").eval()
        same.load_state_dict({name: value for name, value in theirs.state_dict().items() if not name.startswith("fc.")})
        torch.testing.assert_close(same(x)[2], ours(x)[2], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", ["resnet50", "resnet18", "mobilenetv3"])
def test_batch_norm_is_frozen_or_trained(name):
    for frozen in (True, False):
        with torch.device("meta"):
            backbone = build_backbone(name, frozen_batch_norm=frozen)
        assert any(isinstance(module, FrozenBatchNorm) for module in backbone.modules()) == frozen
        assert any(isinstance(module, nn.BatchNorm2d) for module in backbone.modules()) != frozen
    with torch.device("meta"):
        habit = build_backbone(name)
    assert any(isinstance(module, FrozenBatchNorm) for module in habit.modules()) == (name == "resnet50")


@pytest.mark.parametrize(
    ("name", "architecture"),
    [("resnet50", "resnet50"), ("resnet18", "resnet18"), ("mobilenetv3", "mobilenet_v3_large")],
)
def test_pretrained_backbones_are_torchvisions(name, architecture, monkeypatch):
    """The download is replaced; what is asked for, and where it lands, is not."""
    classifier = get_model(architecture)
    asked = []

    def download(weights, check_hash):
        asked.append(weights)
        assert check_hash
        return classifier.state_dict()

    monkeypatch.setattr(WeightsEnum, "get_state_dict", download)
    backbone = build_backbone(name, pretrained=True)
    assert asked == [get_model_weights(architecture).IMAGENET1K_V1]
    stored = classifier.state_dict()
    stored = rename_resnet(stored) if name == "resnet50" else stored
    for key, value in backbone.state_dict().items():
        assert torch.equal(value, stored[key]), key


def test_an_unreachable_download_says_what_to_do(monkeypatch):
    def download(weights, check_hash):
        raise URLError("no route")

    monkeypatch.setattr(WeightsEnum, "get_state_dict", download)
    with pytest.raises(RuntimeError, match=r"no route(?s:.*)pretrained_backbone=False"):
        build_backbone("resnet18", pretrained=True)


@pytest.mark.parametrize("frozen", [False, True])
def test_a_matting_encoder_goes_in(frozen):
    """Up to the dilated stage the features are the same; the last ones differ, whose stride is 32 here and 16 there."""
    matting = randomise_norms(RobustVideoMatting())
    backbone = build_backbone("mobilenetv3", frozen_batch_norm=frozen).eval()
    load_encoder(backbone, matting.state_dict())
    x = torch.rand(1, 3, 64, 64)
    mean, std = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))
    with torch.no_grad():
        c3, c4, c5 = backbone((x - mean.view(3, 1, 1)) / std.view(3, 1, 1))
        theirs = matting.backbone(x)
    torch.testing.assert_close(c3, theirs[2], rtol=1e-4, atol=1e-5)
    assert tuple(c4.shape[1:]) == (112, 4, 4)
    assert tuple(c5.shape[1:]) == (960, 2, 2)
    assert tuple(theirs[3].shape[1:]) == (960, 4, 4)
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, matting.backbone.state_dict()[name]), name


def test_a_wrong_matting_encoder_is_refused():
    with torch.device("meta"):
        resnet, mobilenet = RobustVideoMatting("resnet50").state_dict(), RobustVideoMatting().state_dict()
        backbone, other = build_backbone("mobilenetv3"), build_backbone("resnet18")
    with pytest.raises(ValueError, match=r"no entry starts with backbone\.features"):
        load_encoder(backbone, resnet)
    with pytest.raises(ValueError, match=r"must be mobilenetv3: see conv1\.weight"):
        load_encoder(other, mobilenet)
    del mobilenet["backbone.features.0.0.weight"]
    with pytest.raises(ValueError, match=r"does not fit.*features\.0\.0\.weight"):
        load_encoder(backbone, mobilenet)


# Initialisation


def test_the_start_is_as_published():
    decoder = Decoder("group", num_classes=80, num_masks=100)
    encoder = InstanceContextEncoder((512, 1024, 2048))
    branch, masks = decoder.inst_branch, decoder.mask_branch
    rare = -math.log(99)  # a sigmoid at 0.01

    def check_normal(layer, std, bias=0.0):
        assert layer.weight.std().item() == pytest.approx(std, rel=0.03)
        assert abs(layer.weight.mean().item()) < 0.03 * std
        assert layer.weight.abs().max() > 3 * std  # no uniform distribution reaches that far
        assert (layer.bias == torch.tensor(bias)).all()

    def check_uniform(layer, bound):
        assert layer.weight.abs().max().item() == pytest.approx(bound, rel=0.01)
        assert layer.weight.std().item() == pytest.approx(bound / math.sqrt(3), rel=0.03)

    for layer in (branch.inst_convs[0], branch.inst_convs[6], masks.mask_convs[2]):
        check_normal(layer, math.sqrt(2 / (256 * 9)))
    check_normal(masks.projection, math.sqrt(2 / 128))
    check_normal(encoder.fusion, math.sqrt(2 / 256))
    check_normal(branch.iam_conv, 0.01, rare)
    check_normal(branch.cls_score, 0.01, rare)
    check_normal(branch.mask_kernel, 0.01)
    for layer, fan_in in (
        (branch.fc, 1024),
        (encoder.fpn_laterals[0], 2048),
        (encoder.fpn_laterals[2], 512),
        (encoder.fpn_outputs[1], 256 * 9),
    ):
        check_uniform(layer, math.sqrt(3 / fan_in))
        assert (layer.bias == 0).all()
    for layer, fan_in in ((encoder.ppm.stages[0][1], 256), (encoder.ppm.bottleneck, 512), (branch.objectness, 1024)):
        check_uniform(layer, math.sqrt(1 / fan_in))  # PyTorch's own
        assert layer.bias.abs().max() > 0
