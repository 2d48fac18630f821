"""`lab()`: the model lab as one interactive view.

Two contestants and a clip are chosen in the page; Python computes them in a thread of its own, once, and sends pictures and
numbers; every way to look at them (alpha, composite, error, flicker, x–t) is then drawn in the browser, at once, and also in
the built book, where nothing can be computed.
"""

import math
import threading
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from course_lib.errors import CourseError
from course_lib.widgets.base import script, style
from course_lib.widgets.model_lab.clips import LabClip, clip_names
from course_lib.widgets.model_lab.compare import Comparison, compare
from course_lib.widgets.model_lab.contestants import Contestant, contestant_names
from course_lib.widgets.pictures import sheet_uri

QUALITY = 60


class Lab(anywidget.AnyWidget):
    """`request` is [a, b, clip] as indices; changing it starts the work. `data` is what is shown, `status` what goes on."""

    _esm = script("lab")
    _css = style()
    choices = traitlets.Dict().tag(sync=True)
    request = traitlets.List(traitlets.Int()).tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    description = traitlets.Unicode("Two models on one clip").tag(sync=True)

    def __init__(self, contestants: list[str | Contestant], clips: list[str | LabClip], request: list[int]) -> None:
        self._contestants, self._clips, self._worker = contestants, clips, threading.Lock()
        choices = {"models": [_name(c) for c in contestants], "clips": [_name(clip) for clip in clips]}
        super().__init__(choices=choices, request=request)
        self._compute(request)
        self.observe(lambda change: threading.Thread(target=self._compute, args=(change.new,)).start(), "request")

    def _compute(self, request: list[int]) -> None:
        """One at a time. What was asked for meanwhile is skipped; an error is told in the view."""
        with self._worker:
            if request != self.request:
                return
            a, b = (self._contestants[index] for index in request[:2])
            clip = self._clips[request[2]]
            self.status = f"Computing {_name(a)} and {_name(b)} on {_name(clip)} …"
            try:
                comparison = compare(a, b, clip)
            except (
                CourseError,
                ValueError,
                RuntimeError,
                TypeError,
            ) as error:  # a reader's own network may fail in any way
                self.status = f"Error: {error}"
                return
            self.data = {"request": request, **view_data(comparison)}
            self.status = ""

    def __repr__(self) -> str:
        names = self.choices["models"], self.choices["clips"]
        a, b = (names[0][index] for index in self.request[:2])
        rows = [f"  {row[0]:14}{row[1]:>10}{row[2]:>10}" for row in self.data.get("table", [])]
        return "\n".join([f"Model lab: {a} and {b} on {names[1][self.request[2]]}", *rows])


def lab(
    a: str = "rvm-mobilenetv3-published",
    b: str = "state reset",
    clip: str | Path | LabClip = "carphone",
    mine: tuple[Contestant, ...] = (),
) -> Lab:
    """The view, with `a`, `b` and `clip` shown first. `mine`: contestants of the reader's own (`own`, `with_step`).

    Raises CourseError for a name that there is not.
    """
    contestants = [*contestant_names(), *mine]
    names = [_name(contestant) for contestant in contestants]
    if unknown := [name for name in (a, b) if name not in names]:
        raise CourseError(f"There is no contestant {unknown[0]!r}. There are: {', '.join(names)}.")
    clips = clip_names()
    if not isinstance(clip, str) or clip not in clips:
        clips = [clip, *clips]
    return Lab(contestants, clips, [names.index(a), names.index(b), clips.index(clip)])


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
        "table": [[name, f"{first:.2f}", f"{second:.2f}"] for name, first, second in comparison.table()],
        "about": list(comparison.about),
        "note": clip.note,
    }


def _rounded(curves: list) -> list[list[float]]:
    return [[round(float(value), 3) for value in np.asarray(curve)] for curve in curves]


def _name(choice: str | Path | Contestant | LabClip) -> str:
    return choice.name if isinstance(choice, Path | Contestant | LabClip) else str(choice)
