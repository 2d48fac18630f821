"""Run-length encoding of masks, as COCO stores them (Lin et al. 2014; the format of `pycocotools.mask`).

A mask is read column by column from the top left; `counts` are the lengths of its runs, of zeros and ones in turn, starting
with zeros (0 long where the first pixel is set). COCO writes crowds as a list of numbers, and everything else as text: each
count but the first three as the difference from the last but one, in groups of five bits, lowest first; a sixth bit says that
another group follows, and the highest bit of the last group is the sign. 48 is added so that each group is a printable letter.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

FIRST_LETTER = 48
GROUP, MORE, SIGN = 0x1F, 0x20, 0x10
MOST_GROUPS = 13  # 64 bits and a sign; more is no number


def encode_rle(mask: Bool[np.ndarray, "H W"]) -> dict[str, Any]:
    """{"size": [H, W], "counts": text}, equal to what pycocotools writes."""
    pixels = np.asarray(mask, bool).ravel(order="F")  # column by column
    ends = np.flatnonzero(np.diff(pixels)) + 1
    counts = np.diff(np.concatenate([[0], ends, [pixels.size]])).tolist()
    if pixels.size and pixels[0]:
        counts = [0, *counts]
    return {"size": list(mask.shape), "counts": compress(counts)}


def decode_rle(rle: Mapping[str, Any]) -> Bool[np.ndarray, "H W"]:
    """The mask of a run-length code whose counts are text, bytes or a list. Raises ValueError for one that is damaged."""
    height, width = (int(side) for side in rle["size"])
    runs = run_lengths(rle)
    pixels = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return pixels.reshape(width, height).T  # columns → rows


def run_lengths(rle: Mapping[str, Any]) -> Int64[np.ndarray, " n"]:
    """The runs of a code, which cover its picture. Raises ValueError as `decode_rle` does."""
    height, width = (int(side) for side in rle["size"])
    counts = rle["counts"]
    if isinstance(counts, bytes):
        counts = counts.decode("ascii", "replace")
    runs = np.array(decompress(counts) if isinstance(counts, str) else counts, np.int64).reshape(-1)
    if (runs < 0).any() or runs.sum() != height * width:
        raise ValueError(f"its runs cover {runs.sum()} pixels and not {width}×{height} = {height * width}")
    return runs


def compress(counts: Sequence[int]) -> str:
    """Run lengths as COCO's text."""
    letters = []
    for index, count in enumerate(counts):
        value = count - counts[index - 2] if index > 2 else count
        while True:
            group, value = value & GROUP, value >> 5
            done = value == (-1 if group & SIGN else 0)
            letters.append(chr(FIRST_LETTER + (group if done else group | MORE)))
            if done:
                break
    return "".join(letters)


def decompress(text: str) -> list[int]:
    """COCO's text as run lengths. Raises ValueError for a letter that does not occur, and where a number has no end."""
    counts: list[int] = []
    value, groups = 0, 0
    for letter in text:
        bits = ord(letter) - FIRST_LETTER
        if not 0 <= bits < 64:
            raise ValueError(f"its text holds {letter!r}, which is no letter of this code")
        value |= (bits & GROUP) << (5 * groups)
        groups += 1
        if groups > MOST_GROUPS:
            raise ValueError("its text holds a number without an end")
        if bits & MORE:
            continue
        if bits & SIGN:
            value -= 1 << (5 * groups)
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value, groups = 0, 0
    if groups:
        raise ValueError("its text ends within a number")
    return counts
