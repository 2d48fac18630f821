"""Matting with a clean plate and a network: a frame, its neighbours and the empty scene → foreground and alpha.

Sengupta et al. 2020, "Background Matting: The World is Your Green Screen" (BGM, arXiv 2004.00626), §3.1. An encoder each for
the frame, the plate and the motion; a *context-switching block* then lets the network choose, place by place, which of the
priors to trust: each is first combined with the frame's features alone (a selector), and only then all with each other. Where
the person wears the wall's colour the plate says nothing, and the network can turn to motion.

BGM and ours differ:

- Size: 0.43 M parameters, strides 2, 4 and 8, four dilated residual blocks, one decoder with four outputs where the paper has
  two decoders.
- No soft segmentation from another network among the priors; frame, plate and motion only.
- The block stands at all three strides, where the paper's stands at the lowest: the plate shows a strand of hair at the
  large sizes only.
- The foreground is predicted as a residual to the frame, as in RVM.
- Motion is the two frames before and the two after in grey, one frame apart; at the ends of a clip the first and last frame
  are repeated, as the paper does with the picture itself for a photograph.
- Trained with RVM's losses (`losses`); the paper's second, adversarial stage on real footage is left out.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

NEIGHBOURS = 2  # frames before and after
CHANNELS = (16, 32, 64)  # at strides 2, 4, 8


class BackgroundMatting(nn.Module):
    """Clips only. Any size of at least 8 × 8."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ContextSwitchingEncoder()
        self.decoder = Decoder()
        self.project_mat = nn.Conv2d(16, 4, 1)  # foreground residual (3) and alpha (1)

    def forward(
        self, frames: Float[Tensor, "B T 3 H W"], plate: Float[Tensor, "B T 3 H W"]
    ) -> tuple[Float[Tensor, "B T 3 H W"], Float[Tensor, "B T 1 H W"]]:
        """→ foreground and alpha in [0, 1]. ValueError for shapes that do not belong together."""
        if frames.ndim != 5 or frames.shape[2] != 3 or frames.shape != plate.shape:
            raise ValueError(
                f"expected frames and plate as clips (B, T, 3, H, W), got {tuple(frames.shape)} and {tuple(plate.shape)}"
            )
        length, size = frames.shape[1], frames.shape[3:]
        folded = [clip.flatten(0, 1) for clip in (frames, plate, motion(frames))]  # (B·T, 3 | 3 | 4, H, W)
        # The border repeated up to multiples of 8, the stride of the smallest features.
        frame, behind, moving = (_pad(x) for x in folded)
        features = self.backbone(frame, behind, moving)
        hidden = self.decoder(torch.cat([frame, behind], dim=1), features)
        residual, alpha = self.project_mat(hidden)[:, :, : size[0], : size[1]].split([3, 1], dim=1)
        foreground = (residual + folded[0]).clamp(0, 1)
        return foreground.unflatten(0, (-1, length)), alpha.clamp(0, 1).unflatten(0, (-1, length))


class ContextSwitchingEncoder(nn.Module):
    """Frame, plate and motion (N, 3 | 3 | 4, H, W) → combined features at strides 2, 4 and 8."""

    def __init__(self) -> None:
        super().__init__()
        self.frame, self.plate, self.motion = Encoder(3), Encoder(3), Encoder(2 * NEIGHBOURS)
        self.switches = nn.ModuleList(ContextSwitch(channels) for channels in CHANNELS)

    def forward(self, frame: Tensor, plate: Tensor, motion: Tensor) -> list[Tensor]:
        encoded = zip(self.frame(frame), self.plate(plate), self.motion(motion), strict=True)
        return [switch(*level) for switch, level in zip(self.switches, encoded, strict=True)]


class ContextSwitch(nn.Module):
    """The paper's combinator: a selector for each prior, which sees it together with the frame; then all of them.

    Three maps (N, C, h, w) → (N, C, h, w).
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.select_plate = _block(2 * channels, half, kernel=1)
        self.select_motion = _block(2 * channels, half, kernel=1)
        self.combine = _block(channels + 2 * half, channels, kernel=1)

    def forward(self, frame: Tensor, plate: Tensor, motion: Tensor) -> Tensor:
        by_plate = self.select_plate(torch.cat([frame, plate], dim=1))
        by_motion = self.select_motion(torch.cat([frame, motion], dim=1))
        return self.combine(torch.cat([frame, by_plate, by_motion], dim=1))


class Encoder(nn.Module):
    """(N, in_channels, H, W) → features at strides 2, 4 and 8."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        channels = (in_channels, *CHANNELS)
        self.levels = nn.ModuleList(
            _block(before, after, stride=2) for before, after in zip(channels, CHANNELS, strict=False)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        features = []
        for level in self.levels:
            x = level(x)
            features.append(x)
        return features


class Decoder(nn.Module):
    """Residual blocks that look far (dilation), then back to full size over the skips. → (N, 16, H, W)."""

    def __init__(self) -> None:
        super().__init__()
        c2, c4, c8 = CHANNELS
        self.context = nn.Sequential(*(ResidualBlock(c8, dilation) for dilation in (1, 2, 4, 8)))
        self.decode4 = _block(c8 + c4, c4)
        self.decode2 = _block(c4 + c2, c2)
        self.decode1 = _block(c2 + 6, 16)

    def forward(self, pictures: Float[Tensor, "N 6 H W"], features: list[Tensor]) -> Float[Tensor, "N 16 H W"]:
        at2, at4, at8 = features
        x = self.context(at8)
        x = self.decode4(torch.cat([_double(x), at4], dim=1))
        x = self.decode2(torch.cat([_double(x), at2], dim=1))
        return self.decode1(torch.cat([_double(x), pictures], dim=1))


class ResidualBlock(nn.Module):
    """x + BN(conv(ReLU(BN(conv x)))), the first convolution dilated."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _block(channels, channels, dilation=dilation),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def motion(frames: Float[Tensor, "B T 3 H W"]) -> Float[Tensor, "B T 4 H W"]:
    """Grey neighbours t−2, t−1, t+1, t+2 of each frame; where the clip has none, its first or last frame."""
    grey, length = frames.mean(dim=2), frames.shape[1]  # (B, T, H, W)
    now = torch.arange(length, device=frames.device)
    offsets = [offset for offset in range(-NEIGHBOURS, NEIGHBOURS + 1) if offset]
    return torch.stack([grey[:, (now + offset).clamp(0, length - 1)] for offset in offsets], dim=2)


def _block(before: int, after: int, kernel: int = 3, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(
        before, after, kernel, stride, padding=dilation * (kernel // 2), dilation=dilation, bias=False
    )
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True))


def _pad(x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N C h w"]:
    below, right = (-side % 8 for side in x.shape[2:])
    return F.pad(x, (0, right, 0, below), mode="replicate") if below or right else x


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
