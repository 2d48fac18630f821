"""LR-ASPP: local features × one global gate.

Lite Reduced Atrous Spatial Pyramid Pooling, MobileNetV3 §6.4 (Howard et al. 2019, arXiv 1905.02244), as RVM §3.1 uses it:

    y = ReLU(BN(W₁ x)) ⊙ σ(W₂ · mean_{H,W}(x))

Paper, authors' code, ours: MobileNetV3 pools with a 49×49 window at stride 16 × 20; RVM and we take the mean over the whole
frame, so the gate is one number per channel and frame.
"""

from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting.frames import clip_length, fold_time, unfold_time


class LRASPP(nn.Module):
    """(N, in_channels, H, W) → (N, out_channels, H, W), or the same for a clip (B, T, …)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.aspp1 = nn.Sequential(  # the local branch: what is here?
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )
        self.aspp2 = nn.Sequential(  # the gate: which kinds of feature does this frame need?
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(in_channels, out_channels, 1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x: Float[Tensor, "*batch C H W"]) -> Float[Tensor, "*batch D H W"]:
        frames = fold_time(x)  # (N, C, H, W)
        gated = self.aspp1(frames) * self.aspp2(frames)  # (N, D, H, W) × (N, D, 1, 1)
        return unfold_time(gated, clip_length(x))
