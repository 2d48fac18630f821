"""MobileNetV3-Large and ResNet-18, -34, -50 as torchvision has them, cut where the strides are 8, 16 and 32.

Howard et al. 2019 (arXiv 1905.02244), table 1; He et al. 2015 (arXiv 1512.03385), table 1. Unlike in RVM, the last stage of
MobileNetV3 is not dilated here: it runs at stride 32. A dilation has no weights, so those of a matting run fit
(`starting_weights`).

Paper, authors' code, ours: SparseInst was published with ResNets, PVT and DarkNets; these smaller ones are ours, for training
on a laptop.
"""

from collections.abc import Callable
from functools import partial

from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models import get_model, get_model_weights

from course_lib.instances.frozen_batch_norm import FrozenBatchNorm
from course_lib.instances.starting_weights import download_imagenet_weights


class MobileNetV3Large(nn.Module):
    """C5 is the last layer with all its 960 channels, which the classifier would pool."""

    channels = (40, 112, 960)
    cuts = (7, 13)  # C3 is what the first 7 layers of `features` give, C4 the first 13, C5 all 17

    def __init__(self, frozen_batch_norm: bool = False, pretrained: bool = False) -> None:
        super().__init__()
        # torchvision's MobileNetV3 was trained with ε = 0.001.
        norm = partial(FrozenBatchNorm, eps=1e-3) if frozen_batch_norm else None
        self.features = torchvision_network("mobilenet_v3_large", norm, pretrained).features

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised → C3 (B,40,H/8,W/8), C4 (B,112,H/16,W/16), C5 (B,960,H/32,W/32)."""
        first, second = self.cuts
        c3 = self.features[:first](images)
        c4 = self.features[first:second](c3)
        return c3, c4, self.features[second:](c4)


class TorchvisionResNet(nn.Module):
    """name: "resnet18", "resnet34" or "resnet50", with torchvision's keys."""

    def __init__(self, name: str, frozen_batch_norm: bool = False, pretrained: bool = False) -> None:
        super().__init__()
        network = torchvision_network(name, FrozenBatchNorm if frozen_batch_norm else None, pretrained)
        self.conv1, self.bn1, self.relu, self.maxpool = network.conv1, network.bn1, network.relu, network.maxpool
        self.layer1, self.layer2 = network.layer1, network.layer2
        self.layer3, self.layer4 = network.layer3, network.layer4
        deepest = network.fc.in_features
        self.channels = (deepest // 4, deepest // 2, deepest)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised → C3 (B,C,H/8,W/8), C4 (B,2C,H/16,W/16), C5 (B,4C,H/32,W/32); C is 128, or 512 in ResNet-50."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        c3 = self.layer2(self.layer1(x))
        c4 = self.layer3(c3)
        return c3, c4, self.layer4(c4)


def torchvision_network(name: str, norm: Callable[[int], nn.Module] | None, pretrained: bool) -> nn.Module:
    """The classifier, with torchvision's own batch norm (norm=None) or another one, with or without ImageNet weights."""
    network = get_model(name, norm_layer=norm)
    if pretrained:
        network.load_state_dict(download_imagenet_weights(get_model_weights(name).IMAGENET1K_V1))
    return network
