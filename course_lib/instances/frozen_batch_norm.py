"""Batch norm that no longer learns: one factor and one offset per channel, from stored statistics.

    y = weight · (x − running_mean) / √(running_var + ε) + bias

SparseInst trains with the batch norm of its ImageNet backbone frozen (the authors' configuration): four buffers, no
parameters, the same in training and evaluation. A batch of a few large pictures would give poor statistics.

Paper, authors' code, ours: the buffers and ε are the same. Frozen batch norm with statistics 0 and 1 under random
convolutions does nothing, and the features grow from block to block: freeze only what was trained before.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor
from torchvision.ops import FrozenBatchNorm2d


class FrozenBatchNorm(FrozenBatchNorm2d):
    """(B, C, H, W) → the same. torchvision's module, which reads ordinary batch norm's tensors too.

    It differs in the arithmetic: one pass over the data instead of two, and a 16-bit input stays 16-bit under autocast.
    """

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        return F.batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, training=False, eps=self.eps
        )
