"""A disk that really fills up: the operating system refuses to let a file grow beyond a limit, down to the last byte."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json, resource, sys
from pathlib import Path
import numpy as np
from course_lib.errors import CourseError
from course_lib.video import matte_video
from tests.video_files import RedIsAlpha, names_in, write_video

folder = Path(sys.argv[1])
noise = np.random.default_rng(0).integers(0, 255, (20, 48, 64, 3), np.uint8)
source = write_video(folder / "in.mkv", list(noise), codec="ffv1", pixels="yuv444p", sound="aac")
outcomes = {}
for name in ("out.mp4", "out.webm", "out.mov", "out.gif", "folder/"):
    def matte():
        matte_video(source, f"{folder}/{name}", background="#000000", model=RedIsAlpha(), progress=False)

    matte()
    path = folder / name
    size = max(f.stat().st_size for f in path.iterdir()) if path.is_dir() else path.stat().st_size
    for file in [*path.iterdir()] if path.is_dir() else [path]:
        file.unlink()
    path.rmdir() if path.is_dir() else None
    for limit in (size - 1, size - 100, size // 2, 100):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            matte()
            outcome = "no error"
        except CourseError as error:
            outcome = str(error)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        outcomes[f"{name} {limit} of {size}"] = [outcome, sorted(names_in(folder))]
print(json.dumps(outcomes))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on the size of a file")
def test_no_room_for_the_last_byte(tmp_path):
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=root, capture_output=True, text=True, timeout=300
    )
    assert result.returncode == 0, result.stderr
    outcomes = json.loads(result.stdout.splitlines()[-1])
    assert len(outcomes) == 20
    for case, (outcome, left) in outcomes.items():
        assert "no space left" in outcome, case
        assert left == ["in.mkv"], case
