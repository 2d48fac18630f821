"""The chapter contract, part 2: how much there is, what the code may do, and what its stored outputs hold."""

from __future__ import annotations

import ast
import copy
import re
from functools import cache

from course_lib.chapters import ROOT, banner, read_records
from course_lib.cli.execute import MAX_BYTES, PROFILE, THREADS
from course_lib.exercises.catalogue import exercises_of
from course_lib.exercises.cells import is_exercise, refresh

from .chapter import Chapter, text_of, tree

MAX_CODE_CELLS, MAX_CODE_LINES, MAX_WORDS = 45, 350, 4000
MAX_CELL_LINES, MAX_COLUMNS = 25, 88
MAX_WIDGET_LINES = 18
MIN_ALT = 20
MAX_SECONDS = 90
WITHOUT_EXERCISES = {"00", "19"}  # by design: a tour and the lab, where nothing is derived
IGNORED_BY_NBVAL = {"nbval-skip", "nbval-ignore-output"}
ABSOLUTE_PATH = re.compile(r"(?<![\w.)\]}>:/~-])/[\w.-]+/[\w.-]+|\b[A-Za-z]:\\\w")


def amount(chapter: Chapter) -> list[str]:
    """What is read. Exercises from the catalogue are done, not read, and do not count; nor do the folded cells of widgets."""
    code = [cell for cell in chapter.code if not is_exercise(cell) and not is_widget(cell)]
    text = [cell for cell in chapter.markdown if not is_exercise(cell)]
    counts = {
        "code cells": (len(code), MAX_CODE_CELLS),
        "lines of code": (sum(bool(line.strip()) for c in code for line in c.source.splitlines()), MAX_CODE_LINES),
        "words of text": (sum(len(cell.source.split()) for cell in text), MAX_WORDS),
        "bytes": (chapter.size, MAX_BYTES),
    }
    problems = [f"{n:,} {what}, at most {most:,}: cut." for what, (n, most) in counts.items() if n > most]
    for cell in chapter.code:
        lines = cell.source.splitlines()
        if len(lines) > MAX_CELL_LINES:
            problems.append(f"{chapter.where(cell)}: {len(lines)} lines, at most {MAX_CELL_LINES}; split the cell.")
        for at, line in enumerate(lines, start=1):
            if len(line) > MAX_COLUMNS:
                problems.append(f"{chapter.where(cell)}, line {at}: {len(line)} columns, at most {MAX_COLUMNS}.")
    return problems


def is_widget(cell) -> bool:
    """A cell that makes a widget from what the cells above have computed; its input is folded."""
    return {"widget", "hide-input"} <= set(cell.metadata.get("tags", []))


def widgets_are_short(chapter: Chapter) -> list[str]:
    problems = []
    for cell in filter(is_widget, chapter.code):
        parsed = tree(cell) or ast.Module([], [])
        lines = sum(bool(line.strip()) for line in cell.source.splitlines())
        if lines > MAX_WIDGET_LINES or any(isinstance(n, ast.FunctionDef | ast.ClassDef) for n in ast.walk(parsed)):
            problems.append(
                f"{chapter.where(cell)}: a widget's cell only hands over what is there, at most {MAX_WIDGET_LINES} lines."
            )
    return problems


def alternative_texts(chapter: Chapter) -> list[str]:
    problems, seen = [], {}
    for cell in chapter.code:
        if not (count := chapter.images(cell)):
            continue
        if count > 1:
            problems.append(f"{chapter.where(cell)}: {count} pictures; one cell shows one, so that each is described.")
        alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
        if len(alt) < MIN_ALT:
            problems.append(
                f"{chapter.where(cell)}: describe the picture for those who cannot see it: "
                f'metadata {{"mystnb": {{"image": {{"alt": "…"}}}}}}, at least {MIN_ALT} characters.'
            )
        elif alt in seen:
            problems.append(f"{chapter.where(cell)}: same alt text as {seen[alt]}; say what differs.")
        seen[alt] = chapter.where(cell)
    return problems


def figures_come_from_the_library(chapter: Chapter) -> list[str]:
    """Figures are named functions in `course_lib.viz.<topic>`, where unit tests reach them."""
    problems = []
    for cell in chapter.code:
        if (parsed := tree(cell)) is None:
            problems.append(f"{chapter.where(cell)}: plain Python only, no magics and no shell lines.")
            continue
        for node in ast.walk(parsed):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(module.split(".")[0] == "matplotlib" or module == "course_lib.viz.style" for module in modules):
                problems.append(f"{chapter.where(cell)}: draw in a function of course_lib/viz/<topic>.py and call it.")
    return problems


def executed_in_order(chapter: Chapter) -> list[str]:
    counts = [cell.execution_count for cell in chapter.code if cell.source.strip()]
    if counts != list(range(1, len(counts) + 1)):
        return [f"Run it from top to bottom: `python3 course.py execute {chapter.number}` (execution counts {counts})."]
    return []


def clean_outputs(chapter: Chapter) -> list[str]:
    problems = []
    for cell in chapter.code:
        for output in cell.outputs:
            if output.output_type == "error":
                problems.append(f"{chapter.where(cell)}: holds the error {output.ename}: {output.evalue}.")
            if output.get("name") == "stderr":
                problems.append(f"{chapter.where(cell)}: writes to stderr (a warning or progress bar): prevent it.")
            if found := ABSOLUTE_PATH.search(text_of(output)):
                problems.append(f"{chapter.where(cell)}: the output shows a path of this machine, {found[0]!r}.")
        if found := ABSOLUTE_PATH.search(cell.source):
            problems.append(f"{chapter.where(cell)}: the code holds an absolute path, {found[0]!r}.")
    ignored = [cell for cell in chapter.code if IGNORED_BY_NBVAL & set(cell.metadata.get("tags", []))]
    if len(ignored) > 1:
        problems.append(
            f"{len(ignored)} cells tagged nbval-skip or nbval-ignore-output; at most one, see {chapter.where(ignored[1])}."
        )
    return problems


def exercises_from_the_catalogue(chapter: Chapter) -> list[str]:
    """Stubs, help and solutions are those of course_lib/exercises, where tests try them."""
    if not exercises_of(chapter.number) and chapter.number not in WITHOUT_EXERCISES:
        return [f"No exercises: write course_lib/exercises/chapters/chapter_{chapter.number}.py."]
    if refresh(copy.deepcopy(chapter.notebook), chapter.number):
        return [f"Its exercises are not those of course_lib/exercises: `python3 course.py execute {chapter.number}`."]
    return []


def notebook_metadata(chapter: Chapter) -> list[str]:
    metadata, ids = chapter.notebook.metadata, [cell.get("id", "") for cell in chapter.cells]
    problems = []
    if metadata.get("kernelspec", {}).get("name") != "python3":
        problems.append('metadata.kernelspec.name must be "python3".')
    if any("execution" in cell.metadata for cell in chapter.cells):
        problems.append(f"Cells hold times of one run; `python3 course.py execute {chapter.number}` drops them.")
    if not all(name.startswith(f"c{chapter.number}-") for name in ids) or len(set(ids)) != len(ids):
        problems.append(
            f"Cell ids must start with `c{chapter.number}-` and be unique: "
            f"`python3 course.py execute {chapter.number}` sets them."
        )
    return problems


def measured_time(chapter: Chapter) -> list[str]:
    record = read_records().get(chapter.number)
    remedy = f"`python3 course.py execute {chapter.number}` on an idle machine."
    if record is None:
        return [f"results/chapters.json has no time for chapter {chapter.number}: {remedy}"]
    problems = []
    if record["threads"] != THREADS or record["seconds"] > MAX_SECONDS:
        problems.append(
            f"Takes {record['seconds']} s on {record['threads']} thread(s), at most {MAX_SECONDS} s on {THREADS}."
        )
    shown = "".join(text_of(output).strip("\n") for output in chapter.code[0].outputs) if chapter.code else ""
    if shown != banner(chapter.number, profile_name=PROFILE):
        problems.append(f"The first code cell does not show the record of results/chapters.json: {remedy}")
    return problems


@cache
def names_in_systems() -> set[str]:
    """Public functions and classes of every file of course_lib/matting and course_lib/instances."""
    files = [file for system in ("matting", "instances") for file in (ROOT / "course_lib" / system).glob("*.py")]
    nodes = [node for file in files for node in ast.parse(file.read_text("utf-8")).body]
    return {n.name for n in nodes if isinstance(n, ast.ClassDef | ast.FunctionDef) and not n.name.startswith("_")}


def definitions_listed(chapter: Chapter) -> list[str]:
    """What the chapter builds and the library has, is named in `course.equals` (proved in test_definitions.py)."""
    equals = chapter.notebook.metadata.get("course", {}).get("equals", {})
    trees = [parsed for cell in chapter.code if (parsed := tree(cell))]
    defined = {n.name for t in trees for n in t.body if isinstance(n, ast.ClassDef | ast.FunctionDef)}
    problems = [f"course.equals names {name!r}, which no cell defines." for name in equals if name not in defined]
    for name in sorted(defined & names_in_systems() - set(equals)):
        problems.append(f"{name} is defined here and in course_lib: list it in metadata course.equals.")
    if chapter.number >= "02" and not equals:
        problems.append(
            'metadata course.equals = {"Name": "course_lib.module.Name"} lists nothing; a chapter builds a part.'
        )
    return problems


CHECKS = [
    amount,
    widgets_are_short,
    alternative_texts,
    figures_come_from_the_library,
    executed_in_order,
    clean_outputs,
    exercises_from_the_catalogue,
    notebook_metadata,
    measured_time,
    definitions_listed,
]
