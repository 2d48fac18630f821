"""What SparseInst is trained on: four terms, after the matcher has given each object a query. SparseInst §3.4.

With x logits, p = sigmoid(x), t the true mask at stride 4, num the number of matched queries, on average over the processes:

    loss_ce          2 · Σ focal(class logits) / num        over all queries and classes; 1 for a matched query's class, else 0
    loss_dice        2 · Σ (1 − dice(p, t)) / num           matched queries
    loss_mask        5 · mean BCE(mask logits, t)           over the pixels of matched queries
    loss_objectness  1 · mean BCE(objectness logit, IoU)    matched queries; IoU of {p ≥ 0.4} and {t > 0.5}, no gradient

    focal(x) = α_t · (1 − p_t)² · BCE(x)    p_t = p, α_t = ¼ for a positive; 1 − p, ¾ for a negative (Lin et al. 2017, §3)

Train on their sum. A query without an object learns from loss_ce alone: its objectness and its mask are free.

Paper, authors' code, ours: the weights are the code's. With no object in the batch theirs stops; here the last three are 0
and every parameter still has a gradient. Theirs divides by the number of objects, even of those that get no query because there
are more objects than queries; ours by the number of matched queries, which is the same number otherwise. The two means are over
one process's own queries, in theirs and in ours, so that the split over GPUs changes them a little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, distributed, nn

from course_lib.instances.dice import at_least_32_bits, dice
from course_lib.instances.matching import HungarianMatcher
from course_lib.instances.output import SparseInstOutput
from course_lib.instances.targets import Sampling, prepare_targets

FOCAL_ALPHA, FOCAL_GAMMA = 0.25, 2.0
PREDICTED, TRUE = 0.4, 0.5  # a pixel belongs to the predicted mask from 0.4 on, to the true one above 0.5


@dataclass(frozen=True)
class LossWeights:
    """What each term counts in the sum."""

    ce: float = 2.0
    dice: float = 2.0
    mask: float = 5.0
    objectness: float = 1.0


class SparseInstCriterion(nn.Module):
    """`losses = criterion(output, targets)`; has no parameters.

    matcher: HungarianMatcher unless given. target_sampling: how true masks come to stride 4, see `targets`.
    """

    def __init__(
        self,
        num_classes: int = 80,
        weights: LossWeights | None = None,
        matcher: HungarianMatcher | None = None,
        target_sampling: Sampling = "centre",
    ) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.weights = weights or LossWeights()
        self.matcher = matcher or HungarianMatcher()
        self.target_sampling = target_sampling

    def forward(
        self, output: SparseInstOutput, targets: Sequence[Mapping[str, Tensor]]
    ) -> dict[str, Float[Tensor, ""]]:
        """targets: per image labels (n,) int64 and masks (n, h_i, w_i) bool, at the size before padding.

        → weighted scalars loss_ce, loss_dice, loss_mask, loss_objectness (if the network has objectness), in at least 32 bits.
        Raises what `prepare_targets` raises, and ValueError for another number of classes or of targets.
        """
        self._check(output, targets)
        device = output.class_logits.device
        size = tuple(output.mask_logits.shape[2:])
        batch = prepare_targets(targets, size, self.num_classes, self.target_sampling, device)
        matches = self.matcher(output, batch)
        num = mean_over_processes(len(matches), device).clamp(min=1)

        is_class = torch.zeros_like(output.class_logits, dtype=torch.bool)  # (B, N, K)
        is_class[matches.image, matches.query, batch.labels[matches.target]] = True
        mask_logits = at_least_32_bits(output.mask_logits[matches.image, matches.query])  # (P, h, w)
        masks = batch.masks[matches.target].to(mask_logits.dtype)
        losses = {
            "loss_ce": self.weights.ce * focal_loss(output.class_logits, is_class) / num,
            "loss_dice": self.weights.dice * (1 - dice(mask_logits.sigmoid(), masks)).sum() / num,
            "loss_mask": self.weights.mask * _mean_cross_entropy(mask_logits, masks),
        }
        if output.objectness_logits is not None:
            objectness = at_least_32_bits(output.objectness_logits[matches.image, matches.query, 0])  # (P,)
            overlap = overlap_targets(mask_logits, masks)
            losses["loss_objectness"] = self.weights.objectness * _mean_cross_entropy(objectness, overlap)
        return losses

    def _check(self, output: SparseInstOutput, targets: Sequence[Mapping[str, Tensor]]) -> None:
        images, _, classes = output.class_logits.shape
        if classes != self.num_classes:
            raise ValueError(f"the network has {classes} classes, the criterion {self.num_classes}: make them equal")
        if len(targets) != images:
            raise ValueError(f"{images} pictures, but targets of {len(targets)}")


def focal_loss(logits: Float[Tensor, "*any"], positive: Bool[Tensor, "*any"]) -> Float[Tensor, ""]:
    """Sum of the focal loss: cross-entropy that counts little where the answer is right already."""
    logits = at_least_32_bits(logits)
    cross_entropy = F.binary_cross_entropy_with_logits(logits, positive.to(logits.dtype), reduction="none")
    miss = torch.where(positive, -logits, logits).sigmoid()  # 1 − p_t, without cancellation where p_t is near 1
    alpha = torch.where(positive, FOCAL_ALPHA, 1 - FOCAL_ALPHA)
    return (alpha * miss**FOCAL_GAMMA * cross_entropy).sum()


@torch.no_grad()
def overlap_targets(mask_logits: Float[Tensor, "P h w"], masks: Float[Tensor, "P h w"]) -> Float[Tensor, "P"]:
    """What the objectness shall say: the IoU of each mask with its target, both made binary."""
    predicted, true = mask_logits.sigmoid() >= PREDICTED, masks > TRUE
    both = (predicted & true).sum(dim=(1, 2))
    either = (predicted | true).sum(dim=(1, 2))
    return both / (either + 1e-6)


def mean_over_processes(value: float, device: torch.device) -> Float[Tensor, ""]:
    """The mean of what each process of the training gives; the value itself where there is one process."""
    total = torch.tensor(float(value), device=device)
    if distributed.is_available() and distributed.is_initialized():
        distributed.all_reduce(total)
        total /= distributed.get_world_size()
    return total


def _mean_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """0 where there is nothing, still joined to the graph (a mean would be NaN)."""
    targets = targets.to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / max(logits.numel(), 1)
