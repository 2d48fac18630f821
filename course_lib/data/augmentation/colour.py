"""Colour changes with one factor per frame; brightness, contrast, saturation and hue mean what they mean in torchvision.

torchvision takes one factor for a whole tensor; here factors are (T,), so that light can change in the course of a clip.

In the authors' motion jitter the saturation reads the brightness values (a slip), and the path from state A to state B ends
after at most a fifth. Here saturation has its own values, and the path ends anywhere between A and B.
"""

import torch
from jaxtyping import Float
from torch import Generator, Tensor
from torchvision.transforms.v2.functional import rgb_to_grayscale

from course_lib.data.augmentation.draws import uniform
from course_lib.data.augmentation.easing import draw_progress

Clip = Float[Tensor, "T 3 H W"]
PerFrame = Float[Tensor, " T"]


def motion_jitter(clip: Clip, generator: Generator) -> Clip:
    """Light that drifts between two random states along a random easing curve (RVM: colour jitter)."""
    start, end = 0.1 * torch.randn((2, 4), generator=generator)  # brightness, contrast, saturation, hue
    length = uniform(generator, 0, 1)
    path = torch.lerp(start, end, length * draw_progress(len(clip), generator)[:, None])  # (T, 4)
    brightness, contrast, saturation = (1 + path[:, :3]).clamp(min=0.1).unbind(1)
    return adjust_colour(clip, brightness, contrast, saturation, (path[:, 3] * 0.1).clamp(-0.5, 0.5))


def static_jitter(clip: Clip, generator: Generator, strength: tuple[float, float, float, float]) -> Clip:
    """One draw for all frames: factors within 1 ± strength for the first three, a turn within ± strength for the hue."""
    low, high = -torch.tensor(strength), torch.tensor(strength)
    brightness, contrast, saturation, hue = (low + (high - low) * uniform(generator, 0, 1, 4))[:, None].expand(
        4, len(clip)
    )
    return adjust_colour(clip, 1 + brightness, 1 + contrast, 1 + saturation, hue)


def adjust_colour(clip: Clip, brightness: PerFrame, contrast: PerFrame, saturation: PerFrame, hue: PerFrame) -> Clip:
    """The four changes in this order. A factor of 1 changes nothing; hue is a turn of the colour circle in [-0.5, 0.5]."""
    brightness, contrast, saturation, hue = (
        factor.to(clip)[:, None, None, None] for factor in (brightness, contrast, saturation, hue)
    )
    clip = (clip * brightness).clamp(0, 1)
    clip = _blend(clip, rgb_to_grayscale(clip).mean((1, 2, 3), keepdim=True), contrast)
    clip = _blend(clip, rgb_to_grayscale(clip), saturation)
    return turn_hue(clip, hue[:, 0])


def greyscale(clip: Clip) -> Clip:
    """Luma (ITU-R 601) in all three channels."""
    return rgb_to_grayscale(clip, num_output_channels=3)


def turn_hue(clip: Clip, turn: Float[Tensor, "T 1 1"]) -> Clip:
    """Turn the hue by a share of the circle, through HSV and back (Smith, 1978)."""
    red, green, blue = clip.unbind(1)  # (T, H, W)
    value = clip.amax(1)
    chroma = value - clip.amin(1)
    safe = chroma.clamp(min=1e-8)  # a grey has no hue; its chroma of 0 below makes any hue right
    sector = torch.where(
        value == red,
        (green - blue) / safe,
        torch.where(value == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )  # hue in sixths of the circle
    sector = sector + 6 * turn
    offsets = torch.tensor([5, 3, 1], device=clip.device, dtype=clip.dtype)[:, None, None]  # R, G, B
    k = (offsets + sector[:, None]) % 6  # (T, 3, H, W)
    return (value[:, None] - chroma[:, None] * torch.minimum(k, 4 - k).clamp(0, 1)).clamp(0, 1)


def _blend(clip: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    return (factor * clip + (1 - factor) * other).clamp(0, 1)
