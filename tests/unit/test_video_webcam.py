"""A webcam as a source, with a camera that is made up."""

from fractions import Fraction
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

from course_lib.errors import CourseError
from course_lib.video.frames import Span
from course_lib.video.reader import open_source
from tests.object_finder import read_coco, segment
from tests.video_files import decode, matte, names_in, picture, times_of, write_video


class Camera:
    """Takes `picture`s, in OpenCV's order of channels, one in 40 ms of a clock of its own."""

    present = (0, 2)
    pictures = 10**6

    def __init__(self, number):
        self.number = number
        self.taken = 0

    def isOpened(self):
        return self.number in self.present

    def get(self, _):
        return 25.0

    def read(self):
        self.taken += 1
        more = self.taken <= self.pictures
        return more, picture(self.taken - 1)[..., ::-1].copy() if more else None

    def release(self):
        self.number = None


@pytest.fixture(autouse=True)
def camera(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cv2, "VideoCapture", Camera)
    clock = count()
    monkeypatch.setattr("course_lib.video.webcam.time.monotonic", lambda: 100 + 0.04 * next(clock))
    return Camera


def read_webcam(text="webcam", **span):
    return list(open_source(Path(text), Span.of(**span)))


def test_frames_are_rgb_with_the_time_at_which_they_were_taken():
    source = open_source(Path("webcam"), Span.of(duration=0.2))
    frames = list(source)
    assert [frame.time for frame in frames] == [Fraction(i, 25) for i in range(5)]
    assert all(np.array_equal(frame.rgb, picture(i)) for i, frame in enumerate(frames))
    assert (source.rate, source.total, source.sound) == (25, None, None)
    assert source._camera.number is None  # released


def test_both_commands_take_it(tmp_path):
    assert segment("webcam:2", coco="all.json", output="out.mp4", duration=0.4).frames == 10
    assert times_of(tmp_path / "out.mp4") == [Fraction(i, 25) for i in range(10)]
    assert len(read_coco(tmp_path / "all.json")[1]) == 10
    assert matte("webcam", duration=0.2, background="#000000").outputs == (tmp_path / "webcam_matte.mp4",)
    assert len(decode(tmp_path / "webcam_matte.mp4")) == 5


def test_a_camera_that_stands_still_for_a_moment(monkeypatch):
    times = iter([5.0, 5.0, 5.0001, 5.5])
    monkeypatch.setattr("course_lib.video.webcam.time.monotonic", lambda: next(times))
    frames = read_webcam(duration=0.3)
    assert [frame.time for frame in frames] == [0, Fraction(1, 1000), Fraction(2, 1000)]


@pytest.mark.parametrize(
    ("text", "span", "words"),
    [
        ("webcam", {}, "no end: say for how many seconds, such as --duration 20"),
        ("webcam", {"start": 2, "duration": 3}, "leave out --start"),
        ("webcam:1", {"duration": 3}, "webcam:1: there is no such camera"),
        ("webcam:x", {"duration": 3}, "webcam:x does not exist"),
    ],
)
def test_what_a_webcam_cannot_do(text, span, words):
    with pytest.raises(CourseError, match=words):
        read_webcam(text, **span)


def test_a_camera_that_is_unplugged_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(Camera, "pictures", 7)
    with pytest.raises(CourseError, match="gives no more pictures"):
        segment("webcam", "out.mp4", duration=10)
    assert names_in(tmp_path) == set()


def test_a_file_of_that_name_comes_first(tmp_path):
    write_video(tmp_path / "webcam", 3, form="mp4")
    assert len(read_webcam()) == 3
