"""`course train rvm`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from course_lib.cli.train_report import interruptible, print_report, written

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from course_lib.training.loop import Show
    from course_lib.training.recipes import Recipe
    from course_lib.training.run_options import RunOptions


def train_rvm(run: str, chosen: Recipe, options: RunOptions, small_memory: bool) -> None:
    """One stage."""
    from course_lib.training import rvm
    from course_lib.training.stage import checkpoint_path

    command = f"course train rvm --stage {chosen.stage} --profile {chosen.profile} --run {run} --resume"
    print(f"Run {run}, stage {chosen.stage}, {chosen.steps} steps. Checkpoints: {checkpoint_path(run, 1).parent}")
    options = replace(options, show=pictures_of(run, chosen.stage))
    with interruptible(command):
        report = rvm.train_rvm(run, chosen, options, small_memory=small_memory)
    print_report(report, command)


def write_snapshot(run: str, stage: int | None) -> None:
    """Of the last checkpoint."""
    from course_lib.training.rvm import snapshot_rvm

    print(written(snapshot_rvm(run, stage)))


def pictures_of(run: str, stage: int) -> Show:
    """Draws the validation clips of a run into its folder in the cache."""
    from course_lib.training.stage import checkpoint_path

    folder = checkpoint_path(run, stage).parent / "pictures"
    return lambda step, *validated: _picture(folder / f"stage-{stage}-step-{step:06d}.png", *validated)


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
