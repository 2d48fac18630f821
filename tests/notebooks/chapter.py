"""A chapter as the contract sees it: cells with numbers to point at, sections, code as syntax trees."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat

CLOSING = ["What we left out", "Exercises", "Summary", "Further reading"]


@dataclass(frozen=True)
class Section:
    """A `##` heading (without the hashes) and the cells from it up to the next one."""

    title: str
    cells: list

    @property
    def number(self) -> int | None:
        found = re.match(r"(\d+) · \S", self.title)
        return int(found[1]) if found else None

    @property
    def code(self) -> list:
        return [cell for cell in self.cells if cell.cell_type == "code"]

    @property
    def text(self) -> str:
        return "\n".join(cell.source for cell in self.cells if cell.cell_type == "markdown")


class Chapter:
    """One notebook, read once. `size` is the size of its file in bytes."""

    def __init__(self, path: Path, notebook=None, neighbours: list[str] | None = None):
        self.path = path
        self.number = path.name[:2]
        self.notebook = nbformat.read(path, as_version=4) if notebook is None else notebook
        self.size = path.stat().st_size if notebook is None else len(json.dumps(notebook))
        folder = sorted(found.name for found in path.parent.glob("[0-9][0-9]_*.ipynb"))
        self.all_names = folder if neighbours is None else neighbours
        self.cells = self.notebook.cells
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.markdown = [cell for cell in self.cells if cell.cell_type == "markdown"]

    def where(self, cell) -> str:
        """How a message points at a cell: counted from 1 as a reader counts, and its first line."""
        index = next(at for at, other in enumerate(self.cells, start=1) if other is cell)
        return f"cell {index} ({cell.cell_type}, «{(cell.source.strip().splitlines() or ['empty'])[0][:50]}»)"

    @cached_property
    def headings(self) -> list[tuple[int, str, object]]:
        """(level, text, cell) of every heading outside fenced code."""
        found = []
        for cell in self.markdown:
            fenced = False
            for line in cell.source.splitlines():
                fenced ^= line.lstrip().startswith("```")
                heading = re.match(r"(#{1,6}) +(.+?)\s*$", line)
                if heading and not fenced:
                    found.append((len(heading[1]), heading[2], cell))
        return found

    @cached_property
    def sections(self) -> list[Section]:
        starts = {id(cell): text for level, text, cell in self.headings if level == 2}
        found: list[Section] = []
        for cell in self.cells:
            if id(cell) in starts:
                found.append(Section(starts[id(cell)], []))
            if found:
                found[-1].cells.append(cell)
        return found

    @property
    def numbered(self) -> list[Section]:
        return [section for section in self.sections if section.number is not None]

    def images(self, cell) -> int:
        return sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def tree(cell) -> ast.Module | None:
    """The syntax tree of a code cell, or None when it is not plain Python (a magic, a shell line)."""
    try:
        return ast.parse(cell.source)
    except SyntaxError:
        return None


def comments(cell) -> list[str]:
    """The comments of a code cell."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(cell.source).readline))
    except (tokenize.TokenError, SyntaxError):
        return []
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


def called_name(node: ast.AST) -> str:
    """`np.testing.assert_allclose` for that call; empty for anything else."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def assertions(cell) -> list[ast.AST]:
    """The statements of a cell that can fail because two things differ."""
    return [
        node
        for node in ast.walk(tree(cell) or ast.Module(body=[], type_ignores=[]))
        if isinstance(node, ast.Assert)
        or called_name(node).startswith(("torch.testing.assert_", "np.testing.assert_"))
        or called_name(node) in ("assert_close", "assert_allclose", "assert_array_equal")
    ]


def text_of(output) -> str:
    """Every text that an output shows: stream, plain text, HTML, SVG, error."""
    shown = [output.get("text", ""), output.get("evalue", ""), *output.get("traceback", [])]
    for kind, value in output.get("data", {}).items():
        if kind.startswith("text/") or kind == "image/svg+xml":
            shown.append(value)
    return "\n".join("".join(value) if isinstance(value, list) else value for value in shown)
