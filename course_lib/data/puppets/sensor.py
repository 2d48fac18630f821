"""What a camera does to a finished picture: shot and read noise, then compression.

Neither commutes with compositing: after it I = αF + (1−α)B holds no longer exactly, as with any real footage.
"""

from functools import lru_cache

import cv2
import numpy as np

BANK = 512  # pixels; noise is cut from one precomputed square at random offsets


@lru_cache(maxsize=1)
def _noise_bank() -> np.ndarray:
    """(BANK, BANK, 3) float32, standard normal, with the slight correlation that demosaicing leaves."""
    white = np.random.Generator(np.random.PCG64(7)).standard_normal((BANK, BANK, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(white, (0, 0), 0.6, borderType=cv2.BORDER_REPLICATE)
    return soft / soft.std()


def add_noise(frames: np.ndarray, rng: np.random.Generator, read: float, shot: float) -> np.ndarray:
    """Frames (T, H, W, 3) in [0, 1] with noise of variance read² + shot²·signal, new in every frame; clipped to [0,
    1].
    """
    bank = _noise_bank()
    noisy = np.empty_like(frames)
    rows, columns = np.arange(frames.shape[1]), np.arange(frames.shape[2])
    for frame, out in zip(frames, noisy, strict=True):
        top, left = rng.integers(BANK, size=2)
        grain = bank[((rows + top) % BANK)[:, None], ((columns + left) % BANK)[None]]
        np.clip(frame + grain * np.sqrt(read**2 + shot**2 * frame), 0, 1, out=out)
    return noisy


def compress(frames: np.ndarray, quality: int) -> np.ndarray:
    """Frames (T, H, W, 3) RGB in [0, 1] through JPEG of that quality (1 … 100), chroma at half size as in video."""
    options = [
        cv2.IMWRITE_JPEG_QUALITY,
        int(quality),
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR,
        cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420,
    ]
    out = np.empty_like(frames)
    for index, frame in enumerate(frames):
        coded = np.rint(frame[..., ::-1] * 255).astype(np.uint8)
        _, data = cv2.imencode(".jpg", coded, options)
        out[index] = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32) / 255
    return out
