"""A network on test pictures → average precision with intervals, the kinds of its errors, duplicates, and whom it found."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.evaluation.bootstrap import Interval, draw_clips, limits
from course_lib.evaluation.instance_errors import FOUND, ErrorBreakdown, error_breakdown
from course_lib.evaluation.instance_matching import ImageMatches, match_image
from course_lib.evaluation.instance_sets import TestPicture
from course_lib.evaluation.mask_ap import precision_recall
from course_lib.instances import Detections, SparseInst, mask_nms
from course_lib.video.segmenting.looking import look_at

RESAMPLES = 200  # of an average precision, which is not a mean and takes a while
NOT_ASKED = -1.0  # of no object, as in `pycocotools`
SEEN = 0.3  # a score from which on a detection is shown to somebody


@dataclass(frozen=True)
class InstanceEvaluation:
    """Of one network on one or several sets: what it found in each picture, and which set each is of."""

    matches: tuple[ImageMatches, ...]
    sets: tuple[str, ...]
    seconds: float = float("nan")  # a picture took, on the machine that made the record
    _drawn: dict = field(default_factory=dict, init=False, repr=False, compare=False)  # (seed, resamples) → numbers

    def average_precision(self) -> dict[str, float]:
        """COCO's numbers over all pictures."""
        return precision_recall(self.matches).summary()

    def with_interval(self, names: Sequence[str], seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Interval]:
        """Percentile bootstrap over pictures, drawn within their sets; an average precision is computed anew for each draw.

        AP is biased upwards when there are few pictures, and a draw has fewer different ones: the interval lies high. A draw
        in which nothing is asked for, such as no large object, says nothing and is left out.
        """
        whole, draws = self.average_precision(), self._draws(names, seed, resamples)
        said = {name: drawn[drawn != NOT_ASKED] for name, drawn in draws.items()}
        nothing = (NOT_ASKED, NOT_ASKED)
        return {
            name: Interval(whole[name], *(limits(said[name]) if said[name].size else nothing), len(self.matches))
            for name in names
        }

    def change_from(
        self, control: "InstanceEvaluation", names: Sequence[str], seed: int = 0, resamples: int = RESAMPLES
    ) -> dict[str, Interval]:
        """This network's numbers minus another's. Paired: in each draw both are judged on the same pictures.

        Raises ValueError when the two did not see the same sets.
        """
        if self.sets != control.sets:
            raise ValueError("only networks that saw the same pictures can be compared picture by picture")
        mine, theirs = self.average_precision(), control.average_precision()
        draws, others = self._draws(names, seed, resamples), control._draws(names, seed, resamples)
        return {
            name: Interval(mine[name] - theirs[name], *limits(draws[name] - others[name]), len(self.matches))
            for name in names
        }

    def _draws(self, names: Sequence[str], seed: int, resamples: int) -> dict[str, Float[np.ndarray, " resamples"]]:
        """The numbers of every draw of pictures; the draws depend on the sets and the seed alone. Computed once."""
        if (seed, resamples) not in self._drawn:
            drawn = draw_clips(self.sets, seed, resamples)
            self._drawn[seed, resamples] = [
                precision_recall([self.matches[index] for index in row]).summary() for row in drawn
            ]
        return {name: np.array([draw[name] for draw in self._drawn[seed, resamples]]) for name in names}

    def only(self, set_name: str) -> "InstanceEvaluation":
        chosen = [index for index, name in enumerate(self.sets) if name == set_name]
        return InstanceEvaluation(
            tuple(self.matches[index] for index in chosen), tuple(set_name for _ in chosen), self.seconds
        )

    def errors(self) -> ErrorBreakdown:
        """Why AP50 is not 1."""
        return error_breakdown(self.matches)

    def found_share(self, label: int, least: float = SEEN) -> float:
        """Share of the objects of a class at IoU ≥ 0.5 with a detection of that class that scores at least `least`."""
        found = objects = 0
        for image in self.matches:
            counted = (image.object_labels == label) & ~image.object_ignored[0]
            seen = (image.labels == label) & (image.scores >= least)
            objects += int(counted.sum())
            found += int((image.overlaps[seen][:, counted] >= FOUND).any(axis=0).sum())
        return found / objects if objects else NOT_ASKED

    def duplicates_per_object(self, least: float = SEEN) -> float:
        """Detections that score at least `least` and point at an object (IoU ≥ 0.5, its class) beyond the first, per object."""
        extra = objects = 0
        for image in self.matches:
            counted = ~image.object_ignored[0]
            objects += int(counted.sum())
            same = (image.labels[:, None] == image.object_labels) & (image.scores >= least)[:, None]
            pointing = (same & (image.overlaps >= FOUND))[:, counted].sum(axis=0)  # per object
            extra += int(np.maximum(pointing - 1, 0).sum())
        return extra / objects if objects else NOT_ASKED


def evaluate_instances(
    network: SparseInst, pictures: Iterable[tuple[str, TestPicture]], nms: float | None = None
) -> InstanceEvaluation:
    """`pictures`: set and picture; each goes in alone. nms: IoU above which `mask_nms` takes one away.

    The network looks at each as in `course segment`, see `look_at`; masks have the picture's own size. Raises CourseError for a
    network that gives no numbers.
    """
    matches, sets, seconds = [], [], 0.0
    with torch.no_grad():
        for set_name, picture in pictures:
            started = time.perf_counter()
            found = _find(network, picture.image[None])
            if nms is not None:
                found = mask_nms(found, nms)
            if found.masks.is_cuda:
                torch.cuda.synchronize(found.masks.device)
            seconds += time.perf_counter() - started
            matches.append(match_image(found, picture.target))
            sets.append(set_name)
    return InstanceEvaluation(tuple(matches), tuple(sets), seconds / max(1, len(matches)))


def _find(network: SparseInst, image: Float[Tensor, "1 3 H W"]) -> Detections:
    seen = look_at(network, image.to(next(network.parameters(), torch.empty(0))))
    try:
        (found,) = network.predict(seen, [tuple(image.shape[-2:])])
    except ValueError as cause:
        raise CourseError(f"The network fails: {cause}. Get its weights again.") from None
    return found
