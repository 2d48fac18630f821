"""The commands' own defaults, which typer would fill in."""

from inspect import signature

from course_lib.cli.train import train


def train_defaults() -> dict:
    """Of every option of `course train`."""
    return {name: given.default for name, given in signature(train).parameters.items() if name != "model"}
