"""Two channels that say where a pixel is.

Liu et al. 2018, "CoordConv" (arXiv 1807.03247), as SparseInst §3 uses it (arXiv 2203.12827). Convolutions alone cannot tell
two equal objects apart; with x and y beside the features, kernels and activation maps can.

    x_j = (2j − (w − 1)) / (w − 1)        y_i = (2i − (h − 1)) / (h − 1)        from −1 to 1

Paper, authors' code, ours: theirs gives 0/0 = NaN on a map of one row or one column; ours puts that row in the middle, 0. The
corners are those of the padded batch, so a picture's coordinates depend on the padding.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def add_coordinates(features: Float[Tensor, "B C h w"]) -> Float[Tensor, "B C+2 h w"]:
    """x, y, then the features."""
    batch, _, height, width = features.shape
    x = positions(width, features).expand(batch, 1, height, width)
    y = positions(height, features)[:, None].expand(batch, 1, height, width)
    return torch.cat([x, y, features], dim=1)


def positions(length: int, like: Tensor) -> Float[Tensor, "length"]:
    """−1 … 1 in equal steps, in the dtype and on the device of `like`, computed in 32 bits or more."""
    steps = torch.arange(length, device=like.device, dtype=torch.promote_types(like.dtype, torch.float32))
    return ((2 * steps - (length - 1)) / torch.sym_max(length - 1, 1)).to(like.dtype)
