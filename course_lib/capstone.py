"""One person out of a video of many: SparseInst says which pixels are whose, RVM says how much of each.

RVM (chapters 01–10) mattes whoever is there, together, with soft edges. SparseInst (chapters 11–18) tells them apart, with hard
ones. In each frame t, for the person p that was chosen:

    1.  masks m_1 … m_P of SparseInst, class "person", scored above a threshold
    2.  numbered as in the frame before: the assignment with the largest sum of overlaps (chapter 15)
    3.  d_q(x): how far pixel x lies outside of mask m_q, negative inside
        gate(x) = nearer(x) · near(x)
            nearer: 1 where d_p is smaller than every other d_q, 0 where it is larger, a ramp of a few pixels between
            near:   1 where d_p is below the reach, a share of the person's size: a mask that misses the hair keeps it
    4.  alpha_p = gate · alpha

A person who is not found keeps the last mask, less what others cover now, for as long as the tracker waits; then is gone. Who
comes later, is a stranger to the tracker, and wears the same colours is taken for the same person.

Neither paper does this. Human instance matting has networks of its own (Sun et al. 2022, arXiv 2109.06315); this is what the
two systems of the course give when they are put together, and chapter 21 shows where it fails.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Literal

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn

from course_lib.data.instance_augmentation import AUTHORS, shorter_side
from course_lib.errors import CourseError
from course_lib.instances import Detections, mask_nms
from course_lib.video.engine import prepare_model
from course_lib.video.segmenting.instance import Instance, instances_of
from course_lib.video.segmenting.overlay import draw_instances
from course_lib.video.segmenting.tracking import Tracker
from course_lib.video.session import MattingSession

StrPath = str | PathLike[str]
MATTING = "rvm-mobilenetv3-published"
INSTANCES = "sparseinst-mobilenetv3-laptop"
THRESHOLD = 0.4
SAME_PERSON = 0.6  # IoU of two detections above which the surer one stands for both
ALIKE = 0.6  # share of the colours that the same person has in common with themselves later
REACH = 0.25  # share of the square root of the mask's area
RAMP = 3.0  # pixels at the size at which SparseInst looks
FAR = 1e4  # pixels; from a mask without any


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


class PersonSession(MattingSession):
    """One video's way through both networks: a `MattingSession` whose alpha is that of one person.

    `matte_video(…, model=session)` takes a file through it. matting, downsample_ratio: as of `MattingSession`. instances:
    `SparseInst`, or anything with its `predict`, `class_names` and `trained_side`. threshold: the least score of a person.
    remember: whether somebody who was lost may be found again by their colours.
    people: how many were found where the choice was made; number: the chosen one's, from the left, 0 for nobody yet.
    frames, seen: how many frames there were, and in how many of them the person was found.
    """

    def __init__(
        self,
        matting: nn.Module,
        instances: nn.Module,
        choice: Choice = Choice(),
        threshold: float = THRESHOLD,
        downsample_ratio: float | Literal["auto"] = "auto",
        remember: bool = True,
    ) -> None:
        if "person" not in instances.class_names:
            raise CourseError(f"This model knows no class person. Its classes are: {', '.join(instances.class_names)}.")
        if not 0 <= threshold <= 1:
            raise CourseError(f"--threshold {threshold:g} must be between 0 and 1.")
        self.instances, self.choice, self.threshold = instances, choice, threshold
        self.remember = remember
        super().__init__(matting, downsample_ratio)

    def reset(self) -> None:
        """Forget everything seen so far, the choice too: it is made again in the next frame."""
        super().reset()
        self.people = self.number = self.seen = self.frames = 0
        self._tracker = Tracker()
        self._chosen: int | None = None  # the tracker's number
        self._colours: Float[np.ndarray, " 512"] | None = None  # of the chosen one
        self._known: set[int] = set()  # numbers that somebody had while the chosen one was seen

    @torch.inference_mode()
    def matte(self, frames: Float[Tensor, "T 3 H W"]) -> tuple[Float[Tensor, "T 3 H W"], Float[Tensor, "T 1 H W"]]:
        foreground, alpha = super().matte(frames)
        return foreground, alpha * self.gates(frames)

    def gates(self, frames: Float[Tensor, "T 3 H W"]) -> Float[Tensor, "T 1 H W"]:
        """What alpha is multiplied by in the next T frames."""
        size = tuple(frames.shape[-2:])
        small = look_at(self.instances, frames)
        people = find_people(self.instances, small, self.threshold)
        pictures = (255 * small).round().byte().permute(0, 2, 3, 1).cpu().numpy()  # (T, h, w, 3)
        gates = [self._gate(*one, size) for one in zip(pictures, people, strict=True)]
        stacked = torch.from_numpy(np.stack(gates))[:, None].to(frames)  # (T, 1, h, w)
        return F.interpolate(stacked, size, mode="bilinear", align_corners=False)

    def _gate(
        self, picture: UInt8[np.ndarray, "h w 3"], people: list[Instance], frame: tuple[int, int]
    ) -> Float[np.ndarray, "h w"]:
        size = picture.shape[:2]
        numbers = self._tracker(people)
        if self._chosen is None and (people or (self.frames == 0 and self.choice != Choice())):
            place = self.choice.among(people, size, frame)
            self._chosen = numbers[place]
            self.people, self.number = len(people), from_the_left(people).index(place) + 1
        self.frames += 1
        if self.remember and self._chosen not in numbers:
            self._find_again(picture, people, numbers)
        masks = dict(zip(numbers, (person.whole_mask(size) for person in people), strict=True))
        mine = masks.pop(self._chosen, None)
        others = list(masks.values())
        if mine is not None:
            self.seen += 1
            seen_now = colours(picture, mine)
            self._colours = seen_now if self._colours is None else 0.9 * self._colours + 0.1 * seen_now
            self._known.update(numbers)
            return gate(mine, others)
        last = None if self._chosen is None else self._tracker.last(self._chosen)
        mine = np.zeros(size, bool) if last is None else last.whole_mask(size)
        for other in others:
            mine &= ~other
        return gate(mine, others)

    def _find_again(self, picture: UInt8[np.ndarray, "h w 3"], people: list[Instance], numbers: list[int]) -> None:
        """Whoever is new since the chosen one was lost, and wears the most similar colours, if similar enough, is the one."""
        if self._colours is None:
            return
        alike = {
            number: np.minimum(self._colours, colours(picture, person.whole_mask(picture.shape[:2]))).sum()
            for person, number in zip(people, numbers, strict=True)
            if number not in self._known
        }
        if alike and max(alike.values()) >= ALIKE:
            self._chosen = max(alike, key=alike.__getitem__)


def gate(mine: Bool[np.ndarray, "h w"], others: Sequence[Bool[np.ndarray, "h w"]]) -> Float[np.ndarray, "h w"]:
    """1 where a pixel is the person's, 0 where it is somebody else's or nobody's. All 0 for a mask without pixels."""
    if not mine.any():
        return np.zeros(mine.shape, np.float32)
    distance = signed_distance(mine)
    reach = REACH * np.sqrt(np.count_nonzero(mine))
    near = np.clip(0.5 + (reach - distance) / RAMP, 0, 1)
    if not others:
        return near
    nearest = np.min([signed_distance(other) for other in others], axis=0)
    return near * np.clip(0.5 + (nearest - distance) / RAMP, 0, 1)


def signed_distance(mask: Bool[np.ndarray, "h w"]) -> Float[np.ndarray, "h w"]:
    """Pixels from each pixel to the mask; inside, minus the pixels to its edge. FAR everywhere for an empty mask."""
    if not mask.any():
        return np.full(mask.shape, FAR, np.float32)
    outside = cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    if mask.all():
        return outside - np.float32(FAR)
    return outside - cv2.distanceTransform(mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)


def colours(picture: UInt8[np.ndarray, "h w 3"], mask: Bool[np.ndarray, "h w"]) -> Float[np.ndarray, " 512"]:
    """The shares of 8 × 8 × 8 colours in a mask; two of them have min(a, b).sum() in common, 0 to 1."""
    counts = cv2.calcHist([picture], [0, 1, 2], mask.view(np.uint8), [8, 8, 8], [0, 256] * 3).ravel()
    return counts / max(counts.sum(), 1)


def look_at(instances: nn.Module, frames: Float[Tensor, "T 3 H W"]) -> Float[Tensor, "T 3 h w"]:
    """Frames at the size at which SparseInst looks, as in `course segment`."""
    side = instances.trained_side
    size = shorter_side(*frames.shape[-2:], side, AUTHORS.for_side(side).longest)
    return F.interpolate(frames, size, mode="bilinear", antialias=True).clamp(0, 1)


def find_people(
    instances: nn.Module,
    frames: Float[Tensor, "T 3 h w"],
    threshold: float = THRESHOLD,
    size: tuple[int, int] | None = None,
) -> list[list[Instance]]:
    """The persons in each frame, the surest first, with masks at `size`; left out: as large as the frames."""
    person = instances.class_names.index("person")
    found = instances.predict(frames, [size or tuple(frames.shape[-2:])] * len(frames), min_score=threshold)
    return [instances_of(once_each(one[one.labels == person]), {person}) for one in found]


def once_each(people: Detections) -> Detections:
    """Without those who were found twice: mask NMS that only takes what is nearly the same."""
    return mask_nms(people, SAME_PERSON)


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


def person_session(
    model: StrPath | nn.Module = MATTING,
    instances: StrPath | nn.Module = INSTANCES,
    choice: Choice = Choice(),
    threshold: float = THRESHOLD,
    downsample_ratio: float | Literal["auto"] = "auto",
    device: str = "auto",
    dtype: str = "auto",
) -> PersonSession:
    """Both models by name or file, or as modules, on their device: see `engine.prepare_model`, errors included."""
    matting = prepare_model(model, device, dtype, finds_objects=False)
    finder = prepare_model(instances, device, dtype, finds_objects=True)
    return PersonSession(matting, finder, choice, threshold, downsample_ratio)
