"""What a recurrent network remembers: every channel of its hidden states as a picture, at four scales, over some frames."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, sheet_uri

FRAME_QUALITY, STATE_QUALITY = 60, 80  # of the WebP: a chapter holds the file, so as small as still shows cells


class HiddenStates(CourseWidget):
    _esm = script("hidden_states")


def hidden_states(
    frames: Float[np.ndarray, "T 3 H W"],
    states: Sequence[Sequence[Float[np.ndarray, "1 C h w"]]],
    numbers: Sequence[int] | None = None,
    scale: int = 1,
    channel: int = 0,
    kept: Sequence[int] | None = None,
) -> HiddenStates:
    """Frames in [0, 1] and, for each, its states r1, r2, …, with values in [−1, 1]: `states[t][k]` is (1, C, h, w).

    `numbers` are those of the frames (0 … T − 1); `scale` (1 for r1) and `channel` are shown at first; `kept` is
    how many channels of each scale are stored: those that vary most over the picture, and the one shown at first. All by
    default; the large scales cost most. Values come back with a mean error of about 0.02. Raises ValueError where frames,
    states, numbers and `kept` do not belong together.
    """
    frames = as_array(frames)
    numbers = list(range(len(frames)) if numbers is None else numbers)
    if not len(frames) == len(states) == len(numbers) > 0:
        raise ValueError(f"{len(frames)} frames, {len(states)} times states, {len(numbers)} numbers: not one of each.")
    scales = [np.concatenate([as_array(state) for state in over_time]) for over_time in zip(*states, strict=True)]
    if max(np.abs(values).max() for values in scales) > 1:
        raise ValueError("A state has values in [-1, 1], for it is an average of values of tanh; these are larger.")
    if not (1 <= scale <= len(scales) and 0 <= channel < scales[scale - 1].shape[1]):
        raise ValueError(f"There is no channel {channel} of r{scale}.")
    kept = [values.shape[1] for values in scales] if kept is None else list(kept)
    if len(kept) != len(scales) or min(kept) < 1:
        raise ValueError(f"`kept` is one number of channels ≥ 1 for each of {len(scales)} scales, not {kept}.")
    chosen = [liveliest(values, most) for values, most in zip(scales, kept, strict=True)]
    if channel not in chosen[scale - 1]:
        chosen[scale - 1] = sorted([*liveliest(scales[scale - 1], kept[scale - 1] - 1), channel])
    data = {
        "frames": sheet_uri(frames, quality=FRAME_QUALITY),
        "numbers": [int(number) for number in numbers],
        "scales": [
            _packed(k, values, numbers_of, frames.shape[-2])
            for k, (values, numbers_of) in enumerate(zip(scales, chosen, strict=True), start=1)
        ],
        "scale": scale - 1,
        "which": chosen[scale - 1].index(channel),
    }
    shapes = ", ".join(f"r{k} {values.shape[1]} channels" for k, values in enumerate(scales, start=1))
    return HiddenStates(data, f"hidden states at frames {', '.join(map(str, numbers))}: {shapes}")


def liveliest(values: Float[np.ndarray, "T C h w"], most: int) -> list[int]:
    """The numbers of the `most` channels that vary most over the picture (mean over the frames), in their order."""
    order = np.argsort(-values.var((2, 3)).mean(0), kind="stable")
    return sorted(int(channel) for channel in order[:most])


def _packed(k: int, values: Float[np.ndarray, "T C h w"], chosen: list[int], frame_height: int) -> dict:
    """One sheet: the chosen channels of a frame as a block of tiles, the blocks below one another."""
    channels, height, width = values.shape[1:]
    columns = tile_columns(len(chosen))
    tiles = (values[:, chosen].reshape(-1, height, width) + 1) / 2  # −1 … 1 → 0 … 1
    stride = 2 ** round(math.log2(frame_height / height))
    return {
        "name": f"r{k}",
        "sheet": sheet_uri(tiles, columns, STATE_QUALITY),
        "all": channels,
        "channels": chosen,
        "columns": columns,
        "height": height,
        "width": width,
        "stride": stride,
    }


def tile_columns(channels: int) -> int:
    """Of the block: a divisor of the number of channels, about twice as many columns as rows."""
    return next(n for n in range(math.ceil(math.sqrt(2 * channels)), channels + 1) if channels % n == 0)
