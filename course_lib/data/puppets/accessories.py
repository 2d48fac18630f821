"""What people wear on their heads or hold, some of it seen through: hats, headscarf, veil, spectacles, a glass.

Coordinates are head heights from the chin (y up is negative), the glass in hand lengths. A see-through part is a cut-
out whose paint has alpha.
"""

from zlib import crc32

import numpy as np
from numpy.random import Generator

from course_lib.data.puppets.people import Person
from course_lib.data.puppets.sprite import Light, Sprite, cut_out, mirror, smooth_outline
from course_lib.data.puppets.texture import TILE, cut_noise, fabric


class Accessories:
    """Cut-outs by name, made when first asked for; `scale` is pixels per head height."""

    def __init__(self, person: Person, light: Light, scale: float):
        self.person, self.light, self.scale = person, light, scale
        self.colour = np.float32(person.bottom_colours[1])
        self.made: dict[str, Sprite] = {}

    def __getitem__(self, part: str) -> Sprite:
        if part not in self.made:
            self.made[part] = getattr(self, f"_{part}")(np.random.default_rng([self.person.seed, crc32(part.encode())]))
        return self.made[part]

    def _wool(self, rng: Generator, x: np.ndarray, y: np.ndarray, kind: str = "knit") -> np.ndarray:
        grain = cut_noise(rng, *x.shape, 0.2, (max(self.scale * 0.1 / TILE, 0.4),) * 2)
        return (
            fabric(rng, kind, x, y, self.colour, np.float32(self.person.bottom_colours[0]), 0.3)
            * (1 + 0.04 * grain)[..., None]
        )

    def _folds(self, rng: Generator, depth: float, grain: tuple[float, float] = (0.15, 0.15)):
        zoom = tuple(self.scale * g * 7 / TILE for g in grain)
        return lambda h, w: depth * cut_noise(rng, h, w, 1.7, zoom)

    def _beanie(self, rng: Generator) -> Sprite:
        half = [(0, -1.1), (0.22, -1.08), (0.36, -0.95), (0.405, -0.75), (0.405, -0.66), (0.2, -0.64), (0, -0.635)]

        def paint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            rim = 0.25 * np.exp(-(((y + 0.78 + 0.03 * (x / 0.4) ** 2) / 0.012) ** 2))
            ribs = 0.08 * np.sin(x * 130)
            return self._wool(rng, x, y) * (1 - rim + ribs)[..., None]

        return cut_out(smooth_outline(mirror(half)), self.scale, self.light, paint, 0.35, self._folds(rng, 0.02))

    def _cap(self, rng: Generator) -> Sprite:
        half = [(0, -1.07), (0.22, -1.05), (0.36, -0.92), (0.4, -0.78), (0.38, -0.72), (0, -0.74)]

        def paint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            seam = 0.2 * np.exp(-((x / 0.008) ** 2))
            return self._wool(rng, x, y, "plain") * (1 - seam)[..., None]

        return cut_out(smooth_outline(mirror(half)), self.scale, self.light, paint, 0.35, self._folds(rng, 0.008))

    def _visor(self, rng: Generator) -> Sprite:
        outline = smooth_outline(mirror([(0, -0.79), (0.3, -0.78), (0.36, -0.72), (0.26, -0.64), (0, -0.62)]))

        def paint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            return self._wool(rng, x, y, "plain") * (0.85 - 0.9 * np.clip(y + 0.68, 0, 1))[..., None]

        return cut_out(outline, self.scale, self.light, paint, 0.06)

    def _headscarf(self, rng: Generator) -> Sprite:
        """Cloth round the head and over the shoulders, with an opening for the face."""
        half = [
            (0, -1.08),
            (0.24, -1.05),
            (0.4, -0.85),
            (0.44, -0.5),
            (0.42, -0.1),
            (0.5, 0.12),
            (0.62, 0.32),
            (0.45, 0.5),
            (0, 0.58),
        ]

        def paint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            radius = np.hypot(x / 0.305, (y + 0.42) / 0.43)
            cloth = self._wool(rng, x, y, "plain") * (1 - 0.35 * np.exp(-(((radius - 1.04) / 0.06) ** 2)))[..., None]
            opening = np.clip((radius - 1) * 0.3 * self.scale + 0.5, 0, 1)
            opening = np.ones_like(x) if self.person.from_behind else opening
            return np.dstack([cloth, opening])

        return cut_out(
            smooth_outline(mirror(half)), self.scale, self.light, paint, 0.3, self._folds(rng, 0.05, (0.12, 0.3))
        )

    def _veil(self, rng: Generator) -> Sprite:
        """Thin cloth: a fine net whose folds cover more."""
        half = [
            (0, -1.1),
            (0.26, -1.08),
            (0.44, -0.9),
            (0.55, -0.5),
            (0.68, 0.0),
            (0.82, 0.5),
            (0.7, 0.62),
            (0.35, 0.6),
            (0, 0.66),
        ]
        cover = rng.uniform(0.2, 0.45)
        tint = np.float32(rng.uniform(0.75, 1.0, 3)) if rng.uniform() < 0.7 else self.colour

        def paint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            fold = cut_noise(rng, *x.shape, 1.7, (self.scale * 0.5 / TILE, self.scale * 2.0 / TILE))
            net = 0.06 * np.sin(x * 90) * np.sin(y * 90)
            hem = 0.3 * np.exp(-(((np.hypot(x * 0.8, y + 0.4) - 1.0) / 0.03) ** 2))
            alpha = np.clip(cover + 0.12 * fold + net + hem, 0.08, 0.85)
            return np.dstack([np.broadcast_to(tint, (*x.shape, 3)) * (0.95 + 0.06 * fold)[..., None], alpha])

        return cut_out(smooth_outline(mirror(half)), self.scale, self.light, paint, 0.2, self._folds(rng, 0.03))

    def _spectacles(self, rng: Generator) -> Sprite:
        """Two lenses in a frame; light ones are mostly seen through, dark ones not."""
        outline = mirror([(0, -0.6), (0.34, -0.6), (0.34, -0.38), (0, -0.38)])
        dark, square = self.person.glasses == "dark", rng.uniform(2, 5)
        frame = np.float32([0.06, 0.05, 0.05]) if rng.uniform() < 0.7 else self.colour * 0.6
        thick = rng.uniform(0.012, 0.024)

        def paint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            radius = ((np.abs(np.abs(x) - 0.16) / 0.125) ** square + (np.abs(y + 0.49) / 0.085) ** square) ** (
                1 / square
            )
            sharp = 0.1 * self.scale
            rim = np.clip((thick / 0.1 - np.abs(radius - 1)) * sharp + 0.5, 0, 1)
            bridge = np.clip((0.012 - np.abs(y + 0.52)) * self.scale + 0.5, 0, 1) * (
                (np.abs(x) < 0.05) | (np.abs(x) > 0.28)
            )
            rim = np.maximum(rim, bridge)
            glare = np.exp(-(((x % 0.32 - 0.12 + (y + 0.5) * 0.8) / 0.02) ** 2))
            lens = np.clip((1 - radius) * sharp + 0.5, 0, 1) * (
                (0.88 if dark else 0.08) + 0.25 * glare * (0.3 if dark else 1)
            )
            alpha = rim + lens * (1 - rim)
            lens_colour = np.float32([0.05, 0.05, 0.06]) if dark else np.float32([0.85, 0.9, 0.95])
            colour = frame * rim[..., None] + (lens_colour + 0.3 * glare[..., None]) * (1 - rim[..., None])
            return np.dstack([colour, np.clip(alpha, 0, 1)])

        return cut_out(outline, self.scale, self.light, paint, 0.01)

    def _drink(self, rng: Generator) -> Sprite:
        """A tumbler, upright, held at the origin: walls, a rim, something in it; the room shows through."""
        outline = smooth_outline(
            mirror([(0, -0.5), (0.2, -0.5), (0.2, -0.45), (0.17, 0.2), (0.16, 0.24), (0, 0.25)]), 1
        )
        juice, level = np.float32(rng.uniform(0.3, 1.0, 3)), rng.uniform(-0.35, 0.0)

        def paint(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            wall = np.clip((np.abs(x) / (0.19 - 0.04 * (y + 0.5)) - 0.82) / 0.18, 0, 1)
            filled = np.clip((y - level) * self.scale + 0.5, 0, 1)
            glare = np.exp(-(((x + 0.09) / 0.015) ** 2)) * (y < 0.15)
            alpha = np.clip(0.12 + 0.45 * wall + 0.35 * filled + 0.5 * glare + 0.5 * (y > 0.19), 0, 0.95)
            colour = juice * filled[..., None] + np.float32([0.85, 0.9, 0.92]) * (1 - filled[..., None])
            return np.dstack([np.clip(colour + 0.5 * glare[..., None], 0, 1), alpha])

        return cut_out(outline, self.scale, self.light, paint, 0.15, gloss=0.4)
