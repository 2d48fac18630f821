"""Sound is kept."""

import av
import pytest

from tests.video_files import (
    decode,
    matte,
    sound_of,
    times_of,
    write_video,
)


@pytest.mark.parametrize(
    ("name", "codec", "output", "expected"),
    [
        ("in.mp4", "aac", "out.mp4", "aac"),
        ("in.mp4", "aac", "out.mov", "aac"),
        ("in.mp4", "aac", "out.webm", "opus"),
        ("in.mkv", "libopus", "out.webm", "opus"),
        ("in.mkv", "libopus", "out.mp4", "opus"),
        ("in.mkv", "pcm_s16le", "out.mp4", "aac"),
        ("in.mov", "pcm_s16le", "out.mov", "pcm_s16le"),
        ("in.ts", "aac", "out.mp4", "aac"),
        ("in.mkv", "ac3", "out.mp4", "aac"),
        ("in.mkv", "flac", "out.webm", "opus"),
    ],
)
def test_sound_is_kept(tmp_path, name, codec, output, expected):
    source = write_video(tmp_path / name, 50, rate=25, sound=codec)
    matte(source, tmp_path / output)
    kept, seconds = sound_of(tmp_path / output)
    assert kept == expected
    assert seconds == pytest.approx(2, abs=0.07)
    assert len(decode(tmp_path / output)) == 50


def test_copied_sound_is_the_same_to_the_byte(tmp_path):
    def packets(path):
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    source = write_video(tmp_path / "in.mp4", 50, sound="aac")
    matte(source, tmp_path / "out.mp4")
    assert packets(tmp_path / "out.mp4") == packets(source)


@pytest.mark.parametrize(("codec", "output"), [("aac", "out.mp4"), ("aac", "out.webm")])
def test_sound_follows_start_and_duration(tmp_path, codec, output):
    silence_then_tone = write_video(tmp_path / "in.mp4", 100, rate=25, sound=codec, options={"g": "10"})
    matte(silence_then_tone, tmp_path / output, start=1.0, duration=1.5)
    assert sound_of(tmp_path / output)[1] == pytest.approx(1.5, abs=0.07)
    assert len(times_of(tmp_path / output)) == 38  # 0, 1/25, … below 1.5 s
    with av.open(str(tmp_path / output)) as container:
        first = next(container.decode(audio=0))
        assert abs(first.time) < 0.05


def test_sound_longer_than_the_pictures_is_kept_whole(tmp_path):
    source = write_video(tmp_path / "in.mp4", 25, sound="aac", sound_seconds=2)
    matte(source, tmp_path / "out.mp4")
    assert sound_of(tmp_path / "out.mp4")[1] == pytest.approx(2, abs=0.07)


def test_no_sound_when_not_wanted_or_not_possible(tmp_path):
    source = write_video(tmp_path / "in.mp4", sound="aac")
    matte(source, tmp_path / "out.mp4", audio=False, alpha=tmp_path / "alpha.mp4")
    for name in ("out.mp4", "alpha.mp4"):
        with av.open(str(tmp_path / name)) as container:
            assert not container.streams.audio
    report = matte(source, tmp_path / "out.gif")
    assert any("holds no sound" in note for note in report.notes)
