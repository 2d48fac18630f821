"""A fork: one change, at equal extra budget, from the same weights as its siblings. What differs between two is that change.

RVM's are in `forks`, SparseInst's in `instance_forks`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import nn

from course_lib.errors import CourseError
from course_lib.training.files import read_json
from course_lib.training.recorder import Parent
from course_lib.training.run_folder import RESULTS
from course_lib.training.stage import checkpoint_path
from course_lib.training.stage_recipe import StageRecipe
from course_lib.zoo.runs import WEIGHTS, parent_state


@dataclass(frozen=True, kw_only=True)
class Fork:
    """`build` makes the network, `parent` names the weights it starts from; `only` see `run_folder.save_weights`.

    model: what `course train` calls it. network, frozen: for the card.
    """

    name: str
    changes: str
    recipe: StageRecipe
    build: Callable[[], nn.Module]
    parent: str
    model: str
    network: str
    frozen: str = "the encoder frozen"
    only: tuple[str, ...] = ("",)
    terms: str = "MIT"

    @property
    def command(self) -> str:
        return f"course train {self.model} --fork {self.name}"

    @property
    def what(self) -> str:
        return (
            f"{self.network}, {self.recipe.steps} steps on from {self.parent}, {self.frozen}. Changed: {self.changes}."
        )


def find_among(forks: Sequence[Fork], name: str) -> Fork:
    """Raises CourseError for a name that is none."""
    for fork in forks:
        if fork.name == name:
            return fork
    raise CourseError(f"--fork {name}: choose all, or one of {', '.join(fork.name for fork in forks)}.")


def is_recorded(fork: Fork, results: Path = RESULTS) -> bool:
    """Whether its record says that its last step is made. The repository keeps no weights of some, to stay small."""
    record = read_json(results / fork.name / "config.json").get("stages", {}).get(str(fork.recipe.stage), {})
    return record.get("steps", 0) >= fork.recipe.steps


def is_finished(fork: Fork, results: Path = RESULTS) -> bool:
    """Whether it is recorded and its weights are there."""
    return is_recorded(fork, results) and (results / fork.name / WEIGHTS).is_file()


def is_started(fork: Fork, results: Path = RESULTS) -> bool:
    """Whether it has a checkpoint here, or a snapshot to go on from."""
    return checkpoint_path(fork.name, fork.recipe.stage).is_file() or (results / fork.name / WEIGHTS).is_file()


def load_parent(fork: Fork, results: Path = RESULTS) -> Parent:
    """Raises CourseError when it is not there."""
    state, sha256 = parent_state(fork.parent, results)
    return Parent(fork.parent, sha256, fork.terms, state, fork.command)
