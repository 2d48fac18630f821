"""What RVM is trained on: five terms for matting, one for segmentation. RVM §4, Losses.

With a, a* alpha and true alpha, F, F* the foregrounds, m = (a* > 0) and d the change from one frame to the next:

    pha_l1         mean |a − a*|
    pha_laplacian  Laplacian pyramid of a − a*, 5 layers (`laplacian`)
    pha_coherence  5 · mean (da − da*)²
    fgr_l1         mean |mF − mF*|           over all pixels: where nobody stands, the colour is free and costs 0
    fgr_coherence  5 · mean (d(mF) − d(mF*))²
    total          their sum

Paper, authors' code, ours: the paper prints a norm for the coherence terms, the code takes the mean square; ours too. m is each
frame's own mask, so that a pixel which enters or leaves the person counts as a change. In a clip of one frame nothing
changes: its coherence terms are 0 (the authors' code gives NaN).
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

from course_lib.matting.laplacian import laplacian_loss

COHERENCE_WEIGHT = 5.0


def matting_loss(
    foreground: Float[Tensor, "B T 3 H W"],
    alpha: Float[Tensor, "B T 1 H W"],
    true_foreground: Float[Tensor, "B T 3 H W"],
    true_alpha: Float[Tensor, "B T 1 H W"],
) -> dict[str, Float[Tensor, ""]]:
    """→ scalars under the names above; train on `total`.

    16-bit input is computed in 32 bits: what is measured are differences of nearly equal numbers.
    Raises TypeError for a dtype that is not floating point, ValueError for shapes that do not belong together.
    """
    _check_clips(foreground=foreground, alpha=alpha, true_foreground=true_foreground, true_alpha=true_alpha)
    # Every term looks at differences only, so each is taken once.
    alpha_error = _precise(alpha) - _precise(true_alpha)
    foreground_error = (_precise(foreground) - _precise(true_foreground)) * (true_alpha > 0)
    losses = {
        "pha_l1": alpha_error.abs().mean(),
        "pha_laplacian": laplacian_loss(alpha_error.flatten(0, 1)),  # (B·T, 1, H, W)
        "pha_coherence": coherence(alpha_error),
        "fgr_l1": foreground_error.abs().mean(),
        "fgr_coherence": coherence(foreground_error),
    }
    losses["total"] = sum(losses.values())
    return losses


def coherence(error: Float[Tensor, "B T C H W"]) -> Float[Tensor, ""]:
    """5 · mean square of the error's change from frame to frame. 0 for one frame, where there is none."""
    change = error.diff(dim=1)  # (B, T−1, C, H, W)
    return COHERENCE_WEIGHT * change.square().sum() / max(change.numel(), 1)


def segmentation_loss(
    logits: Float[Tensor, "*batch 1 H W"], mask: Bool[Tensor, "*batch 1 H W"] | Float[Tensor, "*batch 1 H W"]
) -> Float[Tensor, ""]:
    """Binary cross-entropy of logits against a mask (bool, or float in [0, 1]), mean over pixels. → scalar, at least 32-bit.

    Raises TypeError for other dtypes (an 8-bit mask may hold 255), ValueError for different shapes.
    """
    if not logits.is_floating_point():
        raise TypeError(f"logits must be floating point, not {logits.dtype}")
    if not (mask.is_floating_point() or mask.dtype == torch.bool):
        raise TypeError(f"mask must be bool, or floating point in [0, 1], not {mask.dtype}")
    if logits.shape != mask.shape:
        raise ValueError(f"logits {tuple(logits.shape)} and mask {tuple(mask.shape)} must have one shape")
    logits = _precise(logits)
    return F.binary_cross_entropy_with_logits(logits, mask.to(logits.dtype))


def _precise(x: Tensor) -> Tensor:
    """At least 32 bits; 64 stay 64."""
    return x if x.dtype == torch.float64 else x.float()


def _check_clips(**clips: Tensor) -> None:
    """All floating point, (B, T, 3, H, W) for colours and (B, T, 1, H, W) for alpha, with the same B, T, H, W."""
    if clips["alpha"].ndim != 5:
        raise ValueError(f"alpha must be a clip (B, T, 1, H, W), not {tuple(clips['alpha'].shape)}")
    batch, length, _, height, width = clips["alpha"].shape
    for name, clip in clips.items():
        if not clip.is_floating_point():
            raise TypeError(f"{name} must be floating point in [0, 1], not {clip.dtype}")
        expected = (batch, length, 3 if "foreground" in name else 1, height, width)
        if tuple(clip.shape) != expected:
            raise ValueError(f"{name} must be {expected} (B, T, C, H, W) as alpha has it, not {tuple(clip.shape)}")
