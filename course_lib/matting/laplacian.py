"""The Laplacian pyramid: a picture as one layer of detail for each scale, from fine to coarse.

Burt & Adelson 1983 (IEEE Trans. Communications 31.4); a loss on alpha since Hou & Liu 2019 (arXiv 1909.09725); RVM §4, Losses:

    layer_k = x_k − enlarge(shrink(x_k)),   x_{k+1} = shrink(x_k),   x_0 = the picture
    loss    = 1/5 · Σ_{k=0..4} 2^k · mean |layer_k(alpha) − layer_k(true alpha)|

A coarser layer has fewer pixels and stands for larger parts, hence 2^k. What is left after the last layer is not compared, so
that a constant offset costs nothing: that is the L1 term's business. All of this is linear: the layers of a difference are the
differences of the layers, and the loss builds one pyramid where two are expected.

The authors' code needs 64 pixels on the shorter side. Ours equals it there and takes smaller pictures with fewer layers.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

LAYERS = 5
BINOMIAL = (1.0, 4.0, 6.0, 4.0, 1.0)  # / 16: a small Gaussian


def layers_that_fit(height: int, width: int, layers: int = LAYERS) -> int:
    """How many layers a picture of this size has: 5 from 64 pixels on the shorter side, one fewer for each halving, 0 below 4.

    A layer needs an even side of at least 4: smaller pictures have no two neighbours to mirror at the border.
    """
    return min(layers, max(0, min(height, width).bit_length() - 2))


def laplacian_pyramid(images: Float[Tensor, "N C H W"], layers: int = LAYERS) -> list[Float[Tensor, "N C h w"]]:
    """→ the layers, finest first, each half as large as the one before. A small picture has fewer (`layers_that_fit`)."""
    pyramid = []
    for _ in range(layers_that_fit(*images.shape[-2:], layers)):
        height, width = images.shape[-2:]
        images = images[..., : height - height % 2, : width - width % 2]  # an odd last row or column is left out
        smaller = shrink(images)
        pyramid.append(images - enlarge(smaller))
        images = smaller
    return pyramid


def laplacian_loss(error: Float[Tensor, "N C H W"]) -> Float[Tensor, ""]:
    """error = alpha − true alpha. → scalar.

    A layer weighs the same at every size; one that does not fit counts 0. Below 4 pixels none does, and the loss is 0.
    """
    loss = 0 * error.sum()  # part of the graph, also when no layer fits
    for k, layer in enumerate(laplacian_pyramid(error)):
        loss = loss + 2**k / LAYERS * layer.abs().mean()
    return loss


def shrink(images: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C H/2 W/2"]:
    """Blur with [1, 4, 6, 4, 1]/16 along both axes, keep every second pixel. Sides: even, at least 4; borders mirrored."""
    return _along_both_axes(_shrink_rows, images)


def enlarge(images: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C 2H 2W"]:
    """Put zeros between the pixels, blur as above, × 4 to make up for the zeros. Sides are at least 2."""
    return _along_both_axes(_enlarge_rows, images)


# The blur is written out for even and odd places, so that nothing is computed to be thrown away, nor multiplied by an inserted
# zero. A 5×5 convolution of one channel gives the same and takes several times as long on a CPU, the backward pass above all.


def _shrink_rows(x: Tensor) -> Tensor:
    even, odd = x[..., 0::2], x[..., 1::2]
    before, after = _neighbours(even)
    odd_before = torch.cat([odd[..., :1], odd[..., :-1]], dim=-1)  # left of the first pixel stands the second once more
    return (before + after + 4 * (odd_before + odd) + 6 * even) / 16


def _enlarge_rows(x: Tensor) -> Tensor:
    before, after = _neighbours(x)
    even, odd = (
        (before + 6 * x + after) / 8,
        (x + after) / 2,
    )  # the blur's taps 1 6 1 and 4 4 fall on pixels, the others on zeros
    return torch.stack([even, odd], dim=-1).flatten(-2)


def _neighbours(even: Tensor) -> tuple[Tensor, Tensor]:
    """Every second pixel of a row whose whole is mirrored about its first pixel (an even one) and its last (an odd one)."""
    before = torch.cat([even[..., 1:2], even[..., :-1]], dim=-1)
    after = torch.cat([even[..., 1:], even[..., -1:]], dim=-1)
    return before, after


def _along_both_axes(step: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    return step(step(x).mT).mT
