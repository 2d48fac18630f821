"""One evaluation of a network that finds objects, in numbers and in tables: metrics.json and table.md.

`instance_report` compares many networks on the course's own pictures, in results/instances/; this is one network on any.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.errors import CourseError
from course_lib.evaluation.bootstrap import Interval
from course_lib.evaluation.instance_errors import ErrorBreakdown
from course_lib.evaluation.instances import NOT_ASKED, SEEN, InstanceEvaluation
from course_lib.evaluation.mask_ap import precision_recall
from course_lib.evaluation.tables import markdown_table
from course_lib.training.files import read_json, write_json, write_whole

METRICS, TABLE = "metrics.json", "table.md"
SHOWN = ("AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large", "AR")
FEW = 100  # pictures, under which average precision is known to read high
NOTHING = "–"
SAME = ("network", "data")  # what a folder's record must agree in, to be replaced


@dataclass(frozen=True)
class Table:
    """Rows under headings; the first column names them."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def instance_record(found: InstanceEvaluation, class_names: Sequence[str], about: Mapping) -> dict:
    """What metrics.json holds. `about` says of what it is: network, data, side, machine, notes; it comes first.

    Numbers are −1 where nothing is asked for, as `pycocotools` has it. An interval needs a set of more than one picture.
    """
    counts = Counter(found.sets)
    whole = precision_recall(found.matches)
    objects = _objects(found)
    if max(counts.values(), default=0) > 1:
        intervals = {name: interval_record(interval) for name, interval in found.with_interval(SHOWN).items()}
    else:
        intervals = {name: {"mean": rounded(value)} for name, value in whole.summary().items()}
    return {
        **about,
        "pictures": len(found.matches),
        "objects": sum(objects.values()),
        "all": intervals,
        "sets": {name: {"pictures": counts[name], **_summary(found.only(name))} for name in counts},
        "per class": {
            class_names[label]: {"objects": objects[label], **{name: rounded(values[name]) for name in ("AP50", "AP")}}
            for label, values in whole.per_class().items()
            if objects[label]
        },
        "errors": error_record(found.errors()),
        "duplicates per object": rounded(found.duplicates_per_object()),
        "seconds a picture": round(found.seconds, 3),
    }


def interval_record(interval: Interval) -> dict[str, float]:
    return {"mean": rounded(interval.mean), "low": rounded(interval.low), "high": rounded(interval.high)}


def error_record(errors: ErrorBreakdown) -> dict[str, dict[str, float]]:
    """How many errors of each kind there are, and how much AP50 would rise without them."""
    return {kind: {"count": errors.counts[kind], "cost": rounded(errors.costs[kind])} for kind in errors.counts}


def rounded(value: float) -> float:
    return round(float(value), 4)


def tables(record: Mapping) -> list[Table]:
    """The record's numbers: average precision, each class, each kind of error."""
    sets = record["sets"] if len(record["sets"]) > 1 else {}
    rows = [("pictures", str(record["pictures"]), "", *(str(one["pictures"]) for one in sets.values()))]
    for name, value in record["all"].items():
        low_high = f"{_shown(value['low'])} to {_shown(value['high'])}" if _has_interval(value) else ""
        rows.append((_heading(name), _shown(value["mean"]), low_high, *(_shown(one[name]) for one in sets.values())))
    classes = tuple(
        (name, str(one["objects"]), _shown(one["AP50"]), _shown(one["AP"])) for name, one in record["per class"].items()
    )
    errors = tuple(
        (kind.replace("_", " "), str(one["count"]), _shown(one["cost"])) for kind, one in record["errors"].items()
    )
    return [
        Table("Average precision of masks", ("", "all", "95 % interval", *sets), tuple(rows)),
        Table("Classes", ("class", "objects", "AP50", "AP"), classes),
        Table("Why AP50 is not 1", ("kind of error", "how many", "costs AP50"), errors),
    ]


def remarks(record: Mapping) -> list[str]:
    """What the tables leave out, and how far to trust them."""
    lines = [
        f"{_shown(record['duplicates per object'])} detections beyond the first, per object (scores from {SEEN} on).",
        f"{record['seconds a picture']:.3f} s a picture, on {record['machine']['device']}.",
    ]
    if any(NOTHING in row for table in tables(record) for row in table.rows):
        lines.append(f"{NOTHING}: there is no such object.")
    if any(_has_interval(value) for value in record["all"].values()):
        lines.append("The interval is of a bootstrap over pictures, and lies high.")
    else:
        lines.append("There is no interval: it takes a set of more than one picture.")
    if record["pictures"] < FEW:
        lines.append(
            f"Keep in mind: average precision of few pictures, here {record['pictures']}, reads higher than of many."
        )
    return lines


def markdown(record: Mapping) -> str:
    """What table.md holds."""
    lines = [f"# What {record['network']} finds", "", describe(record)]
    for table in tables(record):
        lines += ["", f"## {table.title}", "", *markdown_table(table.headings, table.rows)]
    return "\n".join([*lines, "", *(f"- {line}" for line in (*remarks(record), *record["notes"])), ""])


def describe(record: Mapping) -> str:
    """Pictures, and how the network sees them, in one sentence."""
    return f"{record['data']}; the network looks at them with a shorter side of {record['side']} pixels."


def refuse_other_results(folder: Path, about: Mapping) -> None:
    """CourseError where `folder` holds anything but a record of the same network and pictures, or cannot be written into."""
    stored = read_json(folder / METRICS)
    if any(stored.get(name) != about[name] for name in SAME) if stored else (folder / TABLE).exists():
        here = f": {stored['network']}, {stored['data']}" if all(name in stored for name in SAME) else ""
        raise CourseError(f"{folder} holds other results{here}. Choose another --output.")
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise CourseError(f"--output {folder}: {there} is a file, not a folder. Choose another.")
    if not os.access(there, os.W_OK):
        raise CourseError(f"--output {folder}: {there} cannot be written into. Choose another.")


def write_record(folder: Path, record: Mapping) -> list[Path]:
    """Writes metrics.json and table.md, each whole or not at all."""
    paths = [folder / METRICS, folder / TABLE]
    write_json(paths[0], dict(record))
    write_whole(paths[1], markdown(record).encode())
    return paths


def _objects(found: InstanceEvaluation) -> Counter[int]:
    """How many objects there are of each label, crowds not counted."""
    counted = [image.object_labels[~image.object_ignored[0]] for image in found.matches]
    return Counter(np.concatenate(counted).tolist() if counted else [])


def _summary(found: InstanceEvaluation) -> dict[str, float]:
    return {name: rounded(value) for name, value in found.average_precision().items()}


def _has_interval(value: Mapping[str, float]) -> bool:
    return "low" in value and value["mean"] != NOT_ASKED


def _heading(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: float) -> str:
    return NOTHING if value == NOT_ASKED else f"{value:z.3f}"
