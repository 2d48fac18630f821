"""From a small matte to the frame's size: plainly, or along the frame's edges.

The network runs on frames reduced by a factor; what brings the matte back is what is compared. `bilinear` knows nothing of the
large frame; the guided filters (`matting.guided_filter`) do, and are part of the network: `recurrent_network` with
downsample_ratio = 1 / factor. `patch_refinement` is the third way.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting.baselines.interface import Extras, Method, check_clip, parts
from course_lib.matting.baselines.networks import recurrent_network


def reduce(frames: Float[Tensor, "N C H W"], factor: int) -> Float[Tensor, "N C h w"]:
    """Bilinear at 1 / factor, without antialiasing, as RVM's own downsample_ratio does it. At least one pixel remains."""
    size = [max(1, side // factor) for side in frames.shape[2:]]
    return F.interpolate(frames, size, mode="bilinear", align_corners=False)


def enlarge(alpha: Float[Tensor, "N 1 h w"], size: tuple[int, int]) -> Float[Tensor, "N 1 H W"]:
    """Bilinear."""
    return F.interpolate(alpha, size, mode="bilinear", align_corners=False)


def small_matte(model: nn.Module, factor: int) -> Method:
    """The matte of the reduced frames, at their size: (T, 3, H, W) → (T, 1, ⌊H/factor⌋, ⌊W/factor⌋)."""
    recurrent = recurrent_network(model)

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 h w"]:
        check_clip(frames)
        return recurrent(torch.cat([reduce(part, factor) for part in parts(frames)]), extras)

    return method


def bilinear(model: nn.Module, factor: int = 4) -> Method:
    """The small matte, enlarged."""
    base = small_matte(model, factor)

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        return enlarge(base(frames, extras), tuple(frames.shape[2:]))

    return method
