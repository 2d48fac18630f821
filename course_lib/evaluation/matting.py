"""The numbers of RVM's tables: MAD, MSE, Grad, Conn and dtSSD of alpha, MAD and MSE of the foreground. RVM §5.1 of the paper.

All are errors: 0 is perfect, lower is better. Units are the paper's: MAD and MSE × 1000, dtSSD × 100, Grad and Conn / 1000.
This is the authors' low-resolution evaluation. Grad and Conn are sums over pixels: compare them at one picture size only.

    mad mse       how far alpha is off, linear and squared                  `errors`
    grad          edges: too soft, too hard, in the wrong place             `gradient`
    conn          pieces that float free of the subject, holes in it        `connectivity`
    dtssd         flicker: change over time that the truth does not have    `temporal`
    fgr_mad fgr_mse  colours, where the true alpha is above 0               `errors`
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.evaluation.connectivity import connectivity_error
from course_lib.evaluation.errors import mean_absolute_difference, mean_squared_error
from course_lib.evaluation.gradient import gradient_error
from course_lib.evaluation.temporal import temporal_error

SLACK = 1e-3  # an alpha this far outside [0, 1] is rounding or resampling; further out it is 0–255 or logits


def matting_metrics(
    alpha: Float[Tensor, "T 1 H W"],
    true_alpha: Float[Tensor, "T 1 H W"],
    foreground: Float[Tensor, "T 3 H W"] | None = None,
    true_foreground: Float[Tensor, "T 3 H W"] | None = None,
) -> dict[str, np.ndarray]:
    """→ one float64 value a frame, (T,), under mad mse grad conn dtssd; with both foregrounds also fgr_mad fgr_mse.

    dtssd[0] is 0: the first frame has none before it. fgr_mad and fgr_mse are NaN in a frame without a subject.
    Runs where the tensors are, but for Conn, which is done on the CPU. 16-bit input is computed in 32 bits.
    Raises TypeError for a dtype that is not floating point, ValueError for shapes that differ or alpha outside [0, 1].
    """
    _check(alpha, "alpha", 1, true_alpha)
    _check(true_alpha, "true_alpha", 1, true_alpha)
    alpha, true_alpha = _precise(alpha), _precise(true_alpha)
    metrics = {
        "mad": 1e3 * mean_absolute_difference(alpha, true_alpha),
        "mse": 1e3 * mean_squared_error(alpha, true_alpha),
        "grad": 1e-3 * gradient_error(alpha, true_alpha),
        "conn": 1e-3 * connectivity_error(alpha, true_alpha),
        "dtssd": 1e2 * temporal_error(alpha, true_alpha),
    }
    if (foreground is None) != (true_foreground is None):
        raise ValueError("give both foreground and true_foreground, or neither")
    if foreground is not None:
        _check(foreground, "foreground", 3, true_alpha)
        _check(true_foreground, "true_foreground", 3, true_alpha)
        foreground, true_foreground = _precise(foreground), _precise(true_foreground)
        subject = true_alpha > 0
        metrics["fgr_mad"] = 1e3 * mean_absolute_difference(foreground, true_foreground, subject)
        metrics["fgr_mse"] = 1e3 * mean_squared_error(foreground, true_foreground, subject)
    return {name: values.cpu().numpy() for name, values in metrics.items()}


def _precise(x: Tensor) -> Tensor:
    return x.detach() if x.dtype == torch.float64 else x.detach().float()


def _check(clip: Tensor, name: str, channels: int, true_alpha: Tensor) -> None:
    if not clip.is_floating_point():
        raise TypeError(f"{name} must be floating point in [0, 1], not {clip.dtype}: divide 8-bit values by 255")
    if clip.ndim != 4 or clip.shape[1] != channels or clip.numel() == 0:
        raise ValueError(f"{name} must be a clip (T, {channels}, H, W), not {tuple(clip.shape)}")
    if (clip.shape[0], *clip.shape[2:]) != (true_alpha.shape[0], *true_alpha.shape[2:]):
        raise ValueError(
            f"{name} {tuple(clip.shape)} and true_alpha {tuple(true_alpha.shape)} must agree in T, H and W"
        )
    if channels == 1:
        low, high = clip.aminmax()
        if low < -SLACK or high > 1 + SLACK:
            raise ValueError(f"{name} must lie in [0, 1]; it reaches from {low:.3g} to {high:.3g}")
