"""Files that are whole or not there: written under a temporary name beside the target, which they then get."""

import json
import os
from pathlib import Path

from course_lib.errors import CourseError


def write_whole(path: Path, data: bytes) -> None:
    """Replaces `path` at once. Raises CourseError when the disk does not take it; what was there stays."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise CourseError(
            f"Cannot write {path}: {error.strerror or error}. Make room there and run it again."
        ) from error


def write_json(path: Path, value: dict) -> None:
    write_whole(path, (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode())


def read_json(path: Path) -> dict:
    """{} when there is no such file. Raises CourseError when it is damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except ValueError:
        raise CourseError(f"{path} is damaged. Restore it with git, or delete it.") from None
