"""Which object of a video is which from frame to frame, so that it keeps its colour: by overlap alone.

No motion model and no appearance: an object whose mask overlaps the last one of its class enough is the same. Two of a class
that cross may swap; one that is away for longer than `PATIENCE` frames comes back as another.
"""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.video.segmenting.instance import Instance, mask_iou

LEAST_IOU = 0.3
PATIENCE = 10  # frames


class Tracker:
    """Call it with the instances of each frame in order: the number of each, the same for the same object, from 0 on."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[Instance, int]] = {}  # number → its last mask, frames since
        self._next = 0

    def __call__(self, instances: Sequence[Instance]) -> list[int]:
        pairs = [
            (overlap, -number, place)
            for place, instance in enumerate(instances)
            for number, (last, _) in self._last.items()
            if last.label == instance.label and (overlap := mask_iou(last, instance)) >= LEAST_IOU
        ]
        numbers: dict[int, int] = {}  # place in `instances` → number
        for _, minus_number, place in sorted(pairs, reverse=True):  # the largest overlap first
            if place not in numbers and -minus_number not in numbers.values():
                numbers[place] = -minus_number
        for place in range(len(instances)):
            if place not in numbers:
                numbers[place] = self._next
                self._next += 1
        waiting = {number: (last, age + 1) for number, (last, age) in self._last.items() if age < PATIENCE}
        self._last = waiting | {numbers[place]: (instance, 0) for place, instance in enumerate(instances)}
        return [numbers[place] for place in range(len(instances))]
