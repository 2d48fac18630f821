"""What both views of the lab are: three choices, work in a thread of its own, what came of it, and what goes on meanwhile."""

import contextvars
import threading
from typing import Self

import anywidget
import traitlets

from course_lib.errors import CourseError
from course_lib.widgets.base import style
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.progress import listening
from course_lib.widgets.model_lab.report import as_read

SIDES = "AB"


class LabShell(anywidget.AnyWidget):
    """`request` is [a, b, shown] as indices; changing it starts the work. `data` is what is shown, `status` what goes on.

    Clips, and what came of each contestant on them, are kept as long as the view lives: going back to them takes no time. A
    reader who has changed a network of their own makes a new view.
    """

    _css = style()
    choices = traitlets.Dict().tag(sync=True)
    request = traitlets.List(traitlets.Int()).tag(sync=True)
    data = traitlets.Dict().tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)
    counted = "frames"  # of which it is told how many are done
    digits = 2  # of the numbers in the table

    def __init__(self, contestants: list, shown: list, request: list[int]) -> None:
        """shown: clips or sets of pictures. Returns at once; `wait()` for the first answer."""
        self._contestants, self._shown, self._worker = contestants, shown, threading.Lock()
        self._places: dict[int, tuple[object, dict]] = {}
        self._sides: dict[tuple[int, int], dict] = {}
        choices = {"models": list(map(name_of, contestants)), "shown": list(map(name_of, shown))}
        super().__init__(choices=choices, request=request)
        self.description = self._title()
        self._start(request)
        self.observe(lambda change: self._start(change.new), "request")

    def find_place(self, shown: object) -> object:
        """The clip or the pictures themselves."""
        raise NotImplementedError

    def place_data(self, place: object) -> dict:
        """What the view draws of the clip or the pictures alone."""
        raise NotImplementedError

    def side_data(self, contestant: str | Contestant, place: object) -> dict:
        """What it draws of one contestant on them; "measures": name → number."""
        raise NotImplementedError

    def joined(self, place: dict, a: dict, b: dict) -> dict:
        """All three in the view's order."""
        raise NotImplementedError

    def table(self, rows: list[list[str]]) -> list[list[str]]:
        """Those of the rows (measure, a, b) that the view shows as they are."""
        return rows

    def wait(self) -> Self:
        """Until what is asked for is there, or an error is told."""
        self._thread.join()
        return self

    def _start(self, request: list[int]) -> None:
        # In the context of the cell that asked: so its messages are stored with that cell.
        work = contextvars.copy_context()
        self._thread = threading.Thread(target=work.run, args=(self._compute, request))
        self._thread.start()

    def _compute(self, request: list[int]) -> None:
        """One at a time. What was asked for meanwhile is skipped; an error is told in the view."""
        with self._worker:
            try:
                self._answer(request)
            except Exception as error:  # a reader's own network may fail in any way
                told = error if isinstance(error, CourseError) else f"{type(error).__name__}: {error}"
                self.status = f"Error: {told}"

    def _answer(self, request: list[int]) -> None:
        *both, shown = request
        sides = []
        for letter, contestant in zip(SIDES, both, strict=True):
            if request != self.request:
                return  # the reader has gone on
            drawn = self._place(shown)
            sides.append(self._side(letter, contestant, shown))
        a, b = (side["measures"] for side in sides)
        rows = [[name, as_read(a[name], self.digits), as_read(b[name], self.digits)] for name in a]
        self.description = "; ".join(
            [self._title(request), *(f"{name}: A {one}, B {other}" for name, one, other in rows)]
        )
        about = [side["about"] for side in sides]
        self.data = {"request": request, "table": self.table(rows), "about": about, **self.joined(drawn, *sides)}
        self.status = ""

    def _place(self, shown: int) -> dict:
        if shown not in self._places:
            self.status = f"{name_of(self._shown[shown])} …"
            place = self.find_place(self._shown[shown])
            self._places[shown] = place, self.place_data(place)
        return self._places[shown][1]

    def _side(self, letter: str, contestant: int, shown: int) -> dict:
        if (contestant, shown) not in self._sides:
            who = f"{letter}: {name_of(self._contestants[contestant])}"
            self.status = f"{who} …"

            def tell(done: int, whole: int) -> None:
                self.status = f"{who}, {done} of {whole} {self.counted}"

            with listening(tell):
                made = self.side_data(self._contestants[contestant], self._places[shown][0])
            self._sides[contestant, shown] = made
        return self._sides[contestant, shown]

    def _title(self, request: list[int] | None = None) -> str:
        a, b, shown = request or self.request
        models = self.choices["models"]
        return f"Model lab: {models[a]} and {models[b]} on {self.choices['shown'][shown]}"

    def _ipython_display_(self) -> None:
        """The view shows at once, and says how far it is; its cell has run when the first answer is there."""
        from IPython.display import display

        bundle, metadata = self._repr_mimebundle_()
        display(bundle, metadata=metadata, raw=True)
        self.wait()

    def __repr__(self) -> str:
        """What is known before anything is computed: a stored cell always says the same."""
        return self._title()

    def __str__(self) -> str:
        rows = [f"  {name:22}{a:>10}{b:>10}" for name, a, b in self.wait().data.get("table", [])]
        return "\n".join([self._title(), *rows])


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
