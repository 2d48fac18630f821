"""One-frame delay: look one frame ahead, and take out what flickers for a single frame.

Ke et al. 2022, "MODNet: Real-Time Trimap-Free Portrait Matting via Objective Decomposition" (AAAI, arXiv 2011.11961), the
section "One-Frame Delay". Pixel by pixel, where

    |α_{t−1} − α_{t+1}| ≤ ξ    and    |α_t − α_{t−1}| > ξ    and    |α_t − α_{t+1}| > ξ      (ξ = 0.1)

α_t becomes (α_{t−1} + α_{t+1}) / 2. It costs one frame of delay and no network. First and last frame stay as they are.

Paper, ours: the same. All comparisons are of mattes as they came, not as they were smoothed: the paper leaves it open, and this
way the result does not depend on the direction of time.
"""

from jaxtyping import Float
from torch import Tensor

from course_lib.matting.baselines.interface import Extras, Method

SIMILAR = 0.1  # ξ


def one_frame_delay(alpha: Float[Tensor, "T 1 H W"], similar: float = SIMILAR) -> Float[Tensor, "T 1 H W"]:
    """A smoothed copy. A clip of one or two frames comes back unchanged."""
    if len(alpha) < 3:
        return alpha.clone()
    before, now, after = alpha[:-2], alpha[1:-1], alpha[2:]  # (T−2, 1, H, W)
    neighbours_agree = (before - after).abs() <= similar
    stands_out = ((now - before).abs() > similar) & ((now - after).abs() > similar)
    smoothed = alpha.clone()
    smoothed[1:-1] = ((before + after) / 2).where(neighbours_agree & stands_out, now)
    return smoothed


def with_one_frame_delay(method: Method, similar: float = SIMILAR) -> Method:
    """`method`, smoothed."""

    def smoothed(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        return one_frame_delay(method(frames, extras), similar)

    return smoothed
