"""`matte_video`: cut the person out of a video, a picture or a folder of pictures, and put a new background behind.

Lin et al. 2021 (arXiv 2108.11515). Unlike the authors' converter: sound is kept, the frame rate is an exact fraction and
may vary, colours are rounded instead of cut off, and an interrupted run leaves nothing behind.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from course_lib.errors import CourseError
from course_lib.video.report import DEFAULT_QUALITY, Progress, Report, check_request, shown

if TYPE_CHECKING:
    from torch import nn

    from course_lib.video.background import Fit
    from course_lib.video.session import MattingSession

StrPath = str | PathLike[str]


class MatteReport(Report):
    """What `matte_video` did."""


def matte_video(
    input: StrPath,
    output: StrPath | None = None,
    *,
    background: StrPath | None = None,
    fit: Fit = "crop",
    alpha: StrPath | None = None,
    foreground: StrPath | None = None,
    model: StrPath | nn.Module | MattingSession = "rvm-mobilenetv3-published",
    downsample_ratio: float | Literal["auto"] = "auto",
    chunk: int | Literal["auto"] = "auto",
    resize: tuple[int, int] | None = None,
    device: str = "auto",
    dtype: str = "auto",
    start: float = 0,
    duration: float | None = None,
    audio: bool = True,
    quality: float = DEFAULT_QUALITY,
    compare: bool = False,
    progress: bool | Progress = True,
) -> MatteReport:
    """Matte `input` and write `output`: .mp4 .webm .mov .gif .png .jpg by suffix, a folder of PNGs where there is none.

    output: left out, NAME_matte beside the input, unless alpha or foreground is asked for.
    background: a picture, a video (it loops), "#RRGGBB", "blur" or "transparent"; left out, transparent where the output
        can be, else green. fit: how a picture or video fills the frame, "crop", "contain" or "stretch".
    alpha, foreground: where to write these too, alpha as grey, the foreground as the network predicts it, unmasked.
    model: a name or file for `load_model`, a module, or a `MattingSession`, which has its own ratio, device and dtype and
        forgets what it saw before. device, dtype, chunk ("auto" or frames per call): see `engine`.
    downsample_ratio: the network's size over the frame's; "auto" makes the longer side 512 pixels at most.
    resize: (width, height) of input and output. start, duration: seconds. quality: 0 to 100 for .mp4, .webm and .jpg.
    compare: the output shows input | alpha | composite. progress: a bar, or your function of (frames done, frames or None).

    Raises CourseError for anything wrong with the files or the options. After any error, and after Ctrl-C, nothing new is
    under the final names.
    """
    from course_lib.video.engine import pick_chunk, prepare_model
    from course_lib.video.frames import Span
    from course_lib.video.matting_job import MattingJob
    from course_lib.video.plan import make_plan
    from course_lib.video.reader import open_source
    from course_lib.video.session import MattingSession, check_ratio

    began = time.perf_counter()
    check_ratio(downsample_ratio)
    check_request(quality, resize)
    source = open_source(Path(input), Span.of(start, duration), resize)
    plan = make_plan(Path(input), output, alpha, foreground, background and str(background), compare)
    session = model
    if isinstance(session, MattingSession):
        if (downsample_ratio, device, dtype) != ("auto", "auto", "auto"):
            raise CourseError("A session has its own ratio, device and dtype: make it with those that you want.")
        session.reset()
    else:
        session = MattingSession(prepare_model(model, device, dtype, finds_objects=False), downsample_ratio)
    with ExitStack() as stack:
        job = MattingJob(source, plan, session, fit=fit, quality=quality, audio=audio, stack=stack)
        job.run(pick_chunk(chunk, *job.size, session.device), shown(progress, source.total, stack))
        notes = (*plan.notes, *source.notes, *job.notes)
    outputs = tuple(target.path for target in plan.targets.values())
    return MatteReport(job.frames, time.perf_counter() - began, job.network_seconds, outputs, notes)
