"""A clip of several people: the reader clicks one of them, and sees that person alone before a new background. Chapter 21.

All that the page needs is computed before: a matte for each person. The page mixes αF + (1−α)B itself, pixel by pixel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Bool, Float
from matplotlib.colors import to_hex

from course_lib.viz.emoji_scenes import instance_colour
from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, pack_bits, picture_uri, sheet_uri

QUALITY = 55  # of the WebP of frames and foregrounds: a chapter holds all of them
STEPS = (
    31  # alpha is stored without loss as one of 0, 1/31, …, 1: half of the size of 255 steps, and 0 and 1 stay exact
)
NEAR = 4  # pixels around the people in which the foreground is kept


class PersonPicker(CourseWidget):
    _esm = script("person_picker")


def person_picker(
    frames: Float[np.ndarray, "T 3 H W"],
    people: Bool[np.ndarray, "P H W"],
    alphas: Float[np.ndarray, "P T 1 H W"],
    foregrounds: Float[np.ndarray, "T 3 H W"] | None = None,
    background: Float[np.ndarray, "3 H W"] | None = None,
    *,
    chosen: int = 1,
    numbers: Sequence[int] | None = None,
    rate: int = 10,
    quality: int = QUALITY,
    alt: str | None = None,
) -> PersonPicker:
    """Pictures in [0, 1], arrays or tensors. Person k is number k + 1: pass them in the order in which they stand.

    `people` are their masks in the first frame, where a click is judged by them; in later frames by α > ½. Where two overlap,
    the one with the larger alpha is meant; a click on a number is one on its person. `foregrounds` left out: the frames;
    `background` left out: a soft grey. `chosen` is seen at first, `numbers` are those of the T frames (0 … T − 1), `rate`
    is in frames a second, `alt` is what a reader hears who cannot see it.

    Stored: alphas in steps of 1/31, the rest as WebP of `quality`. Raises ValueError for nobody, shapes that do not belong
    together, values that are not finite, a mask without pixels, or a `chosen` who is not there.
    """
    frames, people, alphas = as_array(frames), as_array(people).astype(bool), as_array(alphas)
    foregrounds = None if foregrounds is None else as_array(foregrounds)
    if people.ndim != 3 or not len(people) or frames.ndim != 4 or not len(frames):
        raise ValueError(f"At least one person and one frame: people {people.shape} (P, H, W), frames {frames.shape}.")
    count, (who, height, width) = len(frames), people.shape
    background = soft_background(height, width) if background is None else as_array(background)
    for name, values, shape in (
        ("frames", frames, (count, 3, height, width)),
        ("alphas", alphas, (who, count, 1, height, width)),
        ("foregrounds", foregrounds, (count, 3, height, width)),
        ("background", background, (3, height, width)),
    ):
        if values is not None and values.shape != shape:
            raise ValueError(f"The {name} must be {shape} to go with the others, not {tuple(values.shape)}.")
        if values is not None and not np.isfinite(values).all():
            raise ValueError(f"The {name} are not finite.")
    if empty := [k + 1 for k, mask in enumerate(people) if not mask.any()]:
        raise ValueError(f"Person {empty[0]} has no pixel in the first frame: leave them out.")
    if not 1 <= chosen <= who:
        raise ValueError(f"There is no person {chosen}: they are numbered 1 … {who}.")
    numbers = list(range(count) if numbers is None else numbers)
    if len(numbers) != count:
        raise ValueError(f"{len(numbers)} numbers for {count} frames.")
    alphas = alphas.reshape(who * count, height, width)  # person after person
    steps = np.round(alphas.clip(0, 1) * STEPS) / STEPS
    across, alphas_across = math.ceil(math.sqrt(count)), math.ceil(math.sqrt(len(steps)))
    seen = steps.reshape(who, count, height, width).max(0) > 0  # (T, H, W), of anybody
    data = {
        "frames": sheet_uri(frames, across, quality),
        "foregrounds": None if foregrounds is None else sheet_uri(only_near(foregrounds, seen), across, quality),
        "alphas": sheet_uri(steps, alphas_across, quality=100, lossless=True),
        "background": picture_uri(background),
        "across": across,
        "alphasAcross": alphas_across,
        "size": [height, width],
        "people": [{"mask": pack_bits(mask), "colour": to_hex(instance_colour(k))} for k, mask in enumerate(people)],
        "numbers": [int(number) for number in numbers],
        "chosen": chosen - 1,
        "rate": rate,
    }
    what = f"{who} {'person' if who == 1 else 'people'} in {count} frames"
    return PersonPicker(data, alt or f"{what}: click one of them to see that person alone before a new background")


def soft_background(height: int, width: int) -> Float[np.ndarray, "3 H W"]:
    """A wall without a colour: light above, darker below."""
    grey = np.linspace(0.86, 0.6, height, dtype=np.float32)
    return np.broadcast_to(grey[None, :, None], (3, height, width))


def only_near(
    foregrounds: Float[np.ndarray, "T 3 H W"], seen: Bool[np.ndarray, "T H W"]
) -> Float[np.ndarray, "T 3 H W"]:
    """The foregrounds where they are seen, and some pixels around; their mean elsewhere, which takes hardly any room."""
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * NEAR + 1, 2 * NEAR + 1))
    near = np.stack([cv2.dilate(one.view(np.uint8), disk) for one in seen]).astype(bool)
    if not near.any():
        return np.full_like(foregrounds, 0.5)
    mean = foregrounds.transpose(1, 0, 2, 3)[:, near].mean(1)
    return np.where(near[:, None], foregrounds, mean[None, :, None, None].astype(foregrounds.dtype))
