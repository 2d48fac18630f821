"""What a run of SparseInst learns from: kept with the run, and compared before it goes on.

The record has the classes and, of a folder, the name of the annotation file; not the folder's, which may lie elsewhere on
another machine. A run that is killed has no record yet, so the same is kept beside its checkpoints from the start.
"""

import os
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.training.files import read_json, write_json
from course_lib.training.instance_passes import Pictures
from course_lib.training.stage import checkpoint_path

FILE = "pictures.json"


def pictures_record(pictures: Pictures) -> dict:
    """For config.json. Emoji scenes have no `annotations`."""
    record: dict = {"classes": list(pictures.class_names)}
    return record if pictures.train is None else {**record, "annotations": pictures.train.file.name}


def keep_pictures(run: str, pictures: Pictures) -> None:
    """Beside the checkpoints of `run`; of several processes the first one writes."""
    if os.environ.get("RANK", "0") == "0":  # as torchrun numbers them
        write_json(_beside(run), pictures_record(pictures))


def check_pictures(run: str, pictures: Pictures, results: Path) -> None:
    """CourseError, with the remedy, where `run` has learned from other pictures than these."""
    known = read_json(results / run / "config.json") or read_json(_beside(run))
    mine = pictures_record(pictures)
    if "classes" not in known or all(known.get(key) == mine.get(key) for key in ("classes", "annotations")):
        return
    remedy = f"Give --data the folder of {known['annotations']}" if "annotations" in known else "Leave --data out"
    raise CourseError(
        f"Run {run} learns from {_named(known)}, and this would go on with {_named(mine)}{_difference(known, mine)}.\n"
        f"{remedy}, or start a run of its own with --run NAME."
    )


def _beside(run: str) -> Path:
    return checkpoint_path(run, 1).with_name(FILE)


def _named(record: dict) -> str:
    return f"{record.get('annotations', 'emoji scenes')} ({len(record['classes'])} classes)"


def _difference(known: dict, mine: dict) -> str:
    """Of two files of one name."""
    if known.get("annotations") != mine.get("annotations"):
        return ""
    lacking, new = (
        [name for name in one["classes"] if name not in other["classes"]]
        for one, other in ((known, mine), (mine, known))
    )
    if not lacking and not new:
        return " in another order"
    parts = [f"without {', '.join(lacking)}"] if lacking else []
    return " " + " and ".join([*parts, *([f"with {', '.join(new)}"] if new else [])])
