"""Files that cannot be read get one message that names them."""

import av
import numpy as np
import pytest

from course_lib.errors import CourseError
from course_lib.video.reader import open_source
from tests.video_files import write_video


def read(path, **options):
    return list(open_source(path, **options))


def two_sizes(path):
    """H.264 whose second half has another size, in a stream that may change it."""
    first, second = (
        write_video(path.with_name(f"{n}.h264"), 5, size=s, form="h264") for n, s in enumerate(((48, 64), (32, 48)))
    )
    path.write_bytes(first.read_bytes() + second.read_bytes())
    return path


def test_changing_size_is_refused_with_the_remedy(tmp_path):
    path = two_sizes(tmp_path / "two.h264")
    with pytest.raises(CourseError, match=r"two.h264, frame 5 is 48×32.*64×48.*--resize 64x48"):
        read(path)
    frames = read(path, resize=(64, 48))
    assert [frame.rgb.shape for frame in frames] == [(48, 64, 3)] * 10


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.mp4", b"", "empty"),
        ("noise.mp4", bytes(range(256)) * 20, "cannot be opened"),
        ("letter.txt", b"Dear reader, this is not a video.\n" * 50, "not a video|cannot be opened"),
        ("list.m3u8", b"#EXTM3U\n#EXTINF:1,\nother.mp4\n", "not a video|cannot be opened"),
        ("list.ffconcat", b"ffconcat version 1.0\nfile other.mp4\n", "not a video|cannot be opened"),
        ("picture.png", b"\x89PNG\r\n\x1a\nbroken", "not a picture"),
    ],
)
def test_what_is_no_video(tmp_path, name, content, words):
    write_video(tmp_path / "other.mp4")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CourseError, match=words) as caught:
        read(tmp_path / name)
    assert name in str(caught.value)


def test_missing_and_sound_only(tmp_path):
    with pytest.raises(CourseError, match="does not exist"):
        read(tmp_path / "none.mp4")
    path = tmp_path / "song.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=48000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 9600), np.int16), format="s16", layout="stereo")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(CourseError, match="no moving pictures"):
        read(path)


def test_a_huge_picture_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("course_lib.video.frames.LARGEST_PICTURE", 1000)
    with pytest.raises(CourseError, match="64×48 pixels, more than"):
        read(write_video(tmp_path / "big.mp4"))
