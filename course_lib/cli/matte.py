"""`course matte`: cut the person out of a video, a picture or a folder of pictures."""

from __future__ import annotations

from typing import Annotated

import typer

from course_lib.cli import video_options as options
from course_lib.cli.video_report import print_video_report


def matte(
    input: options.Input,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            help=".mp4 (H.264), .webm (VP9) or .mov (ProRes 4444) with alpha, .gif, .png, .jpg, or a folder of PNGs. "
            "Left out: NAME_matte beside the input.",
        ),
    ] = None,
    background: options.Background = None,
    fit: options.Fit = "crop",
    alpha: options.Alpha = None,
    foreground: Annotated[str | None, typer.Option(help="Write the predicted foreground here too.")] = None,
    model: Annotated[
        str, typer.Option(help="A name that `course models` lists, or a checkpoint.")
    ] = "rvm-mobilenetv3-published",
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
    """Cut the person out of INPUT and put a new background behind."""
    from course_lib.video import matte_video

    report = matte_video(
        input,
        output,
        background=background,
        fit=fit,
        alpha=alpha,
        foreground=foreground,
        model=model,
        downsample_ratio=options.ratio(downsample_ratio),
        device=device,
        dtype=dtype,
        **options.read(chunk, resize, start, duration),
        audio=not no_audio,
        quality=quality,
        compare=compare,
    )
    print_video_report(report)
