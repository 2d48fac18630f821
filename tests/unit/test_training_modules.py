"""Rates for the parts, freezing, gradient checkpointing, batch-norm statistics measured anew."""

import copy

import pytest
import torch
from torch import nn

from course_lib.errors import CourseError
from course_lib.matting import RobustVideoMatting
from course_lib.training.batch_norm import recalibrated
from course_lib.training.modules import keep_in_32_bits, parameter_groups, save_memory, train_mode
from course_lib.training.recipes import LearningRates, recipe


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return RobustVideoMatting()


def test_each_part_has_its_rate_and_every_parameter_one_group(network):
    groups = parameter_groups(network, LearningRates(1e-4, 2e-4, 3e-4, 4e-4))
    assert {group["name"]: group["lr"] for group in groups} == {
        "backbone": 1e-4,
        "aspp": 2e-4,
        "decoder": 3e-4,
        "refiner": 4e-4,
    }
    grouped = [id(parameter) for group in groups for parameter in group["params"]]
    assert sorted(grouped) == sorted(id(parameter) for parameter in network.parameters())
    decoder = {id(parameter) for parameter in groups[2]["params"]}
    assert {id(p) for p in [*network.project_mat.parameters(), *network.project_seg.parameters()]} < decoder


def test_rate_zero_freezes_a_part_with_its_statistics(network):
    model = copy.deepcopy(network)
    rates = LearningRates(0, 1e-4, 1e-4, 0)
    assert [group["name"] for group in parameter_groups(model, rates)] == ["aspp", "decoder"]
    train_mode(model, rates)
    before = {name: value.clone() for name, value in model.backbone.state_dict().items()}
    model(torch.rand(1, 3, 32, 32))[1].mean().backward()
    assert all(parameter.grad is None for parameter in model.backbone.parameters())
    assert all(torch.equal(value, before[name]) for name, value in model.backbone.state_dict().items())
    assert model.aspp.training
    assert model.aspp.aspp1[1].num_batches_tracked == 1


def test_a_part_without_a_rate_is_an_error():
    model = nn.Module()
    model.memory = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="memory"):
        parameter_groups(model, LearningRates(1, 1, 1, 1))


def test_recipes_hold_the_papers_rates_and_sizes():
    rates = [recipe(stage, "gpu").rates for stage in (1, 2, 3, 4)]
    assert [(r.backbone, r.aspp, r.decoder, r.refiner) for r in rates] == [
        (1e-4, 2e-4, 2e-4, 0),
        (5e-5, 1e-4, 1e-4, 0),
        (1e-5, 1e-5, 1e-5, 2e-4),
        (1e-5, 1e-5, 5e-5, 2e-4),
    ]
    assert [recipe(stage, "gpu").low.frames for stage in (1, 2, 3, 4)] == [15, 50, 40, 40]
    high = recipe(3, "gpu").high
    assert (high.size, high.frames, high.downsample_ratio) == (2048, 6, 0.25)
    for stage, profile, word in ((5, "laptop", "--stage 5"), (1, "phone", "--profile phone")):
        with pytest.raises(CourseError, match=word):
            recipe(stage, profile)


def test_gradient_checkpointing_changes_no_number(network):
    clip = torch.rand(1, 2, 3, 32, 48)
    results = []
    for small in (False, True):
        model = copy.deepcopy(network).train()
        if small:
            save_memory(model)
        foreground, alpha = model(clip)[:2]
        (foreground.mean() + alpha.mean()).backward()
        gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        results.append((gradients, model.state_dict()))
    for plain, saved in zip(*results, strict=True):
        assert plain.keys() == saved.keys()
        for name, value in plain.items():
            torch.testing.assert_close(saved[name], value, atol=0, rtol=0, msg=name)


def test_the_refiner_and_the_projections_leave_autocast(network):
    model = copy.deepcopy(network)
    keep_in_32_bits(model)
    with torch.autocast("cpu", torch.bfloat16):
        foreground, alpha = model(torch.rand(1, 3, 64, 64), downsample_ratio=0.5)[:2]
        assert model.aspp(torch.rand(1, 960, 2, 2)).dtype == torch.bfloat16
    assert foreground.dtype == alpha.dtype == torch.float32
    assert model.state_dict().keys() == network.state_dict().keys()


def test_statistics_are_averages_inside_and_untouched_outside():
    norm, unused, frozen = nn.BatchNorm2d(3, momentum=0.01), nn.BatchNorm2d(3), nn.BatchNorm2d(3).eval()
    model = nn.ModuleDict({"norm": norm, "unused": unused, "frozen": frozen})
    norm(torch.randn(2, 3, 4, 4))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    clips = [torch.randn(2, 3, 8, 8) + shift for shift in (1, 2, 6)]
    with recalibrated(model, lambda x: frozen(norm(x)), clips):
        expected = torch.stack([clip.mean(dim=(0, 2, 3)) for clip in clips]).mean(dim=0)
        torch.testing.assert_close(norm.running_mean, expected)
        assert torch.equal(unused.running_var, before["unused.running_var"])
        assert torch.equal(frozen.running_mean, before["frozen.running_mean"])
    assert norm.momentum == 0.01
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
