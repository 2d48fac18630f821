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
HIGHEST = 1.5  # resampled pictures pass 1 by a little, those in 0 to 255 by much, normalised ones mostly reach 2
TENSORS = (
    "the network takes tensors, images (B, 3, H, W) or a list of (3, h, w), RGB in [0, 1]; of an array (h, w, 3) in 0 to 255: "
    "torch.from_numpy(array).permute(2, 0, 1)[None].float() / 255"
)


def batch_images(
    images: Float[Tensor, "B 3 H W"] | Sequence[Float[Tensor, "3 h w"]],
) -> Float[Tensor, "B 3 H_padded W_padded"]:
    """RGB in [0, 1] → normalised and padded. Raises ValueError for another shape, and for what is no floating-point tensor."""
    if isinstance(images, Tensor):
        if not torch.compiler.is_compiling():
            check_images(images)
        height, width = (round_up(side) for side in images.shape[-2:])
        return pad(normalise(images), height, width)
    check_list(images)
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


def check_input(images: Tensor | Sequence[Tensor], weight: Tensor) -> None:
    """ValueError, with the remedy, for what a network with such weights cannot segment, or would see as white all over.

    Under autocast any floating-point dtype will do.
    """
    if isinstance(images, Tensor):
        check_images(images)
    elif isinstance(images, Sequence):
        check_list(images)
    else:
        raise ValueError(f"the pictures are of type {type(images).__name__}: {TENSORS}")
    mixed = torch.is_autocast_enabled(weight.device.type)
    for part in [images] if isinstance(images, Tensor) else images:
        if part.device != weight.device or (part.dtype != weight.dtype and not mixed):
            raise ValueError(
                f"the pictures are {part.dtype} on {part.device}, the network is {weight.dtype} on {weight.device}: "
                f'pass images.to("{weight.device}", {weight.dtype})'
            )
        highest = float(part.amax())
        if highest > HIGHEST:
            raise ValueError(
                f"a picture has values up to {highest:g}; the network takes RGB in [0, 1] and normalises it by itself: "
                "of 0 to 255 pass images / 255"
            )


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


def check_list(images: Sequence[Tensor]) -> None:
    if not len(images):
        raise ValueError("there are no images in the batch")
    for image in images:
        check_image(image)


def check_image(image: Tensor) -> None:
    if not isinstance(image, Tensor):
        raise ValueError(f"a picture is of type {type(image).__name__}: {TENSORS}")
    if image.ndim != 3 or image.shape[0] != 3:
        raise ValueError(f"expected RGB pictures (3, h, w), got shape {tuple(image.shape)}")
    if 0 in image.shape:
        raise ValueError(f"there is nothing to segment in a picture of shape {tuple(image.shape)}")
    if not image.is_floating_point():
        raise ValueError(f"the picture is {image.dtype}; the network takes RGB in [0, 1]: image.float() / 255")
