"""Which query answers for which object: the one-to-one assignment with the largest total score. SparseInst §3.4.

With p_n the mask of query n, c_n its class probabilities, t_m and l_m mask and label of object m:

    C[n, m] = dice(p_n, t_m)^0.8 · c_n[l_m]^0.2

The Hungarian algorithm (Kuhn 1955; here SciPy's) finds the assignment; queries that it leaves over learn "nothing here". As
each object has one query, no two queries are taught the same object, and nothing needs to be suppressed afterwards.

Paper, authors' code, ours: one score; the objectness takes no part. The authors multiply all masks of the batch with all
targets and cut out each picture's; ours multiplies picture by picture. A batch without objects stops theirs; here it gives an
empty assignment. Of more objects than queries, those that fit best get one, the rest none.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, Int64
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from course_lib.instances.dice import at_least_32_bits, pairwise_dice
from course_lib.instances.output import SparseInstOutput
from course_lib.instances.targets import BatchTargets


@dataclass(frozen=True)
class Assignment:
    """P pairs: query[i] of picture image[i] answers for object target[i] of the batch (counted over all pictures)."""

    image: Int64[Tensor, "P"]
    query: Int64[Tensor, "P"]
    target: Int64[Tensor, "P"]

    def __len__(self) -> int:
        return len(self.query)


class HungarianMatcher:
    """Calling it with the network's output and the batch's targets gives the assignment. No gradient passes.

    mask_power, class_power: the exponents of dice and class probability.
    """

    def __init__(self, mask_power: float = 0.8, class_power: float = 0.2) -> None:
        self.mask_power = mask_power
        self.class_power = class_power

    def __call__(self, output: SparseInstOutput, targets: BatchTargets) -> Assignment:
        """ValueError where a score is not a number: the network has diverged."""
        scores = self.scores(output, targets)
        on_cpu = torch.cat(scores, dim=1).cpu().numpy()  # (N, M): one transfer, not one a picture
        if not np.isfinite(on_cpu).all():
            raise ValueError(
                "the network's masks or classes are not finite: lower the learning rate, or train in 32 bits"
            )
        pairs, start = [], 0
        for image, count in enumerate(targets.counts):
            query, target = self.assign(on_cpu[:, start : start + count])
            pairs.append(np.stack([np.full(len(query), image), query, start + target]))  # (3, P of this picture)
            start += count
        image, query, target = torch.from_numpy(np.concatenate(pairs, axis=1)).to(output.class_logits.device)
        return Assignment(image, query, target)

    @torch.no_grad()
    def scores(self, output: SparseInstOutput, targets: BatchTargets) -> list[Float[Tensor, "N n"]]:
        """C of each picture, in at least 32 bits."""
        return [
            pairwise_dice(at_least_32_bits(mask_logits).sigmoid(), masks) ** self.mask_power
            * at_least_32_bits(class_logits).sigmoid()[:, labels] ** self.class_power
            for class_logits, mask_logits, (labels, masks) in zip(
                output.class_logits, output.mask_logits, targets.per_image(), strict=True
            )
        ]

    def assign(self, scores: Float[np.ndarray, "N n"]) -> tuple[Int[np.ndarray, "P"], Int[np.ndarray, "P"]]:
        """The assignment with the largest sum → queries and their objects, P = min(N, n)."""
        return linear_sum_assignment(scores, maximize=True)
