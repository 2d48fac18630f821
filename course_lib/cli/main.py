"""`course`: all commands. One short file per command; each imports what is heavy only when it runs."""

import sys

import typer

from course_lib.cli.demo import demo
from course_lib.cli.doctor import doctor
from course_lib.cli.execute import execute
from course_lib.cli.fetch import fetch
from course_lib.cli.lab import lab
from course_lib.cli.models import models
from course_lib.cli.test import test
from course_lib.errors import CourseError

app = typer.Typer(name="course", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
for command in (demo, lab, models, fetch, test, execute, doctor):
    app.command()(command)


def run() -> None:
    try:
        app()
    except CourseError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
