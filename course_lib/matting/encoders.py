"""The two encoders of RVM: a frame in, four feature maps at strides 2, 4, 8 and 16 out.

RVM §3.1 (arXiv 2108.11515) takes MobileNetV3-Large (Howard et al. 2019, arXiv 1905.02244) or ResNet-50 (He et al. 2015),
both with a dilated last stage (Chen et al. 2017, arXiv 1706.05587): the last down-sampling is dropped and the kernels
behind it are spread apart instead, so the features keep stride 16 and the receptive field of stride 32.

Paper, authors' code, ours: the paper says that both encoders see ImageNet-normalised frames; the authors' ResNet-50 sees
them as they are. Their weights were trained so, and we keep it. The layers come from torchvision, minus the classifier.
"""

from urllib.error import URLError

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models import (
    MobileNet_V3_Large_Weights,
    ResNet50_Weights,
    WeightsEnum,
    mobilenet_v3_large,
    resnet50,
)

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


class MobileNetV3LargeEncoder(nn.Module):
    """MobileNetV3-Large with a dilated last stage; normalises its input itself."""

    channels = (16, 24, 40, 960)  # f1 … f4 at strides 2, 4, 8, 16
    taps = (1, 3, 6, 16)  # the layers of `features` whose outputs are f1 … f4

    def __init__(self, pretrained: bool = False) -> None:
        super().__init__()
        network = mobilenet_v3_large(dilated=True)
        if pretrained:
            network.load_state_dict(download_imagenet_weights(MobileNet_V3_Large_Weights.IMAGENET1K_V1))
        self.features = network.features

    def forward(self, frames: Float[Tensor, "N 3 H W"]) -> list[Tensor]:
        """RGB in [0, 1] → [f1 (N,16,H/2,W/2), f2 (N,24,H/4,W/4), f3 (N,40,H/8,W/8), f4 (N,960,H/16,W/16)], sizes rounded up."""
        x = normalise(frames)
        taps = []
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in self.taps:
                taps.append(x)
        return taps


class ResNet50Encoder(nn.Module):
    """ResNet-50 with a dilated last stage. It does not normalise its input: see the note at the top of this file."""

    channels = (64, 256, 512, 2048)

    def __init__(self, pretrained: bool = False) -> None:
        super().__init__()
        network = resnet50(replace_stride_with_dilation=[False, False, True])
        if pretrained:
            network.load_state_dict(download_imagenet_weights(ResNet50_Weights.IMAGENET1K_V1))
        self.conv1, self.bn1, self.relu, self.maxpool = network.conv1, network.bn1, network.relu, network.maxpool
        self.layer1, self.layer2 = network.layer1, network.layer2
        self.layer3, self.layer4 = network.layer3, network.layer4

    def forward(self, frames: Float[Tensor, "N 3 H W"]) -> list[Tensor]:
        """RGB in [0, 1] → [f1 (N,64,H/2,W/2), f2 (N,256,H/4,W/4), f3 (N,512,H/8,W/8), f4 (N,2048,H/16,W/16)]."""
        f1 = self.relu(self.bn1(self.conv1(frames)))
        f2 = self.layer1(self.maxpool(f1))
        f3 = self.layer2(f2)
        f4 = self.layer4(self.layer3(f3))  # both at stride 16: layer4 is dilated
        return [f1, f2, f3, f4]


def normalise(frames: Float[Tensor, "N 3 H W"]) -> Float[Tensor, "N 3 H W"]:
    """Subtract ImageNet's mean and divide by its standard deviation, channel by channel.

    Plain arithmetic, so that `torch.export` can leave height and width open.
    """
    mean = torch.tensor(IMAGENET_MEAN, dtype=frames.dtype, device=frames.device).view(1, 3, 1, 1)
    std = torch.tensor(IMAGENET_STD, dtype=frames.dtype, device=frames.device).view(1, 3, 1, 1)
    return (frames - mean) / std


def download_imagenet_weights(weights: WeightsEnum) -> dict[str, Tensor]:
    """torchvision's ImageNet state dict (hash checked). RuntimeError with the remedy where it cannot be reached."""
    try:
        return weights.get_state_dict(check_hash=True)
    except (URLError, OSError) as error:
        raise RuntimeError(
            f"ImageNet weights {weights} could not be downloaded ({error}). "
            "Connect to the internet once, or build the model with pretrained_backbone=False."
        ) from error
