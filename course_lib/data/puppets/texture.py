"""Noise and fabric: the fine structure without which a drawn person does not pass for one.

One 512×512 tile of 1/f noise per roughness is made once per process (FFT-filtered white noise, tileable); everything
else is cut from it at random offsets, so a texture costs a copy.
"""

from functools import lru_cache

import cv2
import numpy as np

TILE = 512  # pixels; cuts wrap round
FABRICS = ("plain", "stripes", "pinstripes", "checks", "dots", "knit", "blotches", "gradient", "print")


@lru_cache(maxsize=16)  # nine roughnesses are in use; one place too few, and the tiles are made again and again
def noise_tile(power: float) -> np.ndarray:
    """(TILE, TILE) float32 of mean 0 and standard deviation 1, whose amplitude falls as frequency^-power; it tiles."""
    white = np.random.Generator(np.random.PCG64(int(power * 100))).standard_normal((TILE, TILE))
    frequency = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.fftfreq(TILE)[None]) * TILE
    frequency[0, 0] = 1
    spectrum = np.fft.fft2(white) / frequency**power
    spectrum[0, 0] = 0
    tile = np.fft.ifft2(spectrum).real
    return (tile / tile.std()).astype(np.float32)


def cut_noise(
    rng: np.random.Generator, height: int, width: int, power: float = 1.0, zoom: tuple[float, float] = (1.0, 1.0)
) -> np.ndarray:
    """(height, width) float32 from a noise tile at a random offset; `zoom` magnifies it in x and in y."""
    offset_x, offset_y = rng.uniform(0, TILE, 2)
    matrix = np.float32([[1 / zoom[0], 0, offset_x], [0, 1 / zoom[1], offset_y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(noise_tile(power), matrix, (width, height), flags=flags, borderMode=cv2.BORDER_WRAP)


def fabric(
    rng: np.random.Generator,
    kind: str,
    x: np.ndarray,
    y: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    pitch: float,
) -> np.ndarray:
    """Colour (h, w, 3) of a cloth `kind` (one of FABRICS) in two RGB colours.

    `x`, `y` (h, w) are positions on the garment in body units (1 = stature), `pitch` the period of its pattern there.
    """
    height, width = x.shape
    # The pattern follows the cloth, and cloth is never flat: bend the coordinates a little.
    x = x + 0.12 * pitch * cut_noise(rng, height, width, 2.0)
    y = y + 0.12 * pitch * cut_noise(rng, height, width, 2.0)
    u, v = x / pitch, y / pitch
    if kind == "stripes":
        mix = _step(np.sin(2 * np.pi * (v if rng.uniform() < 0.7 else u)), 0.2)
    elif kind == "pinstripes":
        mix = _step(np.sin(4 * np.pi * u) - 0.9, 0.1)
    elif kind == "checks":
        mix = (_step(np.sin(2 * np.pi * u), 0.3) + _step(np.sin(2 * np.pi * v), 0.3)) / 2
    elif kind == "dots":
        mix = _step(np.sin(2 * np.pi * u) * np.sin(2 * np.pi * v) - 0.55, 0.15)
    elif kind == "knit":
        mix = 0.15 + 0.12 * np.sin(14 * np.pi * (v + 0.35 * np.abs(np.sin(7 * np.pi * u))))
    elif kind == "blotches":
        mix = _step(cut_noise(rng, height, width, 1.6, (0.8, 0.8)), 0.25)
    elif kind == "gradient":
        mix = np.clip(0.5 + v * 0.12, 0, 1)
    elif kind == "print":  # a picture on the chest
        mix = _step(0.055 - np.hypot(x, y - 0.13) + 0.02 * cut_noise(rng, height, width, 1.6), 0.006)
    else:
        mix = np.zeros_like(x)
    mix = mix[..., None]
    return (first * (1 - mix) + second * mix).astype(np.float32)


def _step(value: np.ndarray, softness: float) -> np.ndarray:
    """0 below 0, 1 above it, with a ramp of ±softness."""
    return np.clip(value / (2 * softness) + 0.5, 0, 1)
