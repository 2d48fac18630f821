"""A benchmark for reading: Markdown tables of the averages and of the errors by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from course_lib.evaluation.bootstrap import Interval
from course_lib.evaluation.evaluate import ClipResult

if TYPE_CHECKING:
    from course_lib.evaluation.record import Benchmark

HEADINGS = {
    "mad": "MAD", "mse": "MSE", "grad": "Grad", "conn": "Conn", "dtssd": "dtSSD", "fgr_mad": "fgr MAD", "fgr_mse": "fgr MSE",
}  # fmt: skip
UNITS = "All are errors, lower is better. MAD and MSE × 1000, dtSSD × 100, Grad and Conn / 1000 as in the paper."


def markdown_report(benchmark: Benchmark) -> str:
    """What table.md holds. Methods without a clip are left out."""
    methods = {name: method for name, method in benchmark.methods.items() if method.clips}
    lines = ["# Benchmark", "", describe(benchmark), "", f"{UNITS} Brackets: 95 % bootstrap interval over clips.", ""]
    averages = {name: method.evaluation.average() for name, method in methods.items()}
    metrics = [name for name in HEADINGS if any(name in average for average in averages.values())]
    rows = [
        [name, str(len(methods[name].clips)), *(with_interval(average.get(metric)) for metric in metrics)]
        for name, average in averages.items()
    ]
    lines += markdown_table(["method", "clips", *(HEADINGS[name] for name in metrics)], rows)
    if len({len(method.clips) for method in methods.values()}) > 1:
        lines += [
            "",
            "Methods with fewer clips saw only the first of each set: compare them on the clips that both saw.",
        ]
    lines += ["", "What the methods are:", ""]
    for name, method in methods.items():
        asks = f" Needs: {', '.join(method.needs)}." if method.needs else ""
        lines.append(f"- **{name}**: {method.what}{asks}")
    lines += ["", "## MAD by group", "", "Clips in parentheses; groups of few clips say little.", ""]
    lines += markdown_table(["group", *methods], group_rows(benchmark, "mad"))
    return "\n".join([*lines, ""])


def describe(benchmark: Benchmark) -> str:
    """Data, size, length and caveat in one paragraph."""
    size = f"{benchmark.size[1]}×{benchmark.size[0]} pixels" if benchmark.size else "each clip at its own size"
    frames = f"{benchmark.frames} frames a clip" if benchmark.frames else "all frames"
    return f"{benchmark.data}; {size}, {frames}. {benchmark.note}".strip()


def group_rows(benchmark: Benchmark, metric: str) -> list[list[str]]:
    """One row per group and value, one column per method: mean (clips). Groups in which all clips are alike are left out."""
    methods = [(m.evaluation.clips, m.evaluation.per_clip().get(metric)) for m in benchmark.methods.values() if m.clips]
    groups = dict.fromkeys(key for clips, _ in methods for clip in clips for key in clip.groups)
    rows = []
    for group in groups:
        values = sorted({clip.groups[group] for clips, _ in methods for clip in clips if group in clip.groups})
        if len(values) < 2:
            continue
        for value in values:
            cells = [_group_mean(clips, errors, group, value) for clips, errors in methods]
            rows.append([f"{group}: {value}", *cells])
    return rows


def _group_mean(clips: Sequence[ClipResult], errors: np.ndarray | None, group: str, value: str) -> str:
    inside = (
        [] if errors is None else [e for clip, e in zip(clips, errors, strict=True) if clip.groups.get(group) == value]
    )
    return f"{np.nanmean(inside):.2f} ({len(inside)})" if len(inside) and not np.isnan(inside).all() else ""


def with_interval(interval: Interval | None) -> str:
    """ "6.08 [5.10, 7.21]"; nothing where it was not measured."""
    if interval is None or not interval.clips:
        return ""
    if np.isnan(interval.low):
        return f"{interval.mean:.2f}"
    return f"{interval.mean:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = ["| " + " | ".join(headings) + " |", "|" + "---|" * len(headings)]
    return lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
