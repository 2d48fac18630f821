"""What all widgets have in common: data that travels as JSON, a description, a script, and a text for where none runs."""

from functools import cache
from pathlib import Path

import anywidget
import traitlets

FOLDER = Path(__file__).parent


@cache
def script(*names: str) -> str:
    """The widget's JavaScript, the last of `names`, with the shared helpers and what else it builds on in front of it."""
    return "\n".join((FOLDER / f"{part}.js").read_text(encoding="utf-8") for part in ("common", *names))


@cache
def style() -> str:
    return (FOLDER / "common.css").read_text(encoding="utf-8")


class CourseWidget(anywidget.AnyWidget):
    """`data` is all that the script draws from; `description` is what a reader hears who cannot see it.

    Nothing goes back to Python: what the reader moves stays in the page. A text stands where widgets do not run.
    """

    _css = style()
    data = traitlets.Dict().tag(sync=True)
    description = traitlets.Unicode().tag(sync=True)

    def __init__(self, data: dict, description: str, text: str = "") -> None:
        super().__init__(data=data, description=description)
        self._text = text or f"{type(self).__name__}: {description}"

    def __repr__(self) -> str:
        return self._text
