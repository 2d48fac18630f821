"""Grad: how far edges are from where and how they should be.

Rhemann et al. 2009, "A Perceptually Motivated Online Benchmark for Image Matting" (CVPR). With G a Gaussian of σ = 1.4 and
G′(x) = −x·G(x)/σ², both on 9 points, a matte's edges are |∇| = √(g_x² + g_y²) with g_x = alpha ∗ G(y)G′(x), and g_y likewise.

    Grad = Σ (|∇p| − |∇g|)²

The kernel's Frobenius norm is 1; borders repeat the edge. As in RVM's low-resolution evaluation each frame is first stretched
to [0, 1] (a constant frame becomes 0), so that Grad does not see a matte that is too faint as a whole. Their high-resolution
one does not stretch: numbers of the two are not comparable.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

SIGMA = 1.4
RADIUS = math.ceil(
    SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * 0.01))
)  # 4: G is below 0.01 outside
FRAMES_AT_ONCE = 8  # more would need memory and be no faster


def gradient_error(alpha: Float[Tensor, "T 1 H W"], true_alpha: Float[Tensor, "T 1 H W"]) -> Float[Tensor, "T"]:
    """→ float64, sums over pixels."""
    parts = zip(alpha.split(FRAMES_AT_ONCE), true_alpha.split(FRAMES_AT_ONCE), strict=True)
    return torch.cat(
        [
            (gradient_magnitude(stretch(predicted)) - gradient_magnitude(stretch(true)))
            .square()
            .sum(dim=(1, 2, 3), dtype=torch.float64)
            for predicted, true in parts
        ]
    )


def stretch(frames: Float[Tensor, "T 1 H W"]) -> Float[Tensor, "T 1 H W"]:
    """Each frame's smallest value to 0, its largest to 1; a constant frame to 0."""
    low, high = frames.amin(dim=(1, 2, 3), keepdim=True), frames.amax(dim=(1, 2, 3), keepdim=True)
    return (frames - low) / torch.where(high > low, high - low, 1)


def gradient_magnitude(frames: Float[Tensor, "T 1 H W"]) -> Float[Tensor, "T 1 H W"]:
    """|∇| of each frame, at its own size."""
    smooth, slope = gaussian_and_derivative()
    padded = F.pad(frames, [RADIUS] * 4, mode="replicate")
    along_x = _correlate(_correlate(padded, smooth, dim=-2), slope, dim=-1)
    along_y = _correlate(_correlate(padded, smooth, dim=-1), slope, dim=-2)
    return (along_x.square() + along_y.square()).sqrt()


def gaussian_and_derivative() -> tuple[list[float], list[float]]:
    """G and G′ at −4 … 4, each of norm 1, so that their outer product, the 9×9 kernel, has Frobenius norm 1."""
    places = range(-RADIUS, RADIUS + 1)
    smooth = [math.exp(-(x**2) / (2 * SIGMA**2)) for x in places]
    slope = [-x * g / SIGMA**2 for x, g in zip(places, smooth, strict=True)]
    return [g / math.hypot(*smooth) for g in smooth], [g / math.hypot(*slope) for g in slope]


def _correlate(x: Tensor, weights: list[float], dim: int) -> Tensor:
    """Weighted sum of shifted copies; `dim` gets shorter by 8. A convolution would round to 10 bits on some GPUs (TF32)."""
    size = x.shape[dim] - len(weights) + 1
    return sum(weight * x.narrow(dim, i, size) for i, weight in enumerate(weights))
