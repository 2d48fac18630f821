"""What lies behind a scene: a part of one of a few hundred kept backgrounds, mirrored and coloured anew.

They are backgrounds of Part I (`course_lib.data.backgrounds`): training, validation and test share no panorama, no photograph
and no seed. A procedural texture takes a tenth of a second; therefore each is drawn once and kept. Photographs that show
one of our classes (a cup, a motorcycle, a cat) are left out: what they show would count as background.
"""

from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float, UInt8

from course_lib.data.backgrounds import background_clip
from course_lib.data.emoji_scenes.kept import kept

BackgroundSplit = Literal["train", "val", "test"]
BACKGROUNDS: dict[BackgroundSplit, int] = {"train": 384, "val": 96, "test": 96}  # how many each split has
SHOWS_A_CLASS = ("coffee", "motorcycle", "chelsea")
SIDE = 384
SMALLEST = 0.55  # of a background's side that a scene shows


def draw_scenery(rng: np.random.Generator, size: int, split: BackgroundSplit) -> tuple[Float[np.ndarray, "s s 3"], str]:
    """A background of `size`², RGB in [0, 1], and its name (split and number)."""
    number = int(rng.integers(BACKGROUNDS[split]))
    side = round(float(rng.uniform(SMALLEST, 1)) * SIDE)
    top, left, mirrored = rng.integers(SIDE - side + 1), rng.integers(SIDE - side + 1), rng.random() < 0.5
    gain = np.float32(rng.uniform(0.8, 1.15) * rng.uniform(0.93, 1.07, 3) / 255)
    part = kept_background(number, split)[top : top + side, left : left + side]
    part = cv2.resize(part, (size, size), interpolation=cv2.INTER_AREA if side > size else cv2.INTER_LINEAR)
    if mirrored:
        part = part[:, ::-1]
    return np.minimum(part * gain, np.float32(1)), f"{split}/{number}"


def kept_background(number: int, split: BackgroundSplit) -> UInt8[np.ndarray, "s s 3"]:
    """Background `number` of a split, drawn at its first use."""
    return kept(f"backgrounds/{split}/{number:04}", lambda: _in_bytes(unlabelled_background(number, 1, SIDE, split)[0]))


def unlabelled_background(number: int, frames: int, side: int, split: BackgroundSplit) -> Float[np.ndarray, "T s s 3"]:
    """The first background among the seeds number, number + N, … that shows no class of ours, as `frames` pictures."""
    seed = number
    while (background := background_clip(seed, frames, side, side, split)).record.name in SHOWS_A_CLASS:
        seed += BACKGROUNDS[split]
    return background.frames.permute(0, 2, 3, 1).numpy()  # (T, 3, H, W) → (T, H, W, 3)


def _in_bytes(picture: Float[np.ndarray, "H W 3"]) -> UInt8[np.ndarray, "H W 3"]:
    return np.rint(picture * 255).astype(np.uint8)
