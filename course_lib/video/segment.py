"""`segment_video`: find the objects in a video, a picture or a folder of pictures; draw them in, cut their masks, list them.

SparseInst, Cheng et al. 2022 (arXiv 2203.12827). Unlike the authors' demonstration: pictures go in as RGB (theirs swaps the
channels of photographs), sound is kept, masks and a COCO file are written, and an interrupted run leaves nothing behind.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from course_lib.errors import CourseError
from course_lib.video.report import DEFAULT_QUALITY, Progress, Report, check_request, shown

if TYPE_CHECKING:
    from torch import nn

StrPath = str | PathLike[str]
DEFAULT_MODEL = "sparseinst-mobilenetv3-laptop"
DEFAULT_THRESHOLD = 0.4
SMALLEST_SIDE = 32


@dataclass(frozen=True)
class SegmentReport(Report):
    """What `segment_video` did. instances: over all frames."""

    instances: int


def segment_video(
    input: StrPath,
    output: StrPath | None = None,
    *,
    masks: StrPath | None = None,
    coco: StrPath | None = None,
    threshold: float = DEFAULT_THRESHOLD,
    classes: str | None = None,
    model: StrPath | nn.Module = DEFAULT_MODEL,
    side: int | Literal["auto"] = "auto",
    chunk: int | Literal["auto"] = "auto",
    resize: tuple[int, int] | None = None,
    device: str = "auto",
    dtype: str = "auto",
    start: float = 0,
    duration: float | None = None,
    audio: bool = True,
    quality: float = DEFAULT_QUALITY,
    progress: bool | Progress = True,
) -> SegmentReport:
    """Draw the objects of `input` into `output`: .mp4 .webm .mov .gif .png .jpg by suffix, a folder of PNGs where it has none.

    output: left out, NAME_segment beside the input, unless masks or coco is asked for.
    masks: a folder, for one black and white PNG an instance. coco: a .json file, for all instances in COCO's format.
    threshold: the least score, 0 to 1. classes: only these, with commas between.
    model: a name or file for `load_model`, or a module with `predict` and `class_names`. device, dtype, chunk: see `engine`.
    side: shorter side in pixels of what the network looks at, enlarged or made smaller; "auto": as its weights were trained.
    All else as in `matte_video`. Pictures of a folder may differ in size, unless they are to be a video.

    Raises CourseError for anything wrong with the files or the options. After any error, and after Ctrl-C, nothing new is
    under the final names.
    """
    from course_lib.video.engine import pick_chunk, prepare_model
    from course_lib.video.frames import Span
    from course_lib.video.reader import open_source
    from course_lib.video.segmenting.classes import chosen_labels
    from course_lib.video.segmenting.job import SegmentingJob
    from course_lib.video.segmenting.plan import make_segment_plan

    began = time.perf_counter()
    check_request(quality, resize)
    if not 0 <= threshold <= 1:
        raise CourseError(f"--threshold {threshold:g} must be between 0 and 1.")
    if side != "auto" and not (isinstance(side, int) and side >= SMALLEST_SIDE):
        raise CourseError(f"--size {side} must be {SMALLEST_SIDE} pixels or more, or auto.")
    source = open_source(Path(input), Span.of(start, duration), resize)
    plan = make_segment_plan(Path(input), output, masks, coco)
    source.one_size = plan.moving
    network = prepare_model(model, device, dtype, finds_objects=True)
    labels = chosen_labels(classes, network.class_names)
    with ExitStack() as stack:
        job = SegmentingJob(
            source,
            plan,
            network,
            labels=labels,
            threshold=threshold,
            side=network.trained_side if side == "auto" else side,
            quality=quality,
            audio=audio,
            stack=stack,
        )
        job.run(pick_chunk(chunk, *job.size, job.device), shown(progress, source.total, stack))
        notes = (*plan.notes, *source.notes, *job.notes)
    outputs = tuple(target.path for target in plan.targets.values())
    seconds = time.perf_counter() - began
    return SegmentReport(job.frames, seconds, job.network_seconds, outputs, notes, job.instances)
