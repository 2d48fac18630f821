"""Hair: locks that give it body, and many thin strands that give it an edge.

The curves of `hair_styles.py` turn with the head; their points follow it the later, the farther they are from the
root. They are drawn with OpenCV's anti-aliased polygons and lines on a raster twice as fine as the picture, so that a
strand is half a pixel wide.
"""

import cv2
import numpy as np

from course_lib.data.puppets.hair_styles import CENTRE, POINTS, RADII, STYLES, grow, tail
from course_lib.data.puppets.moment import HeadView
from course_lib.data.puppets.people import HAIR_COLOURS, Person, hex_colour
from course_lib.data.puppets.sprite import SHIFT, Light, over

FINE = 2  # raster per pixel
SHADES = 5  # of strands
STRAY_OPACITY = 0.75


class Hair:
    """A person's hair. Locks, strands and strays are (N, POINTS, 3) in head heights from the chin, for a head that
    faces us.
    """

    def __init__(self, person: Person, light: Light, rest_yaw: float, head_pixels: float, rng: np.random.Generator):
        """What lies behind the head's centre when it is turned by `rest_yaw` stays the far side for the whole clip. A
        head of few `head_pixels` cannot show every strand: it gets fewer.
        """
        self.style = STYLES.get(person.hair_style) if person.headwear != "headscarf" else None
        if self.style is None:
            return
        style, along = self.style, np.linspace(0, 1, POINTS)[:, None]
        lamp = 0.8 * light.ambient + 0.5 * light.key
        colour = hex_colour(HAIR_COLOURS[person.hair_colour]) * lamp * 255
        self.phases = rng.uniform(0, 2 * np.pi, 3)
        parting, length = rng.uniform(-0.5, 0.5), style.length * rng.uniform(0.8, 1.25)
        hat = person.headwear in ("cap", "beanie")
        locks = grow(rng, style, style.locks, length, parting, 1.0, hat)
        if person.hair_style in ("ponytail", "bun"):
            locks = np.concatenate([locks, tail(rng, person.hair_style)])
        # strands follow a lock, frayed, more so towards the tip; strays go their own way
        parents = locks[rng.integers(len(locks), size=style.strays * 3)]
        fray = 0.02 * rng.normal(size=(len(parents), 1, 3)) + 0.05 * rng.normal(size=(len(parents), 1, 3)) * along**1.5
        strays = grow(rng, style, style.strays, length * 1.15, parting, 2.2, hat)
        strays = strays + rng.normal(0, 0.05, (len(strays), 1, 3)) * along**1.5
        normal = (locks[:, POINTS // 3] - CENTRE) / RADII
        facing = np.clip(normal @ light.direction / np.linalg.norm(normal, axis=1), 0, 1)
        shade = (0.75 + 0.45 * facing) * rng.uniform(0.8, 1.2, len(locks))
        share = float(np.clip(head_pixels / 60, 0.15, 1))
        few = [c[: int(np.ceil(len(c) * share))] for c in (parents + fray, strays)]
        self.strand_colours = [(*np.clip(colour * (0.65 + 0.22 * k), 0, 255).tolist(), 255.0) for k in range(SHADES)]
        self.sides = {}
        for far in (True, False):
            chosen = [(_turned(c[:, POINTS // 2 :], rest_yaw)[..., 2].mean(1) < 0) == far for c in (locks, *few)]
            colours = np.clip(colour * shade[chosen[0], None], 0, 255)
            self.sides[far] = (locks[chosen[0]], few[0][chosen[1]], few[1][chosen[2]], colours.tolist())

    def draw(self, canvas: np.ndarray, head: HeadView, far: bool) -> None:
        """Lays the hair on the far or the near side of the head over `canvas` (H, W, 4)."""
        if self.style is None:
            return
        *curves, colours = self.sides[far]
        counts = np.cumsum([len(c) for c in curves])
        placed = _place(np.concatenate(curves) + self._sway(head.time), head)  # (N, POINTS, 2)
        if len(placed) == 0:
            return
        width = self.style.width * float(np.hypot(*head.matrix[:, 1]))  # of a lock, pixels
        low = np.maximum(np.floor(placed.min((0, 1)) - width - 2).astype(int), 0)
        high = np.minimum(np.ceil(placed.max((0, 1)) + width + 2).astype(int), canvas.shape[1::-1])
        if (low >= high).any():
            return
        patch = canvas[low[1] : high[1], low[0] : high[0]]
        locks, strands, strays = np.split((placed - low) * FINE, counts[:2])
        layer = np.zeros((patch.shape[0] * FINE, patch.shape[1] * FINE, 4), np.uint8)
        for outline, colour in zip(_spindles(locks, width * FINE), colours, strict=True):
            cv2.fillPoly(layer, [outline], (*colour, 255.0), cv2.LINE_AA, SHIFT)
        self._draw_strands(layer, strands)
        over(patch, _shrink(layer, patch))
        layer[:] = 0
        self._draw_strands(layer, strays)
        over(patch, _shrink(layer, patch), STRAY_OPACITY)

    def _sway(self, time: float) -> np.ndarray:
        """(POINTS, 3): what wind does, growing towards the tips."""
        along = np.linspace(0, 1, POINTS)[:, None]
        wave = np.sin(2 * np.pi * np.array([0.5, 0.9, 0.7]) * time + self.phases - 1.5 * along)
        return along**1.5 * self.style.length * wave * np.array([0.07, 0.0, 0.05])

    def _draw_strands(self, layer: np.ndarray, curves: np.ndarray) -> None:
        fixed = _fixed_point(curves)
        for k, colour in enumerate(self.strand_colours):
            if len(fixed) > k:
                cv2.polylines(layer, list(fixed[k::SHADES]), False, colour, 1, cv2.LINE_AA, SHIFT)


def _spindles(curves: np.ndarray, width: float) -> np.ndarray:
    """Outlines (N, 2·POINTS, 2), fixed point, round curves (N, POINTS, 2): thick near the root, pointed at the tip."""
    step = np.gradient(curves, axis=1)
    normal = np.stack([step[..., 1], -step[..., 0]], axis=-1)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-3)
    t = np.linspace(0, 1, POINTS)[:, None]
    half = 0.5 * width * np.minimum(1, 0.55 + 1.6 * t) * (1 - 0.97 * t**1.8)
    return _fixed_point(np.concatenate([curves + normal * half, (curves - normal * half)[:, ::-1]], axis=1))


def _fixed_point(points: np.ndarray) -> np.ndarray:
    """Our coordinates (pixel centres at +0.5) → OpenCV's, in 1/16 pixel."""
    return np.rint((points - 0.5) * 2**SHIFT).astype(np.int32)


def _turned(points: np.ndarray, yaw: float | np.ndarray) -> np.ndarray:
    """Points (…, 3) turned about the vertical through the head."""
    cos, sin = np.cos(yaw), np.sin(yaw)
    x, z = points[..., 0], points[..., 2]
    return np.stack([x * cos + z * sin, points[..., 1], z * cos - x * sin], axis=-1)


def _place(curves: np.ndarray, head: HeadView) -> np.ndarray:
    """Curves (N, POINTS, 3) → pixels (N, POINTS, 2); the tips are where they would have been a moment ago."""
    t = np.linspace(0, 1, POINTS)
    turned = _turned(curves, head.yaw + (head.lagged_yaw - head.yaw) * t)[..., :2]
    now, then = (turned @ m[:, :2].T + m[:, 2] for m in (head.matrix, head.lagged_matrix))
    return now + (then - now) * t[:, None]


def _shrink(layer: np.ndarray, patch: np.ndarray) -> np.ndarray:
    return cv2.resize(layer, patch.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
