"""What skin and clothes have in common: parts that are made when first asked for, and the shape of a limb.

Coordinates are statures; a limb's cut-out hangs from (0, 0) along +y. Every part draws from a random stream of its
own, named after it: a part that lies outside the picture costs nothing, and leaving it out changes no other.
"""

from collections.abc import Callable
from zlib import crc32

import numpy as np
from numpy.random import Generator

from course_lib.data.puppets.body import Proportions
from course_lib.data.puppets.people import Person
from course_lib.data.puppets.sprite import Light, Sprite, cut_out, mirror
from course_lib.data.puppets.texture import TILE, cut_noise, fabric

Paint = Callable[[Generator, np.ndarray, np.ndarray], np.ndarray]


def tapered(top: float, bottom: float, length: float, belly: float = 0.0) -> np.ndarray:
    """Outline (N, 2) of a limb from (0, 0) to (0, length) with round ends; `belly` widens its upper third."""
    down = np.linspace(0, 1, 12)
    half = top + (bottom - top) * down + belly * np.exp(-(((down - 0.3) / 0.25) ** 2))
    right = np.stack([half, down * length], axis=1)
    arc = np.linspace(-np.pi / 2, 0, 6)[:-1]
    cap = np.stack([top * np.cos(arc), top * np.sin(arc)], axis=1)
    end = np.stack([bottom * np.cos(-arc[::-1]), length + bottom * np.sin(-arc[::-1])], axis=1)
    return mirror(np.concatenate([cap, right, end]))


class Parts:
    """`parts["hand"]` is the Sprite that the method `_hand` makes."""

    def __init__(self, person: Person, shape: Proportions, light: Light, scale: float):
        """`scale` is pixels per stature."""
        self.person, self.shape, self.light, self.scale = person, shape, light, scale
        self.made: dict[str, Sprite] = {}

    def __getitem__(self, part: str) -> Sprite:
        if part not in self.made:
            rng = np.random.default_rng([self.person.seed, crc32(part.encode())])
            self.made[part] = getattr(self, f"_{part}")(rng)
        return self.made[part]

    def _cut(
        self, rng: Generator, outline: np.ndarray, paint: Paint, roundness: float, depth: float = 0.0,
        grain: tuple[float, float] = (0.7, 0.7), gloss: float = 0.0,
    ) -> Sprite:  # fmt: skip
        """A shaded part with folds of `depth` and size `grain`, all in statures."""
        zoom = tuple(self.scale * g / TILE for g in grain)
        folds = (lambda h, w: depth * cut_noise(rng, h, w, 1.7, zoom)) if depth else None
        return cut_out(outline, self.scale, self.light, lambda x, y: paint(rng, x, y), roundness, folds, gloss)

    def _cloth(self, kind: str, colours: tuple, pitch: float = 0.045) -> Paint:
        """Paint of a fabric, with its weave and some wear."""
        first, second = np.float32(colours)

        def paint(rng: Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
            weave = cut_noise(rng, *x.shape, 0.2, (max(self.scale * 0.6 / TILE, 0.4),) * 2)
            wear = cut_noise(rng, *x.shape, 1.4, (self.scale * 0.8 / TILE,) * 2)
            return fabric(rng, kind, x, y, first, second, pitch) * (1 + 0.05 * weave + 0.07 * wear)[..., None]

        return paint
