"""The runs that are recorded in `results/`: their weights, put together.

A file may store those tensors alone that differ from its parent's (in 16 bits): forks do, and runs that leave a part as another
run made it. config.json says of each such file which file the parent is, its SHA-256, and which of the parent's tensors it does
not have. So what a fork changed can be read off its file, and weights that may not be passed on are in no fork.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from torch import Tensor

from course_lib.errors import CourseError
from course_lib.matting.network import TRAINED_SIDE
from course_lib.training.files import read_json
from course_lib.training.run_folder import RESULTS
from course_lib.zoo.checkpoints import read_state_dict
from course_lib.zoo.sources import RVM_TFJS

WEIGHTS = "weights.safetensors"


def run_state(folder: Path) -> dict[str, Tensor]:
    """All tensors of a recorded run: `file_state` of its weights."""
    return file_state(folder / WEIGHTS)


def file_state(path: Path) -> dict[str, Tensor]:
    """All tensors of a file below results. CourseError when it is damaged, or its parent is missing or another one."""
    own, folder = read_state_dict(path), path.parent
    parent = read_json(folder / "config.json").get("parents", {}).get(path.name)
    if parent is None:
        return own
    state, sha256 = parent_state(parent["weights"], folder.parent)
    if sha256 != parent["sha256"]:
        raise CourseError(
            f"{path} holds only what differs from {parent['weights']}, and that has changed since "
            f"(SHA-256 {sha256[:12]}…, expected {parent['sha256'][:12]}…). Get the parent back with git, or train the run "
            f"again: delete {folder} and run {parent['command']}"
        )
    return {name: tensor for name, tensor in state.items() if name not in parent["without"]} | own


def trained_side(folder: Path) -> int:
    """What the network of a recorded RVM was trained to look at, once its filter is trained to bring larger frames back.

    Before that, and for a run that left the network as published, as published: larger frames are shown as they are.
    """
    recipes = [stage["recipe"] for stage in read_json(folder / "config.json").get("stages", {}).values()]
    lows = [recipe["low"]["size"] for recipe in recipes if recipe["low"]]
    return lows[-1] if lows and any(recipe["high"] for recipe in recipes) else TRAINED_SIDE


def parent_state(weights: str, results: Path = RESULTS) -> tuple[dict[str, Tensor], str]:
    """Tensors and SHA-256 of what forks start from: the published weights, or a file below `results`."""
    if weights == RVM_TFJS.name:
        from course_lib.zoo.models import published_state

        return published_state(), RVM_TFJS.files["package/models/rvm.bin"]  # the pin by which it was fetched
    path = results / weights
    if not path.is_file():
        raise CourseError(
            f"{path} is not there: forks start from it. Get it back with git, or finish that stage: "
            f"course train {system(weights)} --stage 1 --run {Path(weights).parts[0]}"
        )
    return file_state(path), hashlib.sha256(path.read_bytes()).hexdigest()


def system(run: str) -> str:
    """What `course train` calls the network of a run."""
    return "sparseinst" if run.startswith("sparseinst") else "rvm"
