"""How hair grows: curves in three dimensions from roots on the scalp, an ellipsoid.

A curve starts away from the scalp and along the comb, bends under gravity, curls, and is kept off the skull and out
of the face. Unit: head heights from the chin; x right, y down, z to the camera, for a head that faces it.
"""

from dataclasses import dataclass

import numpy as np

from course_lib.data.puppets.face import hairline

POINTS = 9  # per curve
CENTRE = np.array([0.0, -0.55, -0.02])  # of the scalp, in head heights from the chin
RADII = np.array([0.37, 0.475, 0.42])


@dataclass(frozen=True)
class Style:
    """Lengths in head heights; the rest are weights of the directions in which hair starts and bends."""

    length: float
    lift: float  # away from the scalp
    side: float  # combed away from the parting
    back: float
    gravity: float  # per length
    curl: float
    width: float  # of a lock
    locks: int
    strays: int


STYLES = {
    "short": Style(0.18, 0.22, 0.5, 0.4, 2.0, 0.12, 0.045, 200, 40),
    "swept": Style(0.36, 0.35, 1.0, 0.5, 2.5, 0.10, 0.05, 170, 40),
    "bob": Style(0.85, 0.5, 1.0, 0.3, 5.0, 0.1, 0.09, 130, 60),
    "long": Style(1.6, 0.5, 1.0, 0.4, 5.0, 0.15, 0.09, 130, 80),
    "ponytail": Style(0.3, 0.1, 0.2, 1.6, 0.2, 0.05, 0.05, 150, 50),
    "bun": Style(0.3, 0.1, 0.2, 1.4, -0.6, 0.05, 0.05, 150, 50),
    "curly": Style(0.7, 0.9, 0.5, 0.0, 2.4, 1.6, 0.06, 170, 90),
    "afro": Style(0.34, 1.6, 0.0, 0.0, 0.0, 1.3, 0.10, 190, 130),
}


def grow(
    rng: np.random.Generator, style: Style, count: int, length: float, parting: float, wild: float, hat: bool
) -> np.ndarray:
    """Curves (count, POINTS, 3) from scattered roots. `wild` scales lift and disorder; under a hat hair starts below
    its brim.
    """
    longitude = rng.uniform(-np.pi, np.pi, count)
    lowest = hairline(longitude)
    top = np.minimum(0.3, lowest - 0.05) if hat else 0.035
    row = top + (lowest - top) * rng.uniform(0, 1, count) ** 0.8
    height = np.clip((row - 1 - CENTRE[1]) / RADII[1], -0.99, 0.99)
    ring = np.sqrt(1 - height**2)
    normal = np.stack([ring * np.sin(longitude), height, ring * np.cos(longitude)], axis=1)
    place = CENTRE + RADII * normal
    sign = np.where(normal[:, 0] > parting * 0.4, 1.0, -1.0)
    comb = np.stack([style.side * sign, np.zeros(count), np.full(count, -style.back)], axis=1)
    direction = wild**0.5 * style.lift * normal + comb + rng.normal(0, 0.15 * wild, (count, 3))
    lengths = length * rng.uniform(0.75, 1.1, count)
    step = (lengths / (POINTS - 1))[:, None]
    spin, beat = rng.uniform(0, 2 * np.pi, (count, 1)), rng.uniform(0.8, 1.3, (count, 1))
    curves = [place]
    for k in range(1, POINTS):
        direction = direction / np.linalg.norm(direction, axis=1, keepdims=True)
        direction = direction + np.array([0, style.gravity, 0]) * step
        twist = spin + beat * k * 1.6
        curl = style.curl * np.concatenate([np.cos(twist), 0.5 * np.sin(twist), np.sin(twist)], axis=1)
        heading = direction + curl
        place = place + step * heading / np.linalg.norm(heading, axis=1, keepdims=True)
        # keep off the skull, and off the face: what would hang before it is pushed aside
        relative = (place - CENTRE) / RADII
        radius = np.linalg.norm(relative, axis=1, keepdims=True)
        place = np.where(radius < 1.03, CENTRE + RADII * relative / radius * 1.03, place)
        face = (place[:, 2] > 0.1) & (np.abs(place[:, 0]) < 0.3) & (place[:, 1] > -0.72)
        place[:, 0] = np.where(face, np.sign(place[:, 0] + 1e-6) * (0.3 + 0.25 * np.abs(place[:, 0])), place[:, 0])
        curves.append(place)
    return np.stack(curves, axis=1)


def tail(rng: np.random.Generator, kind: str) -> np.ndarray:
    """The tied part: a hanging tail, or a knot on the crown."""
    count, t = 30, np.linspace(0, 1, POINTS)[None, :, None]
    if kind == "ponytail":
        knot, tip = np.array([0, -0.75, -0.45]), np.array([0.1, 0.3, -0.5])
        bulge = np.array([0, -0.15, -0.25]) * np.sin(np.pi * t)
        spread = (
            rng.normal(0, 1, (count, 1, 3)) * np.array([0.09, 0.06, 0.06]) * np.sin(np.pi * np.minimum(t + 0.08, 1))
        )
        return knot + (tip - knot) * t + bulge + spread
    angle, tilt = rng.uniform(0, 2 * np.pi, (count, 1, 1)) + 3.5 * t, rng.uniform(-1, 1, (count, 1, 1))
    radius = 0.17 * np.sqrt(1 - 0.8 * tilt**2)
    ball = np.concatenate([radius * np.cos(angle), 0.12 * tilt + 0 * angle, radius * np.sin(angle)], axis=2)
    return np.array([0, -1.08, -0.15]) + ball
