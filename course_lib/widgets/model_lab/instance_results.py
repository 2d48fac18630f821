"""One contestant on one set of pictures: computed once, kept in the cache, matched with the truth where there is one."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.data.emoji_scenes import CLASS_NAMES
from course_lib.evaluation.instance_errors import KINDS, image_errors
from course_lib.evaluation.instance_matching import NOBODY, ImageMatches, match_image
from course_lib.instances.mask_iou import mask_iou
from course_lib.instances.matching import HungarianMatcher
from course_lib.instances.targets import prepare_targets
from course_lib.viz.instance_lab import numbers_of
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.found import NO_QUERY, Answer, Found
from course_lib.widgets.model_lab.kept import find_kept, keep, kept_path
from course_lib.widgets.model_lab.picture_sets import LabPicture, PictureSet
from course_lib.widgets.model_lab.progress import done

COUNTED = ("found", "right", *KINDS)


@dataclass(frozen=True)
class Responsible:
    """Which query answers for each of m objects, as in training: by dice^0.8 · class^0.2, each query once.

    score: that product. iou: of the query's mask with the object. query NO_QUERY: nobody, for there are fewer queries.
    """

    query: Int[np.ndarray, "m"]
    score: Float[np.ndarray, "m"]
    iou: Float[np.ndarray, "m"]


@dataclass(frozen=True)
class Seen:
    """One detection as it is shown. place: in `PictureResult.found`. kind: of its error, or "right"; "found" without a truth.

    object: at which it points, being right, or with a confused class or a poor mask; else −1. iou: with that one, or else the
    largest. number: of its colour; that of its object, if it points at one.
    """

    place: int
    score: float
    label: int
    query: int
    kind: str
    object: int
    iou: float
    number: int


@dataclass(frozen=True)
class PictureResult:
    """found: all detections, those that nobody would show, too. seen: the same, the surest first.

    Without a truth matches and responsible are None; responsible also of a network without queries.
    """

    found: Found
    seen: tuple[Seen, ...]
    responsible: Responsible | None = None
    matches: ImageMatches | None = None

    def counts(self, sure: float) -> dict[str, int]:
        """How many detections of each kind score at least `sure`, and how many objects are then missed.

        Who is right depends on surer detections only: leaving out the less sure changes no kind, but an object may become
        missed. It is if no detection points at it: right, or with a confused class or a poor mask.
        """
        shown = [seen for seen in self.seen if seen.score >= sure]
        kinds = [seen.kind for seen in shown]
        counts = {kind: kinds.count(kind) for kind in COUNTED}
        if self.matches is not None:
            counts["found"] = len(shown)
            counts["missed"] = len(self.matches.object_labels) - len({seen.object for seen in shown} - {NOBODY})
        return counts


@dataclass(frozen=True)
class InstanceResult:
    """seconds: that the contestant took for the pictures when they were computed."""

    contestant: str
    pictures: tuple[PictureResult, ...]
    seconds: float = 0.0

    def counts(self, sure: float) -> dict[str, int]:
        """`PictureResult.counts` of all pictures together."""
        counts = [one.counts(sure) for one in self.pictures]
        return {kind: sum(one[kind] for one in counts) for kind in COUNTED}


def instance_result_of(contestant: Contestant, pictures: PictureSet) -> InstanceResult:
    """From the cache, or computed.

    Raises CourseError where the contestant cannot be had, or answers with something else than detections.
    """
    shown = [array for picture in pictures.pictures for array in _shown(picture)]
    path = kept_path(contestant, *shown)
    if kept := find_kept(path):
        results = [_measured(picture, *_read(kept, i)) for i, picture in enumerate(pictures.pictures)]
        return InstanceResult(contestant.name, tuple(results), float(kept["seconds"]))
    run = contestant.build()
    started = time.perf_counter()
    answers = []
    for picture in pictures.pictures:
        answers.append(run(picture.image))
        done(len(answers), len(pictures.pictures))
    seconds = time.perf_counter() - started
    results = [
        _measured(picture, answer.found, responsible_queries(answer, picture.target))
        for picture, answer in zip(pictures.pictures, answers, strict=True)
    ]
    arrays = {name: array for i, result in enumerate(results) for name, array in _arrays(i, result).items()}
    keep(path, {**arrays, "seconds": seconds})
    return InstanceResult(contestant.name, tuple(results), seconds)


def responsible_queries(answer: Answer, target: Mapping[str, Tensor] | None) -> Responsible | None:
    if target is None or answer.output is None or answer.output.class_logits.shape[2] != len(CLASS_NAMES):
        return None
    count = len(target["labels"])
    query, score, iou = np.full(count, NO_QUERY), np.zeros(count), np.zeros(count)
    if count:
        targets = prepare_targets([target], tuple(answer.output.mask_logits.shape[2:]), len(CLASS_NAMES))
        matcher = HungarianMatcher()
        (scores,) = matcher.scores(answer.output, targets)  # (N, m)
        queries, objects = matcher.assign(scores.numpy())
        query[objects], score[objects] = queries, scores[queries, objects]
        overlaps = mask_iou(answer.drawn.masks[queries], target["masks"])  # (m, m)
        iou[objects] = overlaps[range(len(queries)), objects]
    return Responsible(query, score, iou)


def _measured(picture: LabPicture, found: Found, responsible: Responsible | None) -> PictureResult:
    colours = numbers_of(picture.target)
    if picture.target is None:
        order = found.scores.argsort(descending=True, stable=True).tolist()
        what = [("found", NOBODY, 0.0) for _ in order]
        matches = None
    else:
        matches = match_image(found, picture.target)
        errors, order = image_errors(matches), matches.index.tolist()
        best = np.concatenate([matches.overlaps, np.zeros((len(order), 1))], axis=1)  # (D, m + 1)
        ious = [
            row[object] if object != NOBODY else row.max() for row, object in zip(best, errors.objects, strict=True)
        ]
        what = list(zip(errors.kinds.tolist(), errors.objects.tolist(), ious, strict=True))
    free = max(colours, default=-1) + 1
    seen = []
    for place, (kind, object, iou) in zip(order, what, strict=True):
        number = free if object == NOBODY else colours[object]
        free += object == NOBODY
        score, label, query = (part[place].item() for part in (found.scores, found.labels, found.queries))
        seen.append(Seen(place, score, label, query, kind, object, float(iou), number))
    return PictureResult(found, tuple(seen), responsible, matches)


def _shown(picture: LabPicture) -> list[np.ndarray]:
    image = (picture.image * 255).round().byte().numpy()
    return (
        [image] if picture.target is None else [image, *(picture.target[part].numpy() for part in ("labels", "masks"))]
    )


def _arrays(i: int, result: PictureResult) -> dict[str, np.ndarray]:
    """Masks as bits, maps in 16 bits; the numbers are those of the full precision."""
    found = result.found
    arrays = {
        "scores": found.scores.numpy(),
        "labels": found.labels.numpy(),
        "queries": found.queries.numpy(),
        "masks": np.packbits(found.masks.numpy()),
        "size": np.array(found.masks.shape),
        "maps": found.maps.numpy().astype(np.float16),
    }
    if result.responsible is not None:
        arrays |= {f"responsible {name}": getattr(result.responsible, name) for name in ("query", "score", "iou")}
    return {f"{i} {name}": array for name, array in arrays.items()}


def _read(kept: Mapping[str, np.ndarray], i: int) -> tuple[Found, Responsible | None]:
    part = {name.removeprefix(f"{i} "): array for name, array in kept.items() if name.startswith(f"{i} ")}
    size = part["size"]
    masks = np.unpackbits(part["masks"], count=int(size.prod())).reshape(size).astype(bool)
    maps = torch.from_numpy(part["maps"]).float()
    found = Found(
        *(torch.from_numpy(part[n]) for n in ("scores", "labels")),
        torch.from_numpy(masks),
        torch.from_numpy(part["queries"]),
        maps,
    )
    names = [f"responsible {name}" for name in ("query", "score", "iou")]
    return found, Responsible(*(part[name] for name in names)) if names[0] in part else None
