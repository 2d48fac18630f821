"""Do puppets look like people? The published RVM, which has seen people and never a puppet, on 200 clips of them.

The puppets are those of the validation split as they are sampled, before backgrounds of that split. IoU is of the pixels with
alpha > 0.5, all frames of a clip together: |found ∩ true| / |found ∪ true|. Where the network does not find a puppet, either
the scene is hard (small, dark, blurred, partly out of the picture, a background in its colours) or the puppet does not look
like a person; an average by framing that is low means the second.

`python -m course_lib.evaluation.puppet_report` records it in results/puppets/, in about two minutes on one core: config.json,
clips.csv (one row per clip), metrics.json, card.md. It can be stopped and continued.
"""

import argparse
import csv
import io
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.evaluation.bootstrap import bootstrap_interval
from course_lib.evaluation.errors import mean_absolute_difference
from course_lib.evaluation.scenes import TestScene, puppet_scene
from course_lib.evaluation.tables import markdown_table
from course_lib.training.files import read_json, write_json, write_whole
from course_lib.training.run_folder import RESULTS, machine

FOLDER = RESULTS / "puppets"
CLIPS, FRAMES, SIZE, SPLIT = 200, 8, 256, "val"
GATES = {"bust": 0.9, "full": 0.8}  # the least IoU on average: below it, mend the puppets before training on them
GROUPS = ("framing", "people", "skin tone", "hair", "hair colour", "headwear", "build", "background")
WEIGHTS = "rvm-mobilenetv3-published"


def overlap(alpha: Float[Tensor, "T 1 H W"], true_alpha: Float[Tensor, "T 1 H W"]) -> float:
    """IoU of what is above 0.5, over the whole clip; NaN where neither holds anything."""
    found, true = alpha > 0.5, true_alpha > 0.5
    either = int((found | true).sum())
    return int((found & true).sum()) / either if either else float("nan")


def judge(network: nn.Module, scene: TestScene) -> dict[str, str]:
    """One row of clips.csv."""
    with torch.no_grad():
        _, alpha, *_ = network(scene.frames[None])
    mad = 1e3 * float(mean_absolute_difference(alpha[0], scene.alpha).mean())
    row = {"clip": scene.name, "iou": f"{overlap(alpha[0], scene.alpha):.4f}", "mad": f"{mad:.2f}"}
    return {**row, "cover": f"{float(scene.alpha.mean()):.3f}", **{group: scene.groups[group] for group in GROUPS}}


def make_report(
    network: nn.Module, folder: Path = FOLDER, clips: int = CLIPS, size: int = SIZE, max_minutes: float | None = None
) -> bool:
    """Goes on where clips.csv ends; writes all files; → whether all clips are there.

    Raises CourseError where the folder holds a report of other settings.
    """
    config = {"weights": WEIGHTS, "clips": clips, "split": SPLIT, "frames": FRAMES, "size": size}
    known = read_json(folder / "config.json")
    if known and {key: known.get(key) for key in config} != config:
        raise CourseError(f"{folder} holds a report of other settings. Delete it, or give another folder.")
    rows = read_rows(folder)
    ends = time.monotonic() + 60 * max_minutes if max_minutes else float("inf")
    for seed in range(len(rows), clips):
        if rows and time.monotonic() > ends:
            break
        rows.append(judge(network, puppet_scene(seed, size, size, FRAMES, SPLIT, str(seed), SPLIT)))
    write_whole(folder / "clips.csv", _csv(rows).encode())
    write_json(folder / "config.json", {**config, "machine": machine("cpu", 1)})
    metrics = summarise(rows)
    write_json(folder / "metrics.json", metrics)
    write_whole(folder / "card.md", _card(config, metrics).encode())
    return len(rows) == clips


def read_rows(folder: Path = FOLDER) -> list[dict[str, str]]:
    """clips.csv as it is; [] where there is none."""
    path = folder / "clips.csv"
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8")))) if path.is_file() else []


def summarise(rows: Sequence[Mapping[str, str]]) -> dict:
    """Averages with intervals over all clips, and by each group: {"all": …, "framing": {"bust": …}, …}."""
    summary = {"all": _average(rows)}
    for group in GROUPS:
        values = sorted({row[group] for row in rows})
        summary[group] = {value: _average([row for row in rows if row[group] == value]) for value in values}
    return summary


def _average(rows: Sequence[Mapping[str, str]]) -> dict[str, float]:
    out: dict[str, float] = {"clips": len(rows)}
    for metric in ("iou", "mad"):
        values = np.array([float(row[metric]) for row in rows])
        interval = bootstrap_interval(values)
        out |= {metric: interval.mean, f"{metric}_low": interval.low, f"{metric}_high": interval.high}
        out[f"{metric}_median"] = float(np.nanmedian(values))
    return {
        name: value if name == "clips" else None if np.isnan(value) else round(value, 4) for name, value in out.items()
    }


def _card(config: Mapping, metrics: Mapping) -> str:
    lines = [
        "# Do puppets look like people?",
        "",
        f"{config['weights']} on {metrics['all']['clips']} puppet clips of split '{config['split']}', {config['frames']} "
        f"frames of {config['size']}², before backgrounds of that split, with noise, compression and blur; its "
        "downsample_ratio is 1. It was trained on people and has never seen a puppet.",
        "",
        "IoU of alpha > 0.5, MAD × 1000, each averaged over clips, with the 95 % bootstrap interval and the median.",
        "",
    ]
    rows = [["all", *_cells(metrics["all"])]]
    rows += [[f"{group}: {value}", *_cells(average)] for group in GROUPS for value, average in metrics[group].items()]
    lines += markdown_table(["group", "clips", "IoU", "median", "MAD", "median"], rows)
    for framing, least in GATES.items():
        if average := metrics["framing"].get(framing):
            verdict = "reached" if average["iou"] >= least else "MISSED"
            lines += ["", f"**Gate** IoU ≥ {least} for framing {framing}: {verdict} ({average['iou']:.3f})."]
    return "\n".join([*lines, ""])


def _cells(average: Mapping) -> list[str]:
    cells = [str(average["clips"])]
    for metric, digits in (("iou", 3), ("mad", 1)):
        mean, low, high = (average[metric + end] for end in ("", "_low", "_high"))
        interval = "" if low is None else f" [{low:.{digits}f}, {high:.{digits}f}]"
        cells += [f"{mean:.{digits}f}{interval}", f"{average[metric + '_median']:.{digits}f}"]
    return cells


def _csv(rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description="Do puppets look like people to a network that has seen people?")
    parser.add_argument("--max-minutes", type=float, help="stop after this long; run it again to go on")
    parser.add_argument("--output", type=Path, default=FOLDER, help="another folder than results/puppets")
    given = parser.parse_args()

    from course_lib.zoo import load_model

    finished = make_report(load_model(WEIGHTS), given.output, max_minutes=given.max_minutes)
    print((given.output / "card.md").read_text("utf-8"))
    print(f"Wrote config.json, clips.csv, metrics.json and card.md in {given.output}")
    if not finished:
        print(f"{len(read_rows(given.output))} of {CLIPS} clips are done. Run it again to go on.")


if __name__ == "__main__":
    main()
