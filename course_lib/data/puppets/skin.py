"""Bare parts of a body: neck, ears, arms, hands, legs."""

import numpy as np
from numpy.random import Generator

from course_lib.data.puppets.face import skin_colour
from course_lib.data.puppets.parts import Parts, tapered
from course_lib.data.puppets.sprite import Sprite, mirror, smooth_outline
from course_lib.data.puppets.texture import TILE, cut_noise

# a right hand seen from its back, in hand lengths: up the thumb's side, over the four fingers, down
HAND = np.float32(
    [
        (-0.2, -0.1), (-0.24, 0.1), (-0.42, 0.3), (-0.5, 0.52), (-0.4, 0.56), (-0.27, 0.42), (-0.26, 0.55),
        (-0.25, 0.86), (-0.17, 0.9), (-0.13, 0.84), (-0.12, 0.62), (-0.1, 0.62), (-0.1, 0.94), (-0.02, 1.0),
        (0.05, 0.94), (0.04, 0.62), (0.06, 0.62), (0.09, 0.92), (0.15, 0.95), (0.2, 0.88), (0.17, 0.6),
        (0.19, 0.58), (0.24, 0.76), (0.3, 0.78), (0.32, 0.7), (0.29, 0.45), (0.25, 0.1), (0.2, -0.1),
    ]
)  # fmt: skip


class Skin(Parts):
    """A person's bare parts."""

    def _skin_paint(self, rng: Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        mottle = cut_noise(rng, *x.shape, 1.0, (self.scale * 0.5 / TILE,) * 2)
        return skin_colour(self.person) * (1 + 0.05 * mottle[..., None] * np.float32([0.7, 1, 1.1]))

    def _neck(self, rng: Generator) -> Sprite:
        """Neck, the slope of the shoulders and the upper chest; clothes cover most of it. Hangs from the spine's top."""
        s = self.shape
        half = [
            (s.neck_half * 0.95, -s.neck - 0.03),
            (s.neck_half, -s.neck * 0.4),
            (s.neck_half * 1.2, -0.004),
            (s.neck_half * 2.0, 0.008),
            (s.shoulder_half * 0.8, 0.028),
            (s.shoulder_half * 0.85, 0.12),
        ]

        def paint(rng: Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
            chin = np.clip((s.neck * 0.5 - y) / (s.neck * 1.2), 0, 1) * np.clip(
                1.1 - np.abs(x) / (s.neck_half * 2), 0, 1
            )
            return self._skin_paint(rng, x, y) * (1 - 0.5 * chin)[..., None]

        return self._cut(rng, smooth_outline(mirror(half)), paint, s.neck_half * 1.1)

    def _ear(self, rng: Generator) -> Sprite:
        h = self.shape.head
        outline = smooth_outline(
            [
                (0, -0.1 * h),
                (0.05 * h, -0.1 * h),
                (0.07 * h, 0),
                (0.03 * h, 0.1 * h),
                (-0.02 * h, 0.1 * h),
                (-0.03 * h, -0.05 * h),
            ]
        )
        return self._cut(
            rng, outline, lambda r, x, y: self._skin_paint(r, x, y) * np.float32([0.95, 0.82, 0.8]), 0.03 * h
        )

    def _upper_arm(self, rng: Generator) -> Sprite:
        s = self.shape

        def paint(rng: Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
            below = np.clip(
                y / 0.02 if self.person.top == "vest" else (y - 0.04) * 200, 0, 1
            )  # a sleeve hides the rest
            return np.dstack([self._skin_paint(rng, x, y), below])

        return self._cut(rng, tapered(0.027 * s.limb, 0.021 * s.limb, s.upper_arm, 0.003), paint, 0.024 * s.limb, 0.001)

    def _forearm(self, rng: Generator) -> Sprite:
        s = self.shape
        return self._cut(
            rng, tapered(0.021 * s.limb, 0.0145 * s.limb, s.forearm, 0.003), self._skin_paint, 0.019 * s.limb, 0.001
        )

    def _hand(self, rng: Generator) -> Sprite:
        outline = smooth_outline(HAND, 2) * self.shape.hand
        return self._cut(rng, outline, self._skin_paint, 0.14 * self.shape.hand)

    def _thigh(self, rng: Generator) -> Sprite:
        s = self.shape
        return self._cut(rng, tapered(0.044 * s.limb, 0.031 * s.limb, s.thigh), self._skin_paint, 0.036 * s.limb, 0.001)

    def _shin(self, rng: Generator) -> Sprite:
        s = self.shape
        return self._cut(
            rng, tapered(0.03 * s.limb, 0.019 * s.limb, s.shin, 0.005), self._skin_paint, 0.025 * s.limb, 0.001
        )
