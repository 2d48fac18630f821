"""ConvGRU: a memory with the shape of a picture.

Ballas et al. 2015 (arXiv 1511.06432), as RVM §3.2, eq. 1 uses it. For each frame x_t and state h_{t-1}:

    r_t, z_t = σ(W_rz * [x_t, h_{t-1}] + b_rz)          reset and update gate
    o_t      = tanh(W_o * [x_t, r_t ⊙ h_{t-1}] + b_o)   candidate
    h_t      = (1 − z_t) ⊙ h_{t-1} + z_t ⊙ o_t          output and new state

Paper, authors' code, ours: the paper writes h_t = z ⊙ h + (1 − z) ⊙ o; the authors' code, and so every published weight, has
z the other way round. Both are the same model with z renamed to 1 − z. We follow the code.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class ConvGRU(nn.Module):
    """x (B, C, H, W) or (B, T, C, H, W), state (B, C, H, W) or None → output of x's shape, last state (B, C, H, W)."""

    STATES = 1  # channels of the state per channel of x

    def __init__(self, channels: int, kernel_size: int = 3) -> None:
        super().__init__()
        padding = kernel_size // 2
        self.channels = channels
        self.ih = nn.Sequential(nn.Conv2d(2 * channels, 2 * channels, kernel_size, padding=padding), nn.Sigmoid())
        self.hh = nn.Sequential(nn.Conv2d(2 * channels, channels, kernel_size, padding=padding), nn.Tanh())

    def forward(self, x: Tensor, state: Float[Tensor, "B C H W"] | None = None) -> tuple[Tensor, Tensor]:
        if state is None:
            state = torch.zeros_like(x if x.ndim == 4 else x[:, 0])  # (B, C, H, W)
        if x.ndim == 4:
            state = self.step(x, state)
            return state, state
        outputs = []
        for frame in x.unbind(dim=1):  # T times (B, C, H, W): the only loop over time in RVM
            state = self.step(frame, state)
            outputs.append(state)
        return torch.stack(outputs, dim=1), state  # (B, T, C, H, W), (B, C, H, W)

    def step(self, x: Float[Tensor, "B C H W"], h: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """One frame: the three equations at the top of this file."""
        r, z = self.ih(torch.cat([x, h], dim=1)).chunk(2, dim=1)
        o = self.hh(torch.cat([x, r * h], dim=1))
        return (1 - z) * h + z * o
