"""The instance context encoder: three feature maps in, one out that knows its surroundings.

SparseInst §3 (arXiv 2203.12827). There is no box around an instance that would say how large it is, so every pixel must see
enough: pyramid pooling on C5 (Zhao et al. 2016, arXiv 1612.01105, §3.2) gives the whole picture in four grains, a feature
pyramid (Lin et al. 2016, arXiv 1612.03144, §3) carries it down to stride 8, and a 1×1 convolution fuses all three scales there.

Paper, authors' code, ours: no norm anywhere, ReLU only inside the pooling; index 0 is the deepest level. All as the authors'.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.instances.initialisation import msra_fill, xavier_fill

POOLED_SIZES = (1, 2, 3, 6)


class InstanceContextEncoder(nn.Module):
    """C3, C4, C5 → (B, width, H/8, W/8). in_channels: of C3, C4, C5."""

    def __init__(self, in_channels: Sequence[int], width: int = 256) -> None:
        super().__init__()
        deepest_first = tuple(reversed(in_channels))
        self.fpn_laterals = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in deepest_first)
        self.fpn_outputs = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in deepest_first)
        self.ppm = PyramidPooling(width)
        self.fusion = nn.Conv2d(3 * width, width, 1)
        for layer in (*self.fpn_laterals, *self.fpn_outputs):
            xavier_fill(layer)
        msra_fill(self.fusion)

    def forward(self, features: Sequence[Tensor]) -> Float[Tensor, "B D H/8 W/8"]:
        c3, c4, c5 = features
        lateral5, lateral4, lateral3 = self.fpn_laterals
        output5, output4, output3 = self.fpn_outputs
        p5 = self.ppm(lateral5(c5))  # (B, D, H/32, W/32)
        p4 = add_from_above(lateral4(c4), p5)  # (B, D, H/16, W/16)
        p3 = add_from_above(lateral3(c3), p4)  # (B, D, H/8, W/8)
        scales = [output3(p3), resize_like(output4(p4), p3), resize_like(output5(p5), p3)]
        return self.fusion(torch.cat(scales, dim=1))  # (B, 3·D, H/8, W/8) → (B, D, H/8, W/8)


class PyramidPooling(nn.Module):
    """The map beside its own means over 1×1, 2×2, 3×3 and 6×6 cells: (B, D, h, w) → the same shape.

    Padding of the batch lies in those cells too, and lowers their means.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        inner = width // len(POOLED_SIZES)
        self.stages = nn.ModuleList(
            nn.Sequential(nn.AdaptiveAvgPool2d(size), nn.Conv2d(width, inner, 1)) for size in POOLED_SIZES
        )
        self.bottleneck = nn.Conv2d(width + inner * len(POOLED_SIZES), width, 1)

    def forward(self, x: Float[Tensor, "B D h w"]) -> Float[Tensor, "B D h w"]:
        grains = [resize_like(stage(x).relu(), x) for stage in self.stages]  # four times (B, D/4, h, w)
        return self.bottleneck(torch.cat([*grains, x], dim=1)).relu()


def add_from_above(lateral: Float[Tensor, "B D H W"], above: Float[Tensor, "B D h w"]) -> Float[Tensor, "B D H W"]:
    """Each cell of the level above is added to the four cells that lie under it."""
    return lateral + F.interpolate(above, size=lateral.shape[-2:], mode="nearest")


def resize_like(x: Float[Tensor, "B D h w"], target: Float[Tensor, "B E H W"]) -> Float[Tensor, "B D H W"]:
    return F.interpolate(x, size=target.shape[-2:], mode="bilinear", align_corners=False)
