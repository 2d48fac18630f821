"""What the trained SparseInst and its forks find, on every set of test pictures.

Two gates were set before the training: on val (three sets of scenes) AP50 ≥ 0.45 and AP ≥ 0.25 for the run trained here. They
are asked of all pictures at once, and the mean of the three sets stands beside it: AP of fewer pictures reads higher. The other
sets say what those numbers are worth: pictures in a style that it never saw, crowds, people, a real clip.

`python -m course_lib.evaluation.instance_report` records results/instances/ (metrics.json, card.md), some minutes a network. It
can be stopped and continued: what is recorded of the same weights is kept.
"""

import argparse
import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean

from course_lib.data.emoji_scenes import CLASS_NAMES, PERSON
from course_lib.evaluation.instance_record import SHOWN, error_record, interval_record, rounded
from course_lib.evaluation.instance_sets import SETS, SIDE, VAL_SETS, TestPicture, pictures_of_set
from course_lib.evaluation.instances import SEEN, InstanceEvaluation, evaluate_instances
from course_lib.evaluation.mask_ap import precision_recall
from course_lib.evaluation.tables import markdown_table
from course_lib.instances import SparseInst
from course_lib.training.files import read_json, write_json, write_whole
from course_lib.training.fork import is_recorded
from course_lib.training.instance_forks import ABLATIONS, CONTROL, FORKS, PREFIX, RUN
from course_lib.training.run_folder import RESULTS, machine
from course_lib.zoo.runs import WEIGHTS

FOLDER = RESULTS / "instances"
GATES = {"AP50": 0.45, "AP": 0.25}  # on val, of RUN
NMS = 0.5


def judged_runs() -> list[str]:
    """The run and its forks, those that are recorded."""
    return [
        *([RUN] if (RESULTS / RUN / WEIGHTS).is_file() else []),
        *(fork.name for fork in FORKS if is_recorded(fork)),
    ]


def val_pictures(count: int | None = None) -> list[tuple[str, TestPicture]]:
    """The pictures of all sets of val, at most `count` of each, with the names of their sets."""
    return [(name, picture) for name in VAL_SETS for picture in pictures_of_set(name, count)]


def judge(
    network: SparseInst,
    sets: Sequence[str] = SETS,
    count: int | None = None,
    control: InstanceEvaluation | None = None,
) -> dict:
    """Everything that metrics.json says of one network. control: another one on `val_pictures(count)`, to compare it with."""
    pictures = val_pictures(count)
    plain, thinned = evaluate_instances(network, pictures), evaluate_instances(network, pictures, NMS)
    out: dict = {"sets": {}}
    for name in sets:
        if name in VAL_SETS:
            found = plain.only(name)
        else:
            found = evaluate_instances(network, ((name, picture) for picture in pictures_of_set(name, count)))
        out["sets"][name] = _numbers(found) | {"seconds": round(found.seconds, 3)}
    out["val"] = {
        **{name: interval_record(interval) for name, interval in plain.with_interval(SHOWN).items()},
        "per class": {
            CLASS_NAMES[k]: rounded(v["AP50"]) for k, v in precision_recall(plain.matches).per_class().items()
        },
        "errors": error_record(plain.errors()),
        "duplicates per object": {
            "as found": rounded(plain.duplicates_per_object()),
            "after NMS": rounded(thinned.duplicates_per_object()),
        },
        "after NMS": _numbers(thinned),
    }
    if control is not None:
        changes = plain.change_from(control, SHOWN)
        out["val"]["against the control"] = {name: interval_record(change) for name, change in changes.items()}
    return out


def read_report(folder: Path = FOLDER) -> dict[str, dict]:
    """What is recorded of each network, by its name: see `judge`."""
    return read_json(folder / "metrics.json").get("runs", {})


def against_the_control(fork: str, folder: Path = FOLDER) -> dict[str, tuple[float, float, float]]:
    """metric → change, low and high: what is recorded of a fork; its name without `sparseinst-laptop-` will do."""
    changes = read_report(folder)[PREFIX + fork.removeprefix(PREFIX)]["val"]["against the control"]
    return {metric: (change["mean"], change["low"], change["high"]) for metric, change in changes.items()}


def make_report(names: Sequence[str], folder: Path = FOLDER, max_minutes: float | None = None) -> bool:
    """Adds what is missing to metrics.json, writes card.md, → whether all of `names` are there. Others are dropped."""
    from course_lib.zoo import load_model

    ends = time.monotonic() + 60 * max_minutes if max_minutes else float("inf")
    stored = read_report(folder)
    runs: dict[str, dict] = {}
    ablations = {fork.name for fork in ABLATIONS} - {CONTROL.name}
    control = None
    for name in names:
        compared = name in ablations and CONTROL.name in names
        known = stored.get(name, {})
        made_of = {
            "weights": _sha256(name) or known.get("weights"),
            "control": _sha256(CONTROL.name) if compared else None,
        }
        if known and {key: known.get(key) for key in made_of} == made_of:
            runs[name] = known
        elif not runs or time.monotonic() < ends:
            print(f"{name} …")
            if compared and control is None:
                control = evaluate_instances(load_model(CONTROL.name), val_pictures())
            runs[name] = {**made_of, **judge(load_model(name), control=control if compared else None)}
        else:
            continue
        write_json(folder / "metrics.json", {"side": SIDE, "machine": machine("cpu", 1), "runs": runs})
    write_whole(folder / "card.md", "\n".join(card(runs)).encode())
    return len(runs) == len(names)


def card(runs: Mapping[str, Mapping]) -> list[str]:
    """metrics.json for reading."""
    lines = [
        "# What SparseInst finds",
        "",
        f"Pictures of {SIDE}², each alone; the real clip's, 176×144, are enlarged to that, as `course segment` does. Brackets: "
        "95 % bootstrap interval over pictures. It lies high: AP of fewer different pictures is biased upwards.",
    ]
    if RUN in runs:
        for name, least in GATES.items():
            reached = "reached" if (value := runs[RUN]["val"][name]["mean"]) >= least else "MISSED"
            each = fmean(runs[RUN]["sets"][one][name] for one in VAL_SETS)
            lines += ["", f"**Gate** {name} ≥ {least} on val: {reached} ({value:.3f}; mean of the sets {each:.3f})."]
    lines += ["", "## val", ""]
    rows = [[name, *(_cell(run["val"][metric]) for metric in SHOWN)] for name, run in runs.items()]
    lines += markdown_table(["run", *SHOWN], rows)
    changed = {name: run["val"]["against the control"] for name, run in runs.items() if run.get("control")}
    if changed:
        lines += ["", f"## val, against {CONTROL.name}, on the same pictures", ""]
        rows = [[name, *(_cell(change[metric]) for metric in SHOWN)] for name, change in changed.items()]
        lines += markdown_table(["run", *SHOWN], rows)
    lines += ["", "## AP50 on every set; of clip and people: of persons", ""]
    sets = [name for name in SETS if any(name in run["sets"] for run in runs.values())]
    rows = [[name, *(f"{run['sets'][s]['AP50']:.3f}" for s in sets)] for name, run in runs.items()]
    lines += markdown_table(["run", *sets], rows)
    lines += ["", f"Share of the real clip's frames in which the person was found (score ≥ {SEEN}, IoU ≥ 0.5):", ""]
    lines += [
        f"- {name}: {run['sets']['clip']['persons found']:.2f}" for name, run in runs.items() if "clip" in run["sets"]
    ]
    lines += ["", "## Detections of an object beyond the first, per object", ""]
    rows = [[name, *(f"{v:.3f}" for v in run["val"]["duplicates per object"].values())] for name, run in runs.items()]
    lines += markdown_table(["run", "as found", f"after NMS at IoU {NMS}"], rows)
    lines += ["", "## Why AP50 is not 1: what each kind of error costs (and how many there are)", ""]
    kinds = list(next(iter(runs.values()))["val"]["errors"]) if runs else []
    rows = [
        [name, *(f"{e['cost']:.3f} ({e['count']})" for e in run["val"]["errors"].values())]
        for name, run in runs.items()
    ]
    return [*lines, *markdown_table(["run", *kinds], rows), ""]


def _sha256(name: str) -> str | None:
    """Of a run's weights; None where they are not kept: then what is recorded of it stays."""
    weights = RESULTS / name / WEIGHTS
    return hashlib.sha256(weights.read_bytes()).hexdigest() if weights.is_file() else None


def _numbers(found: InstanceEvaluation) -> dict[str, float]:
    numbers = {name: rounded(value) for name, value in found.average_precision().items()}
    return numbers | {"persons found": rounded(found.found_share(PERSON))}


def _cell(interval: Mapping[str, float]) -> str:
    return f"{interval['mean']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description="What the trained SparseInst and its forks find.")
    parser.add_argument("--max-minutes", type=float, help="stop after this long; run it again to go on")
    whole = make_report(judged_runs(), max_minutes=parser.parse_args().max_minutes)
    print((FOLDER / "card.md").read_text("utf-8"))
    print(f"Wrote metrics.json and card.md in {FOLDER}")
    if not whole:
        print("Time was up. Run it again to go on.")


if __name__ == "__main__":
    main()
