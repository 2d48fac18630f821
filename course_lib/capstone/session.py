"""Both networks on one video: SparseInst says which pixels are the person's, RVM how much of each."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from typing import Literal

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn

from course_lib.capstone.gate import gate
from course_lib.capstone.people import LARGEST, THRESHOLD, Choice, find_people, from_the_left
from course_lib.errors import CourseError
from course_lib.video.engine import prepare_model
from course_lib.video.segmenting.instance import Instance
from course_lib.video.segmenting.looking import look_at
from course_lib.video.segmenting.tracking import Tracker
from course_lib.video.session import MattingSession

StrPath = str | PathLike[str]
MATTING = "rvm-mobilenetv3-published"
INSTANCES = "sparseinst-laptop-people"
ALIKE = 0.6  # share of the colours that the same person has in common with themselves later


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
        choice: Choice = LARGEST,
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
        return self._each(frames, gate)

    def masks(self, frames: Float[Tensor, "T 3 H W"]) -> Float[Tensor, "T 1 H W"]:
        """The chosen person's mask in the next T frames, enlarged: what SparseInst alone would give."""
        return self._each(frames, lambda mine, others: mine.astype(np.float32))

    def _each(self, frames: Float[Tensor, "T 3 H W"], make: Callable) -> Float[Tensor, "T 1 H W"]:
        """`make` of the chosen person's mask and of all others', for each frame, at the frames' size."""
        size = tuple(frames.shape[-2:])
        small = look_at(self.instances, frames)
        people = find_people(self.instances, small, self.threshold)
        pictures = (255 * small).round().byte().permute(0, 2, 3, 1).cpu().numpy()  # (T, h, w, 3)
        made = [make(*self._follow(*one, size)) for one in zip(pictures, people, strict=True)]
        stacked = torch.from_numpy(np.stack(made))[:, None].to(frames)  # (T, 1, h, w)
        return F.interpolate(stacked, size, mode="bilinear", align_corners=False)

    def _follow(
        self, picture: UInt8[np.ndarray, "h w 3"], people: list[Instance], frame: tuple[int, int]
    ) -> tuple[Bool[np.ndarray, "h w"], list[Bool[np.ndarray, "h w"]]]:
        """The chosen person's mask, empty for nobody, and those of the others."""
        size = picture.shape[:2]
        numbers = self._tracker(people)
        if self._chosen is None and (people or (self.frames == 0 and self.choice != LARGEST)):
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
            return mine, others
        last = None if self._chosen is None else self._tracker.last(self._chosen)
        mine = np.zeros(size, bool) if last is None else last.whole_mask(size)
        for other in others:
            mine &= ~other
        return mine, others

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


def colours(picture: UInt8[np.ndarray, "h w 3"], mask: Bool[np.ndarray, "h w"]) -> Float[np.ndarray, " 512"]:
    """The shares of 8 × 8 × 8 colours in a mask; two of them have min(a, b).sum() in common, 0 to 1."""
    counts = cv2.calcHist([picture], [0, 1, 2], mask.view(np.uint8), [8, 8, 8], [0, 256] * 3).ravel()
    return counts / max(counts.sum(), 1)


def person_session(
    model: StrPath | nn.Module = MATTING,
    instances: StrPath | nn.Module = INSTANCES,
    choice: Choice = LARGEST,
    threshold: float = THRESHOLD,
    downsample_ratio: float | Literal["auto"] = "auto",
    device: str = "auto",
    dtype: str = "auto",
) -> PersonSession:
    """Both models by name or file, or as modules, on their device: see `engine.prepare_model`, errors included."""
    matting = prepare_model(model, device, dtype, finds_objects=False)
    finder = prepare_model(instances, device, dtype, finds_objects=True)
    return PersonSession(matting, finder, choice, threshold, downsample_ratio)
