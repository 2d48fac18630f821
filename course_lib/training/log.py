"""The log of a run: one CSV row for every few steps, with the mean of each loss since the row before.

Rows are appended whole, in one write. A run that is resumed at step k first drops what a killed run wrote after k, so that no
step is in the log twice; the sums of a row not yet full are part of the checkpoint.
"""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.training.files import write_whole

KEYS = ("stage", "step", "seconds")


class CsvLog:
    """`columns` name the losses; `add` counts a step, `write` makes a row of all since the last one.

    `step` in a row is the number of steps made by then. Columns without a value are empty.
    """

    def __init__(self, path: Path, stage: int, columns: Sequence[str]) -> None:
        self.path, self.stage, self.columns = path, stage, columns
        self.sums: dict[str, float] = {}
        self.count = 0

    def start(self, step: int = 0) -> None:
        """Keep what lies before this stage and, of this stage, up to `step`. Raises CourseError for a foreign file."""
        rows = [row for row in self._rows() if (int(row["stage"]), int(row["step"])) <= (self.stage, step)]
        if step == 0:
            rows = [row for row in rows if int(row["stage"]) < self.stage]
        text = io.StringIO()
        writer = csv.DictWriter(text, [*KEYS, *self.columns], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_whole(self.path, text.getvalue().encode())

    def add(self, losses: dict[str, float]) -> None:
        """The losses of one step."""
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
        self.count += 1

    def write(self, step: int, seconds: float, extra: dict[str, float] | None = None) -> dict[str, float]:
        """Append a row and start the next. → the means in it; without any step since the last row, none."""
        means = {name: total / self.count for name, total in self.sums.items()}
        self.sums, self.count = {}, 0
        values = {**means, **(extra or {})}
        row = {"stage": self.stage, "step": step, "seconds": f"{seconds:.1f}"}
        row.update({name: f"{value:.6g}" for name, value in values.items()})
        text = io.StringIO()
        csv.DictWriter(text, [*KEYS, *self.columns], lineterminator="\n").writerow(row)
        with self.path.open("ab", buffering=0) as file:
            file.write(text.getvalue().encode())
        return means

    def state_dict(self) -> dict:
        """What belongs to the row not yet written."""
        return {"sums": dict(self.sums), "count": self.count}

    def load_state_dict(self, state: dict) -> None:
        self.sums, self.count = dict(state["sums"]), state["count"]

    def _rows(self) -> list[dict[str, str]]:
        """The whole rows of the file; one that a kill cut off is not whole."""
        if not self.path.is_file():
            return []
        text = self.path.read_text(encoding="utf-8")
        whole = text[: text.rfind("\n") + 1]
        reader = csv.DictReader(io.StringIO(whole))
        rows = list(reader)
        if rows and reader.fieldnames != [*KEYS, *self.columns]:
            raise CourseError(f"{self.path} has other columns than this run writes. Choose another --run name.")
        return rows


def read_log(path: Path) -> list[dict[str, float | None]]:
    """The rows of a log as numbers; None where a column is empty."""
    with path.open(encoding="utf-8", newline="") as file:
        return [{name: float(text) if text else None for name, text in row.items()} for row in csv.DictReader(file)]
