"""The snapshot of a run: its weights in 16 bits and its record, from which it can be continued on another machine.

Stored are the batch-norm statistics measured anew (`batch_norm`), not those of training: a training step normalises with its
batch and never reads them, so a run that is continued is none the worse, and whoever loads the file gets the better network.
Adam's averages are not in it (twice the weights, in 32 bits): a run that is continued from a snapshot gathers them anew, which
its record and its card say. Only a checkpoint continues to the same numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from torch import Tensor
from tqdm import tqdm

from course_lib.training.files import read_json
from course_lib.training.loop import Trainer
from course_lib.training.run_folder import (
    CANNOT,
    DATA,
    KEPT,
    RESUMED,
    machine,
    save_weights,
    write_card,
    write_metrics,
    write_stage,
)
from course_lib.zoo.runs import WEIGHTS, run_state


@dataclass(frozen=True)
class Parent:
    """What a file is stored as the difference from: a file below results/ or published weights.

    terms: under which the whole stands. command: how to train the file anew.
    """

    weights: str
    sha256: str
    terms: str
    state: dict[str, Tensor]
    command: str


@dataclass(frozen=True)
class About:
    """What the card says of a run; `only` and `parent`: see `run_folder.save_weights`; `extra` goes into config.json."""

    what: str
    data: str = DATA
    cannot: str = CANNOT
    only: tuple[str, ...] = ("",)
    parent: Parent | None = None
    extra: Mapping = field(default_factory=dict)


@dataclass(frozen=True)
class Recorder:
    """Writes what `trainer` has reached into `folder`."""

    trainer: Trainer
    folder: Path
    run: str
    about: About

    def continue_snapshot(self) -> None:
        """Continue at the snapshot in `folder`, and put that down in the record."""
        trainer, config = self.trainer, read_json(self.folder / "config.json")
        record = config["stages"][str(trainer.recipe.stage)]
        state = run_state(self.folder)
        own = trainer.network.state_dict()
        state = {name: state.get(name, own[name]) for name in own}  # published weights lack project_seg
        trainer.resume_from_weights(self.folder / WEIGHTS, state, record, config["seed"])
        if trainer.accelerator.is_main_process:
            self._write_stage({**record, RESUMED: [*record.get(RESUMED, []), trainer.step]})
            tqdm.write(
                f"No checkpoint here: continued from the 16-bit snapshot at step {trainer.step}, with a fresh Adam."
            )

    def write(self, validation: Mapping[str, float], trained_here: bool = True) -> None:
        """Weights and record of this stage, metrics if there are any, the card. By all processes together.

        Not `trained_here`: the machine that the record names already is kept.
        """
        trainer, recipe = self.trainer, self.trainer.recipe
        with trainer.measured_statistics():  # in all processes: batch norm looks at all of them
            weights = {name: tensor.clone() for name, tensor in trainer.network.state_dict().items()}
        if trainer.accelerator.is_main_process:
            config = read_json(self.folder / "config.json")
            before = config.get("stages", {}).get(str(recipe.stage), {})
            record = {
                "steps": trainer.step,
                "seconds": round(trainer.seconds, 1),
                "recipe": asdict(recipe),
                "machine": machine(str(trainer.accelerator.device), trainer.accelerator.num_processes),
            }
            if not trained_here:
                record["machine"] = before.get("machine", record["machine"])
            resumed = [step for step in before.get(RESUMED, []) if step <= trainer.step]
            files = (
                [WEIGHTS] if last_stage(config) <= recipe.stage else []
            )  # an earlier stage leaves later weights alone
            kept = KEPT.get((self.run, recipe.stage))
            if kept and trainer.step >= recipe.steps:
                files.append(kept)
            for file in files:
                self._save(self.folder / file, weights)
            self._write_stage(record | ({RESUMED: resumed} if resumed else {}), files, weights)
            if validation:
                write_metrics(self.folder, f"validation after stage {recipe.stage}", validation)
            write_card(self.folder, self.about.data, self.about.cannot)
        trainer.accelerator.wait_for_everyone()

    def _save(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        save_weights(path, weights, self.about.only, self.about.parent and self.about.parent.state)

    def _write_stage(
        self, record: Mapping, files: Sequence[str] = (), weights: Mapping[str, Tensor] | None = None
    ) -> None:
        """The record of the stage, and of each of `files`, now written, what it differs from."""
        parents = read_json(self.folder / "config.json").get("parents", {})
        parents = {file: parent for file, parent in parents.items() if file not in files}
        if (mine := self.about.parent) is not None:
            without = sorted(name for name in mine.state if weights is not None and name not in weights)
            about = {"weights": mine.weights, "sha256": mine.sha256, "terms": mine.terms, "command": mine.command}
            parents |= {file: {**about, "without": without} for file in files}
        trainer = self.trainer
        extra = {**self.about.extra, **({"parents": parents} if parents else {})}
        write_stage(self.folder, self.run, self.about.what, trainer.seed, trainer.recipe.stage, record, extra)


def last_stage(config: Mapping) -> int:
    """The stage that the weights of a run are of: the last in its config.json. 0 when there is none."""
    return max(map(int, config.get("stages", {})), default=0)
