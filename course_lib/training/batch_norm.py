"""Batch-norm statistics, measured anew before a network is judged.

MobileNetV3's batch norm has momentum 0.01: its running statistics are an average over some hundred steps, while the weights
of a short run have long moved on. Then a network is much worse in eval mode than it is. Measuring the statistics with the
weights as they are mends that ("precise batch norm": Wu & Johnson 2021, "Rethinking Batch in BatchNorm", arXiv 2105.07576).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Norm = nn.modules.batchnorm._BatchNorm


@contextmanager
def recalibrated(model: nn.Module, forward: Callable[[Tensor], object], clips: Iterable[Tensor]) -> Iterator[None]:
    """Inside, the statistics are plain averages over `clips`; afterwards they are as before, so that training is not touched.

    Only layers in training mode take part, and of those only the ones that `forward(clip)` reaches. No clips: nothing happens.
    """
    norms = [module for module in model.modules() if isinstance(module, Norm) and module.training]
    before = [(norm.momentum, {key: value.clone() for key, value in norm.state_dict().items()}) for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain average of everything since the reset
    with torch.no_grad():
        for clip in clips:
            forward(clip)
    for norm, (momentum, state) in zip(norms, before, strict=True):
        norm.momentum = momentum
        if norm.num_batches_tracked == 0:  # nothing came this way
            norm.load_state_dict(state)
    try:
        yield
    finally:
        for norm, (_, state) in zip(norms, before, strict=True):
            norm.load_state_dict(state)
