"""`course train`: train RVM, stage by stage, or the network with a clean plate; resumably."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from course_lib.errors import CourseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torch import Tensor, nn

    from course_lib.training.loop import Show
    from course_lib.training.stage import RunReport, Snapshot

OVERFIT_STEPS = 200


def train(
    model: Annotated[str, typer.Argument(help="What to train: rvm, or background-matting.")],
    stage: Annotated[
        int | None, typer.Option(help="1 (default) short clips, 2 long clips, 3 high resolution, 4 moving stills.")
    ] = None,
    profile: Annotated[str, typer.Option(help="laptop, or gpu: the paper's sizes.")] = "laptop",
    run: Annotated[str | None, typer.Option(help="A name for the run. Left out: my-rvm-PROFILE.")] = None,
    steps: Annotated[int | None, typer.Option(help="Fewer or more steps than the recipe has.")] = None,
    max_minutes: Annotated[
        float | None, typer.Option(help="End after this long, at a checkpoint, with a snapshot in results/.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue at the run's last checkpoint; without one, at its snapshot.")
    ] = False,
    snapshot: Annotated[
        bool,
        typer.Option("--snapshot", help="Do not train: write results/RUN from the last checkpoint. The run may go on."),
    ] = False,
    fork: Annotated[
        str | None,
        typer.Option(help="An ablation: its name, or all. Continues it if it was started; skips what is finished."),
    ] = None,
    overfit_one_batch: Annotated[
        bool,
        typer.Option(
            "--overfit-one-batch", help="Train on one batch only, to see that it can be learned; stores nothing."
        ),
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    precision: Annotated[str | None, typer.Option(help="no, bf16 or fp16; left out: the recipe's.")] = None,
    seed: Annotated[int, typer.Option(help="Of weights and data.")] = 0,
    workers: Annotated[int, typer.Option(help="Processes that make batches; 0: none of their own.")] = 1,
    random_backbone: Annotated[
        bool, typer.Option("--random-backbone", help="Do not start stage 1 from ImageNet's weights.")
    ] = False,
    small_memory: Annotated[
        bool, typer.Option("--small-memory", help="Gradient checkpointing: less memory, a third more time.")
    ] = False,
) -> None:
    """Train MODEL. Each stage starts where the one before ended; a run that is killed continues with --resume."""
    if model not in ("rvm", "background-matting"):
        raise CourseError(f"There is no model {model} to train. Write: course train rvm")
    if steps is not None and steps < 1:
        raise CourseError(f"--steps {steps}: at least 1.")
    if max_minutes is not None and not max_minutes > 0:
        raise CourseError(f"--max-minutes {max_minutes:g}: more than 0.")
    if workers < 0:
        raise CourseError(f"--workers {workers}: 0 or more.")
    if not 0 <= seed < 2**32:
        raise CourseError(f"--seed {seed}: from 0 to {2**32 - 1}.")
    if precision not in (None, "no", "bf16", "fp16"):
        raise CourseError(f"--precision {precision}: choose no, bf16 or fp16.")

    if model == "background-matting":
        for_rvm = overfit_one_batch, small_memory, random_backbone, fork, snapshot
        if stage not in (None, 1) or profile != "laptop" or any(for_rvm):
            raise CourseError(
                "background-matting has one stage, one size, and starts from random weights: leave out --stage, --profile, "
                "--fork, --snapshot, --overfit-one-batch, --small-memory and --random-backbone."
            )
        _background_matting(
            run or "my-background-matting", steps, max_minutes, resume, device, precision, seed, workers
        )
        return

    if fork is not None:
        if any((stage, run, steps, overfit_one_batch, precision, random_backbone, small_memory)):
            raise CourseError(
                "--fork has its own name, stage and recipe: give it only --max-minutes, --snapshot, --device, --seed and "
                "--workers."
            )
        _forks(fork, seed, max_minutes, device, workers, snapshot)
        return
    if snapshot:
        _snapshot(run, stage, profile)
        return

    from dataclasses import replace

    from course_lib.training.recipes import recipe

    stage = 1 if stage is None else stage
    chosen = recipe(stage, profile)
    if precision:
        chosen = replace(chosen, precision=precision)
    if random_backbone:
        chosen = replace(chosen, imagenet_backbone=False)
    if overfit_one_batch:
        _overfit(chosen, seed, steps or OVERFIT_STEPS, device)
        return
    if steps:
        chosen = replace(chosen, steps=steps)

    from course_lib.training.rvm import train_rvm
    from course_lib.training.stage import checkpoint_path

    name = run or f"my-rvm-{profile}"
    command = f"course train rvm --stage {stage} --profile {profile} --run {name}"
    print(f"Run {name}, stage {stage}, {chosen.steps} steps. Checkpoints: {checkpoint_path(name, stage).parent}")
    with _interruptible(f"{command} --resume"):
        report = train_rvm(
            name,
            chosen,
            seed=seed,
            resume=resume,
            max_minutes=max_minutes,
            device=device,
            workers=workers,
            small_memory=small_memory,
            show=_pictures(name, stage),
        )
    _print_report(report, f"{command} --resume")


def _background_matting(run, steps, max_minutes, resume, device, precision, seed, workers) -> None:
    from dataclasses import replace

    from course_lib.training.background_matting import RECIPE, train_background_matting

    chosen = replace(RECIPE, steps=steps or RECIPE.steps, precision=precision or RECIPE.precision)
    command = f"course train background-matting --run {run}"
    print(f"Run {run}, {chosen.steps} steps.")
    options = {"seed": seed, "resume": resume, "max_minutes": max_minutes, "device": device, "workers": workers}
    with _interruptible(f"{command} --resume"):
        report = train_background_matting(run, chosen, **options)
    _print_report(report, f"{command} --resume")


def _forks(wanted: str, seed: int, max_minutes: float | None, device: str, workers: int, snapshot: bool) -> None:
    """One fork or all, one after another."""
    import time

    from course_lib.training.forks import FORKS, find_fork, is_finished, snapshot_fork, train_fork
    from course_lib.training.stage import checkpoint_path

    started = time.monotonic()
    for fork in FORKS if wanted == "all" else (find_fork(wanted),):
        if is_finished(fork):
            print(f"{fork.name}: finished already.")
            continue
        if snapshot:
            begun = checkpoint_path(fork.name, fork.recipe.stage).is_file() or wanted != "all"
            print(f"{fork.name}: {_written(snapshot_fork(fork)) if begun else 'not begun here.'}")
            continue
        left = None if max_minutes is None else max_minutes - (time.monotonic() - started) / 60
        if left is not None and left <= 0:
            print(f"{fork.name}: no time left. Continue with: course train rvm --fork {wanted}")
            return
        print(f"{fork.name}: {fork.changes}; {fork.recipe.steps} steps from {fork.parent}.")
        show = _pictures(fork.name, fork.recipe.stage)
        options = {"seed": seed, "device": device, "workers": workers, "show": show}
        with _interruptible(f"course train rvm --fork {wanted}"):
            report = train_fork(fork, max_minutes=left, **options)
        _print_report(report, f"course train rvm --fork {wanted}")
        if not report.finished:
            return


@contextmanager
def _interruptible(command: str) -> Iterator[None]:
    """Ctrl-C before the first step, or a second one: what `command` continues is named."""
    try:
        yield
    except KeyboardInterrupt:
        raise CourseError(f"Interrupted. Continue at the last checkpoint with: {command}") from None


def _snapshot(run: str | None, stage: int | None, profile: str) -> None:
    from course_lib.training.rvm import snapshot_rvm

    print(_written(snapshot_rvm(run or f"my-rvm-{profile}", stage)))


def _written(snapshot: Snapshot) -> str:
    return f"stage {snapshot.stage}, step {snapshot.step} of {snapshot.steps}, written to {snapshot.folder}"


def _print_report(report: RunReport, command: str) -> None:
    """Ends the program with 130, as a shell does, after a signal."""
    print(f"Step {report.step} of {report.steps}, {report.seconds / 60:.1f} minutes of training.")
    for term, value in report.validation.items():
        print(f"  {term:24} {value:.4f}")
    for what, file in (("Weights: ", "weights.safetensors"), ("Record:  ", "card.md")):
        if (report.folder / file).is_file():
            print(f"{what}{report.folder / file}")
    if not report.finished:
        print(f"{'Stopped' if report.interrupted else 'Time is up'}. Continue with: {command}")
        if report.interrupted:
            raise typer.Exit(130)


def _pictures(run: str, stage: int) -> Show:
    """Draws the validation clips of a run into its folder in the cache."""
    from course_lib.training.stage import checkpoint_path

    folder = checkpoint_path(run, stage).parent / "pictures"
    return lambda step, *validated: _picture(folder / f"stage-{stage}-step-{step:06d}.png", *validated)


def _overfit(chosen, seed: int, steps: int, device: str) -> None:
    from course_lib.training.rvm import overfit_one_batch

    losses = overfit_one_batch(chosen, seed=seed, steps=steps, device=device)
    every = max(1, len(losses) // 10)
    for step in [*range(0, len(losses) - 1, every), len(losses) - 1]:
        print(f"step {step:5}  total loss {losses[step]:.4f}")


def _picture(path: Path, network: nn.Module, batch: dict[str, Tensor]) -> None:
    """The first clip (T, 3, H, W): rows of frames, predicted alpha, predicted foreground on green."""
    import torch
    from torchvision.utils import save_image

    from course_lib.matting.equation import composite

    frames = batch["frames"][:1]
    foreground, alpha = (output[0].float().cpu() for output in network(frames)[:2])
    frames = frames[0].float().cpu()
    green = torch.tensor([0.47, 1.0, 0.61]).view(3, 1, 1)
    rows = torch.cat([frames, alpha.expand(-1, 3, -1, -1), composite(foreground, green, alpha)])  # (3T, 3, H, W)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_image(rows, path, nrow=len(frames))
