"""ConvLSTM: the memory that ConvGRU was derived from, with a cell beside its output.

Shi et al. 2015 (arXiv 1506.04214), eq. 3. For each frame x_t, output h_{t-1} and cell c_{t-1}:

    i_t, f_t, o_t = σ(W * [x_t, h_{t-1}] + b)        input, forget and output gate
    g_t           = tanh(W_g * [x_t, h_{t-1}] + b_g)  candidate
    c_t           = f_t ⊙ c_{t-1} + i_t ⊙ g_t         cell
    h_t           = o_t ⊙ tanh(c_t)                   output

Paper, ours: the paper's gates also see the cell (peepholes, W_ci ⊙ c and so on), one weight per pixel, which ties the network
to one picture size; left out, as nearly everywhere since. The forget gate's bias starts at 1, so that a new memory keeps
(Jozefowicz et al. 2015). RVM names ConvLSTM only to say that ConvGRU does as well with fewer weights (§3.2): four
convolutions here, three there, and twice the state.
"""

import torch
from jaxtyping import Float
from torch import Tensor, nn


class ConvLSTM(nn.Module):
    """x (B, C, H, W) or (B, T, C, H, W), state (B, 2C, H, W) or None → output of x's shape, last state (B, 2C, H, W).

    The state is one tensor, [h, c] along the channels, so that it takes the place of a ConvGRU's.
    """

    STATES = 2  # channels of the state per channel of x

    def __init__(self, channels: int, kernel_size: int = 3) -> None:
        super().__init__()
        self.channels = channels
        self.gates = nn.Conv2d(2 * channels, 4 * channels, kernel_size, padding=kernel_size // 2)
        with torch.no_grad():
            self.gates.bias[channels : 2 * channels].fill_(1)

    def forward(self, x: Tensor, state: Float[Tensor, "B 2C H W"] | None = None) -> tuple[Tensor, Tensor]:
        if state is None:
            first = x if x.ndim == 4 else x[:, 0]
            state = torch.zeros_like(torch.cat([first, first], dim=1))  # (B, 2C, H, W)
        if x.ndim == 4:
            state = self.step(x, state)
            return state.chunk(2, dim=1)[0], state
        outputs = []
        for frame in x.unbind(dim=1):  # T times (B, C, H, W)
            state = self.step(frame, state)
            outputs.append(state.chunk(2, dim=1)[0])
        return torch.stack(outputs, dim=1), state  # (B, T, C, H, W), (B, 2C, H, W)

    def step(self, x: Float[Tensor, "B C H W"], state: Float[Tensor, "B 2C H W"]) -> Float[Tensor, "B 2C H W"]:
        """One frame: the equations at the top of this file."""
        h, c = state.chunk(2, dim=1)
        i, f, o, g = self.gates(torch.cat([x, h], dim=1)).chunk(4, dim=1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return torch.cat([o.sigmoid() * c.tanh(), c], dim=1)
