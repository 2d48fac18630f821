"""Edits of a map Â (…, h, w): what is left sums to 1 again, unless said otherwise. To be decoded by `decode_with`.

A map that is edited while all else stays is an experiment: what then changes in class and mask, the map has caused. A picture
of a map shows only that it lies where the object is (Jain and Wallace 2019, "Attention is not Explanation", arXiv 1902.10186,
make the point for attention).
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torchvision.transforms.functional import gaussian_blur

from course_lib.instances.activation_maps import EPSILON


def normalised(maps: Float[Tensor, "*M h w"]) -> Float[Tensor, "*M h w"]:
    """Divided by its sum; a map of zeros stays one."""
    return maps / maps.sum(dim=(-2, -1), keepdim=True).clamp(min=EPSILON)


def halved(maps: Float[Tensor, "*M h w"]) -> Float[Tensor, "*M h w"]:
    """Half of its strength: it sums to a half of what it did."""
    return maps / 2


def left_half(maps: Float[Tensor, "*M h w"]) -> Float[Tensor, "*M h w"]:
    """What lies left of the map's own mean column, and that column: about half of its mass."""
    columns = torch.arange(maps.shape[-1], device=maps.device)
    mass = maps.sum(dim=-2)  # (…, w)
    mean = (mass * columns).sum(-1, keepdim=True) / mass.sum(-1, keepdim=True).clamp(min=EPSILON)
    return normalised(maps * (columns <= mean)[..., None, :])


def shifted(maps: Float[Tensor, "*M h w"], down: int, right: int) -> Float[Tensor, "*M h w"]:
    """By whole cells; what leaves the picture is lost, and what enters is 0."""
    height, width = maps.shape[-2:]
    result = torch.zeros_like(maps)
    rows = slice(max(down, 0), height + min(down, 0)), slice(max(-down, 0), height + min(-down, 0))
    columns = slice(max(right, 0), width + min(right, 0)), slice(max(-right, 0), width + min(-right, 0))
    if rows[0].start < rows[0].stop and columns[0].start < columns[0].stop:
        result[..., rows[0], columns[0]] = maps[..., rows[1], columns[1]]
    return normalised(result)


def blurred(maps: Float[Tensor, "*M h w"], sigma: float) -> Float[Tensor, "*M h w"]:
    """A Gaussian of `sigma` cells; the map is mirrored at its border."""
    height, width = maps.shape[-2:]
    reach = min(round(4 * sigma), height - 1, width - 1)
    smooth = gaussian_blur(maps.reshape(-1, 1, height, width), 2 * reach + 1, sigma)  # (M, 1, h, w)
    return normalised(smooth.reshape(maps.shape))


def flattened(maps: Float[Tensor, "*M h w"]) -> Float[Tensor, "*M h w"]:
    """Every cell alike: what pooling over the whole picture would be."""
    return torch.full_like(maps, 1 / (maps.shape[-2] * maps.shape[-1]))
