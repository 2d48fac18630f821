"""`course evaluate`: the errors of a matting method, in the metrics of RVM's tables. SparseInst: `evaluate_instances`."""

from __future__ import annotations

import re
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course_lib.errors import CourseError

if TYPE_CHECKING:
    from course_lib.evaluation.benchmark import Outcome
    from course_lib.evaluation.bootstrap import Interval
    from course_lib.evaluation.record import Benchmark

INSTANCES = "sparseinst"


def evaluate(
    model: Annotated[
        str | None,
        typer.Argument(
            help="rvm, a baseline such as closed-form, several with commas between, or all. Not needed with --predictions. "
            "Or sparseinst."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="puppets: the course's test scenes. person: the real clip's person before other backgrounds. "
            "Or a folder: FOLDER/set/clip/{com,pha,fgr,bgr}/0000.png, as RVM's authors have it. For sparseinst: a folder "
            "annotated as COCO is. Left out: puppets; for sparseinst: the course's emoji scenes."
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(help="For sparseinst: which set of the folder. Left out: val, or the only one."),
    ] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="For rvm and sparseinst: a name that `course models` lists, or a checkpoint. Left out: the published ones; "
            "for sparseinst: those trained here."
        ),
    ] = None,
    downsample_ratio: Annotated[
        float | None,
        typer.Option(help="For rvm: the size at which the network looks, above 0 to 1. Left out: as it was trained."),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="Of puppets and person: 256, or WIDTHxHEIGHT. Left out: 256; the person 176x144."),
    ] = None,
    frames: Annotated[int | None, typer.Option(help="Of each clip. Left out: 24; in a folder all.")] = None,
    sets: Annotated[
        str | None,
        typer.Option(
            help="Only these sets, such as a,b. Left out: all. For sparseinst: a, b, c (left out: these), unseen-style, "
            "crowd, people, clip."
        ),
    ] = None,
    clips: Annotated[
        int | None, typer.Option(help="Only the first so many clips, or for sparseinst pictures, of each set.")
    ] = None,
    slow_clips: Annotated[
        int | None, typer.Option(help="With all: clips of each set for methods that take seconds a frame.")
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(help="Evaluate mattes made elsewhere: FOLDER/set/clip/pha/0000.png and, if any, fgr/."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder of the results; it may hold other methods' already.")
    ] = None,
    device: Annotated[str, typer.Option(help="For rvm and sparseinst: auto, cpu or cuda.")] = "auto",
    resume: Annotated[bool, typer.Option("--resume", help="Keep what the output folder has, do the rest.")] = False,
    max_minutes: Annotated[float | None, typer.Option(help="Stop after this long; --resume continues.")] = None,
) -> None:
    """Evaluate MODEL: MAD, MSE, Grad, Conn, dtSSD and foreground errors; of sparseinst average precision; with intervals.

    Prints a table and writes JSON, CSV and Markdown. `course evaluate rvm` takes some minutes; `--clips 2` looks in quickly.
    """
    chosen_sets = tuple(name.strip() for name in sets.split(",")) if sets else None
    if model == INSTANCES:
        from course_lib.cli.evaluate_instances import evaluate_instances, refuse_options

        refuse_options(frames, size, slow_clips, predictions, downsample_ratio, resume, max_minutes)
        evaluate_instances(data, split, weights, chosen_sets, clips, output, device)
        return
    if split is not None:
        raise CourseError("--split is for sparseinst: a folder of mattes is not divided so. Choose with --sets.")
    data = data or "puppets"
    _check(model, predictions, data, frames, clips, slow_clips, size, max_minutes)

    from course_lib.evaluation.benchmark import first_of_each_set, run_benchmark
    from course_lib.evaluation.methods import PUBLISHED, RVM, all_methods, find_method, predicted
    from course_lib.evaluation.record import read_benchmark, write_benchmark
    from course_lib.evaluation.sources import open_data

    if model != RVM and (weights is not None or downsample_ratio is not None):
        option = "--weights" if weights is not None else "--downsample-ratio"
        raise CourseError(
            f"{option} is for rvm alone: the baselines have their own. Write: course evaluate rvm {option} …"
        )
    device = _device(device)
    if predictions is not None:
        methods = [predicted(predictions, Path(data))]
    elif model == "all":
        methods = all_methods()
    else:
        names = [name.strip() for name in model.split(",")]
        if INSTANCES in names:
            raise CourseError(f"{INSTANCES} makes no mattes: evaluate it by itself. Write: course evaluate {INSTANCES}")
        methods = [find_method(name, weights or PUBLISHED, downsample_ratio, device) for name in names]
    source = open_data(data, _size(size), frames, chosen_sets)
    folder = output or source.default_folder(everything=model == "all")
    benchmark = read_benchmark(folder) or source.new_benchmark()
    source.refuse_other_settings(benchmark, folder)
    plan = first_of_each_set(source.plan, clips)
    print(f"{len(plan)} clips of {source.describe()}")
    try:
        outcome = run_benchmark(
            methods,
            plan,
            benchmark,
            lambda record: write_benchmark(folder, record),
            slow_clips=slow_clips,
            resume=resume,
            max_minutes=max_minutes,
            progress=True,
        )
    except KeyboardInterrupt:
        raise CourseError(
            f"Interrupted. What was done is in {folder}; continue with the same command and --resume."
        ) from None
    _report(benchmark, outcome, folder)


def _report(benchmark: Benchmark, outcome: Outcome, folder: Path) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from course_lib.evaluation.tables import HEADINGS, UNITS

    averages = {name: m.evaluation.average() for name, m in benchmark.methods.items() if m.clips}
    metrics = [name for name in HEADINGS if any(name in average for average in averages.values())]
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 0, 1, 1), pad_edge=False)
    table.add_column("method", overflow="fold", min_width=12)
    for heading in ("clips", *(HEADINGS[name].replace(" ", "\n") for name in metrics)):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, average in averages.items():
        shown = [_cell(average.get(metric)) for metric in metrics]
        table.add_row(name, str(len(benchmark.methods[name].clips)), *shown)
    console = Console()
    console.print(table)
    print(f"{UNITS}\n± is the reach of the 95 % bootstrap interval over clips.")
    if benchmark.note:
        print(f"Keep in mind: {benchmark.note}")
    for name, reason in outcome.left_out.items():
        print(f"Left out: {name}. {reason}")
    for name in ("benchmark.json", "benchmark.csv", "frames.csv", "table.md"):
        print(f"Wrote {folder / name}")
    if not outcome.finished:
        print("Time is up before all clips were done. Continue with the same command and --resume.")


def _cell(interval: Interval | None) -> str:
    if interval is None or not interval.clips:
        return ""
    return f"[bold]{interval.mean:.2f}[/bold]" + ("" if isnan(interval.low) else f"\n±{interval.reach:.2f}")


def _check(model, predictions, data, frames, clips, slow_clips, size, max_minutes) -> None:
    if model is None and predictions is None:
        raise CourseError("What shall be evaluated? Write: course evaluate rvm")
    if model is not None and predictions is not None:
        raise CourseError(f"Give either a model ({model}) or --predictions, not both.")
    if data in ("puppets", "person"):
        if predictions is not None:
            raise CourseError("--predictions are compared with the truth in a folder: --data FOLDER")
    elif size is not None:
        raise CourseError("--size is for puppets and person; pictures in a folder are taken at their own size.")
    for option, value in (("--frames", frames), ("--clips", clips), ("--slow-clips", slow_clips)):
        if value is not None and value < 1:
            raise CourseError(f"{option} {value}: at least 1.")
    if max_minutes is not None and not max_minutes > 0:
        raise CourseError(f"--max-minutes {max_minutes:g}: more than 0.")


def _size(text: str | None) -> tuple[int, int] | None:
    """ "256" → (256, 256), "320x180" → (180, 320), as (height, width)."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)(?:[x×](\d+))?", text)
    if not match:
        raise CourseError(f"--size {text} is not a size. Write 256, or WIDTHxHEIGHT such as 320x180.")
    return int(match[2] or match[1]), int(match[1])


def _device(name: str) -> str:
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if name.split(":")[0] not in ("cpu", "cuda"):
        raise CourseError(f"--device {name}: choose auto, cpu or cuda.")
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise CourseError(f"--device {name}: there is no CUDA device here. Use --device cpu.")
    return name
