"""The decoder: one map of features in; per query a class, a kernel, an objectness, and the mask that its kernel makes.

SparseInst §3 (arXiv 2203.12827). Two branches of 3×3 convolutions: the instance branch finds the queries
(`activation_maps`), the mask branch describes every pixel by D numbers. A mask is a dot product per pixel:

    M_n = w_n · P        w_n (D) the kernel of query n, P (D × hw) the mask features; then bilinear × 2, to stride 4

Objectness: how well the mask fits (its IoU with the object, as in Huang et al. 2019, arXiv 1903.00241). It enters the score.

Paper, authors' code, ours: names, order and start are the authors'. `softmax_bias` has no effect, but their checkpoints
hold it. Any number of groups; coordinates and objectness can be left out, for ablations.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.instances.activation_maps import (
    KINDS,
    DecoderKind,
    activation_convolution,
    pool_under_maps,
    sigmoid_maps,
    softmax_maps,
)
from course_lib.instances.coordinates import add_coordinates
from course_lib.instances.initialisation import RARE_BIAS, gaussian_fill, msra_fill, xavier_fill
from course_lib.instances.output import SparseInstOutput


class Decoder(nn.Module):
    """(B, width, H/8, W/8) → `SparseInstOutput`. width: of the features and of both branches; kernel_width: D."""

    def __init__(
        self,
        kind: DecoderKind = "group",
        num_classes: int = 80,
        num_masks: int = 100,
        groups: int = 4,
        width: int = 256,
        kernel_width: int = 128,
        depth: int = 4,
        coordinates: bool = True,
        objectness: bool = True,
    ) -> None:
        super().__init__()
        self.coordinates = coordinates
        in_channels = width + 2 if coordinates else width
        self.inst_branch = InstanceBranch(
            kind, in_channels, num_classes, num_masks, groups, width, kernel_width, depth, objectness
        )
        self.mask_branch = MaskBranch(in_channels, width, kernel_width, depth)

    def forward(self, features: Float[Tensor, "B C h w"]) -> SparseInstOutput:
        if self.coordinates:
            features = add_coordinates(features)  # (B, C + 2, h, w)
        class_logits, kernels, objectness_logits, activation_maps = self.inst_branch(features)
        mask_features = self.mask_branch(features)  # (B, D, h, w)
        return SparseInstOutput(class_logits, draw_masks(kernels, mask_features), objectness_logits, activation_maps)


class InstanceBranch(nn.Module):
    """Who is there: features → class logits (B, N, K), kernels (B, N, D), objectness logits (B, N, 1), maps (B, G·N, h, w)."""

    def __init__(
        self,
        kind: DecoderKind,
        in_channels: int,
        num_classes: int,
        num_masks: int,
        groups: int,
        width: int,
        kernel_width: int,
        depth: int,
        objectness: bool,
    ) -> None:
        super().__init__()
        if kind not in KINDS:
            raise ValueError(f"decoder {kind!r} is not one of {', '.join(KINDS)}")
        self.groups = groups = 1 if kind == "base" else groups
        self.softmax_bias = nn.Parameter(torch.ones(1)) if kind == "group_softmax" else None
        self.inst_convs = convolutions(in_channels, width, depth)
        self.iam_conv = activation_convolution(width, num_masks, groups)
        query_width = groups * width
        self.fc = None if kind == "base" else nn.Linear(query_width, query_width)
        self.cls_score = nn.Linear(query_width, num_classes)
        self.mask_kernel = nn.Linear(query_width, kernel_width)
        self.objectness = nn.Linear(query_width, 1) if objectness else None  # keeps PyTorch's start
        gaussian_fill(self.cls_score, RARE_BIAS)
        gaussian_fill(self.mask_kernel)
        if self.fc is not None:
            xavier_fill(self.fc)

    def forward(self, features: Float[Tensor, "B C h w"]) -> tuple[Tensor, Tensor, Tensor | None, Tensor]:
        features = self.inst_convs(features)  # (B, width, h, w)
        logits = self.iam_conv(features)  # (B, G·N, h, w)
        return *self.answer(self.normalise(logits), features), logits

    def answer(
        self, maps: Float[Tensor, "B M h w"], features: Float[Tensor, "B C h w"]
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """Normalised maps, G·N of them, over features → class logits, kernels, objectness logits."""
        queries = pool_under_maps(maps, features, self.groups)  # (B, N, G·width)
        if self.fc is not None:
            queries = self.fc(queries).relu()
        objectness_logits = None if self.objectness is None else self.objectness(queries)
        return self.cls_score(queries), self.mask_kernel(queries), objectness_logits

    def normalise(self, logits: Float[Tensor, "B M h w"]) -> Float[Tensor, "B M h w"]:
        """Logits → maps whose pixels sum to 1."""
        if self.softmax_bias is None:
            return sigmoid_maps(logits)
        return softmax_maps(logits + self.softmax_bias)


class MaskBranch(nn.Module):
    """What is here: (B, C, h, w) → D numbers per pixel, (B, D, h, w)."""

    def __init__(self, in_channels: int, width: int, kernel_width: int, depth: int) -> None:
        super().__init__()
        self.mask_convs = convolutions(in_channels, width, depth)
        self.projection = nn.Conv2d(width, kernel_width, 1)
        msra_fill(self.projection)

    def forward(self, features: Float[Tensor, "B C h w"]) -> Float[Tensor, "B D h w"]:
        return self.projection(self.mask_convs(features))


def draw_masks(kernels: Float[Tensor, "B N D"], features: Float[Tensor, "B D h w"]) -> Float[Tensor, "B N 2h 2w"]:
    """A dot product per pixel, then twice the size: mask logits at stride 4."""
    masks = (kernels @ features.flatten(2)).unflatten(2, features.shape[2:])  # (B, N, D) → (B, N, h, w)
    return F.interpolate(masks, scale_factor=2, mode="bilinear", align_corners=False)


def convolutions(in_channels: int, width: int, depth: int) -> nn.Sequential:
    """`depth` times 3×3 and ReLU."""
    layers = []
    for index in range(depth):
        convolution = nn.Conv2d(width if index else in_channels, width, 3, padding=1)
        msra_fill(convolution)
        layers += [convolution, nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)
