"""`course capstone`: cut one person out of a video of many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course_lib.cli import values
from course_lib.cli import video_options as options
from course_lib.cli.video_report import counted, print_video_report

if TYPE_CHECKING:
    from course_lib.capstone import PersonSession


def capstone(
    input: options.Input,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", help="As of `course matte`. Left out: NAME_person beside the input."),
    ] = None,
    person: Annotated[
        int | None,
        typer.Option(help="Whom: 1 is the leftmost in the first frame. Left out: the largest."),
    ] = None,
    click: Annotated[str | None, typer.Option(help="Whom: X,Y, a pixel of the person in the first frame.")] = None,
    people: Annotated[
        str | None, typer.Option(help="A picture that shows who was found in the first frame, with their numbers.")
    ] = None,
    background: options.Background = None,
    fit: options.Fit = "crop",
    alpha: options.Alpha = None,
    model: Annotated[str, typer.Option(help="What mattes: a name that `course models` lists, or a checkpoint.")] = (
        "rvm-mobilenetv3-published"
    ),
    instances: Annotated[str, typer.Option(help="What tells people apart: likewise, a SparseInst.")] = (
        "sparseinst-laptop-people"
    ),
    threshold: Annotated[float, typer.Option(help="Leave out people who score less, 0 to 1.")] = 0.35,
    downsample_ratio: options.Ratio = "auto",
    chunk: options.Chunk = "auto",
    resize: options.Resize = None,
    device: options.Device = "auto",
    dtype: options.Dtype = "auto",
    start: options.Start = "0",
    duration: options.Duration = None,
    no_audio: options.NoAudio = False,
    quality: options.Quality = 70,
    compare: options.Compare = False,
) -> None:
    """Find the people in INPUT, keep one of them, and put a new background behind."""
    from course_lib.capstone import Choice, person_session
    from course_lib.video import matte_video
    from course_lib.video.plan import default_output

    video = options.read(chunk, resize, start, duration)
    choice = Choice(person, None if click is None else values.point("--click", click))
    session = person_session(model, instances, choice, threshold, options.ratio(downsample_ratio), device, dtype)
    if people is not None:
        _show_people(session, Path(input), Path(people), video["start"], video["resize"])
        if output is None and alpha is None:
            return
    if output is None and alpha is None:
        output = default_output(Path(input), background, compare, "person")
    report = matte_video(
        input,
        output,
        background=background,
        fit=fit,
        alpha=alpha,
        model=session,
        **video,
        audio=not no_audio,
        quality=quality,
        compare=compare,
    )
    print_video_report(report)
    print(_story(session))


def _show_people(session: PersonSession, input: Path, path: Path, start: float, resize: tuple[int, int] | None) -> None:
    from course_lib.capstone import draw_people
    from course_lib.video.frames import Span
    from course_lib.video.reader import open_source
    from course_lib.video.writer import write_picture

    frames = iter(open_source(input, Span.of(start), resize))
    try:
        picture, count = draw_people(session.instances, next(frames).rgb, session.threshold)
    finally:
        frames.close()
    write_picture(path, picture)
    print(f"Wrote {path}: {counted(count, 'person', 'people')} in the first frame.")


def _story(session: PersonSession) -> str:
    """Who was kept, out of how many, and for how long: what a reader has to know to choose another one."""
    if not session.number:
        return "Nobody was found, and nothing was kept. A lower --threshold finds more."
    chosen = f"Kept person {session.number} of {session.people}, found in {session.seen} of {session.frames} frames."
    if session.people > 1:
        chosen += " For another: --person NUMBER or --click X,Y; --people who.png shows their numbers."
    return chosen
