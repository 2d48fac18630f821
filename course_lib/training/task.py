"""What the loop does not know of the network that it trains."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn


def constant(_: int) -> float:
    """The learning rates stay as they are."""
    return 1.0


def rising(step: int, warmup: int) -> float:
    """From nothing to all, evenly, over so many steps."""
    return min(1.0, (step + 1) / (warmup + 1))


def falling(step: int, drops: tuple[int, ...]) -> float:
    """From each step of `drops` on, a tenth of what it was."""
    return 0.1 ** sum(step >= drop for drop in drops)


def fading(step: int, fade: int) -> float:
    """From all to nothing, evenly, over so many steps; 0: it stays as it is."""
    return max(0.0, 1 - step / fade) if fade else 1.0


def nothing(_: nn.Module, device: str, precision: str) -> None:
    """The network is trained as it is."""


@dataclass(frozen=True)
class Task:
    """RVM's is made by `matting_task`, SparseInst's by `sparseinst`.

    columns: names of the losses in the log.
    groups: network → parameter groups with their learning rates, for `optimizer`.
    mode: puts the network into training mode, but for what is frozen.
    adapt: (network, device, precision) changes how the network computes there, never its state dict.
    rate: step (from 0) → what the learning rates are multiplied by.
    """

    columns: tuple[str, ...]
    groups: Callable[[nn.Module], list[dict]]
    mode: Callable[[nn.Module], None]
    optimizer: type[torch.optim.Optimizer] = torch.optim.Adam
    adapt: Callable[[nn.Module, str, str], None] = nothing
    rate: Callable[[int], float] = constant
