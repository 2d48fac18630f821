"""Run by `test_damaged_files.py` in a process of its own, so that a crash or a hang of a decoder is a failed test.

python -m tests.robustness.damaged cut|flip FOLDER: mattes many damaged copies of videos and prints one JSON line for each:
[case, frames or None, message or None, names under the output folder, what --duration in the message gives].
"""

import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.video import matte_video
from tests.video_files import RedIsAlpha, names_in, write_video

FRAMES = 40
KINDS = {  # name → how it is written; all but the second MP4 have their index in front or none
    "fast.mp4": {"sound": "aac", "muxer_options": {"movflags": "faststart"}},
    "plain.mp4": {"sound": "aac"},
    "film.mkv": {"sound": "libopus"},
    "clip.webm": {"codec": "libvpx-vp9"},
    "old.avi": {"codec": "mpeg4"},
}
PLACES = 20
FLIPS = 200
SEED = 7


def damaged(kind: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    """(name of the case, content of the file)."""
    for name, options in KINDS.items():
        whole = write_video(folder / name, FRAMES, options={"g": "12"}, **options).read_bytes()
        if kind == "cut":
            for place in range(PLACES):
                yield f"{place}-{name}", whole[: len(whole) * place // PLACES]
            yield f"{PLACES}-{name}", whole
            continue
        generator = random.Random(SEED + len(name))
        for number in range(FLIPS // len(KINDS)):
            content = bytearray(whole)
            for _ in range(1 + number % 8):  # single wrong bytes, and bursts
                content[generator.randrange(len(content))] = generator.randrange(256)
            yield f"{number}-{name}", bytes(content)


def attempt(path: Path, out: Path, **options) -> tuple[int | None, str | None]:
    try:
        report = matte_video(path, out / "out.mp4", model=RedIsAlpha(), progress=False, chunk=4, **options)
    except CourseError as error:
        return None, str(error)
    return report.frames, None


def main(kind: str, folder: Path) -> None:
    out = folder / "out"
    out.mkdir()
    for case, content in damaged(kind, folder):
        path = folder / case
        path.write_bytes(content)
        frames, message = attempt(path, out)
        left = sorted(names_in(out))
        remedy = re.search(r"--duration (\S+) takes", message or "")
        readable = attempt(path, out, duration=float(remedy[1]))[0] if remedy else None
        (out / "out.mp4").unlink(missing_ok=True)
        print(json.dumps([case, frames, message, left, bool(remedy), readable]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
