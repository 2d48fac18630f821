"""A small notebook that keeps the whole contract, for the tests of the contract itself. Its outputs are made up."""

from __future__ import annotations

import base64
import io
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from course_lib.chapters import banner
from course_lib.cli.execute import PROFILE

NUMBER = "04"
NAMES = ["03_before.ipynb", "04_example.ipynb", "05_after.ipynb"]
OPENING = """# 04 · An example

**You will learn**

- what a chapter holds

**Prerequisites** none

**Time** the first code cell prints it.

What must every chapter hold?"""
PREDICT = ":::{admonition} Predict\nWill it be larger?\n:::"
PAPER = ":::{admonition} Paper · authors' code · ours\nNo difference.\n:::"


def png(level: int) -> str:
    stream = io.BytesIO()
    Image.new("L", (4, 4), level).save(stream, format="PNG")
    return base64.b64encode(stream.getvalue()).decode()


def picture(level: int) -> list:
    return [new_output("display_data", data={"image/png": png(level), "text/plain": "<Figure size 4x4>"})]


def example_chapter():
    """Return the notebook as if it had just been executed."""
    cells = [
        new_markdown_cell(OPENING),
        new_code_cell(
            'import numpy as np\nfrom course_lib.chapters import open_chapter\n\nopen_chapter("04", version="0.1")',
            outputs=[new_output("stream", name="stdout", text=banner(NUMBER, profile_name=PROFILE) + "\n")],
        ),
        new_code_cell(
            "overview()",
            metadata={"tags": ["hide-input"], "mystnb": {"image": {"alt": "A grey square, the overview"}}},
            outputs=picture(10),
        ),
    ]
    for section in (1, 2, 3):
        cells += [
            new_markdown_cell(
                f"## {section} · Step {section}\n\n$y = {section}x$" + (f"\n\n{PREDICT}" if section == 1 else "")
            ),
            new_code_cell(
                f"x{section} = np.ones((2, 3))  # (B, C)\ny{section} = {section} * x{section}\n"
                f"np.testing.assert_allclose(y{section}.sum(), {section * 6})\nprint(y{section}.mean())",
                outputs=[new_output("stream", name="stdout", text=f"{section}.0\n")],
            ),
        ]
    cells += [
        new_code_cell("class ConvGRU:\n    pass"),
        new_markdown_cell(f"### Comparison\n\n{PAPER}"),
        new_code_cell(
            "compare()",
            metadata={"mystnb": {"image": {"alt": "A light square beside the first one"}}},
            outputs=picture(200),
        ),
        new_markdown_cell("## What we left out\n\nMuch."),
        new_markdown_cell("## Exercises\n\n1. **Warm-up** a\n2. **Core** b\n3. **Stretch** c"),
        new_markdown_cell("## Summary\n\nIt holds."),
        new_markdown_cell("## Further reading\n\nThe papers."),
        new_markdown_cell("[← 03](03_before.ipynb) · [05 →](05_after.ipynb)"),
    ]
    for at, cell in enumerate(cells):
        cell["id"] = f"c04-{at}"
    for count, cell in enumerate((cell for cell in cells if cell.cell_type == "code"), start=1):
        cell["execution_count"] = count
    return new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "course": {"equals": {"ConvGRU": "course_lib.matting.ConvGRU"}},
        },
    )


def path_in(folder: Path) -> Path:
    return folder / NAMES[1]
