"""Clips and single frames through the same layers.

A clip is (B, T, C, H, W), a frame (B, C, H, W). Only the ConvGRU looks along T; every other layer treats the B·T frames
of a clip as one large batch. `fold_time` and `unfold_time` are the only two places where that happens.
"""

from jaxtyping import Float
from torch import Tensor


def clip_length(x: Tensor) -> int | None:
    """T of a clip (B, T, C, H, W); None for a batch of single frames (B, C, H, W). ValueError otherwise."""
    if x.ndim == 5:
        return x.shape[1]
    if x.ndim == 4:
        return None
    raise ValueError(f"expected frames (B, C, H, W) or clips (B, T, C, H, W), got {x.ndim} axes: {tuple(x.shape)}")


def fold_time(x: Tensor) -> Float[Tensor, "BT C H W"]:
    """(B, T, C, H, W) → (B·T, C, H, W). A batch of single frames passes unchanged."""
    return x if clip_length(x) is None else x.flatten(0, 1)


def unfold_time(x: Float[Tensor, "BT C H W"], length: int | None) -> Tensor:
    """(B·T, C, H, W) → (B, T, C, H, W); unchanged when length is None. The inverse of `fold_time`."""
    return x if length is None else x.unflatten(0, (-1, length))
