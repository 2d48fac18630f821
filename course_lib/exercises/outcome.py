"""What a call did, and in what two calls differ."""

import copy
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from numbers import Number

import torch
from torch import Generator, Tensor


@dataclass(frozen=True)
class Outcome:
    """Output or error of a call; the arguments that it wrote into; gradients by name of argument, None where none arrives."""

    output: object = None
    error: Exception | None = None
    changed: tuple[str, ...] = ()
    gradients: dict[str, Tensor | None] | None = None


def run(function: Callable, arguments: tuple, names: list[str], gradients: bool = False) -> Outcome:
    """Calls `function` on copies of `arguments`."""
    given = [_copy(argument, gradients) for argument in arguments]
    before = [copy.deepcopy(argument) if not gradients else argument for argument in given]
    try:
        with torch.set_grad_enabled(gradients):
            output = function(*given)
            if gradients:
                return Outcome(gradients=_gradients(output, dict(zip(names, given, strict=False))))
    except Exception as error:  # whatever an answer raises is told to its author
        return Outcome(error=error)
    changed = [
        name for name, was, now in zip(names, before, given, strict=False) if values_differ(now, was, 0.0) is not None
    ]
    return Outcome(output, changed=tuple(changed))


def difference(got: Outcome, want: Outcome, tolerance: float) -> str | None:
    """In what `got` is not as it should be, as half a sentence; None when it is."""
    if got.error is not None:
        if want.error is not None and type(got.error) is type(want.error):
            return None
        return f"raises {type(got.error).__name__}: {got.error}"
    if want.error is not None:
        return f"should raise {type(want.error).__name__}"
    if got.changed != want.changed:
        return f"writes into its argument {', '.join(got.changed) or '(none)'}: work on a copy"
    if want.gradients is not None:
        return _gradients_differ(got.gradients, want.gradients, tolerance)
    return values_differ(got.output, want.output, tolerance)


def values_differ(got: object, want: object, tolerance: float, what: str = "") -> str | None:
    """In what a value is not as wanted: kind, then shape, then dtype, then numbers. Wanted numbers are not told."""
    lead = f"{what}: " if what else ""
    if got is None and want is not None:
        return f"{lead}returns None: is there a return?"
    if isinstance(want, tuple | list):
        return _sequences_differ(got, want, tolerance, what)
    if isinstance(want, Tensor):
        if not isinstance(got, Tensor):
            return f"{lead}is a {type(got).__name__}, not a tensor"
        if got.shape != want.shape:
            return f"{lead}has the shape {tuple(got.shape)}, not {tuple(want.shape)}"
        if got.dtype != want.dtype:
            return f"{lead}has the dtype {got.dtype}, not {want.dtype}"
        return _numbers_differ(got, want, tolerance, lead)
    if isinstance(want, Number) and not isinstance(want, bool):
        if isinstance(got, Tensor) and got.numel() == 1:
            got = got.item()
        if not isinstance(got, Number) or isinstance(got, bool):
            return f"{lead}is a {type(got).__name__}, not a number"
        close = _numbers_differ(torch.tensor(float(got)), torch.tensor(float(want)), tolerance, "")
        return f"{lead}{got:.6g} is not the right number" if close else None
    return None if got == want else f"{lead}{got!r} is not right"


def parameter_names(function: Callable) -> list[str]:
    return list(inspect.signature(function).parameters)


def _sequences_differ(got: object, want: tuple | list, tolerance: float, what: str) -> str | None:
    lead = f"{what}: " if what else ""
    if not isinstance(got, tuple | list):
        return f"{lead}is a {type(got).__name__}, not {len(want)} values"
    if len(got) != len(want):
        return f"{lead}has {len(got)} entries, not {len(want)}"
    for index, (mine, right) in enumerate(zip(got, want, strict=True)):
        if found := values_differ(mine, right, tolerance, f"{what or 'entry'} {index}"):
            return found
    return None


def _numbers_differ(got: Tensor, want: Tensor, tolerance: float, lead: str) -> str | None:
    if got.numel() == 0:
        return None
    if not (got.is_floating_point() or got.is_complex()):
        wrong = got != want
        return f"{lead}{int(wrong.sum())} of {wrong.numel()} entries are wrong" if wrong.any() else None
    got, want = got.detach().double(), want.detach().double()
    if (got.isnan() & ~want.isnan()).any():
        return f"{lead}has NaN in it"
    if (want.isnan() & ~got.isnan()).any():
        return f"{lead}should be NaN where there is no answer"
    apart = torch.where((got == want) | (got.isnan() & want.isnan()), 0.0, (got - want).abs())
    wrong = (apart > tolerance * (1 + want.abs())) | apart.isinf()
    if not wrong.any():
        return None
    place = [int(i) for i in torch.unravel_index(apart.argmax(), apart.shape)]
    where = f", the largest at {place}" if place else ""
    return f"{lead}{int(wrong.sum())} of {wrong.numel()} numbers are off, by up to {float(apart.max()):.3g}{where}"


def _gradients_differ(got: dict | None, want: dict, tolerance: float) -> str | None:
    for name, right in want.items():
        mine = (got or {}).get(name)
        if right is None:
            continue
        if mine is None:
            return f"no gradient reaches {name}: something on the way is detached"
        if found := _numbers_differ(mine, right, tolerance, ""):
            return f"the gradient by {name} is wrong: {found}"
    return None


def _copy(argument: object, gradients: bool) -> object:
    if not isinstance(argument, Tensor):
        return copy.deepcopy(argument)
    # Strides are kept: an argument that is not contiguous has to arrive as it is.
    argument = argument.contiguous() if 0 in argument.stride() else argument  # an expanded one cannot be written to
    copied = torch.empty_strided(argument.shape, argument.stride(), dtype=argument.dtype).copy_(argument)
    return copied.requires_grad_(gradients and argument.is_floating_point())


def _gradients(output: object, given: dict[str, object]) -> dict[str, Tensor | None]:
    """Of a fixed random weighting of all outputs, so that no gradient can hide behind a sum."""
    tensors = [value for value in given.values() if isinstance(value, Tensor) and value.requires_grad]
    outputs = [part for part in _flat(output) if isinstance(part, Tensor) and part.requires_grad]
    if not outputs:
        found = [None] * len(tensors)
    else:
        generator = Generator().manual_seed(0)
        total = sum((part * torch.randn(part.shape, generator=generator).to(part)).sum() for part in outputs)
        found = torch.autograd.grad(total, tensors, allow_unused=True)
    names = [name for name, value in given.items() if any(value is tensor for tensor in tensors)]
    return dict(zip(names, found, strict=True))


def _flat(value: object) -> list:
    return [part for entry in value for part in _flat(entry)] if isinstance(value, tuple | list) else [value]
