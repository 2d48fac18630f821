"""A long video needs no more memory than a short one."""

import ctypes
import gc
import sys

from tests.video_files import matte, picture, write_video

EARLY, LATE = 300, 3000
ALLOWED = 20e6  # bytes


def resident_bytes() -> int:
    """Memory that this process holds, after handing back what the allocator merely keeps."""
    import psutil

    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    return psutil.Process().memory_info().rss


def test_frame_300_and_frame_3000(tmp_path):
    height, width = 72, 96
    pictures = [picture(i % 60, height, width) for i in range(LATE + 50)]
    source = write_video(tmp_path / "in.mp4", pictures, sound="aac", options={"preset": "ultrafast"})
    del pictures
    held = {}

    def watch(done, _):
        for moment in (EARLY, LATE):
            if done >= moment and moment not in held:
                held[moment] = resident_bytes()

    report = matte(source, tmp_path / "out.mp4", progress=watch, chunk=10)
    assert report.frames == LATE + 50
    assert held[LATE] - held[EARLY] < ALLOWED
    frame_bytes = height * width * 3
    assert (LATE - EARLY) * frame_bytes > ALLOWED  # keeping every frame would be seen
