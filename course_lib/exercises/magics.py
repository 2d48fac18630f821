"""A notebook's cell as plain Python: lines that only IPython understands (`%timeit f(x)`, `!pip list`, `f?`) do nothing.

They are found where Python's own parser stumbles, so that a `%` that continues a sum over two lines stays what it is.
"""

import ast
import re

MAGIC = re.compile(r"\s*[%!?]|.*\?\s*$|\s*[\w.]+(\s*,\s*[\w.]+)*\s*=\s*[%!]")
CELL_MAGIC = re.compile(r"\s*%%\s*(\w+)")
RUN_PYTHON = {"time", "timeit", "capture", "prun", "memit", "mprun"}  # the rest of such a cell is Python


def parse_cell(source: str) -> ast.Module:
    """Line numbers stay. A cell in another language (`%%bash`) has nothing in it. Raises SyntaxError."""
    first = next((line for line in source.splitlines() if line.strip()), "")
    if (magic := CELL_MAGIC.match(first)) and magic[1] not in RUN_PYTHON:
        return ast.Module([], [])
    lines = source.split("\n")
    while True:
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            if not _silence(lines, error.lineno):
                raise


def _silence(lines: list[str], number: int | None) -> bool:
    """Turns line `number`, with what a backslash adds to it, into a comment. → whether it was a magic."""
    if number is None or not 1 <= number <= len(lines) or not MAGIC.match(lines[number - 1]):
        return False
    at = number - 1
    goes_on = True
    while goes_on and at < len(lines):
        line = lines[at]
        indent = line[: len(line) - len(line.lstrip())]
        # `pass` and not a comment alone: it may be all that a loop or a branch holds.
        lines[at] = f"{indent}pass  # {line.strip()}" if at == number - 1 else f"# {line.strip()}"
        goes_on = line.rstrip().endswith("\\")
        at += 1
    return True
