"""Hair: locks that give it body, and many thin strands that give it an edge.

Every lock and strand is a curve rooted on the scalp (an ellipsoid), grown once in three dimensions under comb, gravity and curl, kept off the
skull, and turned with the head at each instant; its points lag behind the head the more, the farther they are from the root. Drawn with
OpenCV's anti-aliased polygons and lines on a raster twice as fine as the picture, so that a strand is half a pixel wide.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from course_lib.data.puppets.face import hairline
from course_lib.data.puppets.people import HAIR_COLOURS, Person, hex_colour
from course_lib.data.puppets.sprite import SHIFT, Light, over

POINTS = 9  # per curve
CENTRE = np.array([0.0, -0.55, -0.02])  # of the scalp, in head heights from the chin
RADII = np.array([0.37, 0.475, 0.42])
FINE = 2  # raster per pixel
SHADES = 5


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
    flyaways: int


STYLES = {
    "short": Style(0.20, 0.25, 0.5, 0.4, 1.0, 0.15, 0.04, 200, 40),
    "swept": Style(0.34, 0.5, 1.0, 0.4, 1.2, 0.12, 0.05, 170, 40),
    "bob": Style(0.85, 0.5, 1.0, 0.3, 5.0, 0.1, 0.09, 130, 60),
    "long": Style(1.6, 0.5, 1.0, 0.4, 5.0, 0.15, 0.09, 130, 80),
    "ponytail": Style(0.3, 0.1, 0.2, 1.6, 0.2, 0.05, 0.05, 150, 50),
    "bun": Style(0.3, 0.1, 0.2, 1.4, -0.6, 0.05, 0.05, 150, 50),
    "curly": Style(0.7, 0.9, 0.5, 0.0, 2.4, 1.6, 0.06, 170, 90),
    "afro": Style(0.34, 1.6, 0.0, 0.0, 0.0, 1.3, 0.10, 190, 130),
}


class Hair:
    """A person's hair: `locks` and `flyaways` (N, POINTS, 3) in head heights from the chin, at rest."""

    def __init__(self, person: Person, light: Light, rng: np.random.Generator):
        self.style = STYLES.get(person.hair_style)
        self.colour = hex_colour(HAIR_COLOURS[person.hair_colour])
        self.phases = rng.uniform(0, 2 * np.pi, 3)
        if self.style is None:
            return
        parting = rng.uniform(-0.5, 0.5)
        length = self.style.length * rng.uniform(0.8, 1.25)
        hat = person.headwear in ("cap", "beanie", "headscarf")
        self.locks = _grow(rng, self.style, self.style.locks, length, parting, 1.0, hat)
        if person.hair_style in ("ponytail", "bun"):
            self.locks = np.concatenate([self.locks, _tail(rng, person.hair_style, length)])
        # strands follow a lock, frayed: more so towards the tip
        parents = self.locks[rng.integers(len(self.locks), size=self.style.flyaways * 3)]
        along = np.linspace(0, 1, POINTS)[:, None]
        offset = (
            rng.normal(0, 1, (len(parents), 1, 3)) * 0.02 + rng.normal(0, 1, (len(parents), 1, 3)) * 0.05 * along**1.5
        )
        self.strands = parents + offset
        self.flyaways = _grow(rng, self.style, self.style.flyaways, length * 1.15, parting, 2.2, hat)
        self.flyaways += rng.normal(0, 0.05, (len(self.flyaways), 1, 3)) * along**1.5
        self.lock_shade = self._shade(self.locks, light) * rng.uniform(0.8, 1.2, len(self.locks))
        self.strand_shade = rng.integers(SHADES, size=len(self.strands))
        self.lamp = 0.8 * light.ambient + 0.5 * light.key

    def _shade(self, curves: np.ndarray, light: Light) -> np.ndarray:
        normal = (curves[:, POINTS // 3] - CENTRE) / RADII
        normal = normal / np.linalg.norm(normal, axis=1, keepdims=True)
        return 0.75 + 0.45 * np.clip(normal @ light.direction, 0, 1)

    def draw(
        self, canvas: np.ndarray, behind: bool, yaws: tuple[float, float], rest_yaw: float, matrix: np.ndarray,
        lagged: np.ndarray, time: float, clipped: float,
    ) -> None:  # fmt: skip
        """Lays the hair of one side of the head over `canvas` (H, W, 4): what grows behind its centre at `rest_yaw`, or before it.

        `yaws`: the head's turn now and a moment ago; `matrix`, `lagged` (2, 3) take head heights from the chin to pixels now and then.
        `clipped` drops flyaways where a picture is too small for them (their share kept).
        """
        if self.style is None:
            return
        pixels = float(np.hypot(*matrix[:, 1]))  # per head height
        sway = self._sway(time)
        layers = [(self.locks, None), (self.strands, None), (self.flyaways, None)]
        placed = []
        for curves, _ in layers:
            side = _turned(curves[:, POINTS // 2 :], rest_yaw)[..., 2].mean(1) < 0
            chosen = np.flatnonzero(side == behind)
            placed.append((chosen, _place(curves[chosen] + sway, yaws, matrix, lagged)))
        everything = np.concatenate([p.reshape(-1, 2) for _, p in placed])
        if len(everything) == 0:
            return
        pad = self.style.width * pixels + 2
        low = np.maximum(np.floor(everything.min(0) - pad).astype(int), 0)
        high = np.minimum(np.ceil(everything.max(0) + pad).astype(int), canvas.shape[1::-1])
        if (low >= high).any():
            return
        width, height = high - low
        layer = np.zeros((height * FINE, width * FINE, 4), np.uint8)
        (chosen, curves), (strands, strand_curves), (_, fly_curves) = placed
        self._draw_locks(layer, (curves - low) * FINE, self.lock_shade[chosen], self.style.width * pixels * FINE)
        self._draw_strands(layer, (strand_curves - low) * FINE, self.strand_shade[strands])
        over(canvas[low[1] : high[1], low[0] : high[0]], _shrink(layer, width, height))
        layer = np.zeros_like(layer)
        keep = int(len(fly_curves) * clipped)
        self._draw_strands(layer, (fly_curves[:keep] - low) * FINE, np.arange(keep) % SHADES)
        over(canvas[low[1] : high[1], low[0] : high[0]], _shrink(layer, width, height), 0.75)

    def _sway(self, time: float) -> np.ndarray:
        """(POINTS, 3): what wind does, growing towards the tips."""
        along = np.linspace(0, 1, POINTS)[:, None] ** 1.5 * self.style.length
        wave = np.sin(2 * np.pi * np.array([0.5, 0.9, 0.7]) * time + self.phases - np.linspace(0, 1.5, POINTS)[:, None])
        return along * wave * np.array([0.07, 0.0, 0.05])

    def _rgba(self, shade: float) -> tuple[float, float, float, float]:
        return (*(np.clip(self.colour * self.lamp * shade, 0, 1) * 255).tolist(), 255.0)

    def _draw_locks(self, layer: np.ndarray, curves: np.ndarray, shades: np.ndarray, width: float) -> None:
        """Spindles round the curves (N, POINTS, 2)."""
        if not len(curves):
            return
        along = np.gradient(curves, axis=1)
        normal = np.stack([along[..., 1], -along[..., 0]], axis=-1)
        normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-3)
        t = np.linspace(0, 1, POINTS)[:, None]
        half = 0.5 * width * np.minimum(1, 0.55 + 1.6 * t) * (1 - 0.97 * t**1.8)
        outlines = np.concatenate([curves + normal * half, (curves - normal * half)[:, ::-1]], axis=1)
        fixed = np.rint((outlines - 0.5) * 2**SHIFT).astype(np.int32)
        for outline, shade in zip(fixed, shades, strict=True):
            cv2.fillPoly(layer, [outline], self._rgba(shade), cv2.LINE_AA, SHIFT)

    def _draw_strands(self, layer: np.ndarray, curves: np.ndarray, groups: np.ndarray) -> None:
        fixed = np.rint((curves - 0.5) * 2**SHIFT).astype(np.int32)
        for group in range(SHADES):
            chosen = list(fixed[groups == group])
            if chosen:
                cv2.polylines(layer, chosen, False, self._rgba(0.65 + 0.22 * group), 1, cv2.LINE_AA, SHIFT)


def _grow(
    rng: np.random.Generator, style: Style, count: int, length: float, parting: float, wild: float, hat: bool
) -> np.ndarray:
    """Curves (count, POINTS, 3) from scattered roots. `wild` scales lift and disorder; under a hat hair starts below its brim."""
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


def _tail(rng: np.random.Generator, kind: str, length: float) -> np.ndarray:
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


def _turned(points: np.ndarray, yaw: float | np.ndarray) -> np.ndarray:
    """Points (…, 3) turned about the vertical through the head."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    x, z = points[..., 0], points[..., 2]
    return np.stack([x * cos + z * sin, points[..., 1], z * cos - x * sin], axis=-1)


def _place(curves: np.ndarray, yaws: tuple[float, float], matrix: np.ndarray, lagged: np.ndarray) -> np.ndarray:
    """Curves (N, POINTS, 3) → pixels (N, POINTS, 2); the tips are where they would have been a moment ago."""
    t = np.linspace(0, 1, POINTS)
    turned = _turned(curves, yaws[0] + (yaws[1] - yaws[0]) * t)[..., :2]
    now, then = (turned @ m[:, :2].T + m[:, 2] for m in (matrix, lagged))
    return now + (then - now) * t[:, None]


def _shrink(layer: np.ndarray, width: int, height: int) -> np.ndarray:
    return cv2.resize(layer, (int(width), int(height)), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
