"""Random resolution and crop of a training batch: RVM learns from many sizes and aspect ratios, not from one square.

The authors resize everything to a square of the larger drawn side and cut the centre out: the full size never comes, only
the shorter side is cut, always around its middle, sides are odd half of the time, and shrinking aliases. Ours draws a scale
between that square and the full size, cuts anywhere, reaches the full size, keeps sides to a multiple, and antialiases.
`AUTHORS_CROP` does as theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch.nn.functional as F
from torch import Generator, Tensor

from course_lib.data.augmentation.draws import integer


@dataclass(frozen=True)
class RandomCrop:
    """Draws one height, width, scale and place for all the tensors it is given."""

    smallest: float = 0.5  # a share of the side
    multiple: int = 8  # sides are multiples of this
    reach_full_size: bool = True
    anywhere: bool = True  # any scale that the crop fits into, at any place; else the smallest such square, its centre
    antialias: bool = True

    def __call__(self, tensors: Sequence[Tensor], generator: Generator) -> list[Tensor]:
        """Crops of (…, C, H, W) tensors, all of one size H×W, to one common size (…, C, h, w).

        h and w are drawn independently between `smallest` and the whole of the side. Raises ValueError when sizes differ or
        no multiple fits in between.
        """
        height, width = tensors[0].shape[-2:]
        if any(tensor.shape[-2:] != (height, width) for tensor in tensors):
            raise ValueError(f"one size is wanted, not {[tuple(tensor.shape[-2:]) for tensor in tensors]}")
        crop_width, crop_height = self._side(width, generator), self._side(height, generator)
        # One scale for both axes: the aspect ratio of things stays. It is the share that the crop's larger side takes.
        least = max(crop_height / height, crop_width / width)
        longest = max(height, width)
        scale = integer(generator, round(least * longest), longest) / longest if self.anywhere else least
        resized = (max(crop_height, round(height * scale)), max(crop_width, round(width * scale)))
        if self.anywhere:
            top, left = integer(generator, 0, resized[0] - crop_height), integer(generator, 0, resized[1] - crop_width)
        else:
            top, left = (resized[0] - crop_height) // 2, (resized[1] - crop_width) // 2
        return [
            self._resize(tensor, resized)[..., top : top + crop_height, left : left + crop_width].contiguous()
            for tensor in tensors
        ]

    def _side(self, side: int, generator: Generator) -> int:
        low = -(-int(self.smallest * side) // self.multiple)
        high = (side if self.reach_full_size else side - 1) // self.multiple
        if not 1 <= low <= high:
            raise ValueError(f"no multiple of {self.multiple} lies between {self.smallest} and 1 times {side}")
        return self.multiple * integer(generator, low, high)

    def _resize(self, tensor: Tensor, size: tuple[int, int]) -> Tensor:
        if tensor.shape[-2:] == size:
            return tensor
        flat = tensor.flatten(0, -4) if tensor.ndim > 4 else tensor  # interpolate wants (N, C, H, W)
        flat = F.interpolate(flat, size, mode="bilinear", antialias=self.antialias)
        return flat.reshape(*tensor.shape[:-2], *size)


AUTHORS_CROP = RandomCrop(multiple=1, reach_full_size=False, anywhere=False, antialias=False)
