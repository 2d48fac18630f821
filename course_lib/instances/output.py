"""What the network returns for a batch: N queries per image, each with a class, a mask, an objectness and its activation maps.

SparseInst §3 (Cheng et al. 2022, arXiv 2203.12827).

Paper, authors' code, ours: theirs is a dictionary (`pred_logits`, `pred_masks`, `pred_scores`, and `pred_iam` at twice the
size when asked for). Ours has names, and always carries the activation maps at the size at which they are computed.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class SparseInstOutput:
    """All logits. H, W: the size of the batch after padding to a multiple of 32; K classes, G groups (1 in the base decoder).

    class_logits: one independent logit per class (sigmoid, no background class).
    mask_logits: at stride 4.
    objectness_logits: how well the mask is expected to fit; None in a network without objectness.
    activation_maps: at stride 8, before the sigmoid or softmax; map g·N + n belongs to group g of query n.
    """

    class_logits: Float[Tensor, "B N K"]
    mask_logits: Float[Tensor, "B N H/4 W/4"]
    objectness_logits: Float[Tensor, "B N 1"] | None
    activation_maps: Float[Tensor, "B G*N H/8 W/8"]


torch.export.register_dataclass(SparseInstOutput, serialized_type_name="SparseInstOutput")
