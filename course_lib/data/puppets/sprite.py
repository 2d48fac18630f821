"""Cut-outs: a part of a body is a small shaded picture, laid into the frame by an affine map.

A part's outline is filled with anti-aliasing, inflated to a relief (a round profile over the distance to its edge),
given folds, and lit: Lambert with a little wrap-around, ambient light, a highlight. That is done once per clip; a
frame then only moves the pictures. All pixels are premultiplied RGBA, float32, and are laid over each other by Porter
& Duff's "over".
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

MARGIN = 3  # transparent pixels round a cut-out, so that interpolation finds its edge
SHIFT = 4  # OpenCV draws polygons at 1/16 pixel


@dataclass(frozen=True)
class Light:
    """One lamp and what comes from everywhere. Directions point towards the lamp: x right, y down, z to the camera."""

    direction: np.ndarray  # (3,), unit
    key: np.ndarray  # (3,) RGB strength of the lamp
    ambient: np.ndarray  # (3,) RGB

    def turned(self, angle: float) -> "Light":
        """The same light seen from a part that hangs at `angle` (radians, in the picture) instead of straight down."""
        cos, sin = np.cos(angle), np.sin(angle)
        x, y, z = self.direction
        return Light(np.float32([cos * x - sin * y, sin * x + cos * y, z]), self.key, self.ambient)


@dataclass(frozen=True)
class Sprite:
    """Premultiplied RGBA `pixels` (h, w, 4); a point p of the part, in body units, lies at pixel p · scale + origin."""

    pixels: np.ndarray
    origin: np.ndarray  # (2,) pixels
    scale: float  # pixels per body unit


def smooth_outline(points: list | np.ndarray, rounds: int = 3) -> np.ndarray:
    """Closed polygon (N, 2) → (N·2^rounds, 2), corners cut (Chaikin 1974)."""
    outline = np.asarray(points, np.float32)
    for _ in range(rounds):
        following = np.roll(outline, -1, axis=0)
        pair = np.stack([0.75 * outline + 0.25 * following, 0.25 * outline + 0.75 * following], axis=1)
        outline = pair.reshape(-1, 2)
    return outline


def mirror(right: list[tuple[float, float]]) -> np.ndarray:
    """Points of the right half, from top to bottom → the closed symmetric outline."""
    half = np.asarray(right, np.float32)
    return np.concatenate([half, half[::-1] * np.float32([-1, 1])])


def fill(outline: np.ndarray, height: int, width: int) -> np.ndarray:
    """Coverage (height, width) float32 of a polygon (N, 2) in pixels."""
    mask = np.zeros((height, width), np.uint8)
    # OpenCV's integer coordinates are pixel centres
    cv2.fillPoly(mask, [np.rint((outline - 0.5) * 2**SHIFT).astype(np.int32)], 255, cv2.LINE_AA, SHIFT)
    return mask.astype(np.float32) / 255


def relief(mask: np.ndarray, roundness: float) -> np.ndarray:
    """Height (h, w), pixels, of the inflated shape: a quarter circle of radius `roundness` pixels along its edge."""
    distance = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    inside = 1 - np.clip(distance / max(roundness, 1e-3), 0, 1)
    return roundness * np.sqrt(1 - inside**2)


def lit(height: np.ndarray, light: Light, smooth: float, gloss: float = 0.0) -> np.ndarray:
    """Light (h, w, 3) that a white surface of that relief sends to the camera. `smooth` blurs it first (sigma,
    pixels).
    """
    if smooth > 0.3:
        height = cv2.GaussianBlur(height, (0, 0), smooth, borderType=cv2.BORDER_REPLICATE)
    height = np.asarray(height, np.float32)
    slope_x = cv2.Scharr(height, cv2.CV_32F, 1, 0, scale=1 / 32)
    slope_y = cv2.Scharr(height, cv2.CV_32F, 0, 1, scale=1 / 32)
    length = np.sqrt(slope_x**2 + slope_y**2 + 1)
    x, y, z = light.direction
    facing = (z - x * slope_x - y * slope_y) / length
    wrapped = np.clip((facing + 0.25) / 1.25, 0, 1)[..., None]
    occluded = (0.65 + 0.35 / length)[..., None]  # grazing surfaces see less of the surroundings
    shade = light.ambient * occluded + light.key * wrapped
    if gloss:
        half = light.direction + np.float32([0, 0, 1])
        half = half / np.linalg.norm(half)
        mirrored = np.clip((half[2] - half[0] * slope_x - half[1] * slope_y) / length, 0, 1)
        shade = shade + gloss * light.key * mirrored[..., None] ** 24
    return shade


def cut_out(
    outline: np.ndarray,
    scale: float,
    light: Light,
    paint: Callable[[np.ndarray, np.ndarray], np.ndarray],
    roundness: float,
    folds: Callable[[int, int], np.ndarray] | None = None,
    gloss: float = 0.0,
) -> Sprite:
    """A shaded part. `outline` (N, 2) and `roundness` in body units; `paint(x, y)` gives colours (h, w, 3) or RGBA
    (h, w, 4)
    at positions in body units; `folds(h, w)` a relief to add, in body units. `scale` is pixels per unit.
    """
    low, high = outline.min(0) * scale, outline.max(0) * scale
    origin = MARGIN - np.floor(low)
    width, height = (np.ceil(high) + origin + MARGIN).astype(int)
    mask = fill(outline * scale + origin, height, width)
    bump = relief(mask, roundness * scale)
    if folds is not None:
        bump = bump + folds(height, width) * scale
    x = np.broadcast_to((np.arange(width, dtype=np.float32) + 0.5 - origin[0]) / scale, (height, width))
    y = np.broadcast_to(((np.arange(height, dtype=np.float32) + 0.5 - origin[1]) / scale)[:, None], (height, width))
    colour = paint(x, y)
    if colour.shape[-1] == 4:
        mask = mask * colour[..., 3]
    shade = lit(bump, light, 0.006 * scale, gloss)
    pixels = np.empty((height, width, 4), np.float32)
    pixels[..., :3] = np.clip(colour[..., :3] * shade, 0, 1) * mask[..., None]
    pixels[..., 3] = mask
    return Sprite(pixels, origin.astype(np.float32), scale)


def lay_over(canvas: np.ndarray, sprite: Sprite, matrix: np.ndarray, opacity: float = 1.0) -> None:
    """Lays a cut-out over `canvas` (H, W, 4) in place. `matrix` (2, 3) takes body units of the part to pixels of the
    canvas.
    """
    height, width = canvas.shape[:2]
    linear = matrix[:, :2] / sprite.scale
    # pixel centres lie at +0.5 in our coordinates and at integers in OpenCV's
    shift = matrix[:, 2] + linear @ (0.5 - sprite.origin) - 0.5
    rows, columns = sprite.pixels.shape[:2]
    corners = linear @ np.float32([[-1, columns, -1, columns], [-1, -1, rows, rows]]) + shift[:, None]
    if not np.isfinite(corners).all():
        return
    left, top = np.maximum(np.floor(corners.min(1)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(1)).astype(int) + 1, (width, height))
    if left >= right or top >= bottom:
        return
    placed = np.concatenate([linear, (shift - (left, top))[:, None]], axis=1)
    patch = cv2.warpAffine(sprite.pixels, placed, (int(right - left), int(bottom - top)), flags=cv2.INTER_LINEAR)
    over(canvas[top:bottom, left:right], patch, opacity)


def over(canvas: np.ndarray, patch: np.ndarray, opacity: float = 1.0) -> None:
    """Porter & Duff's "over" on premultiplied (h, w, 4) pixels, in place."""
    if opacity != 1:
        patch = patch * np.float32(opacity)
    canvas *= 1 - patch[..., 3:]
    canvas += patch
