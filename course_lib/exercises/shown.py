"""How a result looks in a notebook: a green tick, an amber mark with what is wrong, or a grey one. Elsewhere it is printed.

An untouched stub is printed in a notebook too: the stored chapters, which hold nothing but such stubs, stay plain text.
"""

import html
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course_lib.exercises.checking import Result

# Status → mark, colour of its disc and of the mark on it: ≥ 4.5 to 1 between them, ≥ 3 to 1 on white and on JupyterLab's dark.
LOOKS = {
    "passed": ("✓", "#00805C", "#FFFFFF"),
    "failed": ("!", "#C98500", "#000000"),
    "not attempted": ("–", "#767676", "#FFFFFF"),
}
BOX = "border-left: 4px solid {colour}; padding: 6px 12px; display: flex; gap: 10px; align-items: flex-start"
DISC = (
    "background: {colour}; color: {ink}; font-weight: bold; border-radius: 50%; flex: none; width: 1.5em; height: 1.5em; "
    "line-height: 1.5em; text-align: center"
)


@dataclass(frozen=True, repr=False)
class Shown:
    """A result as IPython displays it. The words have the page's own colour, so that they read in light and in dark."""

    result: "Result"

    def __repr__(self) -> str:
        return str(self.result)

    def _repr_html_(self) -> str:
        mark, colour, ink = LOOKS[self.result.status]
        lead, *rest = (html.escape(line.strip()) for line in str(self.result).splitlines())
        told = "".join(f"<div>{line}</div>" for line in rest)
        disc = f'<span aria-hidden="true" style="{DISC.format(colour=colour, ink=ink)}">{mark}</span>'
        box = BOX.format(colour=colour)
        return f'<div class="course-check" style="{box}">{disc}<div><div><b>{lead}</b></div>{told}</div></div>'


def show(result: "Result") -> None:
    """Displayed where there is a notebook, else printed."""
    if _in_notebook() and result.status != "not attempted":
        from IPython.display import display

        display(Shown(result))
    else:
        print(result)


def _in_notebook() -> bool:
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")
