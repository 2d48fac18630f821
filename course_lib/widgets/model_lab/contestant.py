"""A contestant of the lab, in both halves: its name, what it is, how it is built, and when an old result is still its own.

For mattes a contestant turns a clip into foreground and alpha (`contestants`); for instances a picture into what is found in it
(`instance_contestants`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import nn

from course_lib.errors import CourseError


@dataclass(frozen=True)
class Contestant:
    """`build()` loads what it needs and gives a function that answers. CourseError, with the remedy, where it cannot.

    key: changes when the contestant would answer differently; None for one that lives in this session only.
    """

    name: str
    what: str
    build: Callable[[], Callable]
    key: str | None = None


def find_among(
    known: Mapping[str, Contestant], contestant: str | nn.Module | Contestant, own: Callable[[nn.Module], Contestant]
) -> Contestant:
    """By name, or a reader's own network. CourseError that lists the names for one that there is not."""
    if isinstance(contestant, Contestant):
        return contestant
    if isinstance(contestant, str):
        if contestant in known:
            return known[contestant]
        raise CourseError(f"There is no contestant {contestant!r}. There are: {', '.join(known)}.")
    return own(contestant)


def present_models(start: str) -> dict[str, str]:
    """Name and description of each model of the zoo whose name begins so and whose weights are here."""
    from course_lib.zoo import list_models

    return {entry.name: entry.what for entry in list_models() if entry.name.startswith(start) and entry.present}


def load(name: str) -> nn.Module:
    from course_lib.zoo import load_model

    return load_model(name).requires_grad_(False)


def fingerprint(name: str) -> str:
    """Changes when a recorded run's weights do."""
    from course_lib.training.run_folder import RESULTS

    weights = RESULTS / name / "weights.safetensors"
    return f"{name} {weights.stat().st_mtime_ns if weights.is_file() else ''}"


def spoken(answer: Callable) -> str:
    """What a catalogued wrong answer is called: `_z_swapped` → "z swapped"."""
    return answer.__name__.strip("_").replace("_", " ")
