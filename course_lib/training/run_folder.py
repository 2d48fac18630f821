"""What a recorded run leaves behind: `results/<run>/` with config.json, log.csv, metrics.json, card.md, weights.safetensors.

The weights are 16-bit (batch-norm statistics too): half the size, and no difference that a picture of 8 bits shows. The card is
written from the other files, so that its numbers are theirs. Everything is written whole or not at all.
"""

import os
import platform
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

import course_lib
from course_lib.errors import CourseError
from course_lib.training.files import read_json, write_json, write_whole

RESULTS = Path(__file__).resolve().parents[2] / "results"
MATTING_RUN = "rvm-mobilenetv3-laptop"
CLASSIFIER_RUN = "emoji-classifier-laptop"
# Forks start from this stage of these runs, so its weights are kept when later stages replace them.
KEPT = {
    (MATTING_RUN, 1): "stage-1.safetensors",
    ("sparseinst-mobilenetv3-laptop", 1): "stage-1.safetensors",
}
RESUMED = "resumed from the snapshot at step"  # in the record of a stage: a list of steps
DATA = (
    "Puppets (procedural people with exact alpha) before panoramas, photographs and textures, all of the training split, "
    "augmented as in the paper (§4); the segmentation objective on other puppets. No picture of a real person."
)
CANNOT = (
    "It has seen drawn people only. Expect holes and loose pieces on real footage: unusual poses, things that people hold, "
    "hair against hair-coloured backgrounds, crowds, low light. Before using it on anybody, judge it by its errors by group: "
    "`course evaluate rvm --weights NAME` writes them into table.md. It does not know who a person is, and is no base for "
    "decisions about people."
)


def machine(accelerator_device: str, processes: int) -> dict:
    """What the run was made on, for config.json."""
    on_gpu = accelerator_device.startswith("cuda")
    return {
        "device": torch.cuda.get_device_name() if on_gpu else f"CPU ({platform.machine()})",
        "processes": processes,
        "threads": torch.get_num_threads(),
        "cores": os.cpu_count(),
        "torch": torch.__version__,
        "course_lib": course_lib.__version__,
    }


def write_stage(
    folder: Path, run: str, what: str, seed: int, stage: int, record: Mapping, extra: Mapping | None = None
) -> None:
    """Puts the record of one stage (recipe, steps made, seconds, machine) into config.json; other stages stay.

    extra: what the files are stored as the difference from, see `zoo.runs`; of SparseInst the classes, and of a run on
    somebody's pictures the name of their annotation file.
    """
    stages = {**read_json(folder / "config.json").get("stages", {}), str(stage): dict(record)}
    config = {"run": run, "what": what, "seed": seed, "stages": dict(sorted(stages.items()))}
    write_json(folder / "config.json", {**config, **(extra or {})})


def write_metrics(folder: Path, section: str, values: Mapping) -> None:
    """Puts one section of numbers into metrics.json; other sections stay."""
    write_json(folder / "metrics.json", {**read_json(folder / "metrics.json"), section: dict(values)})


def save_weights(
    path: Path,
    state: Mapping[str, Tensor],
    only: tuple[str, ...] = ("",),
    parent: Mapping[str, Tensor] | None = None,
) -> None:
    """16-bit safetensors of the entries whose names begin with one of `only`; whole numbers stay what they are.

    `only` is for runs on top of weights that may not be passed on: they store their own tensors alone. Of a fork, what is in 16
    bits as in its `parent` is left out too. Raises CourseError when nothing is left or a value does not fit into 16 bits.
    """
    from safetensors.torch import save

    half = {name: _half(tensor) for name, tensor in state.items() if name.startswith(only)}
    if parent is not None:
        half = {name: t for name, t in half.items() if name not in parent or not torch.equal(t, _half(parent[name]))}
    if not half:
        raise CourseError(f"Nothing of {', '.join(only) or 'the weights'} is new: there is nothing to store in {path}.")
    for name, tensor in half.items():
        if not bool(tensor.isfinite().all()):
            raise CourseError(f"{name} holds values that 16 bits cannot hold; {path} was not written.")
    write_whole(path, save(half, metadata={"format": "pt"}))


def _half(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if tensor.is_floating_point() else tensor


def write_card(folder: Path, data: str = DATA, cannot: str = CANNOT) -> None:
    """card.md from config.json and metrics.json."""
    config, metrics = read_json(folder / "config.json"), read_json(folder / "metrics.json")
    own = config.get("annotations")  # of somebody's own pictures
    lines = [f"# {config['run']}", "", config["what"], "", "**Data.** " + data, "", f"**Seed** {config['seed']}", ""]
    if parent := config.get("parents", {}).get("weights.safetensors"):
        lines += [f"**Stored** is what differs from `{parent['weights']}`.", ""]
    lines += [
        "| stage | profile | steps | hours | batch | precision | made on |",
        "|---|---|---|---|---|---|---|",
    ]
    for stage, record in config["stages"].items():
        made_on = record["machine"]
        where = (
            made_on["device"]
            if made_on["device"].startswith("NVIDIA")
            else f"{made_on['device']}, {made_on['threads']} threads"
        )
        lines.append(
            f"| {stage} | {record['recipe']['profile']} | {record['steps']} of {record['recipe']['steps']} "
            f"| {record['seconds'] / 3600:.2f} | {_batch(record['recipe'], own is not None)} "
            f"| {record['recipe']['precision']} | {where} |"
        )
    for stage, record in config["stages"].items():
        for step in record.get(RESUMED, []):
            lines += ["", f"Stage {stage} was continued from the 16-bit snapshot at step {step}, with a fresh Adam."]
    for section, values in metrics.items():
        lines += ["", f"**{section}**", "", "| | |", "|---|---|"]
        lines += [f"| {name} | {_number(value)} |" for name, value in values.items()]
    licence = parent["terms"] if parent else "MIT"
    if own is not None:
        licence += f" for what the course brought. The terms of the pictures of {own} apply to these weights too."
    lines += ["", "**What it cannot do.** " + cannot, "", "**Licence** " + licence, ""]
    write_whole(folder / "card.md", "\n".join(lines).encode())


def _batch(recipe: Mapping, own_pictures: bool) -> str:
    """One step's, in words: RVM's of its matting pass, SparseInst's. Scenes are square; `own_pictures` have any shape."""
    if "sides" in recipe and own_pictures:
        return f"{recipe['batch']} pictures, shorter side {' or '.join(map(str, recipe['sides']))}"
    if "sides" in recipe:
        return f"{recipe['batch']} pictures of {' or '.join(f'{side}²' for side in recipe['sides'])}"
    shape = recipe["low"] or recipe["high"]
    return f"{shape['batch']} × {shape['frames']} frames of {shape['size']}²"


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
