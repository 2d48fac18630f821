"""How a definition in a notebook is proved equal to the library's: same numbers in, same numbers and gradients out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn


def draws(seed: int) -> Callable[..., Tensor]:
    """Return `draw(*shape)`, which gives another float64 tensor of normal numbers at every call."""
    generator = torch.Generator().manual_seed(seed)
    return lambda *shape: torch.randn(*shape, generator=generator, dtype=torch.float64)


def same_module(notebook: Callable, library: Callable, *, cases: list[tuple], arguments=(), keywords=None) -> None:
    """Assert that both modules, built from the same arguments and holding the same numbers, do the same.

    `cases` are the positional inputs of `forward`: give batch 1, odd sizes and, where it matters, clips. Compared in
    training and in evaluation mode: outputs, gradients of inputs and parameters, and buffers afterwards.
    """
    ours, theirs = (make(*arguments, **(keywords or {})).double() for make in (library, notebook))
    _fill(ours)
    copy_by_order(ours, theirs)
    for training in (True, False):
        ours.train(training), theirs.train(training)
        for case in cases:
            same_function(theirs, ours, cases=[case])
            for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
                _close(other.grad, one.grad, "gradient of a parameter")
        for one, other in zip(ours.buffers(), theirs.buffers(), strict=True):
            _close(other, one, "a buffer after the run")


def same_function(notebook: Callable, library: Callable, *, cases: list[tuple]) -> None:
    """Assert that both callables return the same tensors, numbers and gradients of their floating inputs."""
    assert cases, "Nothing to compare: give at least one case."
    for case in cases:
        ours, theirs = ([_fresh(value) for value in case] for _ in range(2))
        expected, actual = list(_leaves(library(*ours))), list(_leaves(notebook(*theirs)))
        assert len(actual) == len(expected), f"The notebook returns {len(actual)} values, the library {len(expected)}."
        for one, other in zip(actual, expected, strict=True):
            _close(one, other, "output")
        for outputs in (expected, actual):
            parts = [out.square().sum() for out in outputs if isinstance(out, Tensor) and out.requires_grad]
            if parts:
                sum(parts).backward()
        for one, other in zip(theirs, ours, strict=True):
            if isinstance(one, Tensor) and one.is_floating_point():
                _close(one.grad, other.grad, "gradient of an input")


def copy_by_order(source: nn.Module, target: nn.Module) -> None:
    """Copy parameters and buffers in the order of their creation; names may differ, number and shapes may not."""
    for kind in ("parameters", "buffers"):
        ours, theirs = (list(getattr(module, kind)()) for module in (source, target))
        shapes = [[tuple(tensor.shape) for tensor in tensors] for tensors in (ours, theirs)]
        assert shapes[0] == shapes[1], f"{kind}: library {shapes[0]}, notebook {shapes[1]}."
        with torch.no_grad():
            for one, other in zip(ours, theirs, strict=True):
                other.copy_(one)


def _fill(module: nn.Module) -> None:
    """Fresh numbers everywhere, so that nothing agrees because it is still zero or one."""
    draw = draws(seed=1)
    with torch.no_grad():
        for parameter in module.parameters():
            fan_in = max(parameter[0].numel(), 1) if parameter.ndim > 1 else 4
            parameter.copy_(draw(*parameter.shape) / fan_in**0.5)
        for name, buffer in module.named_buffers():
            if name.endswith("running_mean"):
                buffer.copy_(draw(*buffer.shape) * 0.1)
            if name.endswith("running_var"):
                buffer.copy_(draw(*buffer.shape).square() + 0.5)


def _fresh(value):
    if isinstance(value, Tensor) and value.is_floating_point():
        return value.detach().clone().requires_grad_()
    return value


def _leaves(value) -> Iterator:
    """The values inside nested tuples, lists and dicts, in order; None is a value too."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, tuple | list):
        for part in value:
            yield from _leaves(part)
    else:
        yield value


def _close(actual, expected, what: str) -> None:
    if not isinstance(expected, Tensor):
        assert actual == expected, f"{what}: notebook {actual!r}, library {expected!r}."
        return
    scale = expected.abs().max().item() if expected.is_floating_point() and expected.numel() else 0.0
    tolerance = 1e-8 * max(
        scale, 1e-2
    )  # float64 rounding, which grows through many layers; no formula differs so little
    torch.testing.assert_close(actual, expected, rtol=1e-8, atol=tolerance, msg=lambda text: f"{what}: {text}")
