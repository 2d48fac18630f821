"""`course evaluate sparseinst`: average precision of a network that finds objects, and what it lacks."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib.errors import CourseError


def refuse_options(
    frames: int | None,
    size: str | None,
    slow_clips: int | None,
    predictions: Path | None,
    downsample_ratio: float | None,
    resume: bool,
    max_minutes: float | None,
) -> None:
    """CourseError where one is given that only mattes need."""
    options = {
        "--frames": frames,
        "--size": size,
        "--slow-clips": slow_clips,
        "--predictions": predictions,
        "--downsample-ratio": downsample_ratio,
        "--resume": resume or None,
        "--max-minutes": max_minutes,
    }
    if given := [option for option, value in options.items() if value is not None]:
        raise CourseError(
            f"Only mattes need {', '.join(given)}: sparseinst takes --data, --split, --weights, --sets, --clips, --output and "
            "--device."
        )


def evaluate_instances(
    data: str | None,
    split: str | None,
    weights: str | None,
    sets: Sequence[str] | None,
    count: int | None,
    output: Path | None,
    device: str,
) -> None:
    """Prints tables and writes metrics.json and table.md. count: pictures of each set, None for all."""
    if count is not None and count < 1:
        raise CourseError(f"--clips {count}: at least 1.")

    import torch
    from tqdm import tqdm

    from course_lib.evaluation import instance_record as records
    from course_lib.evaluation import instances
    from course_lib.evaluation.instance_sources import open_pictures
    from course_lib.training.run_folder import machine
    from course_lib.video.engine import prepare_model
    from course_lib.video.segment import DEFAULT_MODEL

    network = prepare_model(weights or DEFAULT_MODEL, device, "float32", finds_objects=True)
    names, weight = network.class_names, next(network.parameters(), torch.empty(0))
    pictures = open_pictures(None if data is None else Path(data), names, split=split, sets=sets, count=count)
    about = {
        "network": _name(weights or DEFAULT_MODEL),
        "data": pictures.data,
        "side": network.trained_side,
        "machine": machine(weight.device.type, 1),
        "notes": list(pictures.notes),
    }
    folder = output or pictures.default_folder(about["network"])
    records.refuse_other_results(folder, about)
    print(f"{len(pictures)} pictures. {records.describe(about)}")
    for note in pictures.notes:
        print(note)
    try:
        shown = tqdm(pictures, unit="picture", disable=None)
        found = instances.evaluate_instances(network, shown)
        print("Drawing the pictures anew for the intervals …", file=sys.stderr)
        record = records.instance_record(found, names, about)
    except KeyboardInterrupt:
        raise CourseError("Interrupted. Nothing was written.") from None
    try:
        paths = records.write_record(folder, record)
    finally:  # on a full disk too
        _report(record)
    for path in paths:
        print(f"Wrote {path}")


def _name(weights: str) -> str:
    """A name stays; of a file what it is called, and of a run's weights the run."""
    from course_lib.zoo.runs import WEIGHTS

    path = Path(weights)
    if path.name == WEIGHTS:
        path = path.absolute().parent
    return path.stem if path.suffix in (".pth", ".safetensors") else path.name


def _report(record: Mapping) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from course_lib.evaluation.instance_record import remarks, tables

    console = Console()
    for shown in tables(record):
        table = Table(title=shown.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
        for place, heading in enumerate(shown.headings):
            table.add_column(Text(heading), justify="right" if place else "left", overflow="fold")
        for row in shown.rows:
            table.add_row(*map(Text, row))  # as it is: a class may be called [bold]
        console.print(table)
    print("\n".join(remarks(record)))
