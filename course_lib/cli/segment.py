"""`course segment`: find the objects in a video, a picture or a folder of pictures."""

from __future__ import annotations

from typing import Annotated

import typer

from course_lib.cli import values
from course_lib.cli import video_options as options
from course_lib.cli.video_report import counted, print_video_report


def segment(
    input: options.Input,
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            help="The input with every object outlined and named: .mp4, .webm, .mov, .gif, .png, .jpg, or a folder of PNGs. "
            "Left out, and neither --masks nor --json: NAME_segment beside the input.",
        ),
    ] = None,
    masks: Annotated[str | None, typer.Option(help="A folder, for one black and white PNG an object.")] = None,
    json: Annotated[str | None, typer.Option(help="A .json file, for all that was found in COCO's format.")] = None,
    threshold: Annotated[float, typer.Option(help="Leave out what scores less, 0 to 1.")] = 0.4,
    classes: Annotated[str | None, typer.Option(help="Only these, such as 'person,dog'. Left out: all.")] = None,
    model: Annotated[
        str, typer.Option(help="A name that `course models` lists, or a checkpoint of SparseInst.")
    ] = "sparseinst-mobilenetv3-laptop",
    size: Annotated[
        str, typer.Option(help="Shorter side, in pixels, of what the network looks at; auto: as it was trained.")
    ] = "auto",
    chunk: options.Chunk = "auto",
    resize: options.Resize = None,
    device: options.Device = "auto",
    dtype: options.Dtype = "auto",
    start: options.Start = "0",
    duration: options.Duration = None,
    no_audio: options.NoAudio = False,
    quality: options.Quality = 70,
) -> None:
    """Find the objects in INPUT: outline and name them, write their masks, list them."""
    from course_lib.video import segment_video

    report = segment_video(
        input,
        output,
        masks=masks,
        coco=json,
        threshold=threshold,
        classes=classes,
        model=model,
        side="auto" if size == "auto" else values.whole("--size", size),
        device=device,
        dtype=dtype,
        **options.read(chunk, resize, start, duration),
        audio=not no_audio,
        quality=quality,
    )
    print_video_report(report, f", {counted(report.instances, 'object')}")
    if not report.instances:
        print("No object was found. A lower --threshold shows what the network is less sure of.")
