"""A checkpoint holds everything that the next step depends on: whoever resumes gets the numbers of a run that never stopped.

Weights and batch-norm statistics, Adam's moments, the gradient scaler, the step (which is the loader's position too: see
`streams`), the state of all random generators, what the log has summed up since its last row, and the recipe and the seed, so
that a checkpoint is not continued under another recipe. Only tensors and plain values are in it: `weights_only=True` reads it.
"""

import io
import random
from pathlib import Path

import numpy as np
import torch

from course_lib.errors import CourseError
from course_lib.training.files import write_whole

FORMAT = 1
ENTRIES = {"format", "step", "seconds", "recipe", "seed", "model", "optimizer", "scaler", "random", "log"}


def save_checkpoint(path: Path, state: dict) -> None:
    """Replaces the checkpoint before at once; a kill in between leaves that one. Raises CourseError when the disk is full."""
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **state}, buffer)
    write_whole(path, buffer.getvalue())


def load_checkpoint(path: Path) -> dict:
    """What `save_checkpoint` wrote, on the CPU. Raises CourseError when there is none or it is damaged."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CourseError(f"Cannot read the checkpoint {path}: {error.strerror or error}.") from None
    try:
        state = torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load reports a damaged file by a dozen types of exception
        raise CourseError(
            f"The checkpoint {path} cannot be read ({type(error).__name__}): it is cut off or no checkpoint.\n"
            "Delete it and train this stage again."
        ) from None
    if not isinstance(state, dict) or set(state) != ENTRIES or state["format"] != FORMAT:
        raise CourseError(f"{path} is no training checkpoint of this version. Delete it and train this stage again.")
    return state


def random_state() -> dict:
    """Of Python, NumPy, torch and every CUDA device, as tensors and plain values."""
    kind, keys, position, has_gauss, gauss = np.random.get_state()  # noqa: NPY002 - the global state is what is kept
    version, numbers, spare = random.getstate()
    return {
        "python": [version, list(numbers), spare],
        "numpy": [kind, torch.from_numpy(keys.astype(np.int64)), int(position), int(has_gauss), float(gauss)],
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_random_state(state: dict) -> None:
    """The inverse of `random_state`. States of devices that this machine lacks are left out."""
    version, numbers, spare = state["python"]
    random.setstate((version, tuple(numbers), spare))
    kind, keys, position, has_gauss, gauss = state["numpy"]
    np.random.set_state((kind, keys.numpy().astype(np.uint32), position, has_gauss, gauss))  # noqa: NPY002
    torch.set_rng_state(state["torch"])
    if torch.cuda.is_available():
        for device, device_state in enumerate(state["cuda"][: torch.cuda.device_count()]):
            torch.cuda.set_rng_state(device_state, device)
