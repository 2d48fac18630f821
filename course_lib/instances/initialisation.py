"""How the layers of SparseInst start, layer type by layer type.

    msra_fill       N(0, 2 / fan_out)        before a ReLU (He et al. 2015, arXiv 1502.01852, equation 14)
    xavier_fill     U(±√(3 / fan_in))        keeps the variance without a ReLU (Glorot and Bengio 2010; fan_in alone)
    gaussian_fill   N(0, 0.01²)              small: all queries start alike
    rare            bias −log((1 − p) / p)   a sigmoid that starts at p = 0.01 (Lin et al. 2017, arXiv 1708.02002, §4.1)

Paper, authors' code, ours: the same distributions. The convolutions of the pyramid pooling and the objectness layer keep
PyTorch's own start, as theirs do.
"""

from math import log, sqrt

from torch import nn

RARE = 0.01
RARE_BIAS = -log((1 - RARE) / RARE)  # −4.595


def msra_fill(layer: nn.Conv2d) -> None:
    """√(2 / (out_channels · k²)) as standard deviation; the bias is 0."""
    nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
    zero_bias(layer)


def xavier_fill(layer: nn.Conv2d | nn.Linear) -> None:
    """Uniform in ±√(3 / fan_in); the bias is 0."""
    bound = sqrt(3 / layer.weight[0].numel())
    nn.init.uniform_(layer.weight, -bound, bound)
    zero_bias(layer)


def gaussian_fill(layer: nn.Conv2d | nn.Linear, bias: float = 0.0) -> None:
    nn.init.normal_(layer.weight, std=0.01)
    nn.init.constant_(layer.bias, bias)


def zero_bias(layer: nn.Conv2d | nn.Linear) -> None:
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
