"""What a backbone may start from: ImageNet's weights from torchvision, or the encoder of a network trained here.

SparseInst starts from torchvision's ResNet-50 (authors' configuration, `torchvision/R-50.pkl`), with the layers renamed:

    conv1, bn1                    stem.conv1, stem.conv1.norm
    layer1 … layer4               res2 … res5
    conv2, bn2 in a block         conv2, conv2.norm
    downsample.0, downsample.1    shortcut, shortcut.norm

RVM's MobileNetV3 has the same tensors as ours. RVM runs its last stage dilated at stride 16, we run it at stride 32: the
kernels see twice the distance of what they were trained on until training puts that right.
"""

import re
from collections.abc import Mapping
from urllib.error import URLError

from torch import Tensor, nn
from torchvision.models import ResNet50_Weights, WeightsEnum


def download_imagenet_weights(weights: WeightsEnum) -> dict[str, Tensor]:
    """torchvision's ImageNet state dict (hash checked). RuntimeError with the remedy where it cannot be reached."""
    try:
        return weights.get_state_dict(check_hash=True)
    except (URLError, OSError) as error:
        raise RuntimeError(
            f"ImageNet weights {weights} could not be downloaded ({error}). "
            "Connect to the internet once, or build the model with pretrained_backbone=False."
        ) from error


def imagenet_resnet50() -> dict[str, Tensor]:
    """ResNet-50 of torchvision, without its classifier, under the authors' names."""
    return rename_resnet(download_imagenet_weights(ResNet50_Weights.IMAGENET1K_V1))


def rename_resnet(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """torchvision's names → the authors' names, as in the table above. The classifier `fc` is left out."""
    return {rename(name): tensor for name, tensor in state.items() if not name.startswith("fc.")}


def rename(name: str) -> str:
    if not name.startswith("layer"):
        name = f"stem.{name}"
    name = re.sub(r"^layer(\d)", lambda match: f"res{int(match[1]) + 1}", name)
    name = re.sub(r"\bbn(\d)", r"conv\1.norm", name)
    return name.replace("downsample.0", "shortcut").replace("downsample.1", "shortcut.norm")


def load_encoder(backbone: nn.Module, state: Mapping[str, Tensor]) -> None:
    """Fill a "mobilenetv3" backbone (`model.backbone`) from the state dict of a network with the same encoder.

    That is a `RobustVideoMatting` with MobileNetV3, or a `BackboneClassifier`.

    Raises ValueError when the state dict has no such encoder, or the backbone is another one.
    """
    prefix = "backbone."
    encoder = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
    if not any(name.startswith("features.") for name in encoder):
        raise ValueError(
            "the state dict has no MobileNetV3 encoder: no entry starts with backbone.features. "
            "Take that of a matting network or classifier with backbone mobilenetv3."
        )
    for name, tensor in backbone.state_dict().items():
        if name not in encoder or encoder[name].shape != tensor.shape:
            raise ValueError(f"the encoder does not fit this backbone, which must be mobilenetv3: see {name}")
    backbone.load_state_dict(encoder)
