"""Guided filters: a matte made at low resolution, brought to high resolution with the frame as the guide.

He & Sun 2015 (fast guided filter, arXiv 1505.00996) and Wu et al. 2018 (deep guided filter, arXiv 1803.05619), as RVM §3.3.
Within each small window the output is a line of the guide, y ≈ A·x + b. A and b are found at low resolution, enlarged, and
applied to the full frame:

    A = cov(x, y) / (var(x) + ε)   (fast)      A = g(cov(x, y), var(x), hidden)   (deep)      b = mean(y) − A · mean(x)

Colour residuals are guided by their own colour channel, alpha by the grey mean of the three.

Paper, authors' code, ours: box filters pad with zeros and divide by the full 9, so a mean at the border is too small; in the
deep filter the box is a trainable parameter that starts at 1/9. Both as in the authors' code, for their weights.
"""

from contextlib import nullcontext

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting.frames import clip_length, fold_time, unfold_time


class GuidedFilter(nn.Module):
    """What the two filters share. A subclass gives `box` (local mean) and `slope` (A)."""

    def forward(
        self,
        frames: Float[Tensor, "*batch 3 H W"],
        small_frames: Float[Tensor, "*batch 3 h w"],
        residual: Float[Tensor, "*batch 3 h w"],
        alpha: Float[Tensor, "*batch 1 h w"],
        hidden: Float[Tensor, "*batch 16 h w"],
    ) -> tuple[Tensor, Tensor]:
        """→ foreground residual (…, 3, H, W) and alpha (…, 1, H, W). Frames and clips alike; all share their leading axes."""
        length, dtype = clip_length(frames), alpha.dtype
        frames, small_frames, residual, alpha, hidden = map(fold_time, (frames, small_frames, residual, alpha, hidden))
        # Variances are small differences of large numbers: 16 bits lose them (alpha is then off by up to 1). The box filter
        # is a convolution, which autocast would take back to 16 bits: it has no say in here.
        exact = torch.promote_types(dtype, torch.float32)
        frames, small_frames, residual, alpha = (x.to(exact) for x in (frames, small_frames, residual, alpha))
        autocast = torch.amp.is_autocast_available(frames.device.type)  # the device "meta" has none
        with torch.autocast(frames.device.type, enabled=False) if autocast else nullcontext():
            residual, alpha = self.filter(frames, small_frames, residual, alpha, hidden)
        return unfold_time(residual.to(dtype), length), unfold_time(alpha.to(dtype), length)

    def filter(
        self, frames: Tensor, small_frames: Tensor, residual: Tensor, alpha: Tensor, hidden: Tensor
    ) -> list[Tensor]:
        """`forward` for a batch of frames, in at least 32 bits."""
        guide = with_grey(frames)  # (N, 4, H, W)
        x = with_grey(small_frames)  # (N, 4, h, w)
        y = torch.cat([residual, alpha], dim=1)  # (N, 4, h, w)

        mean_x, mean_y = self.box(x), self.box(y)
        cov = self.box(x * y) - mean_x * mean_y
        var = self.box(x * x) - mean_x * mean_x
        a = self.slope(cov, var, hidden)
        b = mean_y - a * mean_x

        size = frames.shape[2:]
        a = F.interpolate(a, size, mode="bilinear", align_corners=False)
        b = F.interpolate(b, size, mode="bilinear", align_corners=False)
        return (a * guide + b).split([3, 1], dim=1)

    def box(self, x: Float[Tensor, "N 4 h w"]) -> Float[Tensor, "N 4 h w"]:
        raise NotImplementedError

    def slope(self, cov: Tensor, var: Tensor, hidden: Tensor) -> Float[Tensor, "N 4 h w"]:
        raise NotImplementedError


class FastGuidedFilter(GuidedFilter):
    """No parameters: 3×3 box, A = cov / (var + eps)."""

    def __init__(self, eps: float = 1e-5) -> None:
        super().__init__()
        self.eps = eps

    def box(self, x: Float[Tensor, "N 4 h w"]) -> Float[Tensor, "N 4 h w"]:
        return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=True)

    def slope(self, cov: Tensor, var: Tensor, hidden: Tensor) -> Float[Tensor, "N 4 h w"]:
        return cov / (var + self.eps)


class DeepGuidedFilter(GuidedFilter):
    """A from a small network of 1×1 convolutions on covariance, variance and the decoder's hidden features."""

    def __init__(self, hidden_channels: int = 16) -> None:
        super().__init__()
        self.box_filter = nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False)
        nn.init.constant_(self.box_filter.weight, 1 / 9)
        self.conv = nn.Sequential(
            nn.Conv2d(4 + 4 + hidden_channels, hidden_channels, 1, bias=False),
            nn.BatchNorm2d(hidden_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden_channels, hidden_channels, 1, bias=False),
            nn.BatchNorm2d(hidden_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(hidden_channels, 4, 1),
        )

    def box(self, x: Float[Tensor, "N 4 h w"]) -> Float[Tensor, "N 4 h w"]:
        return F.conv2d(x, self.box_filter.weight.to(x.dtype), padding=1, groups=4)

    def slope(self, cov: Tensor, var: Tensor, hidden: Tensor) -> Float[Tensor, "N 4 h w"]:
        inputs = torch.cat([cov, var, hidden.to(cov.dtype)], dim=1)
        return self.conv(inputs.to(self.box_filter.weight.dtype)).to(cov.dtype)


def with_grey(frames: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 4 H W"]:
    """RGB and its mean: three guides for the colours, one for alpha."""
    return torch.cat([frames, frames.mean(dim=1, keepdim=True)], dim=1)
