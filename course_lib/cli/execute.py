"""`execute`: run chapters from top to bottom, store their outputs and record how long they took.

The `.ipynb` is the only source of a chapter and is committed with outputs, so two runs must differ only where the
numbers do: ids of widgets and cells are made stable, times of single cells are dropped, and the interpreter's own
version is left out. One thread, so that the time means the same on every machine.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from course_lib.chapters import RECORDS, banner, chapter_paths, read_records
from course_lib.errors import CourseError

THREADS = 1
PROFILE = "laptop"
MAX_BYTES = 2_000_000
KERNEL_ENVIRONMENT = {"OMP_NUM_THREADS": str(THREADS), "OMP_WAIT_POLICY": "passive", "COURSE_PROFILE": PROFILE}
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"


def execute(
    chapters: Annotated[list[str] | None, typer.Argument(help="Chapter numbers such as 04; all when none.")] = None,
) -> None:
    """Run chapters, store their outputs and write their times to results/chapters.json."""
    paths = chapter_paths()
    if unknown := [number for number in chapters or [] if number not in paths]:
        raise CourseError(f"No chapter {', '.join(unknown)} in notebooks/. There are: {', '.join(paths) or 'none'}.")
    for number in chapters or list(paths):
        print(f"Chapter {number}: {paths[number].name} …", flush=True)
        seconds = execute_chapter(paths[number])
        print(f"Chapter {number}: {seconds} s, {paths[number].stat().st_size / 1e6:.2f} MB", flush=True)


def execute_chapter(path: Path, records: Path = RECORDS) -> int:
    """Run the notebook at `path` and rewrite it and its entry in `records`; return the seconds it took.

    Its exercises are taken from the catalogue first.

    Raises `CourseError` and leaves both files as they were when a cell fails or the result is larger than 2 MB.
    """
    import nbformat

    from course_lib.exercises.cells import refresh

    notebook = nbformat.read(path, as_version=4)
    number = path.name[:2]
    before = banner(number, profile_name=PROFILE)
    refresh(notebook, number)
    seconds = _run(notebook, path)
    notebook = _stable(notebook, number)
    entries = read_records(records)
    entries[number] = {"seconds": seconds, "threads": THREADS, "cpu": cpu_name()}
    _refresh_first_cell(notebook, path, before, banner(number, entries, PROFILE))
    text = nbformat.writes(notebook, version=4) + "\n"
    if (size := len(text.encode("utf-8"))) > MAX_BYTES:
        raise CourseError(
            f"{path.name}: {size / 1e6:.1f} MB with its outputs, over the limit of {MAX_BYTES / 1e6:.0f} MB. "
            "Draw fewer or smaller photographs, then run it again; the file was not changed."
        )
    records.parent.mkdir(parents=True, exist_ok=True)
    _write(records, json.dumps(entries, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    _write(path, text)
    return seconds


def cpu_name() -> str:
    """The processor's name as its maker writes it, or its architecture where the system does not tell."""
    try:
        if platform.system() == "Linux":
            lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
        if platform.system() == "Darwin":
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, StopIteration, subprocess.CalledProcessError):
        pass
    return platform.processor() or platform.machine()


def _run(notebook, path: Path) -> int:
    """Execute every cell in place, in the notebook's folder, in this interpreter's own kernel."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    from traitlets import default

    class OwnKernel(AsyncKernelManager):
        """`python3` is this interpreter, whatever kernels the user has installed under that name."""

        @default("kernel_spec_manager")
        def _only_native(self):
            return KernelSpecManager(kernel_dirs=[])

    notebook.metadata.pop("widgets", None)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        kernel_manager_class=OwnKernel,
        record_timing=False,
        store_widget_state=True,
        extra_arguments=["--log-level=ERROR"],  # ipykernel warns about its local sockets on every start
        resources={"metadata": {"path": str(path.parent)}},
    )
    start = time.perf_counter()
    try:
        with tempfile.TemporaryDirectory() as folder:  # the author's own progress is not part of the book
            own = {"COURSE_PROGRESS": str(Path(folder) / "progress.json")}
            client.execute(env={**os.environ, **KERNEL_ENVIRONMENT, **own})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as cause:
        raise CourseError(_explain(notebook, path, cause)) from None
    return round(time.perf_counter() - start)


def _explain(notebook, path: Path, cause: Exception) -> str:
    """Which chapter, which cell, which error: what an author needs to go on."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for index, cell in enumerate(cells, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                trace = "\n".join(output.traceback)
                return (
                    f"{path.name}, code cell {index} of {len(cells)} fails; the file was not changed.\n\n"
                    f"{cell.source}\n\n{trace}\n\n{output.ename}: {output.evalue}"
                )
    return f"{path.name} did not finish; the file was not changed. {type(cause).__name__}: {cause}"


def _stable(notebook, number: str):
    """Return the notebook with ids and metadata that do not depend on the run."""
    import nbformat

    state = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    if not state:
        notebook.metadata.pop("widgets", None)
    text = json.dumps(notebook)
    for count, model in enumerate(state):  # in order of creation, which the code decides
        text = text.replace(model, f"{count:032x}")
    notebook = nbformat.from_dict(json.loads(text))
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.metadata["language_info"] = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
    taken: set[str] = set()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "hide-input" in cell.metadata.get("tags", []):  # the book reads the tag, JupyterLab reads this
            cell.metadata["jupyter"] = {"source_hidden": True}
        cell["id"] = _cell_id(cell, number, taken)
    return notebook


def _cell_id(cell, number: str, taken: set[str]) -> str:
    """Keep an id this function gave before; else make one from the text. The prefix makes it unique in the book."""
    prefix = f"c{number}-"
    name = cell.get("id", "")
    if not name.startswith(prefix) or name in taken:
        digest = hashlib.sha256(cell.source.encode("utf-8")).hexdigest()
        name = next(
            f"{prefix}{digest[at : at + 8]}" for at in range(50) if f"{prefix}{digest[at : at + 8]}" not in taken
        )
    taken.add(name)
    return name


def _refresh_first_cell(notebook, path: Path, old: str, new: str) -> None:
    """Replace the record that the first code cell printed, the one before this run, by the one just measured."""
    first = next((cell for cell in notebook.cells if cell.cell_type == "code"), None)
    printed = "".join(output.get("text", "") for output in first.outputs) if first else ""
    if printed != old + "\n":
        raise CourseError(
            f"{path.name}: the first code cell must print the chapter's record and nothing else "
            f'(imports, then `open_chapter("{path.name[:2]}", version="…")`); it printed {printed!r}.'
        )
    first.outputs[0]["text"] = new + "\n"


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, "utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
