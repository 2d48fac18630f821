"""`course segment`: options reach `segment_video`; what cannot be done is said in one message before anything is written."""

import os

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn
from typer.testing import CliRunner

from course_lib.cli.main import app
from course_lib.errors import CourseError
from course_lib.instances import SparseInst
from course_lib.matting import RobustVideoMatting
from course_lib.video import SegmentReport, matte_video, segment_video
from tests.object_finder import ObjectFinder, segment
from tests.video_files import names_in, picture, write_pictures, write_video


@pytest.fixture
def asked(monkeypatch):
    """What `segment_video` was called with."""
    calls = []

    def record(*paths, **options):
        calls.append((paths, options))
        return SegmentReport(30, 2.0, 1.0, (paths[0],), ("A note.",), 0 if options["classes"] else 61)

    monkeypatch.setattr("course_lib.video.segment_video", record)
    return calls


def invoke(*words):
    return CliRunner().invoke(app, ["segment", *words], catch_exceptions=True)


def test_defaults(asked):
    result = invoke("in.mp4")
    assert result.exit_code == 0
    paths, options = asked[0]
    assert paths == ("in.mp4", None)
    assert options == {
        "masks": None,
        "coco": None,
        "threshold": 0.4,
        "classes": None,
        "model": "sparseinst-mobilenetv3-laptop",
        "side": "auto",
        "chunk": "auto",
        "resize": None,
        "device": "auto",
        "dtype": "auto",
        "start": 0.0,
        "duration": None,
        "audio": True,
        "quality": 70,
    }
    assert "A note.\nWrote in.mp4\n30 frames in 2.0 s, 61 objects: 15.0 frames a second.\n" in result.output
    assert "threshold" not in result.output


def test_every_option(asked):
    words = (
        "in.mp4 -o out.webm --masks m/ --json all.json --threshold 0.7 --classes cat,dog --model w.pth --size 320 --chunk 4 "
        "--resize 640x360 --device cpu --dtype float32 --start 1:02.5 --duration 90 --no-audio --quality 30"
    )
    result = invoke(*words.split())
    assert result.exit_code == 0
    paths, options = asked[0]
    assert paths == ("in.mp4", "out.webm")
    assert options == {
        "masks": "m/",
        "coco": "all.json",
        "threshold": 0.7,
        "classes": "cat,dog",
        "model": "w.pth",
        "side": 320,
        "chunk": 4,
        "resize": (640, 360),
        "device": "cpu",
        "dtype": "float32",
        "start": 62.5,
        "duration": 90.0,
        "audio": False,
        "quality": 30,
    }
    assert "No object was found. A lower --threshold" in result.output


def test_the_defaults_of_command_and_function_are_one():
    from inspect import signature

    from course_lib.cli.segment import segment as command

    function, of_command = signature(segment_video).parameters, signature(command).parameters
    for name in ("threshold", "model", "quality"):
        assert function[name].default == of_command[name].default


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"output": "out.avi"}, r"suffix .avi is not one of"),
        ({"output": "none/out.mp4"}, "none does not exist"),
        ({"output": "full"}, "not an empty folder"),
        ({"output": "in.mp4"}, "in.mp4 is the input. Give the overlay another name"),
        ({"output": "out.png"}, "holds one picture"),
        ({"masks": "out.mp4"}, "--masks out.mp4: every object becomes a PNG of its own, so name a folder"),
        ({"masks": "full"}, "not an empty folder"),
        ({"coco": "out.txt"}, "--json out.txt: name a file that ends in .json"),
        ({"coco": "none/all.json"}, "none does not exist"),
        ({"coco": "folder.json"}, "is a folder, not a file"),
        ({"output": "same", "masks": "same"}, "already the overlay. Give the masks another name"),
        ({"threshold": 1.5}, "--threshold 1.5 must be between 0 and 1"),
        ({"threshold": float("nan")}, "--threshold nan"),
        ({"side": 10}, "--size 10 must be 32 pixels or more"),
        ({"classes": "dog, cat"}, "--classes dog: this model does not know that. It knows traffic light, cat"),
        ({"classes": " ,"}, "--classes names no class"),
        ({"chunk": 0}, "--chunk 0"),
        ({"quality": 101}, "--quality 101"),
        ({"device": "abacus"}, "--device abacus"),
        ({"start": 100}, "no frame from --start 100 s"),
    ],
)
def test_impossible_requests(tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "in.mp4", 2)
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious.txt").write_text("do not lose me")
    before = {name: os.stat(name).st_mtime_ns for name in names_in(tmp_path)}
    with pytest.raises(CourseError, match=words):
        segment("in.mp4", **options)
    assert {name: os.stat(name).st_mtime_ns for name in names_in(tmp_path)} == before


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.mp4", b"", "empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\nbroken", "not a picture"),
        ("nothing.png", None, "does not exist"),
        ("folder", ..., "holds no picture"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, content, words):
    if content is ...:
        (tmp_path / name).mkdir()
    elif content is not None:
        (tmp_path / name).write_bytes(content)
    before = names_in(tmp_path)
    with pytest.raises(CourseError, match=words) as caught:
        segment(tmp_path / name, tmp_path / "out.mp4", coco=tmp_path / "all.json")
    assert name in str(caught.value)
    assert names_in(tmp_path) == before


def test_pictures_of_two_sizes_make_no_video(tmp_path):
    folder = write_pictures(tmp_path / "shots", [1])
    Image.fromarray(picture(0, 30, 40)).save(folder / "shot 2.png")
    with pytest.raises(CourseError, match=r"shot 2.png is 40×30.*--resize 64x48"):
        segment(folder, tmp_path / "out.mp4", coco=tmp_path / "all.json")
    assert names_in(tmp_path) == {"shots"}
    assert segment(folder, tmp_path / "out.mp4", resize=(64, 48)).frames == 2


def test_a_network_that_gives_no_numbers(tmp_path):
    class Broken(ObjectFinder):
        def predict(self, *_, **__):
            raise ValueError("the scores of picture 0 are not numbers: the picture, or the weights, hold NaN")

    Image.fromarray(picture(0)).save(tmp_path / "in.png")
    with pytest.raises(CourseError, match="The network fails: the scores of picture 0 are not numbers"):
        segment(tmp_path / "in.png", tmp_path / "out.png", model=Broken())
    assert names_in(tmp_path) == {"in.png"}


def test_each_command_points_to_the_other(tmp_path):
    Image.fromarray(picture(0)).save(tmp_path / "in.png")
    with torch.device("cpu"):
        finder = SparseInst("mobilenetv3", "base", num_classes=2, num_masks=4, width=16, kernel_width=8, depth=1)
        matting = RobustVideoMatting("mobilenetv3", "fast_guided_filter")
    save_file(finder.state_dict(), tmp_path / "finder.safetensors")
    torch.save(matting.state_dict(), tmp_path / "matting.pth")
    with pytest.raises(CourseError, match=r"finder.safetensors finds objects and makes no mattes.*course segment"):
        matte_video(tmp_path / "in.png", model=tmp_path / "finder.safetensors")
    with pytest.raises(CourseError, match=r"matting.pth makes mattes and finds no objects.*course matte"):
        segment_video(tmp_path / "in.png", model=tmp_path / "matting.pth")
    with pytest.raises(CourseError, match=r"Identity has no predict, and so finds no objects"):
        segment_video(tmp_path / "in.png", model=nn.Identity())
    assert names_in(tmp_path) == {"in.png", "finder.safetensors", "matting.pth"}
