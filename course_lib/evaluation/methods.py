"""Methods by name: `rvm` with any weights, those of `method_table.METHODS`, and mattes made elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.evaluation.evaluate import Answer, network_method, on_scenes
from course_lib.evaluation.folders import read_prediction, refuse_the_truth
from course_lib.evaluation.method_table import METHODS
from course_lib.evaluation.scenes import TestScene

RVM = "rvm"
PUBLISHED = "rvm-mobilenetv3-published"


@dataclass(frozen=True)
class NamedMethod:
    """A method that is not built yet: `build` loads its weights. `name` is what it is called in records."""

    name: str
    what: str
    needs: tuple[str, ...]
    build: Callable[[], Callable[[TestScene], Answer]]
    slow: bool = False  # longer than half a second a frame
    smallest: int = 1  # shorter side of the frames that it is meant for


def find_method(
    name: str, weights: str = PUBLISHED, downsample_ratio: float | None = None, device: str = "cpu"
) -> NamedMethod:
    """`rvm`, or a name of METHODS; these have weights and sizes of their own and run on the CPU. CourseError for another.

    downsample_ratio: None shows the network the size at which its weights were trained (`ratio_for`).
    """
    if name == RVM:
        return _rvm(weights, downsample_ratio, device)
    if name not in METHODS:
        known = ", ".join([RVM, *METHODS])
        raise CourseError(
            f"There is no method {name}. There are: {known}; all takes every one of them. What finds objects is sparseinst."
        )
    entry = METHODS[name]
    return NamedMethod(
        name, entry.what, entry.needs, lambda: on_scenes(entry.build()), entry.speed == "slow", entry.smallest
    )


def all_methods() -> list[NamedMethod]:
    """Every entry of METHODS, in its order."""
    return [find_method(name) for name in METHODS]


def predicted(predictions: Path, truth: Path) -> NamedMethod:
    """Mattes that lie in a folder as if a method had just made them. CourseError where the folder is missing or the truth."""
    if not predictions.is_dir():
        raise CourseError(f"--predictions {predictions}: there is no such folder.")
    refuse_the_truth(predictions, truth)
    name = predictions.resolve().name
    what = f"Mattes read from the folder {name}, 8 bits."
    return NamedMethod(name, what, (), lambda: lambda scene: read_prediction(predictions, truth, scene))


def _rvm(weights: str, downsample_ratio: float | None, device: str) -> NamedMethod:
    if downsample_ratio is not None and not 0 < downsample_ratio <= 1:
        raise CourseError(f"--downsample-ratio {downsample_ratio:g}: above 0 and at most 1.")

    def build() -> Callable[[TestScene], Answer]:
        from course_lib.video.engine import check_kind
        from course_lib.zoo import load_model

        network = load_model(weights)
        check_kind(network, weights, finds_objects=False)
        return on_scenes(network_method(network.to(device), downsample_ratio or "auto"), device)

    path = Path(weights)
    name, what = path.stem if path.suffix else path.name, f"RVM with the weights {path.name}."
    if downsample_ratio is not None:
        name, what = f"{name}@{downsample_ratio:g}", f"{what} It looks at {downsample_ratio:g} of the size."
    return NamedMethod(name, what, (), build)
