"""`course matte`: options reach `matte_video`, mistakes leave with exit code 2 and one message."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from course_lib.cli.main import app
from course_lib.errors import CourseError
from course_lib.video import MatteReport
from tests.video_files import names_in, write_video


@pytest.fixture
def asked(monkeypatch):
    """What `matte_video` was called with."""
    calls = []

    def record(*paths, **options):
        calls.append((paths, options))
        return MatteReport(30, 2.0, 1.0, (paths[0],), ("A note.",))

    monkeypatch.setattr("course_lib.video.matte_video", record)
    return calls


def invoke(*words):
    return CliRunner().invoke(app, ["matte", *words], catch_exceptions=True)


def test_defaults(asked):
    result = invoke("in.mp4")
    assert result.exit_code == 0
    paths, options = asked[0]
    assert paths == ("in.mp4", None)
    assert options == {
        "background": None,
        "fit": "crop",
        "alpha": None,
        "foreground": None,
        "model": "rvm-mobilenetv3-published",
        "downsample_ratio": "auto",
        "chunk": "auto",
        "resize": None,
        "device": "auto",
        "dtype": "auto",
        "start": 0.0,
        "duration": None,
        "audio": True,
        "quality": 70,
        "compare": False,
    }
    assert "A note." in result.output
    assert "Wrote in.mp4" in result.output
    assert "30 frames in 2.0 s: 15.0 frames a second." in result.output


def test_every_option(asked):
    words = (
        "in.mp4 -o out.webm --background transparent --fit contain --alpha a.mp4 --foreground f.mp4 --model w.pth "
        "--downsample-ratio 0.25 --chunk 4 --resize 640x360 --device cpu --dtype float32 --start 1:02.5 --duration 90 "
        "--no-audio --quality 30 --compare"
    )
    assert invoke(*words.split()).exit_code == 0
    paths, options = asked[0]
    assert paths == ("in.mp4", "out.webm")
    assert options == {
        "background": "transparent",
        "fit": "contain",
        "alpha": "a.mp4",
        "foreground": "f.mp4",
        "model": "w.pth",
        "downsample_ratio": 0.25,
        "chunk": 4,
        "resize": (640, 360),
        "device": "cpu",
        "dtype": "float32",
        "start": 62.5,
        "duration": 90.0,
        "audio": False,
        "quality": 30,
        "compare": True,
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--resize", "wide"], "--resize wide is not a size"),
        (["--start", "soon"], "--start soon is not a time"),
        (["--duration", "-3"], "--duration -3 is not a time"),
        (["--chunk", "2.5"], "--chunk 2.5 is not a whole number"),
        (["--downsample-ratio", "half"], "--downsample-ratio half is not a number"),
    ],
)
def test_options_that_are_no_numbers(asked, words, message):
    result = invoke("in.mp4", *words)
    assert isinstance(result.exception, CourseError)
    assert message in str(result.exception)
    assert not asked


def course(*words, cwd):
    command = [sys.executable, "-m", "course_lib", "matte", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120)


def test_a_mistake_leaves_with_code_2_and_one_message(tmp_path):
    write_video(tmp_path / "in.mp4", 2)
    result = course("in.mp4", "-o", "in.mp4", cwd=tmp_path)
    assert result.returncode == 2
    assert result.stderr == "Error: in.mp4 is the input. Give the composite another name.\n"
    assert names_in(tmp_path) == {"in.mp4"}


@pytest.mark.weights
def test_a_whole_run(tmp_path):
    write_video(tmp_path / "in.mp4", 4, sound="aac")
    result = course("in.mp4", "-o", "out.mp4", "--background", "#204060", "--alpha", "alpha/", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert names_in(tmp_path) == {"in.mp4", "out.mp4", "alpha"}
    assert "Wrote out.mp4\nWrote alpha/\n4 frames in" in result.stdout
    assert "100%" in result.stderr  # the bar
