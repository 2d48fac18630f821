"""Backgrounds without people: panoramas seen by a moving camera, photographs, procedural textures.

`background_clip(seed, frames, height, width, split)` draws one. Training, validation and test never share a panorama, a
photograph or a seed. The photographs of people (astronaut, grace_hopper) are in none: they would be labelled background.

Half of RVM's backgrounds are stills; here a still comes from the photographs and textures. Panoramas of 512 columns are softer
than a person drawn sharply, which would give the person away: most get a fine detail, the rest is mixed with sharp sources.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from jaxtyping import Float
from torch import Generator, Tensor

from course_lib.data.augmentation.draws import chance, choice, integer, uniform
from course_lib.data.camera import draw_path, film_panorama, film_picture, tremor
from course_lib.data.images import sample_image
from course_lib.data.panoramas import load_panorama
from course_lib.data.textures import draw_texture, octave_noise
from course_lib.errors import CourseError

Split = Literal["train", "val", "test"]
Kind = Literal["panorama", "photograph", "texture"]
SPLITS: tuple[Split, ...] = ("train", "val", "test")
PANORAMAS: dict[Split, tuple[str, ...]] = {
    "train": tuple("bridge city dawn forest hall lab night sky studio sunrise venice warehouse".split()),
    "val": ("apartment", "sunset"),
    "test": ("esplanade", "lobby", "park", "workshop"),
}
PHOTOGRAPHS: dict[Split, tuple[str, ...]] = {
    "train": ("coffee", "motorcycle", "rocket", "flower", "brick", "gravel"),
    "val": ("hubble", "grass"),
    "test": ("china", "chelsea"),
}
KINDS: tuple[Kind, ...] = (
    "panorama",
    "panorama",
    "photograph",
    "texture",
)  # drawn with equal chances: half are panoramas
LAST_SEED = 2**32 // len(SPLITS) - 1  # torch's generator on the CPU takes 32 bits of a seed


@dataclass(frozen=True)
class BackgroundRecord:
    """What a background shows."""

    split: Split
    seed: int
    kind: Kind
    name: str  # of the panorama, the photograph or the family of textures
    moving: bool  # the camera
    detail: float  # standard deviation of the fine grain on a panorama, as a share of its light
    passing: int  # things that cross the picture


@dataclass(frozen=True)
class BackgroundClip:
    """Frames, RGB in [0, 1], and what they show."""

    frames: Float[Tensor, "T 3 H W"]
    record: BackgroundRecord


def background_clip(
    seed: int, frames: int, height: int, width: int, split: Split, kinds: tuple[Kind, ...] = KINDS
) -> BackgroundClip:
    """A background of `frames` pictures. The same arguments give the same pixels, whatever the global random state.

    `kinds` limits what is drawn from, all equally likely. Raises CourseError for an unknown split or kind, a seed outside
    0 … LAST_SEED, an empty size, and when a panorama or photograph cannot be had.
    """
    if split not in SPLITS:
        raise CourseError(f"split={split!r} is not one of {', '.join(SPLITS)}.")
    if not 0 <= seed <= LAST_SEED:
        raise CourseError(f"seed={seed} of a background must be from 0 to {LAST_SEED}.")
    if min(frames, height, width) < 1:
        raise CourseError(f"A background of {frames} frames of {width}×{height} pixels cannot be made.")
    if not kinds or not set(kinds) <= set(KINDS):
        raise CourseError(f"kinds={kinds!r}: choose from {', '.join(dict.fromkeys(KINDS))}.")
    generator = background_generator(seed, split)
    kind = choice(generator, kinds)
    name, clip, moving, detail = _FILMS[kind](split, frames, height, width, generator)
    passing = integer(generator, 1, 3) if frames > 1 and chance(generator, 0.2) else 0
    for _ in range(passing):
        clip = _let_pass(clip, generator)
    return BackgroundClip(clip, BackgroundRecord(split, seed, kind, name, moving, detail, passing))


def background_generator(seed: int, split: Split) -> Generator:
    """All randomness of one background; no two pairs (seed, split) share it."""
    state = (
        len(SPLITS) * seed + SPLITS.index(split)
    ) ^ 0x9E3779B9  # not the state another generator gets from the same seed
    return torch.Generator().manual_seed(state)


_Film = tuple[str, Tensor, bool, float]  # name, clip, moving, detail


def _film_panorama(split: Split, frames: int, height: int, width: int, generator: Generator) -> _Film:
    name = choice(generator, PANORAMAS[split])
    path = draw_path(frames, generator)
    detail = float(uniform(generator, 0.03, 0.12)) if chance(generator, 0.7) else 0.0
    grain = detail * octave_noise(256, 256, generator, 64, 0.9).clamp(-3, 3)[None]
    clip = film_panorama(_panorama(name), path, height, width, grain if detail else None)
    return name, clip, path.moving, detail


def _film_photograph(split: Split, frames: int, height: int, width: int, generator: Generator) -> _Film:
    name = choice(generator, PHOTOGRAPHS[split])
    picture = _photograph(name)
    dark, light = uniform(generator, 0, 0.35, 3), uniform(generator, 0.5, 1, 3)
    if torch.equal(picture[0], picture[1]):  # a grey texture: any two colours
        picture = torch.lerp(dark[:, None, None], light[:, None, None], picture)
    still = chance(generator, 0.5)
    return name, film_picture(picture, frames, height, width, still, generator), not still and frames > 1, 0.0


def _film_texture(split: Split, frames: int, height: int, width: int, generator: Generator) -> _Film:
    name, picture = draw_texture(round(height * 1.25), round(width * 1.25), generator)
    still = chance(generator, 0.5)
    return name, film_picture(picture, frames, height, width, still, generator), not still and frames > 1, 0.0


_FILMS = {"panorama": _film_panorama, "photograph": _film_photograph, "texture": _film_texture}


def _let_pass(clip: Float[Tensor, "T 3 H W"], generator: Generator) -> Float[Tensor, "T 3 H W"]:
    """Something that crosses the picture: a soft-edged blob of texture; not all that moves is a person."""
    frames, _, height, width = clip.shape
    side = max(8, round(float(uniform(generator, 0.1, 0.35)) * min(height, width)))
    _, texture = draw_texture(side, side, generator)
    start, speed = uniform(generator, 0, 1, 2), uniform(generator, -0.03, 0.03, 2)  # shares of the picture, per frame
    sway = 0.005 * tremor(frames, generator)[:, :2]
    centre = (start + torch.arange(frames)[:, None] * speed + sway) * torch.tensor([width, height])  # (T, 2)
    power = float(uniform(generator, 1.5, 6))  # from a rhombus-like blob to a box
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    u = (x - centre[:, 0, None, None]) / (side / 2)  # (T, H, W), −1 … 1 inside
    v = (y - centre[:, 1, None, None]) / (side / 2)
    distance = (u.abs() ** power + v.abs() ** power) ** (1 / power)
    cover = ((1 - distance) * side / 4).clamp(0, 1)[:, None]  # an edge of two pixels
    grid = torch.stack([u, v], -1).clamp(-1, 1)
    drawn = torch.nn.functional.grid_sample(
        texture.expand(frames, -1, -1, -1), grid, align_corners=False, padding_mode="border"
    )
    return torch.lerp(clip, drawn, cover)


@lru_cache(maxsize=24)
def _panorama(name: str) -> Tensor:
    return load_panorama(name)


@lru_cache(maxsize=12)
def _photograph(name: str) -> Tensor:
    return sample_image(name)
