"""Eighteen CC0 panoramas (Poly Haven, small versions): whole spheres of light, for backgrounds that a moving camera sees.

npm's `@pmndrs/assets` carries them as base64 OpenEXR of 512×256 pixels, half floats of linear light in which a lamp is a
thousand times brighter than the wall beside it. They are tone-mapped to [0, 1] once (Reinhard et al. 2002, eq. 4, after an
exposure that puts the median luminance at middle grey; then the sRGB curve) and kept in one file of bytes in the cache.
Reading them needs the PyPI package `OpenEXR`, this one time only: OpenCV's wheel cannot read the compression (DWAB).
"""

from __future__ import annotations

import base64
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from course_lib.errors import CourseError
from course_lib.fetch import Source, cache_dir, fetch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

HASHES = {
    "apartment": "74c0206dd58bed5fd0795194c3eb0d6f1a7e30c26a831dc239617de707d3a6d8",
    "bridge": "0e0c4def1bd2e8f88d13de12e708047a103b845116f6a04737a25127ad115cb0",
    "city": "dcb14d9dfc48d83e7cc38c7fbb76416cac3a959a59a80d4b0fbfd9dbf4a05ed3",
    "dawn": "455ea02a016b2d177faa501e812ea993b43f223480fe3fe6abded88c5f242cf2",
    "esplanade": "1c7a9a7da193deafd6494a55c21a0a198b72e9024a5faae6e2d3db66a87154dc",
    "forest": "d37ba5af4a60e169f22482f299a14dde2c84455142eb2074d791c863aa619a79",
    "hall": "55db560c95f87b2c0cb82079d87c684fb0be8890d33e97a3628246740bef09e2",
    "lab": "3adb2d8b79177fe47c8d9fc50e52b8d5329ff6ba8409bd38d519fbce1e09d7d3",
    "lobby": "58150e771d20555ebe4a9fc0e1e1aede23de9096430c71d3107017e8a13dc7a6",
    "night": "e76f8e31dad6f491ff83fc3182551b1867c499464569a87d5d2874efb374f66e",
    "park": "88947c10444e0c5f0e51018e5b69af9a7489baab9e8034b0044686c2d8fd7a8c",
    "sky": "62744ec42116f896c2d5959365c9be75589ca09d81ecdd99052c3307ec44ce62",
    "studio": "bdbc4502798c49310b46e57f27ffa8532a7f0a7c2f6708362132be225f0cfdbd",
    "sunrise": "36c7e652f58293b59a235add4b9399d450a24ea79b78709bcd1198246b08a68f",
    "sunset": "57ab9a1e5aec61f1816b2b977646d0baf82a4adf61bfe9d4a8313138f2f50e7c",
    "venice": "08d9d3255f50ffba3a2aa37a95abbcd0944282b90101877b5d0abf340ee0642a",
    "warehouse": "ce15dbb7b20bfd3c1daa478fec3425c6a8efa7ae5e2fe4d501033a1bcc1bd90a",
    "workshop": "32b92ffdb6aca9d5f73f13bbf9bd2d7b47169522de69f7fc4b18cf1da6beb048",
}
PANORAMAS = Source(
    name="panoramas",
    registry="npm",
    package="@pmndrs/assets",
    version="1.7.0",
    files={f"package/hdri/{name}.exr.js": sha256 for name, sha256 in HASHES.items()},
    megabytes=13.8,
    about="18 panoramas for moving backgrounds",
    licence="CC0 1.0",
    credit="Poly Haven; packaged by Poimandres",
    command="python data_scripts/get_panoramas.py",
)
SHAPE = (len(HASHES), 256, 512, 3)
KEPT = "tone_mapped_1.npy"  # count up when `tone_map` changes: what the cache holds then is out of date


def list_panoramas() -> list[str]:
    """Names that `load_panorama` knows."""
    return list(HASHES)


def load_panorama(name: str) -> Float[Tensor, "3 256 512"]:
    """A tone-mapped panorama, sRGB in [0, 1]; columns are longitude (the middle is straight ahead), rows latitude from the top.

    Fetched and tone-mapped when first asked for. Raises CourseError for an unknown name, and when it cannot be had or read.
    """
    import torch

    if name not in HASHES:
        raise CourseError(f"There is no panorama {name!r}. There are: {', '.join(HASHES)}.")
    pixels = _tone_mapped(cache_dir() / PANORAMAS.name / KEPT)[list_panoramas().index(name)]  # (H, W, 3)
    return torch.from_numpy(pixels).permute(2, 0, 1).float() / 255


def tone_map(light: np.ndarray) -> np.ndarray:
    """(H, W, 3) linear light of a whole sphere to sRGB bytes.

    Infinite pixels (a sun beyond half precision) count as the brightest finite one. The compression rings beside suns and
    lamps, down to below zero: what comes out negative there is mended from its surroundings.
    """
    light = light.astype(np.float64)
    finite = np.isfinite(light)
    light = np.where(finite, light, light[finite].max())
    darkest, light = light.min(-1), light.clip(min=0)
    luminance = light @ [0.2126, 0.7152, 0.0722]
    median = max(float(np.median(luminance)), 1e-6)
    exposed = light * (0.18 / median)
    white = max(
        1.0, float(np.percentile(exposed @ [0.2126, 0.7152, 0.0722], 99))
    )  # the least light that is shown as white
    compressed = (exposed * (1 + exposed / white**2) / (1 + exposed)).clip(0, 1)
    encoded = np.where(compressed <= 0.0031308, 12.92 * compressed, 1.055 * compressed ** (1 / 2.4) - 0.055)
    return _mend((encoded * 255).round().astype(np.uint8), damaged=darkest < -0.1 * median)


def _mend(pixels: np.ndarray, damaged: np.ndarray) -> np.ndarray:
    """Fill holes of up to 6 pixels inside white light (a sun whose block was lost), then `damaged` (H, W) from around it."""
    closed = cv2.morphologyEx(pixels, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    inside_light = closed.min(-1, keepdims=True) >= 242
    pixels = np.where(inside_light, closed, pixels)
    return cv2.inpaint(pixels, (damaged & ~inside_light[..., 0]).astype(np.uint8), 2, cv2.INPAINT_TELEA)


@lru_cache(maxsize=1)
def _tone_mapped(path: Path) -> np.ndarray:
    """All panoramas as (18, 256, 512, 3) uint8, from the file that keeps them; made first if it is not there or damaged."""
    try:
        pixels = np.load(path, allow_pickle=False)
        if pixels.shape == SHAPE and pixels.dtype == np.uint8:
            return pixels
    except (OSError, ValueError, EOFError):
        pass  # not made yet, or cut short by a full disk
    files = fetch(PANORAMAS)
    pixels = np.stack([tone_map(_read_exr(file)) for file in files.values()])
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    with partial.open("wb") as stream:
        np.save(stream, pixels)
    os.replace(partial, path)
    return pixels


def _read_exr(file: Path) -> np.ndarray:
    """Linear light (H, W, 3) out of a JavaScript module whose one line is a base64 data address."""
    try:
        import OpenEXR
    except ImportError:
        raise CourseError(
            "Reading the panoramas needs the package OpenEXR. Run: python -m pip install OpenEXR"
        ) from None

    data = base64.b64decode(file.read_text(encoding="ascii").split("base64,", 1)[1].split("'", 1)[0])
    with tempfile.TemporaryDirectory() as folder:  # the reader takes a file name only
        picture = Path(folder) / "panorama.exr"
        picture.write_bytes(data)
        with OpenEXR.File(str(picture)) as opened:
            return opened.channels()["RGB"].pixels.astype(np.float32)
