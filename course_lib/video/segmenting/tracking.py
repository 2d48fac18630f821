"""Which object of a video is which from frame to frame, so that it keeps its colour: by overlap alone.

The objects of two frames are assigned to each other so that the sum of their overlaps is largest: the Hungarian algorithm of
chapter 15, with IoU as the score. Objects that were seen a frame ago choose first; what they leave goes to those that were
away, so that nobody gets the number of somebody who just vanished behind them. No motion model and no appearance: two of a
class that cross may swap, and one that is away for longer than `PATIENCE` frames comes back as another.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course_lib.instances import HungarianMatcher
from course_lib.video.segmenting.instance import Instance, mask_iou

LEAST_IOU = 0.3
PATIENCE = 10  # frames


class Tracker:
    """Call it with the instances of each frame in order: the number of each, the same for the same object, from 0 on."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[Instance, int]] = {}  # number → its last mask, frames since
        self._next = 0

    def __call__(self, instances: Sequence[Instance]) -> list[int]:
        numbers: dict[int, int] = {}  # place in `instances` → number
        fresh = [number for number, (_, age) in self._last.items() if age == 0]
        for known in (fresh, [number for number in self._last if number not in fresh]):
            free = [place for place in range(len(instances)) if place not in numbers]
            numbers |= self._assigned(known, free, instances)
        for place in range(len(instances)):
            if place not in numbers:
                numbers[place] = self._next
                self._next += 1
        waiting = {number: (last, age + 1) for number, (last, age) in self._last.items() if age < PATIENCE}
        self._last = waiting | {numbers[place]: (instance, 0) for place, instance in enumerate(instances)}
        return [numbers[place] for place in range(len(instances))]

    def _assigned(self, known: list[int], places: list[int], instances: Sequence[Instance]) -> dict[int, int]:
        """Place → number, for the pairs of the best assignment that overlap enough."""
        overlaps = np.zeros((len(known), len(places)))
        for row, number in enumerate(known):
            for column, place in enumerate(places):
                (last, _), instance = self._last[number], instances[place]
                if last.label == instance.label and (overlap := mask_iou(last, instance)) >= LEAST_IOU:
                    overlaps[row, column] = overlap
        pairs = zip(*HungarianMatcher().assign(overlaps), strict=True)
        return {places[column]: known[row] for row, column in pairs if overlaps[row, column]}

    def last(self, number: int) -> Instance | None:
        """Where that object was when it was last seen; None when that is longer ago than `PATIENCE` frames."""
        last, _ = self._last.get(number, (None, 0))
        return last
