"""How well does the capstone keep one person of several? Held-out puppets that cross, and the exact alpha of each.

Every person of whom enough shows in the first frame is chosen once, by a click where the mask is thickest. The same mattes
and the same detections are then put together in six ways:

    everybody     alpha as RVM gives it
    mask          the followed mask in place of alpha: SparseInst alone
    largest       the gate of whoever is largest in each frame: nobody is followed
    by overlap    followed by overlap alone
    capstone      followed by overlap, found again by colours: what `course capstone` does
    true masks    the same with true masks in place of found ones: what better detections would bring

MAD is against the person's own alpha, over all frames. *Kept* is the share of frames, of those where enough of the person
shows, in which the result's IoU (alpha > ½) with the person is at least ½: who is missed or mixed up with another is not kept.

`python -m course_lib.evaluation.capstone_report` records results/capstone/ (metrics.json, card.md), some minutes.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.capstone import Choice, PersonSession, signed_distance
from course_lib.capstone.people import THRESHOLD
from course_lib.capstone.session import INSTANCES, MATTING
from course_lib.data.emoji_scenes import CLASS_NAMES, PERSON, PeopleClip, people_clip
from course_lib.errors import CourseError
from course_lib.evaluation.bootstrap import bootstrap_interval
from course_lib.evaluation.tables import markdown_table
from course_lib.instances import Detections
from course_lib.training.files import read_json, write_json, write_whole
from course_lib.training.run_folder import RESULTS, machine
from course_lib.video.session import MattingSession

FOLDER = RESULTS / "capstone"
CLIPS = range(500, 512)  # numbers of clips of people; the sets of `instance_sets` have others
FRAMES, SIZE = 32, 256
ENOUGH = 200  # pixels
WAYS = ("everybody", "mask", "largest", "by overlap", "capstone", "true masks")


class Replay(nn.Module):
    """Stands in for SparseInst: gives detections that were made before, frame after frame."""

    class_names = CLASS_NAMES

    def __init__(self, detections: Sequence[Detections], side: int = SIZE) -> None:
        super().__init__()
        self.detections, self.trained_side, self._next = list(detections), side, 0

    def predict(self, images: Tensor, sizes: Sequence[tuple[int, int]], min_score: float = 0.0) -> list[Detections]:
        first, self._next = self._next, self._next + len(images)
        return [
            Detections(one.scores, one.labels, resized(one.masks, size))[one.scores >= min_score]
            for one, size in zip(self.detections[first : self._next], sizes, strict=True)
        ]


def resized(masks: Tensor, size: tuple[int, int]) -> Tensor:
    """(n, h, w) → (n, H, W) bool; none stay none."""
    if tuple(masks.shape[-2:]) == tuple(size) or not len(masks):
        return masks.reshape(len(masks), *size)
    return F.interpolate(masks[None].float(), size, mode="bilinear", antialias=True)[0] > 0.5


@dataclass(frozen=True)
class Followed:
    """One person of one clip in one way: MAD × 1000, and the share of frames in which the person is kept."""

    way: str
    clip: int
    person: int
    mad: float
    kept: float


def true_detections(clip: PeopleClip) -> list[Detections]:
    """The masks of each frame, as if they had been found."""
    found = []
    for frame in range(len(clip.frames)):
        target = clip.target(frame)
        found.append(Detections(torch.ones(len(target["labels"])), target["labels"], target["masks"]))
    return found


def clicks(clip: PeopleClip) -> Iterator[tuple[int, tuple[int, int]]]:
    """The persons of whom enough shows in the first frame, each with (x, y) where the mask is thickest."""
    for person, mask in enumerate(clip.masks[0].numpy()):
        if np.count_nonzero(mask) >= ENOUGH:
            row, column = np.unravel_index(signed_distance(mask).argmin(), mask.shape)
            yield person, (int(column), int(row))


@torch.inference_mode()
def judge(clip: PeopleClip, matting: nn.Module, instances: nn.Module, threshold: float = THRESHOLD) -> list[Followed]:
    """Every way for every person of a clip."""
    _, alpha = MattingSession(matting).clip(clip.frames)  # (T, 1, H, W)
    person = instances.class_names.index("person")
    found = [
        Detections(one.scores, torch.full_like(one.labels, PERSON), one.masks)
        for one in (all_[all_.labels == person] for all_ in instances.predict(clip.frames, min_score=threshold))
    ]
    true = true_detections(clip)
    results = []
    for number, point in clicks(clip):
        own = clip.alphas[:, number, None]  # (T, 1, H, W)
        for way in WAYS:
            gates = one_way(way, clip, Choice(point=point), true if way == "true masks" else found)
            result = gates if way == "mask" else alpha * gates
            results.append(Followed(way, clip.seed, number, *scores(result, own)))
    return results


def one_way(way: str, clip: PeopleClip, choice: Choice, detections: Sequence[Detections]) -> Float[Tensor, "T 1 H W"]:
    """What alpha is multiplied by; in the way "mask", alpha itself. All 0 where the click hits nobody."""
    if way == "everybody":
        return torch.ones(len(clip.frames), 1, *clip.frames.shape[-2:])
    if way == "largest":
        sessions = [PersonSession(nn.Identity(), Replay([one])) for one in detections]
        return torch.cat([s.gates(frame[None]) for s, frame in zip(sessions, clip.frames, strict=True)])
    session = PersonSession(nn.Identity(), Replay(detections), choice, remember=way != "by overlap")
    try:
        return session.masks(clip.frames) if way == "mask" else session.gates(clip.frames)
    except CourseError:  # nobody was found at the click
        return torch.zeros(len(clip.frames), 1, *clip.frames.shape[-2:])


def scores(alpha: Float[Tensor, "T 1 H W"], own: Float[Tensor, "T 1 H W"]) -> tuple[float, float]:
    """MAD × 1000, and the share of the frames with enough of the person in which the result is the person."""
    mad = 1e3 * float((alpha - own).abs().mean())
    result, true = (alpha > 0.5).flatten(1), (own > 0.5).flatten(1)
    overlap = (result & true).sum(1) / (result | true).sum(1).clamp(min=1)
    shows = true.sum(1) >= ENOUGH
    return mad, float((overlap[shows] >= 0.5).double().mean())


def summarise(results: Sequence[Followed]) -> dict[str, dict[str, float]]:
    """Of each way: means over persons, with the interval from resampling clips."""
    summary = {}
    for way in WAYS:
        mine = [one for one in results if one.way == way]
        summary[way] = {"persons": len(mine)}
        for name in ("mad", "kept"):
            by_clip: dict[int, list[float]] = {}
            for one in mine:
                by_clip.setdefault(one.clip, []).append(getattr(one, name))
            interval = bootstrap_interval(np.array([np.mean(values) for values in by_clip.values()]))
            numbers = {name: interval.mean, f"{name}_low": interval.low, f"{name}_high": interval.high}
            summary[way] |= {key: None if np.isnan(value) else round(value, 4) for key, value in numbers.items()}
    return summary


def make_report(
    matting: nn.Module, instances: nn.Module, folder: Path = FOLDER, clips: Sequence[int] = CLIPS, frames: int = FRAMES
) -> dict:
    """Judges all clips; writes metrics.json and card.md, → what metrics.json says."""
    results = [one for seed in clips for one in judge(people_clip(seed, frames, SIZE), matting, instances)]
    metrics = {
        "models": {"matting": MATTING, "instances": INSTANCES},
        "clips": len(clips),
        "frames": frames,
        "size": SIZE,
        "threshold": THRESHOLD,
        "machine": machine("cpu", torch.get_num_threads()),
        "ways": summarise(results),
        "persons": [[one.way, one.clip, one.person, round(one.mad, 2), round(one.kept, 3)] for one in results],
    }
    write_json(folder / "metrics.json", metrics)
    write_whole(folder / "card.md", card(metrics).encode())
    return metrics


def read_report(folder: Path = FOLDER) -> dict:
    """metrics.json as it is; {} where there is none."""
    return read_json(folder / "metrics.json")


def card(metrics: Mapping) -> str:
    """card.md."""
    rows = []
    for way, numbers in metrics["ways"].items():
        cells = []
        for name, digits in (("mad", 1), ("kept", 2)):
            mean, low, high = (numbers[name + end] for end in ("", "_low", "_high"))
            cells.append(f"{mean:.{digits}f}" + ("" if low is None else f" [{low:.{digits}f}, {high:.{digits}f}]"))
        rows.append([way, str(numbers["persons"]), *cells])
    return "\n".join(
        [
            "# One person of several",
            "",
            f"{metrics['models']['matting']} and {metrics['models']['instances']} (scores from {metrics['threshold']}) on "
            f"{metrics['clips']} clips of held-out puppets that cross, {metrics['frames']} frames of {metrics['size']}².",
            "",
            "MAD × 1000 against the person's exact alpha; *kept*: share of frames in which the result is the person "
            "(IoU ≥ ½). Means over clips, with the 95 % bootstrap interval.",
            "",
            *markdown_table(["way", "persons", "MAD", "kept"], rows),
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="How well does the capstone keep one person of several?")
    parser.add_argument("--output", type=Path, default=FOLDER, help="another folder than results/capstone")
    given = parser.parse_args()

    from course_lib.zoo import load_model

    make_report(load_model(MATTING), load_model(INSTANCES), given.output)
    print((given.output / "card.md").read_text("utf-8"))
    print(f"Wrote metrics.json and card.md in {given.output}")


if __name__ == "__main__":
    main()
