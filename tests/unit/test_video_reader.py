from fractions import Fraction

import av
import numpy as np
import pytest

from course_lib.errors import CourseError
from course_lib.video import container as container_module
from course_lib.video.frames import Span
from course_lib.video.reader import VideoSource, open_source
from tests.video_files import NTSC, picture, write_video

CODING = 12  # levels; what H.264 does to the soft test picture


def read(path, **options):
    source = open_source(path, **options)
    return source, list(source)


def close_to(shown, expected, tolerance=CODING):
    return np.abs(shown.astype(int) - expected).mean() < tolerance


def test_frames_rate_and_times(tmp_path):
    source, frames = read(write_video(tmp_path / "a.mp4", 20, rate=NTSC))
    assert source.rate == NTSC
    assert source.total == len(frames) == 20
    assert [frame.time for frame in frames] == [i / NTSC for i in range(20)]
    assert all(close_to(frame.rgb, picture(i), 4) for i, frame in enumerate(frames))


def test_variable_rate_keeps_its_timestamps(tmp_path):
    ticks = [0, 1001, 3003, 3500, 4004, 9009]
    path = write_video(tmp_path / "v.mp4", 6, rate=NTSC, tick=Fraction(1, 30000), times=ticks)
    assert [frame.time for frame in read(path)[1]] == [Fraction(tick, 30000) for tick in ticks]


@pytest.mark.parametrize("name", ["m.mkv", "m.webm"])
def test_milliseconds_of_matroska_become_the_exact_rate(tmp_path, name):
    codec = "libx264" if name.endswith("mkv") else "libvpx-vp9"
    source, frames = read(write_video(tmp_path / name, 40, rate=NTSC, codec=codec))
    assert source.rate == NTSC
    assert [frame.time for frame in frames] == [i / NTSC for i in range(40)]


@pytest.mark.parametrize("degrees", [0, 90, 180, -90])
def test_rotation_is_respected(tmp_path, degrees):
    path = write_video(tmp_path / "r.mp4", 3, rotation=degrees)
    _, frames = read(path)
    expected = np.rot90(picture(1), degrees // 90)  # both count anticlockwise
    assert frames[1].rgb.shape == expected.shape
    assert close_to(frames[1].rgb, expected, 4)


def test_mirrored_video_is_unmirrored(tmp_path):
    path = tmp_path / "m.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(0, hflip=True)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(0))))
        container.mux(stream.encode(None))
    assert close_to(read(path)[1][0].rgb, picture(0)[:, ::-1])


def test_pixels_that_are_not_square_turn_with_the_picture(tmp_path):
    source, _ = read(write_video(tmp_path / "p.mp4", 2, rotation=90, pixel_aspect=Fraction(4, 3)))
    assert source.pixel_aspect == Fraction(3, 4)


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("ten.mp4", "libx264", "yuv420p10le"),
        ("grey.mkv", "ffv1", "gray"),
        ("grey16.mkv", "ffv1", "gray16le"),
        ("rgb.mp4", "libx264rgb", "rgb24"),
        ("full.mp4", "libx264", "yuvj420p"),
        ("yuv444.mp4", "libx264", "yuv444p"),
        ("gif.gif", "gif", "rgb8"),
    ],
)
def test_any_pixel_format_becomes_rgb(tmp_path, name, codec, pixels):
    pictures = [picture(i) for i in range(3)]
    if pixels.startswith("gray"):
        pictures = [p[..., 1:2].repeat(3, axis=2) for p in pictures]
    path = write_video(tmp_path / name, pictures, codec=codec, pixels=pixels, tagged=pixels != "rgb24")
    frames = read(path)[1]
    assert len(frames) == 3
    assert close_to(frames[2].rgb, pictures[2], 20 if pixels == "rgb8" else 6)


def test_a_video_with_alpha_is_put_on_black(tmp_path):
    pictures = [picture(i, channels=4) for i in range(2)]
    _, frames = read(write_video(tmp_path / "a.mov", pictures, codec="prores_ks", pixels="yuva444p10le"))
    outside = pictures[0][..., 3] == 0
    assert frames[0].rgb[outside].mean() < 6
    assert close_to(frames[0].rgb[~outside], pictures[0][..., :3][~outside])


@pytest.mark.parametrize(("height", "matrix"), [(480, "ITU601"), (720, "ITU709")])
def test_a_file_without_matrix_is_read_as_players_read_it(tmp_path, height, matrix):
    green = np.full((height, 64, 3), (40, 180, 60), np.uint8)
    path = tmp_path / "u.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, height, "yuv420p"
        frame = av.VideoFrame.from_ndarray(green).reformat(format="yuv420p", dst_colorspace=matrix)
        frame.colorspace = 2  # unspecified
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    assert np.abs(read(path)[1][0].rgb.astype(int) - green).max() <= 3


def test_one_frame(tmp_path):
    assert len(read(write_video(tmp_path / "one.mp4", 1))[1]) == 1


def test_no_frame_rate_in_the_file(tmp_path, monkeypatch):
    path = write_video(tmp_path / "zero.mkv", 5, rate=30)
    real = container_module.picture_stream

    class NoRate:
        average_rate = guessed_rate = base_rate = Fraction(0)

        def __init__(self, stream):
            self._stream = stream

        def __getattr__(self, name):
            return getattr(self._stream, name)

    monkeypatch.setattr("course_lib.video.reader.picture_stream", lambda *a: NoRate(real(*a)))
    source = VideoSource(path)
    assert source.rate == 30
    assert any("no frame rate" in note for note in source.notes)


def test_start_and_duration_choose_frames(tmp_path):
    path = write_video(tmp_path / "s.mp4", 50, rate=25, options={"g": "10"})
    source, frames = read(path, span=Span.of(0.5, 0.4))
    assert source.total == 10
    assert source.origin == Fraction(13, 25)  # the first frame at or after 0.5 s
    assert [frame.time for frame in frames] == [i / Fraction(25) for i in range(10)]
    assert all(close_to(frame.rgb, picture(13 + i), 4) for i, frame in enumerate(frames))


@pytest.mark.parametrize("name", ["raw.h264", "stream.ts", "film.mkv", "film.mp4"])
def test_start_is_met_with_an_index_or_without(tmp_path, name):
    path = write_video(tmp_path / name, 30, options={"g": "12"})
    frames = read(path, span=Span.of(0.4))[1]
    assert len(frames) == 20
    assert close_to(frames[0].rgb, picture(10), 4)


def test_start_beyond_the_end(tmp_path):
    with pytest.raises(CourseError, match=r"no frame from --start 9 s on: it ends at 0.48 s"):
        read(write_video(tmp_path / "s.mp4"), span=Span.of(9))


@pytest.mark.parametrize(("start", "duration"), [(-1, None), (0, 0), (0, -2), (float("nan"), None), (0, float("inf"))])
def test_impossible_spans(start, duration):
    with pytest.raises(CourseError, match=r"--start|--duration"):
        Span.of(start, duration)


def test_resize(tmp_path):
    _, frames = read(write_video(tmp_path / "r.mp4", 2, rotation=90), resize=(30, 50))
    assert frames[0].rgb.shape == (50, 30, 3)


def test_names_with_colons_and_percent_signs(tmp_path):
    path = write_video(tmp_path / "plain.mp4").rename(tmp_path / "a:b %03d ü.mp4")
    assert len(read(path)[1]) == 12


def test_a_trimmed_video_is_not_taken_for_a_cut_one(tmp_path):
    """Phones trim by an edit list: the samples stay in the file, and the header says which part is shown."""
    path = write_video(tmp_path / "t.mp4", 50, options={"bf": "0"})
    content = bytearray(path.read_bytes())
    at = content.index(b"elst") + 12  # version and flags, number of entries, then the entry's duration in milliseconds
    assert int.from_bytes(content[at : at + 4], "big") == 2000
    content[at : at + 4] = (1200).to_bytes(4, "big")
    path.write_bytes(content)
    assert len(read(path)[1]) in (30, 31)
