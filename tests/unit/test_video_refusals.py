"""What cannot be done is said in one message before anything is written."""

import errno
import os
import shutil

import pytest
from PIL import Image

from course_lib.errors import CourseError
from tests.video_files import (
    matte,
    names_in,
    picture,
    write_pictures,
    write_video,
)


@pytest.fixture
def folder(tmp_path):
    return write_pictures(tmp_path / "shots")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"output": "out.avi"}, r"suffix .avi is not one of"),
        ({"output": "none/out.mp4"}, "none does not exist"),
        ({"output": "full"}, "not an empty folder"),
        ({"output": "in.mp4"}, "is the input"),
        ({"output": "out.mp4", "background": "back.png", "alpha": "back.png"}, "is the background|holds one picture"),
        ({"output": "out.mp4", "alpha": "out.mp4"}, "is already the composite"),
        ({"output": "out.mp4", "background": "transparent"}, "cannot be transparent"),
        ({"output": "out.png"}, "holds one picture"),
        ({"output": "out.mp4", "background": "#12345"}, "not a colour"),
        ({"output": "out.mp4", "background": "nowhere.png"}, "nowhere.png does not exist"),
        ({"output": "out.mp4", "background": "full"}, "is a folder"),
        ({"output": "out.mp4", "background": "back.png", "fit": "squeeze"}, "--fit squeeze"),
        ({"output": "out.mp4", "downsample_ratio": 2}, "ratio 2"),
        ({"output": "out.mp4", "downsample_ratio": 0.001}, "leaves nothing"),
        ({"output": "out.mp4", "chunk": 0}, "--chunk 0"),
        ({"output": "out.mp4", "quality": 101}, "--quality 101"),
        ({"output": "out.mp4", "resize": (0, 5)}, "--resize 0x5"),
        ({"output": "out.mp4", "start": -1}, "--start -1"),
        ({"output": "out.mp4", "start": 100}, "no frame from --start 100 s"),
        ({"output": "out.mp4", "duration": 0}, "--duration 0"),
        ({"output": "out.mp4", "device": "abacus"}, "--device abacus"),
        ({"output": "out.mp4", "dtype": "int3"}, "--dtype int3"),
        ({"output": None, "alpha": "a.mp4", "compare": True}, "-o"),
    ],
)
def test_impossible_requests(tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "in.mp4", 2)
    Image.fromarray(picture(0)).save("back.png")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("do not lose me")
    before = {name: os.stat(name).st_mtime_ns for name in names_in(tmp_path)}
    with pytest.raises(CourseError, match=words):
        matte("in.mp4", **options)
    assert {name: os.stat(name).st_mtime_ns for name in names_in(tmp_path)} == before


def test_the_input_is_safe_behind_a_link(tmp_path):
    source = write_video(tmp_path / "in.mp4", 2)
    (tmp_path / "link.mp4").symlink_to(source)
    with pytest.raises(CourseError, match="is the input"):
        matte(source, tmp_path / "link.mp4")


def test_two_inputs_that_would_share_a_name(tmp_path, folder):
    shutil.copy(folder / "shot 1.png", folder / "shot 1.tiff.png")
    Image.fromarray(picture(0)).save(folder / "shot 1.jpg")
    with pytest.raises(CourseError, match="Two input files are called shot 1"):
        matte(folder, tmp_path / "out")
    assert names_in(tmp_path) == {"shots"}


@pytest.mark.parametrize("name", ["out.mp4", "out.webm", "out.gif", "folder/"])
def test_a_full_disk_leaves_nothing(tmp_path, monkeypatch, name):
    source = write_video(tmp_path / "in.mp4", 30)

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    if name == "folder/":
        monkeypatch.setattr(Image.Image, "save", full)
    else:
        monkeypatch.setattr("course_lib.video.encode.VideoEncoder.write", full)
        monkeypatch.setattr("course_lib.video.gif.GifEncoder.write", full)
    with pytest.raises(CourseError, match="no space left"):
        matte(source, f"{tmp_path}/{name}", alpha=tmp_path / "alpha.mp4")
    assert names_in(tmp_path) == {"in.mp4"}
