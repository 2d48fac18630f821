"""A backbone that says what a picture of one thing shows: the task from which SparseInst's backbone has its start.

SparseInst starts from a ResNet-50 that was trained to classify ImageNet (§4.1, arXiv 2203.12827). Its class is read off the
last map's mean over the pixels by a linear layer (He et al. 2015, arXiv 1512.03385, §3.3):

    logits = W · mean over pixels of C5 + b

Paper and ours: SparseInst reads all three maps of a backbone, and finds what is small in C3 and C4. So ours has such a layer on
each of the three, and each must know the classes by itself.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.instances.backbone import BackboneName, build_backbone
from course_lib.instances.images import batch_images


class BackboneClassifier(nn.Module):
    """`heads` are linear layers on C3, C4 and C5; `class_names` says what the outputs stand for."""

    def __init__(self, backbone: BackboneName = "mobilenetv3", num_classes: int = 80) -> None:
        super().__init__()
        self.class_names = tuple(f"class {label}" for label in range(num_classes))
        self.backbone = build_backbone(backbone)
        self.heads = nn.ModuleList(nn.Linear(channels, num_classes) for channels in self.backbone.channels)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B 3 K"]:
        """RGB in [0, 1] → class logits of C3, C4 and C5."""
        maps = self.backbone(batch_images(images))  # (B, C, H/8, W/8), …
        pooled = [features.float().mean((2, 3)) for features in maps]  # (B, C)
        return torch.stack([head(mean) for head, mean in zip(self.heads, pooled, strict=True)], dim=1)
