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
DATA = (
    "Puppets (procedural people with exact alpha) before panoramas, photographs and textures, all of the training split, "
    "augmented as in the paper (§4); the segmentation objective on other puppets. No picture of a real person."
)
CANNOT = (
    "It has seen drawn people only. Expect holes and loose pieces on real footage: unusual poses, things that people hold, "
    "hair against hair-coloured backgrounds, crowds, low light. Judge it by the errors per group in metrics.json, where given, "
    "before using it on anybody. It does not know who a person is, and is no base for decisions about people."
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


def write_stage(folder: Path, run: str, what: str, seed: int, stage: int, record: Mapping) -> None:
    """Puts the record of one stage (recipe, steps made, seconds, machine) into config.json; other stages stay."""
    config = read_json(folder / "config.json")
    stages = {**config.get("stages", {}), str(stage): dict(record)}
    write_json(folder / "config.json", {"run": run, "what": what, "seed": seed, "stages": dict(sorted(stages.items()))})


def write_metrics(folder: Path, section: str, values: Mapping) -> None:
    """Puts one section of numbers into metrics.json; other sections stay."""
    write_json(folder / "metrics.json", {**read_json(folder / "metrics.json"), section: dict(values)})


def save_weights(path: Path, state: Mapping[str, Tensor], only: tuple[str, ...] = ("",)) -> None:
    """16-bit safetensors of the entries whose names begin with one of `only`; whole numbers stay what they are.

    `only` is for runs on top of weights that may not be passed on: they store their own tensors alone. Raises CourseError when
    nothing is left or a value does not fit into 16 bits.
    """
    from safetensors.torch import save

    kept = {name: tensor.detach().cpu() for name, tensor in state.items() if name.startswith(only)}
    if not kept:
        raise CourseError(f"No weights begin with {', '.join(only)}: there is nothing to store in {path}.")
    half = {name: t.half().contiguous() if t.is_floating_point() else t.contiguous() for name, t in kept.items()}
    for name, tensor in half.items():
        if not bool(tensor.isfinite().all()):
            raise CourseError(f"{name} holds values that 16 bits cannot hold; {path} was not written.")
    write_whole(path, save(half, metadata={"format": "pt"}))


def write_card(folder: Path, data: str = DATA, cannot: str = CANNOT) -> None:
    """card.md from config.json and metrics.json."""
    config, metrics = read_json(folder / "config.json"), read_json(folder / "metrics.json")
    lines = [f"# {config['run']}", "", config["what"], "", "**Data.** " + data, "", f"**Seed** {config['seed']}", ""]
    lines += [
        "| stage | profile | steps | hours | low-resolution pass | precision | made on |",
        "|---|---|---|---|---|---|---|",
    ]
    for stage, record in config["stages"].items():
        low, made_on = record["recipe"]["low"], record["machine"]
        where = (
            made_on["device"]
            if made_on["device"].startswith("NVIDIA")
            else f"{made_on['device']}, {made_on['threads']} threads"
        )
        lines.append(
            f"| {stage} | {record['recipe']['profile']} | {record['steps']} of {record['recipe']['steps']} "
            f"| {record['seconds'] / 3600:.2f} | {low['batch']} × {low['frames']} frames of {low['size']}² "
            f"| {record['recipe']['precision']} | {where} |"
        )
    for section, values in metrics.items():
        lines += ["", f"**{section}**", "", "| | |", "|---|---|"]
        lines += [f"| {name} | {_number(value)} |" for name, value in values.items()]
    lines += ["", "**What it cannot do.** " + cannot, "", "**Licence** MIT, as the rest of the course.", ""]
    write_whole(folder / "card.md", "\n".join(lines).encode())


def _number(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
