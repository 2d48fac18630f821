"""`course segment`: find the objects in a video, a picture or a folder of pictures."""

from __future__ import annotations

from typing import Annotated

import typer

from course_lib.cli import values
from course_lib.cli.video_report import counted, print_video_report


def segment(
    input: Annotated[str, typer.Argument(help="A video, a picture, a folder of pictures, or webcam.")],
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
    chunk: Annotated[str, typer.Option(help="Frames per call of the network; the result is the same.")] = "auto",
    resize: Annotated[str | None, typer.Option(help="WIDTHxHEIGHT of input and output, such as 1280x720.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")] = "auto",
    dtype: Annotated[str, typer.Option(help="auto, float32, float16, bfloat16.")] = "auto",
    start: Annotated[str, typer.Option(help="Begin here: seconds, or minutes:seconds.")] = "0",
    duration: Annotated[str | None, typer.Option(help="Stop after this long: seconds, or minutes:seconds.")] = None,
    no_audio: Annotated[bool, typer.Option("--no-audio", help="Leave the sound out.")] = False,
    quality: Annotated[float, typer.Option(help="0 (small) to 100 (good), for .mp4, .webm and .jpg.")] = 70,
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
        chunk="auto" if chunk == "auto" else values.whole("--chunk", chunk),
        resize=values.size(resize),
        device=device,
        dtype=dtype,
        start=values.seconds("--start", start),
        duration=None if duration is None else values.seconds("--duration", duration),
        audio=not no_audio,
        quality=quality,
    )
    print_video_report(report, f", {counted(report.instances, 'object')}")
    if not report.instances:
        print("No object was found. A lower --threshold shows what the network is less sure of.")
