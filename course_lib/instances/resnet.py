"""ResNet-50 under the authors' names: a picture in, features at strides 8, 16 and 32 out.

He et al. 2015 (arXiv 1512.03385), table 1, with the stride on the 3×3 convolution, as torchvision has it. Per block:
1×1 down to a quarter, 3×3, 1×1 up again, plus the input; ReLU after the sum.

Paper, authors' code, ours: the layers are called as the authors' library calls them (`stem`, `res2` … `res5`, `conv1.norm`,
`shortcut`), so their checkpoints load unchanged. torchvision's ImageNet weights go in by `starting_weights`.
"""

from collections.abc import Callable

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.instances.initialisation import msra_fill
from course_lib.instances.starting_weights import imagenet_resnet50

BLOCKS = (3, 4, 6, 3)  # of res2 … res5


class ResNet50(nn.Module):
    """norm: what normalises, given the number of channels. pretrained: torchvision's ImageNet weights (downloaded once)."""

    channels = (512, 1024, 2048)  # C3, C4, C5

    def __init__(self, norm: Callable[[int], nn.Module], pretrained: bool = False) -> None:
        super().__init__()
        self.stem = Stem(norm)
        self.res2 = stage(64, 256, BLOCKS[0], 1, norm)
        self.res3 = stage(256, 512, BLOCKS[1], 2, norm)
        self.res4 = stage(512, 1024, BLOCKS[2], 2, norm)
        self.res5 = stage(1024, 2048, BLOCKS[3], 2, norm)
        if pretrained:
            self.load_state_dict(imagenet_resnet50())

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> tuple[Tensor, Tensor, Tensor]:
        """Normalised → C3 (B,512,H/8,W/8), C4 (B,1024,H/16,W/16), C5 (B,2048,H/32,W/32)."""
        c3 = self.res3(self.res2(self.stem(images)))
        c4 = self.res4(c3)
        return c3, c4, self.res5(c4)


class NormedConv(nn.Conv2d):
    """Convolution without bias, followed by its norm."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int, norm: Callable[[int], nn.Module]
    ) -> None:
        super().__init__(in_channels, out_channels, kernel, stride, padding=kernel // 2, bias=False)
        self.norm = norm(out_channels)
        msra_fill(self)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        return self.norm(super().forward(x))


class Stem(nn.Module):
    """(B, 3, H, W) → (B, 64, H/4, W/4)."""

    def __init__(self, norm: Callable[[int], nn.Module]) -> None:
        super().__init__()
        self.conv1 = NormedConv(3, 64, 7, 2, norm)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 64 h w"]:
        return F.max_pool2d(self.conv1(images).relu(), 3, stride=2, padding=1)


class Bottleneck(nn.Module):
    """The shortcut is the input itself, or a 1×1 convolution where the number of channels changes."""

    def __init__(self, in_channels: int, out_channels: int, stride: int, norm: Callable[[int], nn.Module]) -> None:
        super().__init__()
        inner = out_channels // 4
        self.shortcut = (
            NormedConv(in_channels, out_channels, 1, stride, norm) if in_channels != out_channels else nn.Identity()
        )
        self.conv1 = NormedConv(in_channels, inner, 1, 1, norm)
        self.conv2 = NormedConv(inner, inner, 3, stride, norm)
        self.conv3 = NormedConv(inner, out_channels, 1, 1, norm)

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B D h w"]:
        y = self.conv2(self.conv1(x).relu()).relu()
        return (self.conv3(y) + self.shortcut(x)).relu()


def stage(
    in_channels: int, out_channels: int, blocks: int, stride: int, norm: Callable[[int], nn.Module]
) -> nn.Sequential:
    """The first block changes size and channels, the others keep both."""
    first = Bottleneck(in_channels, out_channels, stride, norm)
    return nn.Sequential(first, *(Bottleneck(out_channels, out_channels, 1, norm) for _ in range(blocks - 1)))
