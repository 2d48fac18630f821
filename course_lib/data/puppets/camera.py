"""The camera: how it moves, and the light of the scene.

A move is an affine map per instant, in pixels, about the middle of the picture; the person is drawn under it and the
background is warped by it. Light changes by a factor per colour and frame. A factor commutes with compositing: g·I =
α·gF + (1−α)·gB.
"""

from collections.abc import Callable

import numpy as np

from course_lib.data.puppets.gait import wander
from course_lib.data.puppets.sprite import Light

CAMERA_MOVES = ("still", "pan", "zoom", "shake")


def sample_light(rng: np.random.Generator) -> Light:
    """A lamp from above, left or right, of some colour, and ambient light of another."""
    azimuth, elevation = rng.uniform(-1.2, 1.2), rng.uniform(0.1, 1.0)
    direction = np.float32(
        [np.sin(azimuth) * np.cos(elevation), -np.sin(elevation), np.cos(azimuth) * np.cos(elevation)]
    )
    warm = rng.uniform(-0.08, 0.08)
    exposure, contrast = rng.uniform(0.8, 1.02), rng.uniform(0.4, 0.7)
    key = exposure * contrast * np.float32([1 + warm, 1, 1 - warm])
    ambient = exposure * (1 - contrast) * np.float32([1 - 0.7 * warm, 1, 1 + 0.7 * warm])
    return Light(direction, key, ambient)


def camera_path(rng: np.random.Generator, move: str, height: int) -> Callable[[float], np.ndarray]:
    """Time in seconds → map (2, 3) from the resting picture to the moved one, for coordinates relative to its middle."""
    pan = rng.uniform(-0.06, 0.06, 2) * [1, 0.3] * height
    speed, swing = rng.uniform(0, 2 * np.pi), rng.uniform(0.2, 0.5)
    zoom_by = rng.uniform(-0.15, 0.2)
    shake = [wander(rng, a, 2.2) for a in (0.012 * height, 0.012 * height, 0.012)]

    def at(time: float) -> np.ndarray:
        x = y = angle = 0.0
        zoom = 1.0
        wave = np.sin(2 * np.pi * swing * time + speed) - np.sin(speed)
        if move == "pan":
            x, y = pan * wave
        if move == "zoom":
            zoom = 1 + zoom_by * wave / 2
        if move == "shake":
            x, y, angle = (f(time) for f in shake)
        cos, sin = zoom * np.cos(angle), zoom * np.sin(angle)
        return np.array([[cos, -sin, x], [sin, cos, y]])

    return at


def light_path(rng: np.random.Generator) -> Callable[[float], np.ndarray]:
    """Time in seconds → factor (3,) per colour: exposure drifts, a cloud passes, a lamp flickers a little."""
    if rng.uniform() < 0.5:
        return lambda time: np.ones(3, np.float32)
    exposure, warmth = wander(rng, rng.uniform(0.05, 0.3), 0.4), wander(rng, 0.06, 0.3)
    return lambda time: np.float32(np.exp(exposure(time) + warmth(time) * np.array([1, 0, -1])))
