"""Ctrl-C at any moment: threads stop, nothing is left."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.video_files import matte, names_in, write_video


@pytest.mark.parametrize("at", [1, 5, 20])
@pytest.mark.parametrize("name", ["out.mp4", "out.webm", "folder/"])
def test_interrupt_while_the_network_runs(tmp_path, name, at):
    source = write_video(tmp_path / "in.mp4", 60, sound="aac")
    before = set(threading.enumerate())

    def interrupt(done, _):
        if done >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        matte(source, f"{tmp_path}/{name}", alpha=tmp_path / "alpha.mp4", progress=interrupt, chunk=1)
    assert names_in(tmp_path) == {"in.mp4"}
    assert set(threading.enumerate()) <= before


def test_an_old_result_survives(tmp_path):
    source = write_video(tmp_path / "in.mp4", 10)
    (tmp_path / "out.mp4").write_bytes(b"yesterday's work")

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        matte(source, tmp_path / "out.mp4", progress=interrupt)
    assert (tmp_path / "out.mp4").read_bytes() == b"yesterday's work"
    assert names_in(tmp_path) == {"in.mp4", "out.mp4"}


ENDLESS = """
import itertools, sys
import numpy as np
from course_lib.video import reader
from tests.video_files import matte, picture

class Endless(reader.VideoSource):
    def __iter__(self):
        (frame,) = itertools.islice(super().__iter__(), 1)
        for index in itertools.count():
            yield reader.Frame(frame.rgb, index / self.rate)

reader.VideoSource = Endless
matte(sys.argv[1], sys.argv[2], progress=lambda done, _: print(done, flush=True))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_a_real_signal(tmp_path):
    source = write_video(tmp_path / "in.mp4", 10)
    command = [sys.executable, "-c", ENDLESS, str(source), str(tmp_path / "out.mp4")]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job is born deaf to it
    ) as process:
        try:
            while int(process.stdout.readline()) < 200:
                pass  # until it is in full swing
            assert len(names_in(tmp_path)) == 2  # with its hidden file
            os.kill(process.pid, signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert "KeyboardInterrupt" in errors
    assert names_in(tmp_path) == {"in.mp4"}
