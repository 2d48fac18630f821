"""Arguments and options that every command on videos has, and how their texts are read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from course_lib.cli import values

Background = Annotated[
    str | None,
    typer.Option(
        help="A picture, a video (it loops), '#RRGGBB' in quotes, blur, or transparent. "
        "Left out: transparent where the output can be, else green."
    ),
]
Fit = Annotated[str, typer.Option(help="How the background fills the frame: crop, contain or stretch.")]
Alpha = Annotated[str | None, typer.Option(help="Write alpha here too, as grey.")]
Ratio = Annotated[
    str, typer.Option(help="Size at which the network looks, 0 to 1; auto: the longer side becomes 512 at most.")
]
Compare = Annotated[bool, typer.Option("--compare", help="Write input | alpha | composite side by side.")]
Input = Annotated[str, typer.Argument(help="A video, a picture, a folder of pictures, or webcam.")]
Chunk = Annotated[str, typer.Option(help="Frames per call of the network; the result is the same.")]
Resize = Annotated[str | None, typer.Option(help="WIDTHxHEIGHT of input and output, such as 1280x720.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps.")]
Dtype = Annotated[str, typer.Option(help="auto, float32, float16, bfloat16.")]
Start = Annotated[str, typer.Option(help="Begin here: seconds, or minutes:seconds.")]
Duration = Annotated[str | None, typer.Option(help="Stop after this long: seconds, or minutes:seconds.")]
NoAudio = Annotated[bool, typer.Option("--no-audio", help="Leave the sound out.")]
Quality = Annotated[float, typer.Option(help="0 (small) to 100 (good), for .mp4, .webm and .jpg.")]


def read(chunk: str, resize: str | None, start: str, duration: str | None) -> dict[str, Any]:
    """Their values, by the names that `matte_video` and `segment_video` give them. CourseError for a text that is none."""
    return {
        "chunk": "auto" if chunk == "auto" else values.whole("--chunk", chunk),
        "resize": values.size(resize),
        "start": values.seconds("--start", start),
        "duration": None if duration is None else values.seconds("--duration", duration),
    }


def ratio(text: str) -> float | Literal["auto"]:
    return "auto" if text == "auto" else values.number("--downsample-ratio", text)
