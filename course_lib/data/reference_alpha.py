"""A stored answer: the alpha that the authors' browser model, run by TensorFlow.js, gives for the start of the clip.

Chapters and `course_lib` hold their own numbers against it. 16 bits per pixel: steps of 1.5e-5, far below the 1e-3 by which
PyTorch and TensorFlow.js differ on these weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

FILE = Path(__file__).with_name("reference_alpha.npz")
TOLERANCE = 2e-3  # largest difference in any pixel that still counts as the same alpha


def reference_alpha() -> Float[Tensor, "T 1 H W"]:
    """Alpha (3, 1, 144, 176) in [0, 1] of frames 0–2 of "carphone", state carried, downsample_ratio 1."""
    import torch

    with np.load(FILE) as stored:
        alpha = stored["alpha"].astype(np.float32) / 65535  # (T, H, W)
    return torch.from_numpy(alpha)[:, None]
