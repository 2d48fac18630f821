"""The record of a benchmark: one folder, any number of methods, all on the same scenes.

    benchmark.json   data, size and machine; for each method what it is, its averages with intervals, and each clip's
    benchmark.csv    the same numbers as a table: one row per method and clip
    frames.csv       one row per method, clip and frame: what all else is computed from
    table.md         averages, and errors by group (`tables`)

Numbers have five digits in frames.csv, and everything is computed from those: a record that was written, read and added to is
the same as one made at once.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from course_lib.errors import CourseError
from course_lib.evaluation.evaluate import ClipResult, Evaluation
from course_lib.evaluation.tables import markdown_report
from course_lib.training.files import read_json, write_json, write_whole
from course_lib.training.run_folder import RESULTS

BENCHMARK = RESULTS / "benchmark"


@dataclass
class MethodRecord:
    """One method: what it is, what it asks for beside the frames, and its clips by name."""

    what: str
    needs: tuple[str, ...] = ()
    clips: dict[str, ClipResult] = field(default_factory=dict)

    @property
    def evaluation(self) -> Evaluation:
        return Evaluation(tuple(self.clips.values()))

    @property
    def seconds_per_frame(self) -> float:
        """On the machine that made the record, whatever else it was doing. NaN where it is not known."""
        frames = sum(clip.frames for clip in self.clips.values())
        return sum(clip.seconds for clip in self.clips.values()) / frames if frames else float("nan")


@dataclass
class Benchmark:
    """`data` says what the scenes are, `size` is (height, width) or None where clips differ, `note` what to keep in mind."""

    data: str
    size: tuple[int, int] | None
    frames: int | None  # of each clip; None: all that it has
    machine: Mapping
    note: str = ""
    methods: dict[str, MethodRecord] = field(default_factory=dict)

    def has(self, method: str, clip: str) -> bool:
        return clip in self.methods[method].clips

    def add(self, method: str, clip: ClipResult) -> None:
        """Puts a clip's result in, rounded as it will be stored."""
        metrics = {name: np.array([_rounded(value) for value in values]) for name, values in clip.metrics.items()}
        seconds = _rounded(clip.seconds)
        self.methods[method].clips[clip.name] = ClipResult(clip.name, dict(clip.groups), metrics, seconds)


def write_benchmark(folder: Path, benchmark: Benchmark) -> list[Path]:
    """Writes the four files, each whole or not at all, and returns them. Methods without a clip are left out."""
    methods = {name: method for name, method in benchmark.methods.items() if method.clips}
    paths = [folder / name for name in ("frames.csv", "benchmark.json", "benchmark.csv", "table.md")]
    write_whole(paths[0], _frames_csv(methods).encode())
    write_json(paths[1], _as_json(benchmark, methods))
    write_whole(paths[2], _clips_csv(methods).encode())
    write_whole(paths[3], markdown_report(benchmark).encode())
    return [paths[1], paths[2], paths[0], paths[3]]


def read_benchmark(folder: Path = BENCHMARK) -> Benchmark | None:
    """What `write_benchmark` wrote; None where there is no record. CourseError for one that is damaged or not whole."""
    if not (folder / "benchmark.json").is_file():
        return None
    try:
        stored = read_json(folder / "benchmark.json")
        size = tuple(stored["size"]) if stored["size"] else None
        benchmark = Benchmark(stored["data"], size, stored["frames"], stored["machine"], stored["note"])
        frames = _read_frames(folder / "frames.csv")
        for name, method in stored["methods"].items():
            benchmark.methods[name] = MethodRecord(method["what"], tuple(method["needs"]))
            for clip, about in method["clips"].items():
                benchmark.methods[name].clips[clip] = ClipResult(
                    clip,
                    about["groups"],
                    frames[name, clip],
                    about["seconds"] if about["seconds"] is not None else np.nan,
                )
    except (KeyError, ValueError, TypeError, AttributeError, OSError) as error:
        raise CourseError(
            f"The record in {folder} is damaged or incomplete ({error}). Restore it with git, or delete the folder."
        ) from None
    return benchmark


def _as_json(benchmark: Benchmark, methods: Mapping[str, MethodRecord]) -> dict:
    return {
        "data": benchmark.data,
        "size": list(benchmark.size) if benchmark.size else None,
        "frames": benchmark.frames,
        "note": benchmark.note,
        "machine": dict(benchmark.machine),
        "methods": {name: _method_as_json(method) for name, method in methods.items()},
    }


def _method_as_json(method: MethodRecord) -> dict:
    evaluation = method.evaluation
    per_clip = evaluation.per_clip()
    return {
        "what": method.what,
        "needs": list(method.needs),
        "seconds_per_frame": _number(method.seconds_per_frame),
        "clips": {
            clip.name: {
                "groups": dict(clip.groups),
                "frames": clip.frames,
                "seconds": _number(clip.seconds),
                **{name: _number(values[index]) for name, values in per_clip.items()},
            }
            for index, clip in enumerate(evaluation.clips)
        },
        "average": {
            name: {"mean": _number(i.mean), "low": _number(i.low), "high": _number(i.high), "clips": i.clips}
            for name, i in evaluation.average().items()
        },
        "average_over_frames": {name: _number(value) for name, value in evaluation.average_over_frames().items()},
    }


def _clips_csv(methods: Mapping[str, MethodRecord]) -> str:
    groups = list(dict.fromkeys(key for m in methods.values() for clip in m.clips.values() for key in clip.groups))
    metrics = list(dict.fromkeys(name for method in methods.values() for name in method.evaluation.metrics))
    rows = [["method", "clip", *groups, *metrics]]
    for name, method in methods.items():
        evaluation = method.evaluation
        per_clip = evaluation.per_clip()
        for index, clip in enumerate(evaluation.clips):
            values = [f"{per_clip[metric][index]:.5g}" if metric in per_clip else "" for metric in metrics]
            rows.append([name, clip.name, *(clip.groups.get(group, "") for group in groups), *values])
    return _csv(rows)


def _frames_csv(methods: Mapping[str, MethodRecord]) -> str:
    metrics = list(dict.fromkeys(key for m in methods.values() for clip in m.clips.values() for key in clip.metrics))
    rows = [["method", "clip", "frame", *metrics]]
    for name, method in methods.items():
        for clip in method.clips.values():
            for frame in range(clip.frames):
                values = [f"{clip.metrics[m][frame]:.5g}" if m in clip.metrics else "" for m in metrics]
                rows.append([name, clip.name, str(frame), *values])
    return _csv(rows)


def _read_frames(path: Path) -> dict[tuple[str, str], dict[str, np.ndarray]]:
    """(method, clip) → metric → (T,)."""
    table: dict[tuple[str, str], dict[str, list[float]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            clip = table.setdefault((row.pop("method"), row.pop("clip")), {})
            row.pop("frame")
            for name, value in row.items():
                if value:  # this clip has this metric
                    clip.setdefault(name, []).append(float(value))
    return {key: {name: np.array(values) for name, values in clip.items()} for key, clip in table.items()}


def _csv(rows: list[list[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _rounded(value: float) -> float:
    return float(f"{value:.5g}")


def _number(value: float) -> float | None:
    """Six digits; None for NaN, which JSON does not have."""
    return None if np.isnan(value) else float(f"{value:.6g}")
