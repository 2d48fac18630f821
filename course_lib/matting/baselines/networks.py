"""RVM as a method, in three ways: with its memory, without it, and as a hard segmentation.

What the memory is worth and what soft edges are worth is then a comparison of two rows of a table. RVM §5 (arXiv 2108.11515).
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting.baselines.interface import Extras, Method, check_clip, parts


def recurrent_network(model: nn.Module, downsample_ratio: float = 1.0) -> Method:
    """RVM as it is meant: the frames are one clip, from an empty memory."""

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        check_clip(frames)
        network, alphas, states = model.to(frames.device), [], []
        with torch.no_grad():
            for part in parts(frames):
                _, alpha, *states = network(part[None], *states, downsample_ratio=downsample_ratio)
                alphas.append(alpha[0])  # (t, 1, H, W)
        return torch.cat(alphas)

    return method


def per_frame_network(model: nn.Module, downsample_ratio: float = 1.0) -> Method:
    """The same network, its state reset before each frame: the frames are a batch, none knows of another."""

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        check_clip(frames)
        network = model.to(frames.device)
        with torch.no_grad():
            return torch.cat([network(part, downsample_ratio=downsample_ratio)[1] for part in parts(frames)])

    return method


def hard_segmentation(model: nn.Module, threshold: float = 0.5) -> Method:
    """Person or not, 0 or 1: the segmentation head's probability above `threshold`.

    Weights without that head (the published browser model has no `project_seg`): alpha above `threshold`, which is a little
    better than the head's mask would be, since alpha was trained on finer edges.
    """

    def method(frames: Float[Tensor, "T 3 H W"], extras: Extras) -> Float[Tensor, "T 1 H W"]:
        check_clip(frames)
        network, masks, states = model.to(frames.device), [], []
        with torch.no_grad():
            for part in parts(frames):
                if model.segmentation_available:
                    logits, *states = network(part[None], *states, segmentation_pass=True)
                    certainty = logits[0].sigmoid()  # (t, 1, H, W)
                else:
                    _, alpha, *states = network(part[None], *states)
                    certainty = alpha[0]
                masks.append((certainty > threshold).to(frames))
        return torch.cat(masks)

    return method
