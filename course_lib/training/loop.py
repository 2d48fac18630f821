"""The training loop: control flow, and nothing else.

    for each step:    for each pass:    batch → losses → backward → optimiser step
                      now and then:     a row in the log, a look at the validation clips, a checkpoint

What a step is stands in `step`, the passes in `passes`, what is stored in `checkpoint`. `accelerate` supplies device, mixed
precision, gradient scaler and several processes (`torchrun -m course_lib train …`). With several, each makes its share of
every batch; batch norm sees the whole batch.
"""

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, asdict, fields
from functools import cached_property
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from tqdm import tqdm

from course_lib.errors import CourseError
from course_lib.training.batch_norm import recalibrated
from course_lib.training.checkpoint import load_checkpoint, random_state, restore_random_state, save_checkpoint
from course_lib.training.interrupt import StopSignals
from course_lib.training.loader import batches, threads_beside
from course_lib.training.log import CsvLog
from course_lib.training.passes import Batch, Pass
from course_lib.training.stage_recipe import StageRecipe
from course_lib.training.step import REMEDY, numbers, optimise, prepare
from course_lib.training.task import Task

Show = Callable[[int, nn.Module, Batch], None]
Judge = Callable[[nn.Module], dict[str, float]]

VALIDATION_BATCHES = 8
# May change when a run is continued: they do not touch the numbers of a step.
FREE_TO_CHANGE = ("steps", "log_every", "checkpoint_every", "validate_every", "recalibration")


class Trainer:
    """Trains `model` by `recipe` on `passes`. `step` is the number of steps made.

    At each validation the network, in eval mode, goes to `judge`, whose numbers are logged beside the losses, and with the
    first validation batch to `show`. `clock` counts seconds.
    """

    def __init__(
        self,
        model: nn.Module,
        recipe: StageRecipe,
        task: Task,
        passes: list[Pass],
        accelerator: Accelerator,
        *,
        seed: int,
        checkpoint: Path,
        log: CsvLog,
        validation: Pass | None = None,
        judge: Judge | None = None,
        show: Show | None = None,
        workers: int = 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.recipe, self.task, self.passes, self.accelerator, self.seed = recipe, task, passes, accelerator, seed
        self.checkpoint, self.log, self.validation, self.judge, self.show = checkpoint, log, validation, judge, show
        self.workers, self.clock = workers, clock
        self.step, self.seconds, self.interrupted = 0, 0.0, False
        self.model, self.optimizer = prepare(model, task, accelerator)
        self.rates = [group["lr"] for group in self.optimizer.param_groups]
        self.network = accelerator.unwrap_model(self.model)

    def resume(self) -> None:
        """Continue at the checkpoint. Raises CourseError when it belongs to another recipe or seed."""
        state = load_checkpoint(self.checkpoint)
        self._check_same(f"The checkpoint {self.checkpoint}", state["recipe"], state["seed"])
        self.network.load_state_dict(state["model"])
        for group, mine in zip(state["optimizer"]["param_groups"], self.optimizer.param_groups, strict=True):
            group["fused"] = mine["fused"]  # how Adam computes is this machine's choice
        self.optimizer.load_state_dict(state["optimizer"])
        if self.accelerator.scaler is not None and state["scaler"]:
            self.accelerator.scaler.load_state_dict(state["scaler"])
        restore_random_state(state["random"])
        self.step, self.seconds = state["step"], state["seconds"]
        self.log.load_state_dict(state["log"])

    def resume_from_weights(self, where: Path, state: dict[str, Tensor], record: Mapping, seed: int) -> None:
        """Continue at the step of `record` with weights alone: Adam's averages start anew.

        `record` has recipe, steps and seconds. Raises CourseError as `resume` does.
        """
        self._check_same(f"The snapshot {where}", record["recipe"], seed)
        self.network.load_state_dict(state)
        self.step, self.seconds = record["steps"], record["seconds"]

    def fit(self, max_seconds: float = math.inf) -> bool:
        """Train to the recipe's last step, for so long, or to a signal (`interrupted`). Ends at a checkpoint.

        → whether the last step is made.
        """
        recipe, started, before = self.recipe, self.clock(), self.seconds
        if self.accelerator.is_main_process:
            self.log.start(self.step)
        bar = tqdm(total=recipe.steps, initial=self.step, unit="step", dynamic_ncols=True, disable=self._quiet())
        with bar, threads_beside(self.workers), StopSignals() as signals:
            for batches in self._batches():
                losses = self.train_step(batches)
                self.step += 1
                self.seconds = before + self.clock() - started
                self.log.add(losses)
                bar.update()
                bar.set_postfix({name: f"{value:.4f}" for name, value in losses.items() if name.endswith("total")})
                last, late = (
                    self.step >= recipe.steps,
                    self._late(signals.received or self.clock() - started >= max_seconds),
                )
                seen = self.validate() if last or self.step % recipe.validate_every == 0 else {}
                if seen or self.step % recipe.log_every == 0:
                    self._write_row(seen)
                if last or late or self.step % recipe.checkpoint_every == 0:
                    self.save()
                if late:
                    break
        self.interrupted = signals.received
        return self.step >= recipe.steps

    def train_step(self, batches: list[Batch]) -> dict[str, float]:
        """One iteration, a step of the optimiser per pass. → the losses of this process's share.

        Raises CourseError that names a term which is not finite.
        """
        factor = self.task.rate(self.step)
        for group, rate in zip(self.optimizer.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        losses = {}
        for train_pass, batch in zip(self.passes, batches, strict=True):
            batch = self._to_device(batch)
            losses |= optimise(train_pass, batch, self.model, self.optimizer, self.accelerator, self.step)
        return losses

    def validate(self) -> dict[str, float]:
        """Mean losses over the validation clips, in eval mode, with batch-norm statistics measured anew if the recipe asks."""
        if self.validation is None:
            return {}
        sums: dict[str, float] = {}
        with self.measured_statistics(), torch.no_grad():
            for index, batch in enumerate(self._validation_batches):
                batch = self._to_device(batch)
                terms = numbers(self.validation.name, self.validation.losses(self.network, batch), self.step)
                sums = {name: sums.get(name, 0.0) + value for name, value in terms.items()}
                if index == 0 and self.show is not None and self.accelerator.is_main_process:
                    self.show(self.step, self.network, batch)
            judged = self.judge(self.network) if self.judge is not None else {}
        return {name: total / len(self._validation_batches) for name, total in sums.items()} | judged

    @contextmanager
    def measured_statistics(self) -> Iterator[None]:
        """Inside, the network is in eval mode, as it would be stored; afterwards it trains on as before."""
        clips = (clip.to(self.accelerator.device) for clip in self.recalibration_clips)
        with recalibrated(self.network, self.network, clips):
            self.network.eval()
            try:
                yield
            finally:
                self.task.mode(self.network)

    def save(self) -> None:
        """Everything that the next step depends on. Raises CourseError when the weights are no longer finite."""
        if not self.accelerator.is_main_process:
            return
        for name, parameter in self.network.named_parameters():
            if not bool(parameter.isfinite().all()):
                raise CourseError(f"Step {self.step}: the weights {name} are no longer finite. {REMEDY}")
        scaler = self.accelerator.scaler
        save_checkpoint(
            self.checkpoint,
            {
                "step": self.step,
                "seconds": self.seconds,
                "recipe": asdict(self.recipe),
                "seed": self.seed,
                "model": self.network.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "scaler": scaler.state_dict() if scaler is not None else {},
                "random": random_state(),
                "log": self.log.state_dict(),
            },
        )

    def _check_same(self, what: str, recipe: Mapping, seed: int) -> None:
        # What an older version did not write down was as it is by default.
        defaults = {field.name: field.default for field in fields(self.recipe) if field.default is not MISSING}
        kept, wanted = _plain({**defaults, **recipe}), _plain(asdict(self.recipe))
        different = [key for key in wanted if key not in FREE_TO_CHANGE and kept.get(key) != wanted[key]]
        if seed != self.seed:
            different.append("seed")
        if different:
            raise CourseError(
                f"{what} was made with another {', '.join(different)}. "
                "Continue it as it was started, or start another --run."
            )

    def _batches(self) -> Iterator[list[Batch]]:
        steps = range(self.step, self.recipe.steps)
        return batches(self.passes, steps, self.workers, self.accelerator.device.type == "cuda")

    @cached_property
    def _validation_batches(self) -> list[Batch]:
        return [self.validation.batches[index] for index in range(VALIDATION_BATCHES)]

    @cached_property
    def recalibration_clips(self) -> list[Tensor]:
        """Training clips, the same each time."""
        return [self.passes[0].batches[index]["frames"] for index in range(self.recipe.recalibration)]

    def _to_device(self, batch: Batch) -> Batch:
        return {name: tensor.to(self.accelerator.device, non_blocking=True) for name, tensor in batch.items()}

    def _write_row(self, seen: dict[str, float]) -> None:
        if self.accelerator.is_main_process:
            self.log.write(self.step, self.seconds, seen)

    def _late(self, mine: bool) -> bool:
        """All processes stop together: when the first one's time is up."""
        if self.accelerator.num_processes == 1:
            return mine
        flag = torch.tensor(float(mine), device=self.accelerator.device)
        return bool(self.accelerator.reduce(flag, "sum") > 0)

    def _quiet(self) -> bool | None:
        return None if self.accelerator.is_main_process else True  # None: a bar on a terminal only


def _plain(recipe: Mapping) -> dict:
    """As it comes out of a JSON file: tuples are lists."""
    return json.loads(json.dumps(recipe, default=asdict))
