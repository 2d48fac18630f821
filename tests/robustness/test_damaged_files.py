import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.robustness.damaged import FLIPS, FRAMES, KINDS, PLACES


def outcomes(kind, folder):
    """A crash shows as a return code, a hang as TimeoutExpired."""
    command = [sys.executable, "-X", "faulthandler", "-m", "tests.robustness.damaged", kind, str(folder)]
    result = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=400)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0, f"after {lines[-1:]}: {result.stderr[-3000:]}"
    return lines


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    return outcomes("cut", tmp_path_factory.mktemp("cut"))


def test_a_video_cut_short_is_refused_and_nothing_is_left(cut):
    assert len(cut) == len(KINDS) * (PLACES + 1)
    for case, frames, message, left, _, _ in cut:
        if case.startswith(f"{PLACES}-"):
            assert (frames, message, left) == (FRAMES, None, ["out.mp4"]), case
        elif frames is not None:
            assert case.endswith(".avi"), case  # the list of frames at its very end is not needed
            assert frames == FRAMES, case
        else:
            assert case in message, case
            assert left == [], case


def test_the_remedy_in_the_message_works(cut):
    offered = [(case, readable) for case, _, _, _, remedy, readable in cut if remedy]
    assert len(offered) >= 2 * PLACES
    for case, readable in offered:
        assert readable is not None, case
        assert 0 < readable < FRAMES, case


def test_wrong_bytes_are_survived(tmp_path):
    flipped = outcomes("flip", tmp_path)
    assert len(flipped) == FLIPS
    for case, frames, message, left, _, _ in flipped:
        assert (frames is None) != (message is None), case
        assert left == ([] if frames is None else ["out.mp4"]), case
        assert frames is not None or case in message, case
    refused = sum(frames is None for _, frames, *_ in flipped)
    assert 0 < refused < FLIPS  # or the test would not try both ways
