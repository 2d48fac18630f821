"""From pictures to one batch: normalise, then pad to a common size that is a multiple of 32.

The input of SparseInst, §3 (arXiv 2203.12827). Padding comes after normalisation, on the right and below, so a padded pixel is
0: ImageNet's mean colour. C5 has stride 32, and the encoder doubles it twice: at a multiple of 32 all sizes fit.

Paper, authors' code, ours: theirs takes RGB in 0–255 and ImageNet's mean and deviation times 255; ours takes [0, 1], the same
numbers. Padding is seen by the network (`network`): a picture's result depends on the size of its batch.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
MULTIPLE = 32


def batch_images(
    images: Float[Tensor, "B 3 H W"] | Sequence[Float[Tensor, "3 h w"]],
) -> Float[Tensor, "B 3 H_padded W_padded"]:
    """RGB in [0, 1] → normalised and padded. Raises ValueError for another shape or dtype."""
    if isinstance(images, Tensor):
        if not torch.compiler.is_compiling():
            check_images(images)
        height, width = (round_up(side) for side in images.shape[-2:])
        return pad(normalise(images), height, width)
    if not len(images):
        raise ValueError("there are no images in the batch")
    for image in images:
        check_image(image)
    height, width = common_size(image_sizes(images))
    return torch.stack([pad(normalise(image), height, width) for image in images])


def image_sizes(images: Tensor | Sequence[Tensor]) -> list[tuple[int, int]]:
    """(h, w) of each picture, before padding."""
    return [(image.shape[-2], image.shape[-1]) for image in images]


def common_size(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The smallest multiples of 32 into which all pictures fit."""
    return round_up(max(height for height, _ in sizes)), round_up(max(width for _, width in sizes))


def round_up(side: int) -> int:
    return (side + MULTIPLE - 1) // MULTIPLE * MULTIPLE


def normalise(images: Float[Tensor, "*batch 3 H W"]) -> Float[Tensor, "*batch 3 H W"]:
    """Subtract ImageNet's mean and divide by its standard deviation, channel by channel."""
    mean = torch.tensor(IMAGENET_MEAN, dtype=images.dtype, device=images.device).view(3, 1, 1)
    std = torch.tensor(IMAGENET_STD, dtype=images.dtype, device=images.device).view(3, 1, 1)
    return (images - mean) / std


def pad(images: Float[Tensor, "*batch C h w"], height: int, width: int) -> Float[Tensor, "*batch C H W"]:
    """Zeros on the right and below."""
    return F.pad(images, (0, width - images.shape[-1], 0, height - images.shape[-2]))


def check_images(images: Tensor) -> None:
    """ValueError that names the remedy, before a layer fails with a message about a convolution."""
    if images.ndim != 4:
        raise ValueError(
            f"expected images (B, 3, H, W) or a list of (3, h, w), got a tensor of shape {tuple(images.shape)}; "
            "one picture goes in as picture[None]"
        )
    if not len(images):
        raise ValueError("there are no images in the batch")
    check_image(images[0])


def check_image(image: Tensor) -> None:
    if image.ndim != 3 or image.shape[0] != 3:
        raise ValueError(f"expected RGB pictures (3, h, w), got shape {tuple(image.shape)}")
    if 0 in image.shape:
        raise ValueError(f"there is nothing to segment in a picture of shape {tuple(image.shape)}")
    if not image.is_floating_point():
        raise ValueError(f"the picture is {image.dtype}; the network takes RGB in [0, 1]: image.float() / 255")
