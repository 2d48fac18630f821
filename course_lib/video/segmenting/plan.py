"""What is asked for, checked as far as possible before any work: overlay, masks and COCO file, and how they go together."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.video.pictures import PICTURE_SUFFIXES
from course_lib.video.plan import beside, check_targets
from course_lib.video.writer import Target

StrPath = str | PathLike[str]
COCO = ".json"


@dataclass(frozen=True)
class SegmentPlan:
    """`targets` maps "overlay", "masks" and "COCO file" to where they go; only those asked for are in it.

    moving: the pictures are the frames of a video, in or out: all of one size, and objects keep their numbers.
    """

    targets: dict[str, Target]
    moving: bool
    notes: tuple[str, ...]


def make_segment_plan(source: Path, output: StrPath | None, masks: StrPath | None, coco: StrPath | None) -> SegmentPlan:
    """Fill in what was left open, and raise CourseError for what cannot go together."""
    notes = []
    if output is None and not (masks or coco):
        output = beside(source, "segment")
        notes.append(f"No output was named: writing {output}.")
    targets = {}
    if output is not None:
        targets["overlay"] = Target.of(output)
    if masks is not None:
        targets["masks"] = Target.of(masks)
        if not targets["masks"].is_folder:
            raise CourseError(
                f"--masks {masks}: every object becomes a PNG of its own, so name a folder, with / behind."
            )
    if coco is not None:
        if Path(coco).suffix.lower() != COCO:
            raise CourseError(f"--json {coco}: name a file that ends in {COCO}.")
        targets["COCO file"] = Target.of(coco, (COCO,))
    check_targets(source, targets, {"the input": source})
    pictures = source.is_dir() or source.suffix.lower() in PICTURE_SUFFIXES
    overlay = targets.get("overlay")
    moving = not pictures or (overlay is not None and not overlay.is_folder and not overlay.is_picture)
    return SegmentPlan(targets, moving, tuple(notes))
