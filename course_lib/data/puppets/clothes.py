"""Garments and shoes: outlines, and how each is painted. Coordinates are statures from the joint that a garment hangs
from.
"""

import numpy as np
from numpy.random import Generator

from course_lib.data.puppets.parts import Paint, Parts, tapered
from course_lib.data.puppets.sprite import Sprite, mirror, smooth_outline


class Clothes(Parts):
    """A person's clothes."""

    def _torso(self, rng: Generator) -> Sprite:
        """The top, hanging from the spine's top to below the hips, with its neckline."""
        s, top = self.shape, self.person.top
        loose = {"t-shirt": 1.05, "shirt": 1.07, "sweater": 1.12, "jacket": 1.16, "vest": 1.0, "dress": 1.02}[top]
        scoop = {"t-shirt": 0.022, "shirt": 0.035, "sweater": 0.014, "jacket": 0.02, "vest": 0.06, "dress": 0.06}[
            top
        ] * rng.uniform(0.8, 1.4)
        scoop = 0.004 if self.person.from_behind else scoop  # necklines are cut at the front
        strap = 0.72 if top == "vest" else 1.0
        hem = s.torso + (0.2 if top == "dress" else rng.uniform(0.0, 0.05))
        flare = 1.5 if top == "dress" else 1.0
        half = [
            (0.0, scoop), (s.neck_half * 0.75, scoop * 0.75), (s.neck_half * 1.35, -0.006),
            (s.shoulder_half * 0.7 * strap, 0.01), (s.shoulder_half * strap, 0.03), (s.shoulder_half * 1.07 * strap, 0.07),
            (s.chest_half * loose, 0.1), (s.waist_half * loose, 0.62 * s.torso), (s.hip_half * loose, s.torso * 0.95),
            (s.hip_half * loose * flare, hem), (0.0, hem + 0.004),
        ]  # fmt: skip
        base = self._cloth(self.person.top_fabric, self.person.top_colours)
        inner = np.float32(self.person.top_colours[1]) * 0.5 + 0.45

        def paint(rng: Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
            colour = base(rng, x, y)
            line = np.exp(-((x / 0.0022) ** 2)) * (y > scoop)
            if top == "jacket":  # open: a shirt below, lapels
                gap = np.clip(0.04 - 0.13 * (y - 0.02), 0.006, 0.05)
                opened = np.clip((gap - np.abs(x)) * 400 + 0.5, 0, 1)[..., None]
                edge = np.exp(-(((np.abs(x) - gap) / 0.004) ** 2)) + 0.6 * np.exp(
                    -(((np.abs(x) - gap - 0.035) / 0.003) ** 2)
                ) * (y < 0.16)
                colour = (colour * (1 - 0.45 * np.clip(edge, 0, 1))[..., None]) * (1 - opened) + inner * opened
            if top == "shirt":
                buttons = np.exp(-((x / 0.004) ** 2)) * (np.abs((y / 0.045) % 1 - 0.5) < 0.09)
                colour = colour * (1 - 0.3 * line)[..., None] * (1 - buttons[..., None]) + 0.85 * buttons[..., None]
            rim = np.exp(-(((np.hypot(x, (y + 0.035) * 1.0) - s.neck_half * 1.35) / 0.004) ** 2))
            shadow = np.clip(1 - (y - scoop) / 0.05, 0, 1) * np.clip(1 - np.abs(x) / (2.2 * s.neck_half), 0, 1)
            under_arm = np.clip((np.abs(x) - 0.75 * s.chest_half) / (0.3 * s.chest_half), 0, 1) * np.clip(
                (y - 0.05) / 0.08, 0, 1
            )
            return colour * (1 - 0.25 * rim - 0.3 * shadow - 0.2 * under_arm)[..., None]

        depth = {"vest": 0.005, "sweater": 0.009, "jacket": 0.008}.get(top, 0.007)
        return self._cut(rng, smooth_outline(mirror(half)), paint, s.chest_half * 0.75, depth, (0.6, 0.9))

    def _collar(self, rng: Generator) -> Sprite:
        n = self.shape.neck_half
        outline = smooth_outline(
            [
                (0.1 * n, 0.034),
                (0.6 * n, 0.0),
                (0.98 * n, -0.026),
                (1.2 * n, -0.012),
                (1.3 * n, 0.008),
                (0.75 * n, 0.05),
            ],
            1,
        )
        colours = self.person.top_colours if self.person.top == "shirt" else (self.person.top_colours[1],) * 2
        return self._cut(rng, outline, self._cloth("plain", colours), 0.008, 0.001)

    def _sleeve0(self, rng: Generator) -> Sprite:
        return self._sleeve(rng, -1)

    def _sleeve1(self, rng: Generator) -> Sprite:
        return self._sleeve(rng, 1)

    def _sleeve(self, rng: Generator, outer: int) -> Sprite:
        s, loose = self.shape, 1.35 if self.person.top in ("jacket", "sweater") else 1.22
        length = s.upper_arm if self.long_sleeved else s.upper_arm * 0.5
        end = 0.026 if self.long_sleeved else 0.028
        outline = tapered(0.03 * s.limb * loose, end * s.limb * loose, length)
        cloth = self._cloth(self._sleeve_fabric, self.person.top_colours)

        def paint(rng: Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
            # towards the body the shoulder is the top's: the sleeve starts without an edge
            cover = np.clip(0.5 + y / 0.035 + outer * x / (0.018 * s.limb), 0, 1)
            return np.dstack([cloth(rng, x, y), cover * cover * (3 - 2 * cover)])

        return self._cut(rng, outline, paint, 0.027 * s.limb * loose, 0.005, (0.5, 0.35))

    def _cuff(self, rng: Generator) -> Sprite:
        s, loose = self.shape, 1.35 if self.person.top in ("jacket", "sweater") else 1.22
        outline = tapered(0.026 * s.limb * loose, 0.0185 * s.limb * loose, s.forearm * 0.96)
        return self._cut(
            rng,
            outline,
            self._cloth(self._sleeve_fabric, self.person.top_colours),
            0.022 * s.limb * loose,
            0.005,
            (0.5, 0.35),
        )

    @property
    def long_sleeved(self) -> bool:
        """Whether the arms are covered down to the wrists."""
        top = self.person.top
        return top in ("jacket", "sweater") or (self.person.long_sleeves and top != "vest")

    @property
    def _sleeve_fabric(self) -> str:
        return "plain" if self.person.top_fabric in ("print", "gradient") else self.person.top_fabric

    def _scarf(self, rng: Generator) -> Sprite:
        n, c = self.shape.neck_half, self.person.bottom_colours
        half = [
            (0, -0.034),
            (1.2 * n, -0.03),
            (1.75 * n, -0.004),
            (1.5 * n, 0.03),
            (0.8 * n, 0.05),
            (0.75 * n, 0.15),
            (0, 0.06),
        ]
        return self._cut(rng, smooth_outline(mirror(half)), self._cloth("stripes", c, 0.03), 0.02, 0.006, (0.3, 0.3))

    def _bottom_paint(self) -> Paint:
        return self._cloth(self.person.bottom_fabric, self.person.bottom_colours)

    def _pelvis(self, rng: Generator) -> Sprite:
        s = self.shape
        half = [
            (0, -0.06),
            (s.waist_half * 1.0, -0.06),
            (s.hip_half, -0.01),
            (s.hip_half * 0.98, 0.035),
            (s.hip_half * 0.5, 0.075),
            (0, 0.05),
        ]
        return self._cut(rng, smooth_outline(mirror(half)), self._bottom_paint(), s.hip_half * 0.8, 0.004)

    def _skirt(self, rng: Generator) -> Sprite:
        s, length = self.shape, rng.uniform(0.17, 0.36)
        half = [
            (0, -0.06),
            (s.waist_half, -0.06),
            (s.hip_half * 1.05, 0.0),
            (s.hip_half * 1.5, length),
            (0, length + 0.008),
        ]
        return self._cut(rng, smooth_outline(mirror(half)), self._bottom_paint(), s.hip_half * 0.7, 0.008, (0.25, 1.6))

    def _trouser(self, rng: Generator) -> Sprite:
        s = self.shape
        length = s.thigh if self.person.bottom == "trousers" else s.thigh * 0.75
        end = 0.036 if self.person.bottom == "trousers" else 0.046
        return self._cut(
            rng, tapered(0.05 * s.limb, end * s.limb, length), self._bottom_paint(), 0.042 * s.limb, 0.005, (0.4, 0.5)
        )

    def _trouser_leg(self, rng: Generator) -> Sprite:
        s = self.shape
        return self._cut(
            rng,
            tapered(0.036 * s.limb, 0.03 * s.limb, s.shin * 0.97),
            self._bottom_paint(),
            0.03 * s.limb,
            0.005,
            (0.4, 0.3),
        )

    def _shoe(self, rng: Generator) -> Sprite:
        s = self.shape
        paint = self._cloth("plain", (self.person.shoe_colour,) * 2)
        return self._cut(
            rng, tapered(0.024 * s.limb**0.5, 0.021 * s.limb**0.5, s.foot * 0.8), paint, 0.02, 0.001, gloss=0.25
        )
