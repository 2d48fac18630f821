"""Affine movement of whole clips: parameters → matrices → one sampling of the pixels.

Coordinates are pixels from the centre of the picture, x to the right and y down, so that turning, scaling and resizing need
no offsets. Matrices are (T, 3, 3), one per frame, and compose by multiplication: however many movements an augmentation
stacks, the pixels are interpolated once. (The authors transform pictures one after the other, up to three times and a resize
more; each interpolation softens hair, and what leaves the frame in between is lost.) Parameters are torchvision's: M = R·Y·X·s.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation.draws import uniform
from course_lib.data.augmentation.easing import draw_progress

PARAMETERS = ("degrees", "translate x", "translate y", "scale", "shear x", "shear y")  # the columns of `parameters`


def draw_affine(
    generator: Generator,
    degrees: float = 10,
    translate: float = 0.1,
    scale: tuple[float, float] = (0.9, 1.1),
    shear: float = 5,
) -> Float[Tensor, " 6"]:
    """One random state: turn ± degrees, move ± translate (a share of the side), scale, shear ± degrees on both axes."""
    low = torch.tensor([-degrees, -translate, -translate, scale[0], -shear, -shear])
    high = torch.tensor([degrees, translate, translate, scale[1], shear, shear])
    return low + (high - low) * uniform(generator, 0, 1, 6)


def draw_motion(frames: int, generator: Generator) -> Float[Tensor, "T 6"]:
    """A movement between two random states along a random easing curve (RVM: motion affine)."""
    start, end = draw_affine(generator), draw_affine(generator)
    return torch.lerp(start, end, draw_progress(frames, generator)[:, None])


def affine_matrices(parameters: Float[Tensor, "T 6"], height: int, width: int) -> Float[Tensor, "T 3 3"]:
    """Forward matrices (source → result) for pictures of this size. Angles are degrees, shifts shares of the side."""
    degrees, move_x, move_y, scale, shear_x, shear_y = parameters.double().unbind(-1)  # (T,) each
    turn = torch.deg2rad(degrees)
    tan_x, tan_y = torch.tan(torch.deg2rad(shear_x)), torch.tan(torch.deg2rad(shear_y))
    one, zero = torch.ones_like(turn), torch.zeros_like(turn)
    rotation = _matrices(
        [torch.cos(turn), -torch.sin(turn), move_x * width], [torch.sin(turn), torch.cos(turn), move_y * height]
    )
    shears = _matrices([one, zero, zero], [-tan_y, one, zero]) @ _matrices([one, -tan_x, zero], [zero, one, zero])
    return rotation @ shears @ _matrices([scale, zero, zero], [zero, scale, zero])


def crop_matrices(
    crop: tuple[float, float, float, float], source: tuple[int, int], size: tuple[int, int], flip: bool = False
) -> Float[Tensor, "1 3 3"]:
    """Result → source, for a result of `size` that shows the box `crop` (top, left, height, width) of the source.

    Sizes are (height, width). `flip` mirrors the result left to right.
    """
    top, left, height, width = crop
    scale_x, scale_y = width / size[1], height / size[0]
    offset_x, offset_y = left + width / 2 - source[1] / 2, top + height / 2 - source[0] / 2
    rows = [[-scale_x if flip else scale_x, 0, offset_x], [0, scale_y, offset_y], [0, 0, 1]]
    return torch.tensor([rows], dtype=torch.float64)


def warp(
    clip: Float[Tensor, "T C H W"], to_source: Float[Tensor, "T 3 3"], size: tuple[int, int], outside: str
) -> Float[Tensor, "T C h w"]:
    """Each result pixel is read, bilinearly, where `to_source` (result → source) puts it.

    There is one matrix for all frames, or T; one picture under T matrices becomes T frames.
    `outside` says what lies beyond the picture: "zeros", "border" or "reflection". A clip that shrinks is resized with an
    antialiasing filter first. A map that changes nothing returns the clip itself.
    """
    height, width = clip.shape[-2:]
    frames = max(len(clip), len(to_source))
    height_out, width_out = size
    if changes_nothing(to_source, (height, width), size):
        return clip.expand(frames, -1, -1, -1)
    # Singular values: source pixels per result pixel, along the most and the least crowded direction.
    shrinking = float(torch.linalg.svdvals(to_source[:, :2, :2]).min())
    if shrinking > 1:
        smaller = (max(1, round(height / shrinking)), max(1, round(width / shrinking)))
        clip = F.interpolate(clip, smaller, mode="bilinear", antialias=True)
    # From pixels off the centre to the [-1, 1] that grid_sample wants, on both ends.
    into = torch.diag(torch.tensor([width_out / 2, height_out / 2, 1], dtype=torch.float64))
    out_of = torch.diag(torch.tensor([2 / width, 2 / height, 1], dtype=torch.float64))
    theta = (out_of @ to_source @ into)[:, :2].to(clip)  # (T or 1, 2, 3)
    grid = F.affine_grid(theta.expand(frames, 2, 3), [frames, 1, height_out, width_out], align_corners=False)
    return F.grid_sample(
        clip.expand(frames, -1, -1, -1), grid, mode="bilinear", padding_mode=outside, align_corners=False
    )


def changes_nothing(to_source: Float[Tensor, "T 3 3"], source: tuple[int, int], size: tuple[int, int]) -> bool:
    """Whether every result pixel is the source pixel at the same place."""
    return source == size and bool((to_source - torch.eye(3, dtype=to_source.dtype)).abs().max() < 1e-9)


def _matrices(*rows: list[Tensor]) -> Float[Tensor, "T 3 3"]:
    """(T, 3, 3) from the two upper rows, each a list of three (T,)."""
    upper = torch.stack([torch.stack(row, -1) for row in rows], -2)  # (T, 2, 3)
    last = torch.tensor([0.0, 0.0, 1.0], dtype=upper.dtype).expand(len(upper), 1, 3)
    return torch.cat([upper, last], -2)
