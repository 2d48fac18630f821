"""Filtering a foreground that is known only where something is: alpha decides how much each pixel's colour counts.

A colour under alpha 0 means nothing (black, in many data sets). Averaging it in, as the authors do, paints a dark fringe round
the person. So F·α is filtered and divided by the filtered α (Porter and Duff, 1984: colours blend premultiplied).
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

SEEN = 1e-3  # below this alpha a colour cannot be seen in any composite of 8 bits


def filter_foreground(
    foreground: Float[Tensor, "T 3 H W"],
    alpha: Float[Tensor, "T 1 H W"],
    operation: Callable[[Tensor], Tensor],
    fill: Callable[[Tensor], Tensor] | None = None,
) -> tuple[Float[Tensor, "T 3 h w"], Float[Tensor, "T 1 h w"]]:
    """Foreground and alpha after a linear `operation` on pictures (resizing, warping, blurring).

    Where nothing is left of alpha, the colour is that of `fill` (by default the same operation) on the bare foreground.
    """
    both = operation(torch.cat([foreground * alpha, alpha], 1))
    colours, alpha = both[:, :3], both[:, 3:]
    bare = (fill or operation)(foreground)
    return torch.where(alpha > SEEN, colours / alpha.clamp(min=SEEN), bare).clamp(0, 1), alpha.clamp(0, 1)
