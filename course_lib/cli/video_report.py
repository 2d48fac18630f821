"""What `course matte` and `course segment` say at the end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course_lib.video.report import Report


def print_video_report(report: Report, found: str = "") -> None:
    """Notes, files, speed; `found` goes into the last line."""
    for note in report.notes:
        print(note)
    for path in report.outputs:
        print(f"Wrote {path}{'/' if Path(path).is_dir() else ''}")
    print(f"{counted(report.frames, 'frame')} in {report.seconds:.1f} s{found}: {report.fps:.1f} frames a second.")


def counted(count: int, word: str, plural: str | None = None) -> str:
    return f"{count} {word if count == 1 else plural or f'{word}s'}"
