"""What both views of the lab are: three choices, work in a thread of its own, what came of it, and what goes on meanwhile."""

import threading

import anywidget
import traitlets

from course_lib.errors import CourseError
from course_lib.widgets.base import style
from course_lib.widgets.model_lab.contestant import Contestant


class LabShell(anywidget.AnyWidget):
    """`request` is [a, b, shown] as indices; changing it starts the work. `data` is what is shown, `status` what goes on."""

    _css = style()
    choices = traitlets.Dict().tag(sync=True)
    request = traitlets.List(traitlets.Int()).tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    description = traitlets.Unicode("Two models side by side").tag(sync=True)

    def __init__(self, contestants: list, shown: list, request: list[int]) -> None:
        """shown: clips or sets of pictures."""
        self._contestants, self._shown, self._worker = contestants, shown, threading.Lock()
        choices = {"models": list(map(name_of, contestants)), "shown": list(map(name_of, shown))}
        super().__init__(choices=choices, request=request)
        self._compute(request)
        self.observe(lambda change: threading.Thread(target=self._compute, args=(change.new,)).start(), "request")

    def answer(self, a: str | Contestant, b: str | Contestant, shown: object) -> dict:
        """What the view draws from, and its "table" of rows (measure, a, b) in words. Each lab has its own."""
        raise NotImplementedError

    def _compute(self, request: list[int]) -> None:
        """One at a time. What was asked for meanwhile is skipped; an error is told in the view."""
        with self._worker:
            if request != self.request:
                return
            a, b = (self._contestants[index] for index in request[:2])
            shown = self._shown[request[2]]
            self.status = f"Computing {name_of(a)} and {name_of(b)} on {name_of(shown)} …"
            try:
                data = self.answer(a, b, shown)
            except Exception as error:  # a reader's own network may fail in any way
                told = error if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
                self.status = f"Error: {told}"
                return
            self.data = {"request": request, **data}
            self.status = ""

    def __repr__(self) -> str:
        models, shown = self.choices["models"], self.choices["shown"]
        a, b = (models[index] for index in self.request[:2])
        rows = [f"  {row[0]:22}{row[1]:>10}{row[2]:>10}" for row in self.data.get("table", [])]
        return "\n".join([f"Model lab: {a} and {b} on {shown[self.request[2]]}", *rows])


def chosen(first: tuple[str, str], shown: object, contestants: list, known: list[str]) -> tuple[list, list, list[int]]:
    """The arguments of a `LabShell` that shows `first` on `shown` at first. CourseError for a name that there is not."""
    names = list(map(name_of, contestants))
    if unknown := [name for name in first if name not in names]:
        raise CourseError(f"There is no contestant {unknown[0]!r}. There are: {', '.join(names)}.")
    places = known if isinstance(shown, str) and shown in known else [shown, *known]
    return contestants, places, [*map(names.index, first), places.index(shown)]


def name_of(choice: object) -> str:
    """Of a contestant, a clip, a set of pictures; of a file its last part."""
    return getattr(choice, "name", str(choice))
