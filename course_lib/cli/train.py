"""`course train`: train RVM or SparseInst, stage by stage, or one of the two small networks beside them; resumably."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from course_lib.cli.train_report import print_losses
from course_lib.errors import CourseError

OVERFIT_STEPS = 200
MODELS = ("rvm", "sparseinst", "background-matting", "emoji-classifier")


def train(
    model: Annotated[
        str, typer.Argument(help="What to train: rvm, sparseinst, background-matting, or emoji-classifier.")
    ],
    stage: Annotated[
        int | None,
        typer.Option(
            help="Of rvm: 1 (default) short clips, 2 long clips, 3 high resolution, 4 moving stills. "
            "Of sparseinst: 1 (default) everything, 2 once more."
        ),
    ] = None,
    profile: Annotated[str, typer.Option(help="laptop, or gpu: the paper's sizes.")] = "laptop",
    run: Annotated[str | None, typer.Option(help="A name for the run. Left out: my-MODEL-PROFILE.")] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            help="For sparseinst: a COCO-style folder, with the sets train and val or one. Left out: emoji scenes."
        ),
    ] = None,
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
        bool, typer.Option("--random-backbone", help="Start stage 1 from random weights in the backbone too.")
    ] = False,
    small_memory: Annotated[
        bool, typer.Option("--small-memory", help="Gradient checkpointing: less memory, a third more time.")
    ] = False,
) -> None:
    """Train MODEL. Each stage starts where the one before ended; a run that is killed continues with --resume."""
    if model not in MODELS:
        raise CourseError(f"There is no model {model} to train. There are: {', '.join(MODELS)}.")
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
    if model != "sparseinst" and data is not None:
        raise CourseError(
            f"--data is for sparseinst: {model} is trained on pictures that are drawn as they are needed."
        )

    from dataclasses import replace

    from course_lib.training.run_options import RunOptions

    options = RunOptions(seed, resume, max_minutes, device, workers)
    changes = {"steps": steps, "precision": precision}
    changes = {option: value for option, value in changes.items() if value}
    if model in ("background-matting", "emoji-classifier"):
        from course_lib.cli.train_one_stage import train_one_stage

        for_rvm = overfit_one_batch, small_memory, random_backbone, fork, snapshot
        if stage not in (None, 1) or profile != "laptop" or any(for_rvm):
            raise CourseError(
                f"{model} has one stage, one size and one start: leave out --stage, --profile, --fork, --snapshot, "
                "--overfit-one-batch, --small-memory and --random-backbone."
            )
        train_one_stage(model, run or f"my-{model}", changes, options)
        return

    if fork is not None:
        if any((stage, run, data, steps, overfit_one_batch, precision, random_backbone, small_memory)):
            raise CourseError(
                "--fork has its own name, stage and recipe: give it only --max-minutes, --snapshot, --device, --seed and "
                "--workers."
            )
        from course_lib.cli.train_forks import train_forks

        train_forks(model, fork, options, snapshot)
        return

    name = run or f"my-{model}-{profile}"
    if model == "sparseinst":
        from course_lib.cli import train_instances
        from course_lib.training.instance_recipes import instance_recipe

        if small_memory:
            raise CourseError("--small-memory is for rvm.")
        if snapshot:
            train_instances.write_snapshot(name, stage, data)
            return
        if random_backbone:
            changes["start"] = "random"
        chosen = replace(instance_recipe(stage or 1, profile), **changes)
        if overfit_one_batch:
            from course_lib.training.sparseinst import overfit_one_batch as overfit

            opened = train_instances.open_pictures(data)
            print_losses(overfit(chosen, opened, seed=seed, steps=steps or OVERFIT_STEPS, device=device))
            return
        train_instances.train_sparseinst(name, chosen, data, options)
        return

    from course_lib.cli import train_rvm
    from course_lib.training.recipes import recipe

    if snapshot:
        train_rvm.write_snapshot(name, stage)
        return
    if random_backbone:
        changes["imagenet_backbone"] = False
    chosen = replace(recipe(1 if stage is None else stage, profile), **changes)
    if overfit_one_batch:
        from course_lib.training.rvm import overfit_one_batch as overfit

        print_losses(overfit(chosen, seed=seed, steps=steps or OVERFIT_STEPS, device=device))
        return
    train_rvm.train_rvm(name, chosen, options, small_memory)
