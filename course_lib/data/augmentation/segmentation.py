"""Augmentation for the segmentation objective of RVM: stills are turned, cropped and coloured; clips a little less.

The authors turn stills into black corners without a person, and crop the masks of clips to grey edges. Ours mirrors picture
and mask alike at the edges, keeps masks binary, and composes turn, crop and mirror image into one interpolation.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation.affine import affine_matrices, crop_matrices, draw_affine, warp
from course_lib.data.augmentation.colour import greyscale, static_jitter
from course_lib.data.augmentation.draws import chance, uniform


@dataclass(frozen=True)
class SegmentationAugmentation:
    """One draw for all frames of a clip; a still is a clip of one frame. The values are those of stills."""

    degrees: float = 20
    translate: float = 0.1  # a share of the side
    shear: float = 10  # degrees
    area: tuple[float, float] = (0.5, 1)  # of the crop, as a share of the picture
    aspect_ratios: tuple[float, float] = (0.7, 1.3)
    jitter: tuple[float, float, float, float] = (0.1, 0.1, 0.1, 0.1)  # brightness, contrast, saturation, hue
    greyscale: float = 0
    flip: float = 0.5

    def __call__(
        self,
        clip: Float[Tensor, "T 3 H W"],
        mask: Float[Tensor, "T 1 H W"],
        size: tuple[int, int],
        generator: Generator,
    ) -> tuple[Float[Tensor, "T 3 h w"], Float[Tensor, "T 1 h w"]]:
        """Picture and binary mask at `size` (height, width)."""
        source = clip.shape[-2:]
        turn = draw_affine(generator, self.degrees, self.translate, (1, 1), self.shear)
        crop = self._crop(*source, generator)
        frame = crop_matrices(crop, source, size, chance(generator, self.flip))
        to_source = torch.linalg.inv(affine_matrices(turn[None], *source)) @ frame
        clip, mask = warp(clip, to_source, size, "reflection"), warp(mask, to_source, size, "reflection")
        clip = static_jitter(clip.clamp(0, 1), generator, self.jitter)
        clip = greyscale(clip) if chance(generator, self.greyscale) else clip
        return clip, (mask >= 0.5).to(clip)

    def _crop(self, height: int, width: int, generator: Generator) -> tuple[float, float, float, float]:
        """Top, left, height and width of a random crop: area and aspect ratio drawn, place anywhere inside.

        A shape that does not fit is cut back to the picture (torchvision's RandomResizedCrop draws anew, up to ten times).
        """
        area = float(uniform(generator, *self.area)) * height * width
        ratio = math.exp(uniform(generator, *(math.log(bound) for bound in self.aspect_ratios)))
        crop_height, crop_width = min(height, math.sqrt(area / ratio)), min(width, math.sqrt(area * ratio))
        place_y, place_x = uniform(generator, 0, 1, 2).tolist()
        return place_y * (height - crop_height), place_x * (width - crop_width), crop_height, crop_width


STILLS = SegmentationAugmentation()
CLIPS = SegmentationAugmentation(0, 0, 0, (0.8, 1), (0.9, 1.1), (0.3, 0.3, 0.3, 0.15), greyscale=0.05)
