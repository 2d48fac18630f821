"""The augmentation that SparseInst is trained with on COCO, as the authors' configuration has it.

    default      mirror image with probability 1/2; the shorter side one of 416, 448 … 640, the longer at most 853
    with crops   in half of the pictures, between the two: the shorter side one of 400, 500, 600; then a crop whose height
                 and width are drawn independently between 384 and 600 (or the side, where that is less)

The paper says 864 for the longer side, which is 853 padded to a multiple of 32. Objects of which nothing is left are dropped.
The authors interpolate the picture once or, with a crop, twice, and move polygons by their corners and other masks to the
nearest pixel. Here crop, mirror image and size are one map, read once, and a mask is what is covered to at least one half.
Masks are moved in groups: 150 of a picture of 12 million pixels would be 7 GB as numbers.
Sizes are for COCO's pictures; `for_side` has them in proportion for others.
"""

from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float, Int64
from torch import Generator, Tensor

from course_lib.data.augmentation.affine import crop_matrices, warp
from course_lib.data.augmentation.draws import chance, choice, integer

GROUP = 2**24  # pixels of the masks that are moved at a time, as numbers 64 MiB; one mask at least
Box = tuple[float, float, float, float]  # top, left, height, width, in pixels of the picture


@dataclass(frozen=True)
class InstanceAugmentation:
    """Draws a mirror image, a crop and a size, and applies them to a picture and its masks. The defaults are the authors'."""

    shorter: tuple[int, ...] = (416, 448, 480, 512, 544, 576, 608, 640)  # sides, pixels
    longest: int = 853
    flip: float = 0.5
    crop: float = 0.0  # probability; the authors' with crops: 0.5
    shorter_before_crop: tuple[int, ...] = (400, 500, 600)
    crop_sides: tuple[int, int] = (384, 600)

    def __call__(
        self,
        image: Float[Tensor, "3 H W"],
        labels: Int64[Tensor, " n"],
        masks: Bool[Tensor, "n H W"],
        generator: Generator,
    ) -> tuple[Float[Tensor, "3 h w"], Int64[Tensor, " m"], Bool[Tensor, "m h w"]]:
        """The augmented picture and the m ≤ n objects that are left in it.

        Raises ValueError where masks are of another size than the picture, or not as many as labels.
        """
        height, width = image.shape[-2:]
        if masks.shape != (len(labels), height, width):
            raise ValueError(f"{len(labels)} masks of {height}×{width} are wanted, not {tuple(masks.shape)}")
        mirrored = chance(generator, self.flip)
        box = self._crop(height, width, generator) if chance(generator, self.crop) else (0.0, 0.0, height, width)
        size = shorter_side(box[2], box[3], choice(generator, self.shorter), self.longest)
        to_source = crop_matrices(box, (height, width), size, mirrored)
        groups = masks.split(max(1, GROUP // (height * width))) if len(masks) else ()
        moved = [_move(group.to(image), to_source, size) >= 0.5 for group in groups]
        masks = torch.cat([masks.new_zeros((0, *size)), *moved])
        left = masks.flatten(1).any(1)
        return _move(image, to_source, size).clamp(0, 1), labels[left], masks[left]

    def for_side(self, side: int) -> "InstanceAugmentation":
        """The same for smaller or larger pictures: every size in proportion to `side` in place of 640."""
        scaled = lambda sizes: tuple(max(1, round(size * side / 640)) for size in sizes)  # noqa: E731
        return replace(
            self,
            shorter=scaled(self.shorter),
            longest=scaled([self.longest])[0],
            shorter_before_crop=scaled(self.shorter_before_crop),
            crop_sides=scaled(self.crop_sides),
        )

    def _crop(self, height: int, width: int, generator: Generator) -> Box:
        """Drawn on whole pixels of the picture at its size before the crop, given in those of the picture itself."""
        resized = shorter_side(height, width, choice(generator, self.shorter_before_crop))
        low, high = self.crop_sides
        sides = [integer(generator, min(side, low), min(side, high)) for side in resized]
        corner = [integer(generator, 0, side - cut) for side, cut in zip(resized, sides, strict=True)]
        down, across = height / resized[0], width / resized[1]
        return corner[0] * down, corner[1] * across, sides[0] * down, sides[1] * across


AUTHORS = InstanceAugmentation()
AUTHORS_WITH_CROPS = InstanceAugmentation(crop=0.5)


def _move(
    layers: Float[Tensor, "C H W"], to_source: Float[Tensor, "1 3 3"], size: tuple[int, int]
) -> Float[Tensor, "C h w"]:
    return warp(layers[None], to_source, size, "border")[0]


def shorter_side(height: float, width: float, shorter: int, longest: int | None = None) -> tuple[int, int]:
    """(height, width) scaled so that the shorter side is `shorter`, or less, where the longer one would pass `longest`."""
    scale = shorter / min(height, width)
    if longest is not None:
        scale = min(scale, longest / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))
