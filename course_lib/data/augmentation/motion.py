"""MotionAugmentation of RVM: still or moving material becomes a clip with camera, light and focus in motion.

Thirteen steps in the order of the authors' code, with its probabilities. Ours differs where theirs is at fault:

- The movements of steps 1–4, the crop and the mirror image compose into one matrix per frame: one interpolation in place
  of up to four, antialiased where a picture shrinks.
- A background is mirrored at its edges; theirs gets black corners, which say where the person is not.
- Foreground colours are weighted by alpha (`premultiplied`): no dark fringe out of what alpha hides.
- Aspect ratio: theirs asks for a crop of full area and another shape, which cannot be, and ends in a fixed centre crop.
  Ours is the largest crop of the drawn shape, at a random place for the background, at the centre for the person, who
  stays in view.
- Saturation has values of its own, and the light's path is not cut to a fifth (`colour`). Alpha is never sharpened.
- Blur kernels are whole, and σ follows the picture's size (`blur`).
- One frame is allowed (theirs divides by T − 1): it cannot pause and stands at the start of each movement.
- Validation is left alone; theirs is still moved at random, and with image data gets the whole augmentation.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torchvision.transforms.v2.functional import adjust_sharpness

from course_lib.data.augmentation.affine import (
    affine_matrices,
    changes_nothing,
    crop_matrices,
    draw_affine,
    draw_motion,
    warp,
)
from course_lib.data.augmentation.blur import draw_sigmas, gaussian_blur
from course_lib.data.augmentation.colour import greyscale, motion_jitter
from course_lib.data.augmentation.draws import chance, integer, uniform
from course_lib.data.augmentation.noise import add_noise, draw_grain
from course_lib.data.augmentation.premultiplied import filter_foreground

Foreground = Float[Tensor, "T 3 H W"]
Alpha = Float[Tensor, "T 1 H W"]
Clips = tuple[Tensor, Tensor, Tensor]  # foreground, alpha, background


@dataclass(frozen=True)
class MotionProbabilities:
    """How often each step happens. The names in brackets are the authors'."""

    foreground_motion: float  # 1: foreground and alpha move (fgr_affine)
    background_motion: (
        float  # 2: the background alone moves, by half of this; 3: all three together, by half (bgr_affine)
    )
    placement: float  # 4: one random place and size for all frames (static_affine)
    aspect: float  # 6: another aspect ratio (aspect_ratio_range)
    flip: float  # 7 (hflip)
    noise: float  # 8
    colour: float  # 9 (color_jitter)
    greyscale: float  # 10 (grayscale)
    sharpness: float  # 11
    blur: float  # 12: a third each for foreground, background, everything
    pause: float  # 13: some frames stand still


VIDEO_TRAIN = MotionProbabilities(0.3, 0.3, 1, 1, 0.5, 0.1, 0.3, 0.02, 0.1, 0.02, 0.03)  # VideoMatte240K
IMAGE_TRAIN = MotionProbabilities(
    0.95, 0.3, 1, 1, 0.5, 0.05, 0.3, 0.03, 0.05, 0.02, 0.03
)  # stills: motion nearly always
VALIDATION = MotionProbabilities(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class MotionAugmentation:
    """Augments one clip: foreground, alpha and background, RGB and alpha in [0, 1], not yet composited.

    `size` is (height, width) of the result; the sources may have any size, the background another than the foreground.
    """

    size: tuple[int, int]
    probabilities: MotionProbabilities
    aspect_ratios: tuple[float, float] = (0.9, 1.1)

    def __call__(
        self,
        foreground: Foreground,
        alpha: Alpha,
        background: Float[Tensor, "T 3 h w"],
        generator: Generator,
    ) -> Clips:
        """The three clips at `size`. The same generator state gives the same result; the inputs are left as they are.

        Raises ValueError when the clips differ in length, or foreground and alpha in size.
        """
        if not len(foreground) == len(alpha) == len(background) or foreground.shape[-2:] != alpha.shape[-2:]:
            shapes = ", ".join(str(tuple(clip.shape)) for clip in (foreground, alpha, background))
            raise ValueError(f"foreground, alpha and background do not belong together: {shapes}")
        clips = self._move(foreground, alpha, background, generator)  # steps 1–7
        clips = self._grain(*clips, generator)  # 8
        clips = self._light(*clips, generator)  # 9–10
        clips = self._focus(*clips, generator)  # 11–12
        return self._pause(*clips, generator)  # 13

    def _move(self, foreground: Tensor, alpha: Tensor, background: Tensor, generator: Generator) -> Clips:
        odds, frames = self.probabilities, len(foreground)
        near, far = foreground.shape[-2:], background.shape[-2:]
        person, scenery = torch.eye(3, dtype=torch.float64)[None], torch.eye(3, dtype=torch.float64)[None]
        if chance(generator, odds.foreground_motion):
            person = affine_matrices(draw_motion(frames, generator), *near) @ person
        if chance(generator, odds.background_motion / 2):
            scenery = affine_matrices(draw_motion(frames, generator), *far) @ scenery
        if chance(generator, odds.background_motion / 2):
            motion = draw_motion(frames, generator)
            person, scenery = affine_matrices(motion, *near) @ person, affine_matrices(motion, *far) @ scenery
        if chance(generator, odds.placement):
            person = affine_matrices(draw_affine(generator, scale=(0.5, 1))[None], *near) @ person
            scenery = affine_matrices(draw_affine(generator, scale=(1, 1.5))[None], *far) @ scenery
        to_person = torch.linalg.inv(person) @ self._frame(near, False, generator)
        to_scenery = torch.linalg.inv(scenery) @ self._frame(far, True, generator)
        reach = partial(warp, to_source=to_person, size=self.size)
        if not changes_nothing(to_person, near, self.size):
            foreground, alpha = filter_foreground(
                foreground, alpha, partial(reach, outside="zeros"), partial(reach, outside="border")
            )
        return foreground, alpha, warp(background, to_scenery, self.size, "reflection").clamp(0, 1)

    def _frame(self, source: tuple[int, int], anywhere: bool, generator: Generator) -> Float[Tensor, "1 3 3"]:
        """Result → source: the largest crop of the drawn shape, squeezed into `size`, mirrored now and then."""
        ratio = math.exp(uniform(generator, *(math.log(bound) for bound in self.aspect_ratios)))
        if not chance(generator, self.probabilities.aspect):
            ratio = source[1] / source[0] * self.size[0] / self.size[1]  # the whole picture
        ratio *= self.size[1] / self.size[0]
        height, width = min(source[0], source[1] / ratio), min(source[1], source[0] * ratio)
        place_y, place_x = uniform(generator, 0, 1, 2).tolist() if anywhere else (0.5, 0.5)
        crop = (place_y * (source[0] - height), place_x * (source[1] - width), height, width)
        return crop_matrices(crop, source, self.size, chance(generator, self.probabilities.flip))

    def _grain(self, foreground: Tensor, alpha: Tensor, background: Tensor, generator: Generator) -> Clips:
        if chance(generator, self.probabilities.noise):
            grain = draw_grain(generator)
            foreground, background = add_noise(foreground, grain, generator), add_noise(background, grain, generator)
        return foreground, alpha, background

    def _light(self, foreground: Tensor, alpha: Tensor, background: Tensor, generator: Generator) -> Clips:
        if chance(generator, self.probabilities.colour):
            foreground = motion_jitter(foreground, generator)
        if chance(generator, self.probabilities.colour):
            background = motion_jitter(background, generator)
        if chance(generator, self.probabilities.greyscale):
            foreground, background = greyscale(foreground), greyscale(background)
        return foreground, alpha, background

    def _focus(self, foreground: Tensor, alpha: Tensor, background: Tensor, generator: Generator) -> Clips:
        if chance(generator, self.probabilities.sharpness):
            factor = float(uniform(generator, 0, 8))
            foreground, background = adjust_sharpness(foreground, factor), adjust_sharpness(background, factor)
        for blur_person, blur_scenery in ((True, False), (False, True), (True, True)):
            if not chance(generator, self.probabilities.blur / 3):
                continue
            sigmas = draw_sigmas(len(foreground), min(self.size), generator)
            blur: Callable[[Tensor], Tensor] = partial(gaussian_blur, sigmas=sigmas)
            if blur_person:
                foreground, alpha = filter_foreground(foreground, alpha, blur)
            if blur_scenery:
                background = blur(background).clamp(0, 1)
        return foreground, alpha, background

    def _pause(self, foreground: Tensor, alpha: Tensor, background: Tensor, generator: Generator) -> Clips:
        frames = len(foreground)
        if not chance(generator, self.probabilities.pause) or frames < 2:
            return foreground, alpha, background
        start = integer(generator, 0, frames - 2)
        length = integer(generator, 1, frames - 1 - start)
        order = torch.arange(frames)
        order[start : start + length + 1] = start
        return foreground[order], alpha[order], background[order]
