"""Procedural textures: endless backgrounds that are sharp at any size, and the fine grain that small panoramas lack.

Each family draws its colours and measures from a generator. Pictures are drawn at twice the size and averaged, so that edges
are anti-aliased. Noise is value noise in octaves (each twice as fine and weaker), tileable.
"""

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation.draws import chance, choice, integer, uniform

Plane = Float[Tensor, "H W"]
Picture = Float[Tensor, "3 H W"]


def octave_noise(height: int, width: int, generator: Generator, coarsest: int = 4, roughness: float = 0.5) -> Plane:
    """Tileable noise, mean 0 and standard deviation 1: octaves from `coarsest` cells per side up to one cell per pixel.

    Each octave has `roughness` times the amplitude of the one before: 0.5 are clouds, 1 is sand.
    """
    total, amplitude, cells = torch.zeros(height, width), 1.0, coarsest
    while True:
        grid = torch.randn((1, 1, min(cells, height), min(cells, width)), generator=generator)
        # One more cell at every side, from the opposite one, makes the interpolation tile.
        rows, columns = grid.shape[-2:]
        around = F.pad(grid, (1, 1, 1, 1), mode="circular")
        scale_y, scale_x = height / rows, width / columns
        y = ((torch.arange(height) + 0.5) / scale_y + 1) * 2 / (rows + 2) - 1
        x = ((torch.arange(width) + 0.5) / scale_x + 1) * 2 / (columns + 2) - 1
        at = torch.stack(torch.meshgrid(y, x, indexing="ij")[::-1], -1)[None]  # (1, H, W, 2)
        total += amplitude * F.grid_sample(around, at, mode="bilinear", align_corners=False)[0, 0]
        if cells >= max(height, width):
            return (total - total.mean()) / total.std().clamp(min=1e-6)
        amplitude, cells = amplitude * roughness, cells * 2


def draw_texture(height: int, width: int, generator: Generator) -> tuple[str, Picture]:
    """A random family and a picture of it, (3, height, width) in [0, 1]."""
    name = choice(generator, tuple(FAMILIES))
    return name, paint(name, height, width, generator)


def paint(name: str, height: int, width: int, generator: Generator) -> Picture:
    """A picture of the family `name` of FAMILIES."""
    y, x = torch.meshgrid(torch.arange(2.0 * height), torch.arange(2.0 * width), indexing="ij")
    unit = 2 * max(height, width)
    turn = float(uniform(generator, -math.pi, math.pi)) if chance(generator, 0.4) else 0.0
    x, y = (x * math.cos(turn) + y * math.sin(turn)) / unit + 3, (y * math.cos(turn) - x * math.sin(turn)) / unit + 3
    picture = FAMILIES[name](x, y, generator)
    picture = picture + 0.05 * float(uniform(generator, 0, 1)) * octave_noise(*x.shape, generator, roughness=0.9)
    shade = 1 + 0.15 * float(uniform(generator, 0, 1)) * octave_noise(*x.shape, generator, 2, 0.4)  # uneven light
    return F.avg_pool2d((picture * shade).clamp(0, 1)[None], 2)[0]


def _colours(generator: Generator, count: int) -> Float[Tensor, "N 3"]:
    """Colours that go together: one hue and its neighbours, or quite different ones; mostly pale, as walls are."""
    spread = 0.15 if chance(generator, 0.6) else 0.6
    full = (uniform(generator, 0, 1, 3) + spread * uniform(generator, -1, 1, count, 3)).clamp(0, 1)
    full = full / full.amax(1, keepdim=True).clamp(min=0.2)
    saturation = uniform(generator, 0, 0.8) if chance(generator, 0.8) else uniform(generator, 0.8, 1)
    return uniform(generator, 0.2, 1, count, 1) * torch.lerp(torch.ones_like(full), full, saturation)


def _fill(index: Tensor, colours: Float[Tensor, "N 3"]) -> Picture:
    """Whole numbers to colours, going round."""
    return colours[index.long() % len(colours)].permute(2, 0, 1)


def _scatter(cell_x: Tensor, cell_y: Tensor) -> Tensor:
    """A number in [0, 1000) for each cell, the same for the same cell, without order (an integer hash)."""
    return (cell_x.long() * 73856093 ^ cell_y.long() * 19349663) % 1000


def _clouds(x: Tensor, y: Tensor, generator: Generator) -> Picture:
    noise = octave_noise(*x.shape, generator, integer(generator, 2, 8), float(uniform(generator, 0.4, 0.85)))
    ramp = _colours(generator, 4)
    at = torch.sigmoid(1.5 * noise) * 2.999
    low = at.floor().long()
    return torch.lerp(ramp[low], ramp[low + 1], (at - low)[..., None]).permute(2, 0, 1)


def _bricks(x: Tensor, y: Tensor, generator: Generator) -> Picture:
    rows, flatness, joint = (
        integer(generator, 6, 24),
        float(uniform(generator, 1, 4)),
        float(uniform(generator, 0.03, 0.12)),
    )
    row = torch.floor(y * rows)
    along = x * rows / flatness + 0.5 * (row % 2)
    mortar = ((y * rows) % 1 < joint) | (along % 1 < joint / flatness)
    bricks = _fill(_scatter(torch.floor(along), row), _colours(generator, 6))
    return torch.where(mortar, _colours(generator, 1)[0][:, None, None], bricks)


def _stripes(x: Tensor, y: Tensor, generator: Generator) -> Picture:
    wave = 0.02 * float(uniform(generator, 0, 1)) * torch.sin(20 * y)
    return _fill(torch.floor((x + wave) * integer(generator, 6, 50)), _colours(generator, integer(generator, 2, 5)))


def _checks(x: Tensor, y: Tensor, generator: Generator) -> Picture:
    count = integer(generator, 5, 30)
    return _fill(torch.floor(x * count) + torch.floor(y * count), _colours(generator, 2))


def _plaid(x: Tensor, y: Tensor, generator: Generator) -> Picture:
    colours, count = _colours(generator, 5), integer(generator, 8, 30)
    return (_fill(torch.floor(x * count), colours) + _fill(torch.floor(y * count), colours)) / 2


def _dots(x: Tensor, y: Tensor, generator: Generator) -> Picture:
    count, size, colours = integer(generator, 6, 25), float(uniform(generator, 0.15, 0.45)), _colours(generator, 5)
    inside = torch.hypot((x * count) % 1 - 0.5, (y * count) % 1 - 0.5) < size
    return torch.where(
        inside, _fill(_scatter(torch.floor(x * count), torch.floor(y * count)), colours), colours[0][:, None, None]
    )


def _planks(x: Tensor, y: Tensor, generator: Generator) -> Picture:
    count = integer(generator, 4, 14)
    board = torch.floor(y * count)
    boards = _fill(_scatter(board, torch.zeros_like(board)), _colours(generator, 5))
    grain = torch.sin(40 * y * count + 3 * octave_noise(*x.shape, generator, 2, 0.5))
    gap = (y * count) % 1 < 0.04
    return (boards * (1 + 0.12 * grain)) * torch.where(gap, 0.3, 1.0)


def _posters(x: Tensor, y: Tensor, generator: Generator) -> Picture:
    """Rectangles and ellipses over one another, plain or striped: shelves, windows, furniture, from afar."""
    picture = _clouds(x, y, generator) * 0.5 + 0.25
    for _ in range(integer(generator, 8, 40)):
        at = torch.stack([x, y])[:, integer(generator, 0, x.shape[0] - 1), integer(generator, 0, x.shape[1] - 1)]
        across, up = uniform(generator, 0.02, 0.25, 2)
        u, v = (x - at[0]) / across, (y - at[1]) / up
        inside = torch.hypot(u, v) < 1 if chance(generator, 0.3) else torch.maximum(u.abs(), v.abs()) < 1
        lines = torch.floor(u * integer(generator, 1, 6)) if chance(generator, 0.4) else torch.zeros_like(u)
        picture = torch.where(inside, _fill(lines, _colours(generator, 2)), picture)
    return picture


FAMILIES: dict[str, Callable[[Tensor, Tensor, Generator], Picture]] = {
    "clouds": _clouds,
    "bricks": _bricks,
    "stripes": _stripes,
    "checks": _checks,
    "plaid": _plaid,
    "dots": _dots,
    "planks": _planks,
    "posters": _posters,
}
