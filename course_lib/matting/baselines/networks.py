"""RVM as a method, in three ways: with its memory, without it, and as a hard segmentation.

What the memory is worth and what soft edges are worth is then a comparison of two rows of a table. RVM §5 (arXiv 2108.11515).
"""

from typing import Literal

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting.baselines.interface import Extras, Method, check_clip, parts
from course_lib.matting.network import ratio_for

Ratio = float | Literal["auto"]


def recurrent_network(model: nn.Module, downsample_ratio: Ratio = 1.0) -> Method:
    """RVM as it is meant: the frames are one clip, from an empty memory."""

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        check_clip(frames)
        network, alphas, states = model.to(frames.device), [], []
        ratio = ratio_for(model, frames, downsample_ratio)
        with torch.no_grad():
            for part in parts(frames):
                _, alpha, *states = network(part[None], *states, downsample_ratio=ratio)
                alphas.append(alpha[0])  # (t, 1, H, W)
        return torch.cat(alphas)

    return method


def per_frame_network(model: nn.Module, downsample_ratio: Ratio = 1.0) -> Method:
    """The same network, its state reset before each frame: the frames are a batch, none knows of another."""

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        check_clip(frames)
        network, ratio = model.to(frames.device), ratio_for(model, frames, downsample_ratio)
        with torch.no_grad():
            return torch.cat([network(part, downsample_ratio=ratio)[1] for part in parts(frames)])

    return method


def hard_segmentation(model: nn.Module, threshold: float = 0.5, downsample_ratio: Ratio = 1.0) -> Method:
    """Person or not, 0 or 1: the segmentation head's probability above `threshold`, enlarged bilinearly where it is small.

    Weights without that head (the published browser model has no `project_seg`): alpha above `threshold`, which is a little
    better than the head's mask would be, since alpha was trained on finer edges.
    """

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        check_clip(frames)
        network, masks, states = model.to(frames.device), [], []
        ratio = ratio_for(model, frames, downsample_ratio)
        with torch.no_grad():
            for part in parts(frames):
                if model.segmentation_available:
                    logits, *states = network(part[None], *states, downsample_ratio=ratio, segmentation_pass=True)
                    small = logits[0].sigmoid()  # (t, 1, h, w)
                    certainty = F.interpolate(small, part.shape[-2:], mode="bilinear", align_corners=False)
                else:
                    _, alpha, *states = network(part[None], *states, downsample_ratio=ratio)
                    certainty = alpha[0]
                masks.append((certainty > threshold).to(frames))
        return torch.cat(masks)

    return method
