"""What is found in one picture."""

from dataclasses import dataclass
from typing import Self

from jaxtyping import Bool, Float, Int
from torch import Tensor


@dataclass(frozen=True)
class Detections:
    """n instances, in the order of their queries; n may be 0, and then the masks are (0, h, w).

    scores: in [0, 1]. labels: 0 … K − 1, int64. masks: at the size that was asked for; they may overlap.
    """

    scores: Float[Tensor, "n"]
    labels: Int[Tensor, "n"]
    masks: Bool[Tensor, "n h w"]

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, index: Tensor | slice) -> Self:
        """Some of them: a mask over them, indices, or a slice. `found[found.scores > 0.5]`."""
        return Detections(self.scores[index], self.labels[index], self.masks[index])
