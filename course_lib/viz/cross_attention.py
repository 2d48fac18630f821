"""Cross-attention of a query to features: the map that a transformer decoder would draw in place of an activation map.

Vaswani et al. 2017, "Attention Is All You Need" (arXiv 1706.03762), §3.2.1; DETR (Carion et al. 2020, arXiv 2005.12872) uses it
to find objects. With q a query (C) and F the features (C × hw), keys as they are:

    a(p) = softmax_p( q · F(p) / √C )

An activation map is its neighbour: a convolution's weights in place of q, a sigmoid in place of the softmax. Heads part the
channels: head i of H compares the i-th H-th of q with that of F. No weights are learned here, W_q and W_k are 1: the maps show
what the features offer, and not what a trained attention would make of them.
"""

from jaxtyping import Float
from torch import Tensor


def attention_maps(
    queries: Float[Tensor, "N C"], features: Float[Tensor, "C h w"], heads: int = 1
) -> Float[Tensor, "N heads h w"]:
    """Each map sums to 1. ValueError where the heads do not part the channels."""
    channels = features.shape[0]
    if heads < 1 or channels % heads:
        raise ValueError(f"{channels} channels cannot be parted into {heads} heads: take a divisor of {channels}")
    keys = features.flatten(1).unflatten(0, (heads, -1))  # (C, hw) → (H, C/H, hw)
    parts = queries.unflatten(1, (heads, -1)).transpose(0, 1)  # (N, C) → (H, N, C/H)
    agreement = parts @ keys / keys.shape[1] ** 0.5  # (H, N, hw)
    return agreement.softmax(dim=-1).transpose(0, 1).unflatten(2, features.shape[1:])
