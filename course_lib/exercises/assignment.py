"""Chapters for a class: the notebooks without their solutions."""

from pathlib import Path

from course_lib.chapters import chapter_paths
from course_lib.errors import CourseError
from course_lib.exercises.cells import is_solution
from course_lib.training.files import write_whole


def write_assignment(chapters: list[str], folder: Path) -> list[Path]:
    """Writes the notebooks of `chapters` ("04") into `folder`. → their paths.

    Raises CourseError for an unknown chapter, and where a file is there already.
    """
    import nbformat

    paths = chapter_paths()
    if unknown := [chapter for chapter in chapters if chapter not in paths]:
        raise CourseError(f"No chapter {', '.join(unknown)}. There are: {', '.join(paths)}.")
    targets = {chapter: folder / paths[chapter].name for chapter in chapters}
    if there := [str(target) for target in targets.values() if target.exists()]:
        raise CourseError(f"{', '.join(there)} is there already, perhaps with answers in it. Choose another --out.")
    for chapter, target in targets.items():
        notebook = nbformat.read(paths[chapter], as_version=4)
        notebook.cells = [cell for cell in notebook.cells if not is_solution(cell)]
        write_whole(target, (nbformat.writes(notebook, version=4) + "\n").encode())
    return list(targets.values())
