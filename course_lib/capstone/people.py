"""The people in a frame, as SparseInst finds them, in the order in which they stand; and which of them is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.instances import Detections, mask_nms
from course_lib.video.segmenting.instance import Instance, instances_of
from course_lib.video.segmenting.looking import look_at
from course_lib.video.segmenting.overlay import draw_instances

THRESHOLD = 0.35
SAME_PERSON = 0.6  # IoU of two detections above which the surer one stands for both


@dataclass(frozen=True)
class Choice:
    """Whom to keep. number: 1 … from the left. point: (x, y), a pixel of the first frame. Neither: the largest.

    Number and point speak of the first frame; the largest is looked for until somebody is found.
    """

    number: int | None = None
    point: tuple[float, float] | None = None

    def among(self, people: Sequence[Instance], size: tuple[int, int], frame: tuple[int, int]) -> int:
        """Which of `people`, masks at `size` (h, w) of a frame of (H, W). CourseError when the choice is none of them."""
        who = f"{len(people)} {'person was' if len(people) == 1 else 'people were'} found in the first frame"
        if self.point is not None:
            x, y = self.point
            row, column = int(y * size[0] / frame[0]), int(x * size[1] / frame[1])
            if not (0 <= row < size[0] and 0 <= column < size[1]):
                raise CourseError(f"({x:g}, {y:g}) lies outside of the frame, which has {frame[1]}×{frame[0]} pixels.")
            hit = [i for i, person in enumerate(people) if person.whole_mask(size)[row, column]]
            if not hit:
                raise CourseError(f"Nobody was found at ({x:g}, {y:g}); {who}. A lower threshold finds more.")
            return hit[0]  # the surest
        if self.number is not None:
            if not 1 <= self.number <= len(people):
                raise CourseError(f"There is no person {self.number}: {who}. A lower threshold finds more.")
            return from_the_left(people)[self.number - 1]
        return max(range(len(people)), key=lambda i: np.count_nonzero(people[i].mask))


LARGEST = Choice()


def find_people(
    instances: nn.Module,
    frames: Float[Tensor, "T 3 h w"],
    threshold: float = THRESHOLD,
    size: tuple[int, int] | None = None,
) -> list[list[Instance]]:
    """The persons in each frame, the surest first, in one piece each; masks at `size`, left out: as large as the frames."""
    person = instances.class_names.index("person")
    found = instances.predict(frames, [size or tuple(frames.shape[-2:])] * len(frames), min_score=threshold)
    each = [instances_of(once_each(one[one.labels == person]), {person}) for one in found]
    return [[in_one_piece(person) for person in some] for some in each]


def once_each(people: Detections) -> Detections:
    """Without those who were found twice: mask NMS that only takes what is nearly the same."""
    return mask_nms(people, SAME_PERSON)


def in_one_piece(person: Instance) -> Instance:
    """Only the largest piece of the mask: a few stray pixels on somebody else would claim all that is near them.

    Nothing is lost of a person whom a post divides: the gate gives the other piece back, if nobody else is nearer to it.
    """
    count, pieces, boxes, _ = cv2.connectedComponentsWithStats(person.mask.view(np.uint8))
    if count == 2:  # what is no mask, and one piece
        return person
    largest = 1 + int(boxes[1:, cv2.CC_STAT_AREA].argmax())
    left, top, width, height, _ = boxes[largest].tolist()
    mask = pieces[top : top + height, left : left + width] == largest
    return replace(person, top=person.top + top, left=person.left + left, mask=mask)


def from_the_left(people: Sequence[Instance]) -> list[int]:
    """Their places in `people`, in the order in which they stand."""
    return sorted(range(len(people)), key=lambda i: people[i].left + people[i].mask.shape[1] / 2)


def draw_people(
    instances: nn.Module, picture: UInt8[np.ndarray, "H W 3"], threshold: float = THRESHOLD
) -> tuple[UInt8[np.ndarray, "H W 3"], int]:
    """The picture with everybody outlined and numbered from the left, as `Choice` counts them, and how many there are."""
    parameter = next(instances.parameters(), torch.empty(0))
    frame = torch.from_numpy(picture).permute(2, 0, 1)[None].to(parameter) / 255
    people = find_people(instances, look_at(instances, frame), threshold, picture.shape[:2])[0]
    order = from_the_left(people)
    numbered = [replace(people[place], label=number) for number, place in enumerate(order)]
    names = [f"person {number + 1}" for number in range(len(order))]
    return draw_instances(picture, numbered, range(len(order)), names), len(order)
