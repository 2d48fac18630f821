"""A comparison as text, and as a file that can be sent to somebody: the same for mattes and for instances."""

import base64
import html
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from course_lib.errors import CourseError
from course_lib.training.files import write_whole
from course_lib.viz.style import figure_png

STYLE = "body{font:16px sans-serif;max-width:760px;margin:2em auto}td,th{padding:.2em 1em;text-align:right}img{max-width:100%}"
Number = float | int


@dataclass(frozen=True)
class Table:
    """The first cell of a row says what the row is about, and so does `heads[0]` of all of them."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


class Report(ABC):
    """Two contestants on the same thing. A subclass says on what, draws, and counts."""

    measures: tuple[Mapping[str, Number], Mapping[str, Number]]  # of both: name → value, whole numbers are counts
    names: tuple[str, str]  # of the contestants
    about: tuple[str, str]  # what they are
    shown: tuple[str, str]  # the clip or the pictures: name, and what to keep in mind
    digits = 2

    def table(self) -> list[tuple[str, Number, Number]]:
        """(measure, a, b)."""
        a, b = self.measures
        return [(name, a[name], b[name]) for name in a]

    @abstractmethod
    def figure(self) -> Figure: ...

    def cells(self) -> list[tuple[str, str, str]]:
        """`table()` as it is read."""
        return [(name, as_read(a, self.digits), as_read(b, self.digits)) for name, a, b in self.table()]

    def tables(self) -> list[Table]:
        """All that a page shows below its title."""
        return [Table(("", *self.names), self.cells())]

    def save(self, path: str | Path) -> Path:
        """A PNG, or an HTML page that holds everything. CourseError for another ending."""
        path = Path(path)
        if path.suffix == ".png":
            write_whole(path, figure_png(self.figure()))
        elif path.suffix == ".html":
            write_whole(path, self._page().encode())
        else:
            raise CourseError(f"{path}: a report is a .png or a .html file.")
        return path

    def __str__(self) -> str:
        width = max(*map(len, self.names), 8)
        first = max(14, *(len(name) for name, *_ in self.table()))
        heads = "  ".join(f"{name:>{width}}" for name in self.names)
        lines = [": ".join(filter(None, self.shown)), f"{'':{first}}{heads}"]
        return "\n".join(lines + [f"{name:{first}}{a:>{width}}  {b:>{width}}" for name, a, b in self.cells()])

    def _page(self) -> str:
        name, note = map(html.escape, self.shown)
        title = f"{' and '.join(map(html.escape, self.names))} on {name}"
        about = "".join(
            f"<p><b>{html.escape(contestant)}</b>: {html.escape(text)}</p>"
            for contestant, text in zip(self.names, self.about, strict=True)
        )
        picture = base64.b64encode(figure_png(self.figure())).decode()
        return (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
            f"<h1>{title}</h1><p>{note}</p>{about}{''.join(map(_rows, self.tables()))}"
            f'<img alt="{title}" src="data:image/png;base64,{picture}"></html>\n'
        )


def as_read(value: Number, digits: int) -> str:
    return str(value) if isinstance(value, int) else f"{value:.{digits}f}"


def _rows(table: Table) -> str:
    lines = [("th", table.heads), *(("td", row) for row in table.rows)]
    written = "".join(
        f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>" for tag, cells in lines
    )
    return f"<table>{written}</table>"
