"""Instances drawn into their picture: a tint, an outline, a tag with class and score.

`viz.paint_instances` is the plain version for figures, on floats. This one is for frames of any size, and quick: it touches
only the boxes of the instances. Colours are the same in both, by the number of the instance.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import UInt8

from course_lib.video.segmenting.instance import Instance
from course_lib.video.segmenting.tag import tag
from course_lib.viz.emoji_scenes import instance_colour

TINT = 0.4
LINE = 1 / 320  # of the shorter side
TAG = 1 / 30  # of the shorter side
SMALLEST_TAG = 13  # pixels; below, letters cannot be read
RIM = (20, 20, 20)  # dark, so that an outline is seen on light ground, too

Colour = tuple[int, int, int]


def draw_instances(
    picture: UInt8[np.ndarray, "H W 3"], instances: Sequence[Instance], numbers: Sequence[int], names: Sequence[str]
) -> UInt8[np.ndarray, "H W 3"]:
    """A new picture. The surest come first in `instances`, and are drawn last: on top. `names` are the classes'."""
    canvas = picture.copy()
    shorter = min(picture.shape[:2])
    line = max(round(shorter * LINE), 1)
    colours = [colour_of(number) for number in numbers]
    for instance, colour in zip(reversed(instances), reversed(colours), strict=True):
        _tint(canvas, instance, colour)
        _outline(canvas, instance, colour, line)
    height = max(round(shorter * TAG), SMALLEST_TAG)
    taken: list[tuple[int, int, int, int]] = []
    for instance, colour in zip(instances, colours, strict=True):
        plate = tag(f"{names[instance.label]} {instance.score:.2f}", colour, height)
        place = _place(instance, plate.shape[:2], picture.shape[:2], line, taken)
        taken.append(place)
        top, left, bottom, right = place
        canvas[top:bottom, left:right] = plate[: bottom - top, : right - left]
    return canvas


@lru_cache(maxsize=1024)
def colour_of(number: int) -> Colour:
    """RGB, 0 to 255, of an instance: as in every figure of the book."""
    return tuple(round(255 * part) for part in instance_colour(number))


def _tint(canvas: np.ndarray, instance: Instance, colour: Colour) -> None:
    region = canvas[instance.box]
    tinted = cv2.addWeighted(region, 1 - TINT, np.full_like(region, colour), TINT, 0)
    region[:] = cv2.copyTo(tinted, instance.mask.view(np.uint8), region)


def _outline(canvas: np.ndarray, instance: Instance, colour: Colour, line: int) -> None:
    contours, _ = cv2.findContours(
        instance.mask.view(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE, offset=(instance.left, instance.top)
    )
    if line > 1:  # in a small picture the rim would be all that is seen
        cv2.drawContours(canvas, contours, -1, RIM, line + 2, cv2.LINE_AA)
    cv2.drawContours(canvas, contours, -1, colour, line, cv2.LINE_AA)


def _place(
    instance: Instance,
    plate: tuple[int, int],
    picture: tuple[int, int],
    line: int,
    taken: Sequence[tuple[int, int, int, int]],
) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) of a tag: above the object's highest point; lower where that is taken or outside."""
    height, width = min(plate[0], picture[0]), min(plate[1], picture[1])
    peak = instance.left + int(np.flatnonzero(instance.mask[0]).mean())
    left = min(max(peak - width // 2, 0), picture[1] - width)
    lowest = picture[0] - height
    first = min(max(instance.top - height - 2 * line, 0), lowest)
    for top in range(first, lowest + 1, height):
        if not any(top < b and t < top + height and left < r and l < left + width for t, l, b, r in taken):
            break
    else:
        top = first  # no room: it covers another one
    return top, left, top + height, left + width
