"""The backbones of SparseInst by name, behind one small interface.

A backbone takes normalised pictures (B, 3, H, W), H and W multiples of 32, and returns C3, C4, C5 at strides 8, 16 and 32;
`channels` says how many channels each has. Nothing else of it is used (SparseInst §3, arXiv 2203.12827).

"resnet50" has the authors' names and frozen batch norm, so that their checkpoints load. The others keep torchvision's names
and train their batch norm: they may start from random weights, which frozen batch norm would not survive
(`frozen_batch_norm`).
"""

from functools import partial
from typing import Literal, Protocol

from torch import Tensor, nn

from course_lib.instances.frozen_batch_norm import FrozenBatchNorm
from course_lib.instances.resnet import ResNet50
from course_lib.instances.torchvision_backbones import MobileNetV3Large, TorchvisionResNet

BackboneName = Literal["resnet50", "mobilenetv3", "resnet18", "resnet34", "resnet50_torchvision"]

TORCHVISION = {
    "mobilenetv3": MobileNetV3Large,
    "resnet18": partial(TorchvisionResNet, "resnet18"),
    "resnet34": partial(TorchvisionResNet, "resnet34"),
    "resnet50_torchvision": partial(TorchvisionResNet, "resnet50"),
}
BACKBONES = ("resnet50", *TORCHVISION)


class Backbone(Protocol):
    """What the rest of the network needs to know of it."""

    channels: tuple[int, int, int]  # of C3, C4, C5

    def __call__(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]: ...


def build_backbone(name: BackboneName, pretrained: bool = False, frozen_batch_norm: bool | None = None) -> nn.Module:
    """frozen_batch_norm: None is the backbone's habit, True for "resnet50" and False for the others.

    Raises ValueError for an unknown name, RuntimeError where pretrained weights cannot be reached.
    """
    if name == "resnet50":
        return ResNet50(nn.BatchNorm2d if frozen_batch_norm is False else FrozenBatchNorm, pretrained)
    if name not in TORCHVISION:
        raise ValueError(f"backbone {name!r} is not one of {', '.join(BACKBONES)}")
    return TORCHVISION[name](frozen_batch_norm=bool(frozen_batch_norm), pretrained=pretrained)
