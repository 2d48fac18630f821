"""Mean absolute difference and mean squared error of each frame.

Means are made in 64 bits, whatever the pictures have. They are plain means here; `matting` puts them into the paper's units.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor


def mean_absolute_difference(
    predicted: Float[Tensor, "T C H W"], true: Float[Tensor, "T C H W"], where: Bool[Tensor, "T 1 H W"] | None = None
) -> Float[Tensor, "T"]:
    """mean |p − g| over all channels and pixels, or over those pixels where `where` holds (NaN where it holds nowhere)."""
    return _mean((predicted - true).abs(), where)


def mean_squared_error(
    predicted: Float[Tensor, "T C H W"], true: Float[Tensor, "T C H W"], where: Bool[Tensor, "T 1 H W"] | None = None
) -> Float[Tensor, "T"]:
    """mean (p − g)², over the same pixels."""
    return _mean((predicted - true).square(), where)


def _mean(values: Float[Tensor, "T C H W"], where: Bool[Tensor, "T 1 H W"] | None) -> Float[Tensor, "T"]:
    if where is None:
        return values.mean(dim=(1, 2, 3), dtype=torch.float64)
    pixels = where.sum(dim=(1, 2, 3))  # (T,)
    # Not a product: what is left out may be NaN, and NaN · 0 is NaN.
    total = values.masked_fill(~where, 0).sum(dim=(1, 2, 3), dtype=torch.float64)
    return total / (pixels * values.shape[1])
