"""Class activation maps: which places speak for a class, read off a linear classifier on pooled features.

Zhou et al. 2015, "Learning Deep Features for Discriminative Localization" (arXiv 1512.04150), §2. With F the features (C × hw):

    s_k = w_k · (1/hw) Σ_p F(p) + b_k        the classifier sees the mean alone
    M_k(p) = w_k · F(p) + b_k                its map; the mean of M_k is s_k

Paper and ours: theirs leaves the bias out of the map, ours keeps it, so that map and score agree. Theirs has one label per
picture and a softmax; scenes hold several classes, so ours has a sigmoid for each.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

ROUNDS = 60  # of L-BFGS: far more than it takes


@dataclass(frozen=True)
class PooledClassifier:
    """K linear classifiers on the mean of features."""

    weight: Float[Tensor, "K C"]
    bias: Float[Tensor, "K"]

    def scores(self, pooled: Float[Tensor, "*n C"]) -> Float[Tensor, "*n K"]:
        """Logits: is the class in the picture?"""
        return pooled @ self.weight.T + self.bias

    def maps(self, features: Float[Tensor, "*n C h w"]) -> Float[Tensor, "*n K h w"]:
        """Logits at each place; their mean is the score."""
        return torch.einsum("kc,...chw->...khw", self.weight, features) + self.bias[:, None, None]


def fit_classifier(
    pooled: Float[Tensor, "n C"], present: Bool[Tensor, "n K"], strength: float = 1e-3
) -> PooledClassifier:
    """Logistic regression for each class, on standardised features; `strength` weighs the squares of the weights.

    ValueError for fewer than two pictures or lengths that differ.
    """
    if len(pooled) < 2 or len(pooled) != len(present):
        raise ValueError(
            f"{len(pooled)} pictures and {len(present)} rows of labels: two or more, and as many, are needed"
        )
    mean, spread = pooled.mean(0), pooled.std(0).clamp(min=1e-6)
    inputs, targets = (pooled - mean) / spread, present.to(pooled.dtype)
    weight = torch.zeros(present.shape[1], pooled.shape[1], dtype=pooled.dtype, requires_grad=True)
    bias = torch.zeros(present.shape[1], dtype=pooled.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS([weight, bias], max_iter=ROUNDS, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimiser.zero_grad()
        entropy = F.binary_cross_entropy_with_logits(inputs @ weight.T + bias, targets, reduction="none")
        total = entropy.mean(0).sum() + strength * weight.square().sum()
        total.backward()
        return total

    optimiser.step(loss)
    scaled = weight.detach() / spread
    return PooledClassifier(scaled, bias.detach() - scaled @ mean)
