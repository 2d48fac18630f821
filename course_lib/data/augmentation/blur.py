"""Gaussian blur with a standard deviation per frame: a lens that goes out of focus and comes back.

The authors cut their kernel at one standard deviation (its width is 2σ), which makes it nearly a box; ours reaches three. Their
σ is in pixels at any resolution; ours is at most 10 pixels at a side of 512, and in proportion at other sizes.
"""

import math

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation.draws import uniform
from course_lib.data.augmentation.easing import draw_progress

LARGEST_SIGMA = 10 / 512  # a share of the shorter side


def draw_sigmas(frames: int, side: int, generator: Generator) -> Float[Tensor, " T"]:
    """Standard deviations in pixels, moving between two random ones along a random easing curve."""
    start, end = uniform(generator, 0, LARGEST_SIGMA * side, 2)
    return torch.lerp(start, end, draw_progress(frames, generator)).clamp(min=0)


def gaussian_blur(clip: Float[Tensor, "T C H W"], sigmas: Float[Tensor, " T"]) -> Float[Tensor, "T C H W"]:
    """Each frame blurred by its own sigma (pixels; 0 leaves the frame alone). The picture is mirrored at its edges."""
    frames, channels, height, width = clip.shape
    radius = math.ceil(3 * float(sigmas.max()))
    if radius == 0:
        return clip
    at = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernels = torch.exp(-(at**2) / (2 * sigmas.clamp(min=1e-3)[:, None] ** 2))  # (T, K)
    kernels = (kernels / kernels.sum(1, keepdim=True)).to(clip).repeat_interleave(channels, 0)  # (T·C, K)
    flat = clip.reshape(1, frames * channels, height, width)
    flat = F.conv2d(_mirror(flat, radius, 3), kernels[:, None, None, :], groups=frames * channels)
    flat = F.conv2d(_mirror(flat, radius, 2), kernels[:, None, :, None], groups=frames * channels)
    return flat.reshape(clip.shape)


def _mirror(picture: Tensor, radius: int, axis: int) -> Tensor:
    """`radius` more pixels on both ends of `axis`, mirrored at the edge as often as needed (… b a | a b c | c b …)."""
    length = picture.shape[axis]
    at = torch.arange(-radius, length + radius) % (2 * length)
    return picture.index_select(axis, torch.where(at < length, at, 2 * length - 1 - at).to(picture.device))
