"""`lab()`: the model lab as one interactive view.

Two contestants and a clip are chosen in the page; Python computes them in a thread of its own, once, and sends pictures and
numbers; every way to look at them (alpha, composite, error, flicker, x–t) is then drawn in the browser, at once, and also in
the built book, where nothing can be computed.
"""

import math
from pathlib import Path

import numpy as np

from course_lib.widgets.base import script
from course_lib.widgets.model_lab.clips import LabClip, clip_names
from course_lib.widgets.model_lab.compare import Comparison, compare
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.contestants import contestant_names
from course_lib.widgets.model_lab.shell import LabShell, chosen
from course_lib.widgets.pictures import sheet_uri

QUALITY = 60


class Lab(LabShell):
    """Mattes of two contestants."""

    _esm = script("lab_shell", "lab")

    def answer(self, a: str | Contestant, b: str | Contestant, shown: str | Path | LabClip) -> dict:
        return view_data(compare(a, b, shown))


def lab(
    a: str = "rvm-mobilenetv3-published",
    b: str = "state reset",
    clip: str | Path | LabClip = "carphone",
    mine: tuple[Contestant, ...] = (),
) -> Lab:
    """The view, with `a`, `b` and `clip` shown first. `mine`: contestants of the reader's own (`own`, `with_step`).

    Raises CourseError for a name that there is not.
    """
    return Lab(*chosen((a, b), clip, [*contestant_names(), *mine], clip_names()))


def view_data(comparison: Comparison) -> dict:
    """A comparison as what the view draws from: sheets of pictures (WebP), curves, the table as text."""
    clip, results = comparison.clip, (comparison.a, comparison.b)
    columns = math.ceil(math.sqrt(len(clip.frames)))
    sheets = {"frames": sheet_uri(clip.frames, columns, QUALITY)}
    if clip.alpha is not None:
        sheets["truth"] = sheet_uri(clip.alpha[:, 0], columns, QUALITY)
    for side, result in zip("ab", results, strict=True):
        sheets[f"alpha {side}"] = sheet_uri(result.alpha[:, 0], columns, QUALITY)
        sheets[f"foreground {side}"] = sheet_uri(result.foreground, columns, QUALITY)
    metric = "mad" if clip.alpha is not None else "flicker"
    curves = [result.metrics["mad"] if metric == "mad" else result.flicker for result in results]
    return {
        "sheets": sheets,
        "columns": columns,
        "frames": len(clip.frames),
        "height": clip.frames.shape[-2],
        "width": clip.frames.shape[-1],
        "curve": {"name": {"mad": "MAD ×1000", "flicker": "flicker /255"}[metric], "values": _rounded(curves)},
        "table": [list(cells) for cells in comparison.cells()],
        "about": list(comparison.about),
        "note": clip.note,
    }


def _rounded(curves: list) -> list[list[float]]:
    return [[round(float(value), 3) for value in np.asarray(curve)] for curve in curves]
