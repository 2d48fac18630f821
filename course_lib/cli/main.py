"""`course`: all commands. One short file per command; each imports what is heavy only when it runs."""

import sys
from typing import Annotated

import typer

from course_lib import __version__
from course_lib.cli.assignment import assignment
from course_lib.cli.book import book
from course_lib.cli.capstone import capstone
from course_lib.cli.check import check
from course_lib.cli.demo import demo
from course_lib.cli.doctor import doctor
from course_lib.cli.evaluate import evaluate
from course_lib.cli.execute import execute
from course_lib.cli.fetch import fetch
from course_lib.cli.grade import grade
from course_lib.cli.lab import lab
from course_lib.cli.matte import matte
from course_lib.cli.models import models
from course_lib.cli.progress import progress
from course_lib.cli.segment import segment
from course_lib.cli.test import test
from course_lib.cli.train import train
from course_lib.errors import CourseError

app = typer.Typer(name="course", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
USE = (matte, segment, capstone, train, evaluate, models)
LEARN = (demo, lab, check, progress, assignment, grade)
KEEP = (fetch, test, execute, book, doctor)
for command in (*USE, *LEARN, *KEEP):
    app.command()(command)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"course_lib {__version__}")
        raise typer.Exit


@app.callback()
def course(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Rebuild two real vision systems, and use them on your own videos."""


def run() -> None:
    """Entry point. A CourseError is printed as it is, without a stack trace, and ends with exit code 2."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows "?" for α instead of failing
    try:
        app()
    except CourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
