"""Robust Video Matting, assembled: encoder → LR-ASPP → recurrent decoder → (guided filter) → foreground and alpha.

Lin et al. 2021, "Robust High-Resolution Video Matting with Temporal Guidance" (arXiv 2108.11515), §3, figure 2.

Paper, authors' code, ours: a downsample_ratio of exactly 1 leaves the guided filter out, as theirs does. The decoder predicts
the foreground as a residual to the frame. Foreground and alpha are clamped to [0, 1], in training too. Ours differs in saying
what is wrong with an input before a layer fails on it: nothing else is added.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting.conv_gru import ConvGRU
from course_lib.matting.decoder import Memory, Projection, RecurrentDecoder
from course_lib.matting.encoders import MobileNetV3LargeEncoder, ResNet50Encoder
from course_lib.matting.frames import clip_length, fold_time, unfold_time
from course_lib.matting.guided_filter import DeepGuidedFilter, FastGuidedFilter
from course_lib.matting.lr_aspp import LRASPP

Backbone = Literal["mobilenetv3", "resnet50"]
Refiner = Literal["deep_guided_filter", "fast_guided_filter"]

# encoder, LR-ASPP channels, decoder channels at strides 8, 4, 2, 1
VARIANTS = {
    "mobilenetv3": (MobileNetV3LargeEncoder, 128, (80, 40, 32, 16)),
    "resnet50": (ResNet50Encoder, 256, (128, 64, 32, 16)),
}
TRAINED_SIDE = 512  # of the authors' weights
REFINERS = {"deep_guided_filter": DeepGuidedFilter, "fast_guided_filter": FastGuidedFilter}


class RobustVideoMatting(nn.Module):
    """The whole network. Its state dict has the authors' keys and shapes, so their files load unchanged.

    pretrained_backbone: start from torchvision's ImageNet weights (downloaded once; RuntimeError where unreachable).
    memory, split: for ablations, another memory in the decoder, or one on all channels (`decoder`).
    segmentation_available: False for weights that lack `project_seg`, such as the authors' browser model.
    trained_side: longer side in pixels of what its weights were trained to look at; "auto" shows it no more (`ratio_for`).
    """

    def __init__(
        self,
        backbone: Backbone = "mobilenetv3",
        refiner: Refiner = "deep_guided_filter",
        pretrained_backbone: bool = False,
        memory: Memory = ConvGRU,
        split: bool = True,
    ) -> None:
        super().__init__()
        if backbone not in VARIANTS:
            raise ValueError(f"backbone {backbone!r} is not one of {', '.join(VARIANTS)}")
        if refiner not in REFINERS:
            raise ValueError(f"refiner {refiner!r} is not one of {', '.join(REFINERS)}")
        encoder, aspp_channels, decoder_channels = VARIANTS[backbone]
        hidden_channels = decoder_channels[-1]
        self.backbone = encoder(pretrained_backbone)
        self.aspp = LRASPP(encoder.channels[3], aspp_channels)
        self.decoder = RecurrentDecoder([*encoder.channels[:3], aspp_channels], decoder_channels, memory, split)
        self.project_mat = Projection(hidden_channels, 4)  # foreground residual (3) and alpha (1)
        self.project_seg = Projection(hidden_channels, 1)
        self.refiner = REFINERS[refiner]()
        self.segmentation_available = True
        self.trained_side = TRAINED_SIDE

    def forward(
        self,
        frames: Float[Tensor, "*batch 3 H W"],
        *states: Tensor | None,
        downsample_ratio: float = 1.0,
        segmentation_pass: bool = False,
    ) -> tuple[Tensor, ...]:
        """Matte frames (B, 3, H, W) or clips (B, T, 3, H, W), RGB in [0, 1].

        states: r1 … r4 as returned by the call before; none at the start of a video. They have rank 4 for clips too.
        downsample_ratio: the network runs at this fraction of the size (0 < ratio ≤ 1); the guided filter restores the rest.

        Returns foreground (…, 3, H, W), alpha (…, 1, H, W) and r1 … r4;
        with segmentation_pass logits (…, 1, h, w) at the small size and r1 … r4.

        Raises ValueError for a wrong shape, dtype, ratio or state, RuntimeError for a segmentation pass without weights.
        """
        if not torch.compiler.is_compiling():
            check_frames(frames, downsample_ratio)
        if segmentation_pass and not self.segmentation_available:
            raise RuntimeError(
                "segmentation_pass=True needs the layer project_seg, which these weights do not have (the authors' browser "
                "model leaves it out). Load the authors' .pth file: python data_scripts/get_rvm_weights.py --source official"
            )
        length = clip_length(frames)
        source = fold_time(frames)  # (N, 3, H, W), N = B or B·T
        small = source if downsample_ratio == 1 else shrink(source, downsample_ratio)  # (N, 3, h, w)
        states = self._check_states(states, small, length)

        f1, f2, f3, f4 = self.backbone(small)
        hidden, states = self.decoder(small, [f1, f2, f3, self.aspp(f4)], states, length)  # (N, 16, h, w)
        if segmentation_pass:
            return unfold_time(self.project_seg(hidden), length), *states

        residual, alpha = self.project_mat(hidden).split([3, 1], dim=1)
        if downsample_ratio != 1:
            residual, alpha = self.refiner(source, small, residual, alpha, hidden)
        foreground = (residual + source).clamp(0, 1)  # (N, 3, H, W)
        alpha = alpha.clamp(0, 1)  # (N, 1, H, W)
        return unfold_time(foreground, length), unfold_time(alpha, length), *states

    def _check_states(
        self, states: tuple[Tensor | None, ...], small: Tensor, length: int | None
    ) -> list[Tensor | None]:
        """Four states that fit the frames, or four times None."""
        if not states:
            return [None] * 4
        if len(states) != 4:
            raise ValueError(f"expected the four states r1 … r4 or none, got {len(states)}")
        if torch.compiler.is_compiling():
            return list(states)
        batch = small.shape[0] if length is None else small.shape[0] // length
        expected = self.decoder.state_shapes(batch, *small.shape[2:])
        for number, (state, shape) in enumerate(zip(states, expected, strict=True), start=1):
            if state is not None and tuple(state.shape) != shape:
                raise ValueError(
                    f"state r{number} has shape {tuple(state.shape)}, but these frames need {shape}. The states belong to "
                    "another size or batch: start again without states (a new video, a new size, a new batch)."
                )
        return list(states)


def shrink(frames: Float[Tensor, "N 3 H W"], ratio: float) -> Float[Tensor, "N 3 h w"]:
    """Bilinear, without antialiasing, sampled at exactly 1/ratio: what the published weights were trained with."""
    return F.interpolate(frames, scale_factor=ratio, mode="bilinear", align_corners=False, recompute_scale_factor=False)


def auto_downsample_ratio(height: int, width: int, side: int = TRAINED_SIDE) -> float:
    """The ratio that makes the longer side at most `side` pixels: the authors' rule, with their 512 pixels."""
    return min(side / max(height, width), 1.0)


def ratio_for(model: nn.Module, frames: Float[Tensor, "*batch 3 H W"], ratio: float | Literal["auto"]) -> float:
    """`ratio`, or what "auto" is for these frames and the side at which this model's weights were trained."""
    if ratio != "auto":
        return float(ratio)
    return auto_downsample_ratio(*frames.shape[-2:], getattr(model, "trained_side", TRAINED_SIDE))


def check_frames(frames: Tensor, downsample_ratio: float) -> None:
    """ValueError that names the remedy, before a layer fails with a message about a convolution."""
    clip_length(frames)
    if frames.shape[-3] != 3:
        raise ValueError(f"expected 3 colour channels (RGB) before height and width, got shape {tuple(frames.shape)}")
    if 0 in frames.shape:
        raise ValueError(f"there is nothing to matte in frames of shape {tuple(frames.shape)}")
    if not frames.is_floating_point():
        raise ValueError(f"frames are {frames.dtype}; the network takes RGB in [0, 1]: frames.float() / 255")
    if not 0 < downsample_ratio <= 1:
        raise ValueError(f"downsample_ratio is {downsample_ratio}; it must be above 0 and at most 1")
    height, width = frames.shape[-2:]
    if min(height * downsample_ratio, width * downsample_ratio) < 1:
        raise ValueError(f"downsample_ratio {downsample_ratio} leaves nothing of frames of {height}×{width} pixels")
