"""How SparseInst and the classifier before it are trained: AdamW with two rates, one for the backbone (SparseInst §4.1).

Norms are not decayed, as in the authors' code. What is frozen stays in eval mode, batch norm included. Channels come last in
memory, the order in which convolution libraries compute.
"""

from collections.abc import Callable
from functools import partial
from typing import Protocol

import torch
from torch import nn

from course_lib.training.modules import keep_in_32_bits
from course_lib.training.task import Task


class Rates(Protocol):
    """What a recipe must say. frozen: how the names begin of what stays as it is."""

    backbone_rate: float
    rate: float
    weight_decay: float
    frozen: tuple[str, ...]


def adamw_task(columns: tuple[str, ...], recipe: Rates, rate_at: Callable[[int], float]) -> Task:
    """`rate_at`: step → what both rates are multiplied by."""
    return Task(
        columns=columns,
        groups=partial(_groups, recipe=recipe),
        mode=partial(_train_mode, frozen=recipe.frozen),
        optimizer=torch.optim.AdamW,
        adapt=_adapt,
        rate=rate_at,
    )


def _adapt(network: nn.Module, device: str, precision: str) -> None:
    network.to(memory_format=torch.channels_last)
    if precision != "no":
        keep_in_32_bits(network, depthwise=device == "cpu")


def _groups(network: nn.Module, recipe: Rates) -> list[dict]:
    norms = {
        id(parameter)
        for module in network.modules()
        if isinstance(module, nn.modules.batchnorm._BatchNorm)
        for parameter in module.parameters()
    }
    groups = []
    for backbone, rate in ((True, recipe.backbone_rate), (False, recipe.rate)):
        part = [
            parameter
            for name, parameter in network.named_parameters()
            if name.startswith("backbone.") == backbone and not name.startswith(recipe.frozen)
        ]
        for norm, decay in ((False, recipe.weight_decay), (True, 0.0)):
            if chosen := [parameter for parameter in part if (id(parameter) in norms) == norm]:
                groups.append({"params": chosen, "lr": rate, "weight_decay": decay})
    return groups


def _train_mode(network: nn.Module, frozen: tuple[str, ...]) -> None:
    network.train()
    for name, module in network.named_modules():
        if f"{name}.".startswith(frozen):
            module.eval()
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(not name.startswith(frozen))
