"""`course lab`: JupyterLab, opened on chapter 00."""

import os
import subprocess
import sys
from typing import Annotated

import typer

from course_lib.chapters import chapter_paths
from course_lib.errors import CourseError


def lab(
    chapter: Annotated[str, typer.Argument(help="The chapter to open, such as 04.")] = "00",
    browser: Annotated[bool, typer.Option(help="Open a browser window; --no-browser only prints the address.")] = True,
) -> None:
    """Open the course in JupyterLab. The notebooks are trusted first, so that stored widgets show without running."""
    paths = chapter_paths()
    if chapter not in paths:
        raise CourseError(f"No chapter {chapter}. There are: {', '.join(paths) or 'none'}.")
    notebooks = paths[chapter].parent
    subprocess.run(
        [sys.executable, "-m", "jupyter", "trust", *map(str, paths.values())], check=True, stdout=subprocess.DEVNULL
    )
    print("JupyterLab opens now. Stop it here with Ctrl-C, twice.", flush=True)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={notebooks}"]
    command += [f"--LabApp.default_url=/lab/tree/{paths[chapter].name}"]
    command += [] if browser else ["--no-browser"]
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    raise typer.Exit(subprocess.call(command))
