"""A training step of the laptop recipe against a straightforward one, in one run: `python -m course_lib.training.benchmark`.

Straightforward: 32 bits, the batch made in the same process before the step, the plain Adam. Ours: the recipe's precision with
depthwise convolutions and projections in 32 bits, fused Adam, the next batches made by a process that has a core of its own.
The two take turns, some iterations each, so that whatever else the machine does meets both. `--processor` counts what this
process computes instead of what the clock says: for a machine that is busy with other things, on one thread
(OMP_NUM_THREADS=1).
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import nn

from course_lib.data.backgrounds import KINDS, Kind
from course_lib.matting import RobustVideoMatting
from course_lib.training.loader import batches, threads_beside
from course_lib.training.matting_task import matting_task
from course_lib.training.modules import parameter_groups, train_mode
from course_lib.training.passes import Batch, Pass, passes
from course_lib.training.recipes import Recipe, recipe
from course_lib.training.step import make_accelerator, optimise, prepare

PREFETCHED = 2  # batches that a loader process makes in advance


@dataclass(frozen=True)
class Report:
    """Medians in seconds: the data and the step of the straightforward way, and of ours the step and the wait for its data."""

    plain_data: float
    plain_step: float
    our_wait: float
    our_step: float

    @property
    def ratio(self) -> float:
        """How many times faster a whole iteration of ours is."""
        return (self.plain_data + self.plain_step) / (self.our_wait + self.our_step)


def measure(
    chosen: Recipe,
    rounds: int = 3,
    steps: int = 5,
    kinds: tuple[Kind, ...] = KINDS,
    workers: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> Report:
    """`rounds` times `steps` iterations of each. On the CPU, with torch's threads as they are.

    Each turn begins with iterations that do not count: ours with as many as the loader may have made in the other's turn.
    """
    train_passes = passes(chosen, 0, kinds)
    plain, ours = _plain_step(chosen, train_passes), _our_step(chosen, train_passes)
    turn = PREFETCHED + steps
    loaded = batches(train_passes, range(rounds * turn), workers)
    plain_times, our_times = [], []
    for first in range(0, rounds * turn, turn):
        for step in range(first, first + 1 + steps):
            made, data = _timed(lambda step=step: [train_pass.batches[step] for train_pass in train_passes], clock)
            plain_times.append((data, _timed(lambda made=made, step=step: plain(made, step), clock)[1]))
        del plain_times[-steps - 1]
        with threads_beside(workers):
            for step in range(first, first + turn):
                made, wait = _timed(lambda: next(loaded), clock)
                our_times.append((wait, _timed(lambda made=made, step=step: ours(made, step), clock)[1]))
        del our_times[-turn:-steps]
    return Report(
        *(statistics.median(column) for times in (plain_times, our_times) for column in zip(*times, strict=True))
    )


def loader_rate(chosen: Recipe, steps: int, kinds: tuple[Kind, ...] = KINDS, workers: int = 1) -> float:
    """Seconds per batch of the loader alone, its start left out: it keeps up if this is at most a step's."""
    loaded = batches(passes(chosen, 0, kinds), range(steps + 1), workers)
    next(loaded)
    return _timed(lambda: [next(loaded) for _ in range(steps)])[1] / steps


def _plain_step(chosen: Recipe, train_passes: list[Pass]) -> Callable[[list[Batch], int], None]:
    torch.manual_seed(0)
    model: nn.Module = RobustVideoMatting()
    train_mode(model, chosen.rates)
    optimizer = torch.optim.Adam(parameter_groups(model, chosen.rates), foreach=False)

    def step(made: list[Batch], _: int) -> None:
        for train_pass, batch in zip(train_passes, made, strict=True):
            train_pass.losses(model, batch)["total"].backward()
            optimizer.step()
            optimizer.zero_grad()

    return step


def _our_step(chosen: Recipe, train_passes: list[Pass]) -> Callable[[list[Batch], int], None]:
    torch.manual_seed(0)
    accelerator = make_accelerator(chosen.precision, "cpu")
    model, optimizer = prepare(RobustVideoMatting(), matting_task(chosen), accelerator)

    def step(made: list[Batch], number: int) -> None:
        for train_pass, batch in zip(train_passes, made, strict=True):
            optimise(train_pass, batch, model, optimizer, accelerator, number)

    return step


def _timed(call: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> tuple[object, float]:
    started = clock()
    result = call()
    return result, clock() - started


def main() -> None:
    parser = argparse.ArgumentParser(
        description="A training step against a straightforward one, alternating, on the CPU."
    )
    parser.add_argument("--stage", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=5, help="that count, in each round")
    parser.add_argument("--precision", choices=("no", "bf16"), default=None, help="left out: the recipe's")
    parser.add_argument("--processor", action="store_true", help="processor time of this process, not the clock's")
    arguments = parser.parse_args()
    chosen = recipe(arguments.stage)
    chosen = replace(chosen, precision=arguments.precision or chosen.precision)
    clock = time.process_time if arguments.processor else time.perf_counter
    report = measure(chosen, arguments.rounds, arguments.steps, clock=clock)
    print(f"Stage {chosen.stage}, {torch.get_num_threads()} threads, seconds (medians):")
    print(f"  straightforward  data {report.plain_data:.3f} + step {report.plain_step:.3f}")
    print(f"  ours             wait {report.our_wait:.3f} + step {report.our_step:.3f}  ({chosen.precision})")
    print(f"  ratio            {report.ratio:.2f}")
    print(f"  the loader alone {loader_rate(chosen, arguments.steps):.3f} a batch")


if __name__ == "__main__":
    main()
