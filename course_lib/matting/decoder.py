"""The recurrent decoder: from stride 16 back to full size, remembering on the way.

RVM §3.2 (arXiv 2108.11515). A bottleneck at stride 16, three upsampling blocks at strides 8, 4 and 2, an output block at
stride 1. The first four hold a ConvGRU each, on half of their channels (the identity split): one half remembers, the other
passes through. Each upsampling block also sees the encoder's features and a small copy of the frame.

Odd sizes: a strided convolution turns H into ceil(H/2); so does the image pyramid (ceil_mode), whose edge cells average only
the pixels that exist. An upsampled map is cropped to the size of its level.

For ablations the memory may be a ConvLSTM, and it may see all channels (`split=False`). Its attribute is called `gru` in any
case, after the authors' keys.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting.conv_gru import ConvGRU
from course_lib.matting.conv_lstm import ConvLSTM
from course_lib.matting.frames import unfold_time

Memory = type[ConvGRU] | type[ConvLSTM]


class RecurrentDecoder(nn.Module):
    """Features f1 … f4 and frames, folded to (B·T, …), and four states → hidden features (B·T, 16, H, W), four new states.

    feature_channels: of f1, f2, f3 and of the LR-ASPP output. decoder_channels: of decode3, decode2, decode1, decode0.
    memory: ConvGRU or ConvLSTM. split: on half of the channels, or on all.
    """

    def __init__(
        self,
        feature_channels: Sequence[int],
        decoder_channels: Sequence[int],
        memory: Memory = ConvGRU,
        split: bool = True,
    ) -> None:
        super().__init__()
        f1, f2, f3, f4 = feature_channels
        d3, d2, d1, d0 = decoder_channels
        self.avgpool = ImagePyramid()
        self.decode4 = BottleneckBlock(f4, memory, split)
        self.decode3 = UpsamplingBlock(f4, f3, d3, memory, split)
        self.decode2 = UpsamplingBlock(d3, f2, d2, memory, split)
        self.decode1 = UpsamplingBlock(d2, f1, d1, memory, split)
        self.decode0 = OutputBlock(d1, d0)
        remembered = [channels // 2 if split else channels for channels in (d1, d2, d3, f4)]
        self.state_channels = tuple(memory.STATES * channels for channels in remembered)  # of r1 … r4

    def forward(
        self,
        frames: Float[Tensor, "BT 3 H W"],
        features: Sequence[Tensor],
        states: Sequence[Tensor | None],
        clip_length: int | None,
    ) -> tuple[Float[Tensor, "BT D H W"], list[Tensor]]:
        f1, f2, f3, f4 = features
        r1, r2, r3, r4 = states
        s1, s2, s3 = self.avgpool(frames)
        x, r4 = self.decode4(f4, r4, clip_length)  # stride 16
        x, r3 = self.decode3(x, f3, s3, r3, clip_length)  # stride 8
        x, r2 = self.decode2(x, f2, s2, r2, clip_length)  # stride 4
        x, r1 = self.decode1(x, f1, s1, r1, clip_length)  # stride 2
        return self.decode0(x, frames), [r1, r2, r3, r4]  # stride 1

    def state_shapes(self, batch: int, height: int, width: int) -> list[tuple[int, int, int, int]]:
        """Shapes of r1 … r4 for frames of height × width: strides 2, 4, 8, 16, rounded up."""
        return [
            (batch, channels, -(-height // stride), -(-width // stride))
            for channels, stride in zip(self.state_channels, (2, 4, 8, 16), strict=True)
        ]


class ImagePyramid(nn.Module):
    """The frame at strides 2, 4 and 8: (N, 3, H, W) → three tensors, sizes rounded up."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)

    def forward(self, frames: Float[Tensor, "N 3 H W"]) -> tuple[Tensor, Tensor, Tensor]:
        s1 = self.pool(frames)
        s2 = self.pool(s1)
        return s1, s2, self.pool(s2)


class BottleneckBlock(nn.Module):
    """Stride 16: no convolution, only the memory on half of the channels."""

    def __init__(self, channels: int, memory: Memory = ConvGRU, split: bool = True) -> None:
        super().__init__()
        self.gru = memory(channels // 2 if split else channels)

    def forward(
        self, x: Float[Tensor, "BT C H W"], state: Tensor | None, clip_length: int | None
    ) -> tuple[Tensor, Tensor]:
        return remember(self.gru, x, state, clip_length)


class UpsamplingBlock(nn.Module):
    """Twice the size; joined with the encoder's features and the small frame; mixed by a 3×3 convolution; half remembered."""

    def __init__(
        self,
        in_channels: int,
        skip_channels: int,
        out_channels: int,
        memory: Memory = ConvGRU,
        split: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(in_channels + skip_channels + 3, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )
        self.gru = memory(out_channels // 2 if split else out_channels)

    def forward(
        self,
        x: Float[Tensor, "BT C h w"],
        skip: Float[Tensor, "BT S H W"],
        frames: Float[Tensor, "BT 3 H W"],
        state: Tensor | None,
        clip_length: int | None,
    ) -> tuple[Tensor, Tensor]:
        x = torch.cat([upsample_to(x, frames), skip, frames], dim=1)  # (BT, C + S + 3, H, W)
        return remember(self.gru, self.conv(x), state, clip_length)


class OutputBlock(nn.Module):
    """Full size: two plain convolutions, no memory (a state here would take more memory than all the others together)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(in_channels + 3, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )

    def forward(self, x: Float[Tensor, "BT C h w"], frames: Float[Tensor, "BT 3 H W"]) -> Float[Tensor, "BT D H W"]:
        return self.conv(torch.cat([upsample_to(x, frames), frames], dim=1))


class Projection(nn.Module):
    """1×1 convolution with bias, from the hidden features to what is asked for."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: Float[Tensor, "N C H W"]) -> Float[Tensor, "N D H W"]:
        return self.conv(x)


def remember(
    gru: ConvGRU | ConvLSTM, x: Tensor, state: Tensor | None, clip_length: int | None
) -> tuple[Tensor, Tensor]:
    """All channels (BT, C, H, W) through a memory as wide as they are, or half of them through one of half the width."""
    if gru.channels != x.shape[1]:
        return remember_half(gru, x, state, clip_length)
    remembered, state = gru(unfold_time(x, clip_length), state)
    return remembered if clip_length is None else remembered.flatten(0, 1), state


def remember_half(
    gru: ConvGRU | ConvLSTM, x: Tensor, state: Tensor | None, clip_length: int | None
) -> tuple[Tensor, Tensor]:
    """The identity split: the first half of the channels passes, the second goes through the GRU."""
    passing, remembered = x.chunk(2, dim=1)  # two times (BT, C/2, H, W)
    remembered, state = gru(unfold_time(remembered, clip_length), state)
    if clip_length is not None:
        remembered = remembered.flatten(0, 1)  # (BT, C/2, H, W)
    return torch.cat([passing, remembered], dim=1), state


def upsample_to(x: Float[Tensor, "N C h w"], level: Float[Tensor, "N D H W"]) -> Float[Tensor, "N C H W"]:
    """Bilinear × 2, then the top-left H × W: at odd sizes the last row or column is one too many."""
    x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    return x[:, :, : level.shape[2], : level.shape[3]]
