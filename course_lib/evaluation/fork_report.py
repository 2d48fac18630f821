"""What one change is worth: each fork (`training.forks`) against the control, on the same test puppets.

The forks are judged at the size that they were trained at, 128²; the fork without recurrence as it was trained, its state
reset at each frame. The learned filter is judged on pictures of 512², of which the network sees a quarter of the side, against
the other ways to enlarge the same small matte.

Three questions were asked before the runs were made (`GATES`). An answer counts the mean over the clips of three sets of test
scenes; the interval says how far other such clips would move it (`compare`).

`python -m course_lib.evaluation.fork_report` records results/forks/ (the files of a benchmark, changes.json, card.md) and
results/forks-filter/ (those of a benchmark), in some minutes. It can be stopped and continued.
"""

import argparse
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from course_lib.evaluation.benchmark import run_benchmark
from course_lib.evaluation.compare import Change, compare
from course_lib.evaluation.evaluate import network_method, on_scenes
from course_lib.evaluation.method_table import LEARNED_FILTER
from course_lib.evaluation.methods import NamedMethod, find_method
from course_lib.evaluation.record import Benchmark, read_benchmark, write_benchmark
from course_lib.evaluation.sources import Source, open_data
from course_lib.evaluation.tables import HEADINGS, UNITS, describe, markdown_table
from course_lib.matting.baselines.networks import per_frame_network
from course_lib.training.files import read_json, write_json, write_whole
from course_lib.training.fork import Fork, is_recorded
from course_lib.training.forks import FORKS
from course_lib.training.run_folder import RESULTS
from course_lib.zoo.runs import WEIGHTS

FOLDER = RESULTS / "forks"
FILTER_FOLDER = RESULTS / "forks-filter"
SIZE, FRAMES = (128, 128), 24  # as in training; as in every record
FILTER_SIZE, FILTER_FRAMES = (512, 512), 8
CONTROL = "rvm-laptop-control"
LEARNED = "deep-guided-filter-4x"
FILTERS = ("bilinear-4x", "fast-guided-filter-4x", LEARNED)
NOT_BLIND = (
    "The learned filter was trained twice. The first run lost to the fast filter on the 11 of these clips on which it was "
    "judged; the second has another start and other rates. So its comparison is not blind: those clips had been seen."
)
STAMPS = "weights.json"  # which weights each method had


@dataclass(frozen=True)
class Gate:
    """`question`, answered by the relative change of each metric from `before` to `after`: reached if none is above its limit.

    certain_only: a metric that rises counts only when its interval leaves out 0.
    """

    question: str
    before: str
    after: str
    limits: Mapping[str, float]
    certain_only: bool = False

    def reached(self, changes: Mapping[str, Change]) -> bool:
        return all(
            changes[metric].change <= limit or (self.certain_only and not changes[metric].certain)
            for metric, limit in self.limits.items()
        )


GATES = (
    Gate(
        "Does recurrence lower dtSSD by 15 %, and MAD at all?",
        "rvm-laptop-no-recurrence",
        CONTROL,
        {"dtssd": -0.15, "mad": 0.0},
    ),
    Gate(
        "Does the segmentation objective not hurt?",
        "rvm-laptop-no-segmentation",
        CONTROL,
        {"mad": 0.0, "dtssd": 0.0},
        certain_only=True,
    ),
    Gate("Does the learned filter beat bilinear in Grad?", "bilinear-4x", LEARNED, {"grad": 0.0}),
    Gate(
        "Does the learned filter beat the fast guided filter in Grad?",
        "fast-guided-filter-4x",
        LEARNED,
        {"grad": 0.0},
    ),
)


def fork_method(fork: Fork) -> NamedMethod:
    """A fork's network, run as it was trained."""

    def build():
        from course_lib.zoo import load_model

        network = load_model(fork.name)
        return on_scenes(network_method(network) if fork.recipe.recurrent else per_frame_network(network))

    return NamedMethod(fork.name, f"Changed: {fork.changes}.", (), build)


def judged_forks() -> list[NamedMethod]:
    """Forks whose memory, losses or data were changed, and the control; those that are recorded."""
    return [fork_method(fork) for fork in FORKS if fork.recipe.low is not None and is_recorded(fork)]


def measure(
    methods: Sequence[NamedMethod],
    source: Source,
    folder: Path,
    max_minutes: float | None = None,
    results: Path = RESULTS,
) -> tuple[Benchmark, bool]:
    """The record in `folder`, what was missing added, and whether it is whole.

    Dropped are methods not asked for any more, and what was measured of other weights than those that are there now. Where a
    run's weights are not kept, its numbers are.
    """
    benchmark = read_benchmark(folder) or source.new_benchmark()
    source.refuse_other_settings(benchmark, folder)
    known = read_json(folder / STAMPS)
    stamps = {method.name: stamp(method.name, results) or known.get(method.name) for method in methods}
    kept = [name for name in stamps if stamps[name] == known.get(name)]
    benchmark.methods = {name: record for name, record in benchmark.methods.items() if name in kept}
    write_json(folder / STAMPS, stamps)
    outcome = run_benchmark(
        methods,
        source.plan,
        benchmark,
        lambda record: write_benchmark(folder, record),
        resume=True,
        max_minutes=max_minutes,
        progress=True,
    )
    return benchmark, outcome.finished


def stamp(method: str, results: Path = RESULTS) -> str | None:
    """Tells apart the weights that a method may have had: of a run that is trained here their SHA-256; None: not kept here."""
    run = results / {LEARNED: LEARNED_FILTER}.get(method, method)
    if (run / WEIGHTS).is_file():
        return hashlib.sha256((run / WEIGHTS).read_bytes()).hexdigest()
    return None if run.is_dir() else "as published"


def changes_from(benchmark: Benchmark, before: str, after: str) -> dict[str, Change]:
    """Of each metric; {} where one of the two is not there."""
    there = [name for name in (before, after) if name in benchmark.methods and benchmark.methods[name].clips]
    if len(there) < 2:
        return {}
    return compare(benchmark.methods[before].evaluation, benchmark.methods[after].evaluation)


def write_report(folder: Path, forks: Benchmark, filters: Benchmark) -> None:
    """changes.json and card.md: each change with its interval, and the answers."""
    against = {name: changes_from(forks, CONTROL, name) for name in forks.methods if name != CONTROL}
    answers = []
    for gate in GATES:
        changes = changes_from(filters if gate.after in FILTERS else forks, gate.before, gate.after)
        answers.append((gate, changes, gate.reached(changes) if changes else None))
    stored = {
        "from the control": {name: {m: asdict(c) for m, c in changes.items()} for name, changes in against.items()},
        "gates": [
            {
                "question": gate.question,
                "from": gate.before,
                "to": gate.after,
                "limits": dict(gate.limits),
                "reached": reached,
                "changes": {metric: asdict(changes[metric]) for metric in gate.limits} if changes else {},
            }
            for gate, changes, reached in answers
        ],
    }
    write_json(folder / "changes.json", stored)
    write_whole(folder / "card.md", "\n".join(_card(forks, filters, against, answers)).encode())


def _card(forks: Benchmark, filters: Benchmark, against: Mapping, answers: Sequence) -> list[str]:
    metrics = [name for name in HEADINGS if name in ("mad", "mse", "grad", "conn", "dtssd")]
    lines = ["# What one change is worth", "", describe(forks), "", UNITS, "", "## Asked before the runs", ""]
    words = {True: "yes", False: "NO", None: "not measured yet"}
    rows = [
        [
            gate.question,
            words[reached],
            f"{gate.before} → {gate.after}",
            "; ".join(f"{HEADINGS[metric]} {changes[metric]}" for metric in gate.limits if changes),
        ]
        for gate, changes, reached in answers
    ]
    lines += markdown_table(["question", "answer", "from → to", "change [95 % interval]"], rows)
    lines += ["", f"## Each fork, against {CONTROL}", "", "Positive: worse than the control.", ""]
    rows = [[name, *(str(changes[metric]) for metric in metrics)] for name, changes in against.items()]
    lines += markdown_table(["fork", *(HEADINGS[metric] for metric in metrics)], rows)
    lines += ["", "## Enlarging a small matte", "", describe(filters), "", NOT_BLIND, ""]
    averages = {name: method.evaluation.average() for name, method in filters.methods.items() if method.clips}
    rows = [[name, *(str(average[metric]) for metric in metrics)] for name, average in averages.items()]
    return [*lines, *markdown_table(["method", *(HEADINGS[metric] for metric in metrics)], rows), ""]


def main() -> None:
    parser = argparse.ArgumentParser(description="What one change is worth: each fork against the control.")
    parser.add_argument("--max-minutes", type=float, help="stop after this long; run it again to go on")
    limit = parser.parse_args().max_minutes
    started = time.monotonic()
    forks, whole = measure(judged_forks(), open_data("puppets", SIZE, FRAMES), FOLDER, limit)
    left = None if limit is None else max(0.0, limit - (time.monotonic() - started) / 60)
    methods = [find_method(name) for name in FILTERS]
    filters, filters_whole = measure(methods, open_data("puppets", FILTER_SIZE, FILTER_FRAMES), FILTER_FOLDER, left)
    write_report(FOLDER, forks, filters)
    print((FOLDER / "card.md").read_text("utf-8"))
    print(f"Wrote {FOLDER} and {FILTER_FOLDER}")
    if not (whole and filters_whole):
        print("Time was up. Run it again to go on.")


if __name__ == "__main__":
    main()
