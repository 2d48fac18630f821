"""Colours that belong to an alpha: Germer et al. 2020, "Fast Multi-Level Foreground Estimation" (ICPR, arXiv 2006.14970).

A method gives alpha only; to put a person before another background the foreground's colours are needed too. pymatting's.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.matting.baselines.interface import as_pixels
from course_lib.matting.baselines.numba_threads import torch_threads_kept


@torch_threads_kept()
def estimate_foreground(
    frames: Float[Tensor, "T 3 H W"], alpha: Float[Tensor, "T 1 H W"]
) -> tuple[Float[Tensor, "T 3 H W"], Float[Tensor, "T 3 H W"]]:
    """Smooth F and B with αF + (1−α)B ≈ I, by pymatting's multi-level method."""
    from pymatting import estimate_foreground_ml

    pairs = [
        estimate_foreground_ml(as_pixels(frame), matte[0].double().cpu().numpy(), return_background=True)
        for frame, matte in zip(frames, alpha, strict=True)
    ]
    foreground, background = (
        torch.from_numpy(np.stack(colours)).to(frames).permute(0, 3, 1, 2) for colours in zip(*pairs, strict=True)
    )
    return foreground, background
