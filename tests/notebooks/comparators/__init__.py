"""One file per chapter, `chapter_NN.py`, whose COMPARATORS maps the name of a thing in the library to a function.

The function takes the definition found in the notebook and asserts that it does what the library's does.
`chapter_04.py` is the example to follow.
"""

from importlib import import_module
from pathlib import Path


def comparators(number: str) -> dict:
    """The comparators of chapter `number`; empty when it has no file."""
    if not (Path(__file__).parent / f"chapter_{number}.py").exists():
        return {}
    return import_module(f"{__name__}.chapter_{number}").COMPARATORS
