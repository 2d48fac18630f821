"""dtSSD: flicker, the change from frame to frame that the true matte does not have.

Erofeev et al. 2015, "Perceptually Motivated Benchmark for Video Matting" (BMVC): with d the change since the frame before,

    dtSSD_t = √ mean (dp_t − dg_t)²

An error that stays costs nothing here; one that comes and goes costs whenever it does. The authors give the first frame 0 and
let it count in the average.
"""

import torch
from jaxtyping import Float
from torch import Tensor


def temporal_error(alpha: Float[Tensor, "T 1 H W"], true_alpha: Float[Tensor, "T 1 H W"]) -> Float[Tensor, "T"]:
    """→ float64; the first is 0. A clip may have one frame."""
    change = (alpha - true_alpha).diff(dim=0)  # (T−1, 1, H, W): the error's change is the difference of the changes
    later = change.square().mean(dim=(1, 2, 3), dtype=torch.float64).sqrt()
    return torch.cat([later.new_zeros(1), later])
