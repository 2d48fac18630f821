"""The network's contract: counts, shapes, time, odd sizes, export, and what it says about wrong input."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from course_lib.matting import FastGuidedFilter, RobustVideoMatting, auto_downsample_ratio
from course_lib.matting.network import ratio_for

PARAMETERS = {  # from the authors' model
    ("mobilenetv3", "deep_guided_filter"): 3_748_633,
    ("mobilenetv3", "fast_guided_filter"): 3_747_825,
    ("resnet50", "deep_guided_filter"): 26_890_461,
    ("resnet50", "fast_guided_filter"): 26_889_653,
}
PARTS = {
    "mobilenetv3": {"backbone": 2_971_952, "aspp": 246_016, "decoder": 529_772, "project_mat": 68, "project_seg": 17},
    "resnet50": {"backbone": 23_508_032, "aspp": 1_049_088, "decoder": 2_332_448, "project_mat": 68, "project_seg": 17},
}
STATE_CHANNELS = {"mobilenetv3": (16, 20, 40, 64), "resnet50": (16, 32, 64, 128)}


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def convolution_macs(model: nn.Module, frames: torch.Tensor, **options) -> int:
    """Multiply-accumulates of all convolutions in one forward pass, by PyTorch's own counter (two operations each)."""
    with FlopCounterMode(display=False) as counter:
        model(frames, **options)
    return counter.get_flop_counts()["Global"][torch.ops.aten.convolution] // 2


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return RobustVideoMatting().eval().requires_grad_(False)


@pytest.mark.parametrize(("variant", "expected"), PARAMETERS.items())
def test_parameter_counts(variant, expected):
    assert count(RobustVideoMatting(*variant)) == expected


@pytest.mark.parametrize("backbone", PARTS)
def test_parameter_counts_of_the_parts(backbone):
    model = RobustVideoMatting(backbone)
    assert {name: count(getattr(model, name)) for name in PARTS[backbone]} == PARTS[backbone]


@pytest.mark.parametrize(
    ("backbone", "size", "ratio", "gmacs"),
    [
        ("mobilenetv3", (288, 512), 1, 4.496),
        ("mobilenetv3", (1080, 1920), 0.25, 4.076),
        ("resnet50", (288, 512), 1, 27.165),
        ("resnet50", (1080, 1920), 0.25, 24.140),
    ],
)
def test_convolution_macs(backbone, size, ratio, gmacs):
    with torch.device("meta"):
        model = RobustVideoMatting(backbone).eval()
        macs = convolution_macs(model, torch.empty(1, 3, *size), downsample_ratio=ratio)
    assert macs / 1e9 == pytest.approx(gmacs, abs=0.0006)


@pytest.mark.parametrize("backbone", ["mobilenetv3", "resnet50"])
def test_batch_norm_census(backbone):
    def census(module):
        return sorted((m.eps, m.momentum) for m in module.modules() if isinstance(m, nn.BatchNorm2d))

    model = RobustVideoMatting(backbone)
    expected = {"mobilenetv3": [(1e-3, 0.01)] * 46, "resnet50": [(1e-5, 0.1)] * 53}
    assert census(model.backbone) == expected[backbone]
    for part, number in [("decoder", 5), ("aspp", 1), ("refiner", 2)]:
        assert census(getattr(model, part)) == [(1e-5, 0.1)] * number


@pytest.mark.parametrize("backbone", ["mobilenetv3", "resnet50"])
@pytest.mark.parametrize(("shape", "ratio"), [((2, 3, 3, 145, 257), 1), ((1, 3, 270, 480), 0.5), ((1, 3, 33, 1), 1)])
def test_shapes(backbone, shape, ratio):
    height, width = (int(side * ratio) for side in shape[-2:])
    with torch.device("meta"):
        outputs = RobustVideoMatting(backbone).eval()(torch.empty(shape), downsample_ratio=ratio)
    foreground, alpha, *states = outputs
    assert foreground.shape == shape
    assert alpha.shape == (*shape[:-3], 1, *shape[-2:])
    for state, channels, stride in zip(states, STATE_CHANNELS[backbone], (2, 4, 8, 16), strict=True):
        assert state.shape == (shape[0], channels, -(-height // stride), -(-width // stride))


@pytest.mark.parametrize("size", [(1, 1), (1, 17), (2, 3), (17, 31), (35, 50)])
def test_any_size_down_to_one_pixel(model, size):
    foreground, alpha, *_ = model(torch.rand(1, 3, *size))
    assert foreground.shape == (1, 3, *size)
    assert alpha.shape == (1, 1, *size)
    assert torch.isfinite(foreground).all()
    assert 0 <= alpha.min() <= alpha.max() <= 1


@pytest.mark.parametrize("ratio", [1, 0.5])
@pytest.mark.parametrize("refiner", ["deep_guided_filter", "fast_guided_filter"])
def test_whole_clip_equals_chunks_equals_single_frames(ratio, refiner):
    torch.manual_seed(1)
    model = RobustVideoMatting(refiner=refiner).eval().double()
    clip = torch.rand(2, 5, 3, 65, 98, dtype=torch.float64)
    with torch.inference_mode():
        whole = model(clip, downsample_ratio=ratio)
        first = model(clip[:, :2], downsample_ratio=ratio)
        second = model(clip[:, 2:], *first[2:], downsample_ratio=ratio)
        states, alphas, foregrounds = [], [], []
        for frame in clip.unbind(1):
            foreground, alpha, *states = model(frame, *states, downsample_ratio=ratio)
            foregrounds.append(foreground)
            alphas.append(alpha)
    close = {"rtol": 0, "atol": 1e-9}
    for index in (0, 1):
        torch.testing.assert_close(torch.cat([first[index], second[index]], 1), whole[index], **close)
    torch.testing.assert_close(torch.stack(foregrounds, 1), whole[0], **close)
    torch.testing.assert_close(torch.stack(alphas, 1), whole[1], **close)
    for ours, chunked, reference in zip(states, second[2:], whole[2:], strict=True):
        torch.testing.assert_close(ours, reference, **close)
        torch.testing.assert_close(chunked, reference, **close)


def test_the_state_matters(model):
    """If the state were ignored, the test above would pass just as well."""
    frame = torch.rand(1, 3, 64, 64)
    _, alpha, *states = model(frame)
    assert (model(frame, *states)[1] - alpha).abs().max() > 1e-6


def test_segmentation_pass(model):
    logits, *states = model(torch.rand(2, 2, 3, 50, 70), downsample_ratio=0.5, segmentation_pass=True)
    assert logits.shape == (2, 2, 1, 25, 35)
    assert len(states) == 4
    assert logits.min() < 0 or logits.max() > 1  # logits, not probabilities


def test_gradients_reach_every_parameter():
    model = RobustVideoMatting().train()
    clip = torch.rand(1, 2, 3, 64, 64)
    foreground, alpha, *_ = model(clip, downsample_ratio=0.5)
    logits, *_ = model(clip, segmentation_pass=True)
    (foreground.mean() + (alpha - 0.5).square().mean() + logits.mean()).backward()
    unused = [name for name, parameter in model.named_parameters() if parameter.grad is None]
    assert unused == []


@pytest.mark.parametrize("ratio", [1, 0.5])
@pytest.mark.parametrize("refiner", ["deep_guided_filter", "fast_guided_filter"])
def test_half_precision_stays_close(ratio, refiner):
    """Also behind the guided filter, whose variances 16 bits could not hold."""
    torch.manual_seed(0)
    model = RobustVideoMatting(refiner=refiner).eval()
    smooth = torch.nn.functional.interpolate(torch.rand(1, 3, 6, 6), size=(96, 96), mode="bicubic").clamp(0, 1)
    expected = model(smooth, downsample_ratio=ratio)[1]
    alpha = model.half()(smooth.half(), downsample_ratio=ratio)[1]
    assert alpha.dtype == torch.float16
    assert (alpha.float() - expected).abs().max() < 0.02


def test_fast_guided_filter_keeps_a_constant_but_for_the_border():
    """Zero padding: each window's mean is a bit small at the edge (values of the authors' filter)."""
    guide, alpha = torch.full((1, 3, 24, 24), 0.5), torch.ones(1, 1, 24, 24)
    _, refined = FastGuidedFilter()(guide, guide, torch.zeros(1, 3, 24, 24), alpha, torch.zeros(1, 16, 24, 24))
    assert refined[0, 0, 12, 12] == pytest.approx(1, abs=1e-6)
    assert refined[0, 0, 0, 12] == pytest.approx(0.99994, abs=1e-5)
    assert refined[0, 0, 0, 0] == pytest.approx(0.99991, abs=1e-5)


@pytest.mark.parametrize(
    ("size", "small"),
    [((1080, 1920), (288, 512)), ((2160, 3840), (288, 512)), ((1333, 800), (512, 307)), ((144, 176), (144, 176))],
)
def test_auto_ratio(size, small):
    ratio = auto_downsample_ratio(*size)
    assert tuple(int(side * ratio) for side in size) == small


@pytest.mark.parametrize("with_states", [False, True])
def test_exports_with_dynamic_height_and_width(model, with_states):
    """One program for every multiple of 16 (at other sizes the exporter cannot prove that the crops fit)."""

    def inputs(height, width):
        frames = torch.rand(1, 3, height, width)
        return (frames, *model(frames)[2:]) if with_states else (frames,)

    height, width = torch.export.Dim("height", min=2, max=128), torch.export.Dim("width", min=2, max=128)
    axes = [{2: stride * height, 3: stride * width} for stride in (16, 8, 4, 2, 1)]
    shapes = (axes[0], tuple(axes[1:])) if with_states else (axes[0],)
    program = torch.export.export(model, inputs(64, 96), dynamic_shapes=shapes).module()
    other = inputs(96, 144)
    for ours, expected in zip(program(*other), model(*other), strict=True):
        torch.testing.assert_close(ours, expected)


def states_of(model, height, width, batch=1):
    return model(torch.rand(batch, 3, height, width))[2:]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m: m(torch.rand(3, 64, 64)), "got 3 axes"),
        (lambda m: m(torch.rand(1, 4, 64, 64)), "3 colour channels"),
        (lambda m: m(torch.zeros(1, 3, 64, 64, dtype=torch.uint8)), "/ 255"),
        (lambda m: m(torch.rand(1, 3, 0, 64)), "nothing to matte"),
        (lambda m: m(torch.rand(1, 3, 64, 64), downsample_ratio=0), "downsample_ratio"),
        (lambda m: m(torch.rand(1, 3, 64, 64), downsample_ratio=1.5), "downsample_ratio"),
        (lambda m: m(torch.rand(1, 3, 2, 64), downsample_ratio=0.25), "leaves nothing"),
        (lambda m: m(torch.rand(1, 3, 64, 64), *states_of(m, 64, 96)), "state r1 .* another size"),
        (lambda m: m(torch.rand(2, 3, 64, 64), *states_of(m, 64, 64)), "another size or batch"),
        (lambda m: m(torch.rand(1, 3, 64, 64), *states_of(m, 64, 64)[:2]), "four states"),
        (lambda m: RobustVideoMatting("resnet18"), "not one of mobilenetv3, resnet50"),
        (lambda m: RobustVideoMatting(refiner="none"), "not one of"),
    ],
)
def test_wrong_input_is_told_what_is_wrong(model, call, words):
    with pytest.raises(ValueError, match=words):
        call(model)


def test_segmentation_without_its_weights_says_so():
    model = RobustVideoMatting().eval()
    model.segmentation_available = False
    with pytest.raises(RuntimeError, match="project_seg"):
        model(torch.rand(1, 3, 32, 32), segmentation_pass=True)


def test_unreachable_imagenet_weights_say_what_to_do(monkeypatch):
    from urllib.error import URLError

    def unreachable(*args, **kwargs):
        raise URLError("no route to host")

    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    with pytest.raises(RuntimeError, match="pretrained_backbone=False"):
        RobustVideoMatting(pretrained_backbone=True)


def test_auto_looks_at_the_size_of_training():
    model = RobustVideoMatting()
    hd, small = torch.empty(1, 3, 1080, 1920), torch.empty(1, 3, 100, 256)
    assert ratio_for(model, hd, "auto") == pytest.approx(512 / 1920)
    assert ratio_for(model, small, "auto") == 1
    model.trained_side = 128
    assert ratio_for(model, small, "auto") == 0.5
    assert ratio_for(model, small, 0.3) == 0.3
    assert ratio_for(torch.nn.Identity(), hd, "auto") == auto_downsample_ratio(1080, 1920)
