"""What training does to a network without changing it: rates for its parts, freezing, precision, memory.

Paper, authors' code, ours: one Adam over everything, as theirs. Parts that a pass does not use have no gradients and do not
move in it; under the authors' PyTorch they were carried on by Adam's momentum. Under autocast theirs computes the guided filter
in 16 bits, ours in 32 (see `matting.guided_filter`), and the two projections too, so that alpha has more than 256 values.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import partial, wraps

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from course_lib.training.recipes import LearningRates

# name of a learning rate → the network's children that it belongs to
PARTS = {
    "backbone": ("backbone",),
    "aspp": ("aspp",),
    "decoder": ("decoder", "project_mat", "project_seg"),
    "refiner": ("refiner",),
}
PRECISE = ("project_mat", "project_seg")
LARGE = ("backbone", "decoder.decode1", "decoder.decode0")  # whose activations fill the memory
STATISTICS, ENLARGED = 8, 50  # channels of covariance and variance, and the factor of their first weights


def parameter_groups(model: nn.Module, rates: LearningRates) -> list[dict]:
    """Groups for an optimiser, one per rate above 0, with names. Every parameter is in one group or frozen.

    Raises ValueError when a child of the network belongs to no part.
    """
    known = {child for children in PARTS.values() for child in children}
    unknown = [
        name for name, child in model.named_children() if name not in known and any(True for _ in child.parameters())
    ]
    if unknown:
        raise ValueError(f"no learning rate is meant for {', '.join(unknown)}")
    groups = []
    for part, children in PARTS.items():
        parameters = [p for child in children if hasattr(model, child) for p in getattr(model, child).parameters()]
        rate = getattr(rates, part)
        if parameters and rate > 0:
            groups.append({"name": part, "params": parameters, "lr": rate})
    return groups


def train_mode(model: nn.Module, rates: LearningRates) -> None:
    """Training mode, but for the parts with rate 0: they are frozen, batch norm included."""
    model.train()
    for part, children in PARTS.items():
        trained = getattr(rates, part) > 0
        for child in children:
            if hasattr(model, child):
                getattr(model, child).train(trained).requires_grad_(trained)


def keep_in_32_bits(model: nn.Module, depthwise: bool = False) -> None:
    """Lets the parts named in PRECISE leave autocast. The state dict stays as it is.

    depthwise: depthwise convolutions too. On a CPU their backward pass is slower in bfloat16 than in 32 bits: they do one
    multiplication for each number that they read, so that there is nothing to gain and the conversions to pay for.
    """
    precise = [getattr(model, name) for name in PRECISE if hasattr(model, name)]
    if depthwise:
        convolutions = [module for module in model.modules() if isinstance(module, nn.Conv2d)]
        precise += [module for module in convolutions if module.groups == module.in_channels > 1]
    for module in precise:
        module.forward = _precise(module.forward)


def _precise(forward):
    @wraps(forward)
    def precise(*tensors: torch.Tensor):
        with torch.autocast(tensors[0].device.type, enabled=False):
            return forward(*(tensor.float() for tensor in tensors))

    return precise


def make_statistics_audible(model: nn.Module) -> None:
    """Enlarge the first weights of what the deep guided filter knows of the window: covariance and variance.

    They are a hundred times smaller than the hidden features beside them (chapter 06 measures it): with weights of one size
    the filter would hardly see them.
    """
    with torch.no_grad():
        model.refiner.conv[0].weight[:, :STATISTICS] *= ENLARGED


def save_memory(model: nn.Module) -> None:
    """Gradient checkpointing (Chen et al. 2016, arXiv 1604.06174): the largest activations are computed again when needed.

    For small GPUs: about a third more time. Numbers stay the same, the statistics of batch norm too.
    """
    for name in LARGE:
        module = model.get_submodule(name)
        again = partial(_statistics_untouched, module)
        module.forward = partial(
            checkpoint, module.forward, use_reentrant=False, context_fn=lambda again=again: (nullcontext(), again())
        )


@contextmanager
def _statistics_untouched(module: nn.Module) -> Iterator[None]:
    """Batch norm normalises with the batch, and remembers nothing of it: it has seen it already."""
    norms = [m for m in module.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    before = [(norm.momentum, norm.num_batches_tracked.clone()) for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, (momentum, count) in zip(norms, before, strict=True):
            norm.momentum = momentum
            norm.num_batches_tracked.copy_(count)
