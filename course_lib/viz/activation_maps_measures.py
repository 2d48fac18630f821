"""Numbers for a map Â whose pixels sum to 1: how sharp, how large, where, on whom, and how far two of them agree.

    entropy        H = −Σ Â ln Â                from 0 (one cell) to ln hw (flat)
    area           e^H                          cells of a flat map that is as undecided
    mass inside    Σ_p Â(p) m(p)                share of the looking that falls on a mask
    overlap        Σ_p min(Â(p), Â'(p))         1 for the same map, 0 for maps that share no cell

The area is Hill's number of order 1 (Hill 1973, "Diversity and evenness"), which counts species by the same formula. Nothing of
this is in the paper.
"""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor

STRIDE = 8


def entropy(maps: Float[Tensor, "*M h w"]) -> Float[Tensor, "*M"]:
    """In nats. A cell of 0 adds nothing."""
    return -torch.special.xlogy(maps, maps).sum(dim=(-2, -1))


def effective_area(maps: Float[Tensor, "*M h w"]) -> Float[Tensor, "*M"]:
    """e^H, in cells: 1 … hw. Divide by hw for the share of the picture."""
    return entropy(maps).exp()


def centre(maps: Float[Tensor, "*M h w"]) -> Float[Tensor, "*M 2"]:
    """Mean row and column under a map, in shares of its height and width: (0.5, 0.5) is the middle."""
    rows = (torch.arange(maps.shape[-2], device=maps.device) + 0.5) / maps.shape[-2]
    columns = (torch.arange(maps.shape[-1], device=maps.device) + 0.5) / maps.shape[-1]
    return torch.stack([maps.sum(-1) @ rows.to(maps.dtype), maps.sum(-2) @ columns.to(maps.dtype)], dim=-1)


def cell_shares(masks: Bool[Tensor, "n H W"], size: tuple[int, int]) -> Float[Tensor, "n h w"]:
    """How much of each cell of a map belongs to each mask, 0 … 1. The map may reach beyond the picture: that is padding.

    ValueError where it does not reach as far.
    """
    height, width = (STRIDE * side for side in size)
    if masks.shape[-2] > height or masks.shape[-1] > width:
        raise ValueError(f"masks of {tuple(masks.shape[-2:])} pixels exceed a map of {size} cells of {STRIDE}²")
    padded = F.pad(masks.float(), (0, width - masks.shape[-1], 0, height - masks.shape[-2]))
    return padded.view(len(masks), size[0], STRIDE, size[1], STRIDE).mean(dim=(2, 4))  # no mask at all is welcome


def mass_inside(maps: Float[Tensor, "*M h w"], shares: Float[Tensor, "n h w"]) -> Float[Tensor, "*M n"]:
    """Of each map, the share that lies on each mask; `shares`: see `cell_shares`."""
    return maps.flatten(-2) @ shares.flatten(-2).to(maps.dtype).T  # (…, hw) × (hw, n)


def overlap(maps: Float[Tensor, "*M h w"], others: Float[Tensor, "*M h w"]) -> Float[Tensor, "*M"]:
    """1 − half their L1 distance."""
    return torch.minimum(maps, others).sum(dim=(-2, -1))


def group_overlap(maps: Float[Tensor, "*M G h w"]) -> Float[Tensor, "*M"]:
    """The mean overlap of two different groups' maps of a query; 1 where there is one group."""
    groups = maps.shape[-3]
    if groups == 1:
        return torch.ones(maps.shape[:-3], dtype=maps.dtype, device=maps.device)
    pairs = [overlap(maps[..., i, :, :], maps[..., j, :, :]) for i in range(groups) for j in range(i)]
    return torch.stack(pairs).mean(dim=0)


def around(maps: Float[Tensor, "P G h w"], places: Float[Tensor, "P 2"], reach: int) -> Float[Tensor, "P G s s"]:
    """Windows of s = 2 · reach + 1 cells around `places`, which are (row, column) in shares of the map's sides. NaN outside."""
    height, width = maps.shape[-2:]
    padded = F.pad(maps, (reach, reach, reach, reach), value=float("nan"))
    cells = (places * torch.tensor([height, width])).long().clamp(max=torch.tensor([height - 1, width - 1]))  # (P, 2)
    side = 2 * reach + 1
    windows = [padded[k, :, row : row + side, column : column + side] for k, (row, column) in enumerate(cells.tolist())]
    return torch.stack(windows) if windows else maps.new_zeros(0, maps.shape[1], side, side)
