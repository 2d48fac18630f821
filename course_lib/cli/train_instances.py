"""`course train sparseinst`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from course_lib.cli.train_report import interruptible, print_report, written

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn

    from course_lib.training.instance_passes import Pictures
    from course_lib.training.instance_recipes import InstanceRecipe
    from course_lib.training.loop import Judge, Show
    from course_lib.training.run_options import RunOptions

JUDGED = 48  # pictures whose average precision is logged
SHOWN = 8


def train_sparseinst(run: str, chosen: InstanceRecipe, data: Path | None, options: RunOptions) -> None:
    """One stage, on emoji scenes or a COCO-style folder."""
    from course_lib.training import sparseinst
    from course_lib.training.stage import checkpoint_path

    pictures = open_pictures(data)
    chosen_data = f" --data {data}" if data else ""
    command = (
        f"course train sparseinst --stage {chosen.stage} --profile {chosen.profile} --run {run}{chosen_data} --resume"
    )
    about = "emoji scenes" if data is None else f"{len(pictures.train)} pictures of {data}"
    print(f"Run {run}, stage {chosen.stage}, {chosen.steps} steps on {about}, {len(pictures.class_names)} classes.")
    for part in (pictures.train, pictures.validation):
        for note in part.notes if part else ():
            print(note)
    print(f"Checkpoints: {checkpoint_path(run, 1).parent}")
    options = replace(options, judge=judge(chosen, pictures), show=pictures_of(run, chosen.stage))
    with interruptible(command):
        report = sparseinst.train_sparseinst(run, chosen, options, pictures)
    print_report(report, command)


def write_snapshot(run: str, stage: int | None, data: Path | None) -> None:
    """Of the last checkpoint."""
    from course_lib.training.sparseinst import snapshot_sparseinst

    print(written(snapshot_sparseinst(run, stage, open_pictures(data))))


def open_pictures(data: Path | None) -> Pictures:
    """Emoji scenes, or the two sets of a COCO-style folder. CourseError where one of them is missing or damaged."""
    from course_lib.data.coco_sets import training_sets
    from course_lib.training.instance_passes import Pictures

    return Pictures() if data is None else Pictures(*training_sets(data))


def judge(chosen: InstanceRecipe, pictures: Pictures) -> Judge:
    """AP and AP50 of the network on the first validation pictures."""
    from course_lib.evaluation import mask_average_precision
    from course_lib.instances import Detections
    from course_lib.training.instance_data import targets_of
    from course_lib.training.instance_passes import PRECISION, instance_validation

    batches = instance_validation(chosen, pictures).batches
    few = JUDGED if pictures.validation is None else min(JUDGED, len(pictures.validation))
    kept = []

    def measured(network: nn.Module) -> dict[str, float]:
        if not kept:
            kept.extend(batches[step] for step in range(max(1, few // chosen.batch)))
        device = next(network.parameters()).device
        found, true = [], []
        for batch in kept:
            for seen in network.predict(batch["frames"].to(device)):
                found.append(Detections(seen.scores.cpu(), seen.labels.cpu(), seen.masks.cpu()))
            true += targets_of(batch)
        precision = mask_average_precision(found, true)
        return {name: precision[name] for name in PRECISION}

    return measured


def pictures_of(run: str, stage: int) -> Show:
    """Draws what is found in the first validation pictures into the run's folder in the cache."""
    from course_lib.training.stage import checkpoint_path

    folder = checkpoint_path(run, stage).parent / "pictures"
    return lambda step, *validated: _picture(folder / f"stage-{stage}-step-{step:06d}.png", *validated)


def _picture(path: Path, network: nn.Module, batch: dict[str, Tensor]) -> None:
    """Two rows: the true instances above, below what is found with a score of at least 0.3."""
    import torch
    from torchvision.utils import save_image

    from course_lib.training.instance_data import targets_of
    from course_lib.viz.emoji_scenes import paint_instances

    frames = batch["frames"][:SHOWN]
    found = network.predict(frames, min_score=0.3)
    pairs = zip(frames.cpu(), targets_of(batch), found, strict=False)
    true, predicted = zip(
        *(
            (paint_instances(frame, target["masks"].cpu()), paint_instances(frame, detections.masks.cpu()))
            for frame, target, detections in pairs
        ),
        strict=True,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    save_image(torch.stack([torch.from_numpy(picture) for picture in (*true, *predicted)]), path, nrow=len(true))
