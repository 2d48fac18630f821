"""What each kind of output holds."""

from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from tests.video_files import (
    NTSC,
    decode,
    decode_vp9_alpha,
    matte,
    over,
    picture,
    times_of,
    write_video,
)


def test_mp4_is_what_browsers_play(tmp_path):
    source = write_video(tmp_path / "in.mp4", 9, rate=NTSC)
    matte(source, tmp_path / "out.mp4", background="#204060", alpha=tmp_path / "alpha.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.codec_context.profile == "High"
        assert (stream.color_range, stream.colorspace, stream.color_primaries, stream.color_trc) == (1, 1, 1, 1)
        assert stream.average_rate == NTSC
    head = (tmp_path / "out.mp4").read_bytes()
    assert head.index(b"moov") < head.index(b"mdat")  # playable before it is loaded whole
    for shown, frame in zip(decode(tmp_path / "out.mp4"), decode(source), strict=True):
        assert np.abs(shown - over(frame, (0x20, 0x40, 0x60))).mean() < 4
    for shown, frame in zip(decode(tmp_path / "alpha.mp4"), decode(source), strict=True):
        assert np.abs(shown - frame[..., :1].astype(float)).mean() < 4


def test_webm_holds_real_alpha(tmp_path):
    source = write_video(tmp_path / "in.mp4", 9, rate=NTSC)
    matte(source, tmp_path / "out.webm")
    results = decode_vp9_alpha(tmp_path / "out.webm")
    assert len(results) == 9
    for result, frame in zip(results, decode(source), strict=True):
        assert np.abs(result[..., 3] - frame[..., 0].astype(float)).mean() < 4
        opaque = frame[..., 0] > 200
        assert np.abs(result[opaque, :3] - frame[opaque].astype(float)).mean() < 8
    with av.open(str(tmp_path / "out.webm")) as container:
        assert container.streams.video[0].average_rate == NTSC
        assert container.streams.video[0].metadata["alpha_mode"] == "1"


def test_mov_holds_real_alpha(tmp_path):
    source = write_video(tmp_path / "in.mp4", 4, rate=24)
    matte(source, tmp_path / "out.mov")
    with av.open(str(tmp_path / "out.mov")) as container:
        stream = container.streams.video[0]
        assert stream.codec_context.name == "prores"
        assert stream.codec_context.profile == "4444"
        assert stream.average_rate == 24
    for result, frame in zip(decode(tmp_path / "out.mov", "rgba"), decode(source), strict=True):
        assert np.abs(result[..., 3] - frame[..., 0].astype(float)).mean() < 2
        opaque = frame[..., 0] > 200
        assert np.abs(result[opaque, :3] - frame[opaque].astype(float)).mean() < 5


@pytest.mark.parametrize("name", ["out.webm", "out.mov"])
def test_a_background_makes_them_opaque(tmp_path, name):
    source = write_video(tmp_path / "in.mp4", 3)
    matte(source, tmp_path / name, background="#808080")
    with av.open(str(tmp_path / name)) as container:
        assert "a" not in container.streams.video[0].codec_context.pix_fmt
    shown = decode(tmp_path / name)[1]
    assert np.abs(shown - over(decode(source)[1], 0x80)).mean() < 5


def test_gif(tmp_path):
    source = write_video(tmp_path / "in.mp4", 10, rate=20)
    matte(source, tmp_path / "out.gif", background="#204060")
    with Image.open(tmp_path / "out.gif") as image:
        assert image.n_frames == 10
        assert image.info["duration"] == 50
        assert image.info["loop"] == 0
        image.seek(7)
        shown = np.asarray(image.convert("RGB"))
    assert np.abs(shown - over(decode(source)[7], (0x20, 0x40, 0x60))).mean() < 12


def test_gif_can_be_transparent_and_leaves_out_what_comes_too_fast(tmp_path):
    source = write_video(tmp_path / "in.mp4", 20, rate=100)
    report = matte(source, tmp_path / "out.gif", background="transparent")
    with Image.open(tmp_path / "out.gif") as image:
        assert image.n_frames == 10
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert set(np.unique(alpha)) == {0, 255}
    assert any("10 frames were left out" in note for note in report.notes)


def test_one_picture(tmp_path):
    Image.fromarray(picture(0, 31, 45)).save(tmp_path / "in.png")
    matte(tmp_path / "in.png", tmp_path / "out.png")
    matte(tmp_path / "in.png", tmp_path / "out.jpg", background="#FFFFFF", quality=100)
    matte(tmp_path / "in.png", tmp_path / "out.mp4")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.png"))[..., 3], picture(0, 31, 45)[..., 0])
    jpeg = np.asarray(Image.open(tmp_path / "out.jpg"))
    assert np.abs(jpeg - over(picture(0, 31, 45), 255)).mean() < 5
    assert len(decode(tmp_path / "out.mp4")) == 1


def test_odd_sides_are_padded_for_h264_not_scaled(tmp_path):
    Image.fromarray(picture(0, 31, 45)).save(tmp_path / "in.png")
    report = matte(tmp_path / "in.png", foreground=tmp_path / "out.mp4")
    shown = decode(tmp_path / "out.mp4")[0]
    assert shown.shape == (32, 46, 3)
    assert np.abs(shown[:31, :45].astype(int) - picture(0, 31, 45)).mean() < 6
    assert any("45×31 was padded to 46×32" in note for note in report.notes)
    report = matte(tmp_path / "in.png", foreground=tmp_path / "out.webm")
    assert decode(tmp_path / "out.webm")[0].shape == (31, 45, 3)
    assert not any("padded" in note for note in report.notes)


@pytest.mark.parametrize("size", [(1, 1), (1, 64), (2, 3)])
@pytest.mark.parametrize("name", ["o.mp4", "o.webm", "o.mov", "o.gif", "o.png"])
def test_tiny_pictures(tmp_path, size, name):
    Image.fromarray(picture(0, *size)).save(tmp_path / "in.png")
    assert matte(tmp_path / "in.png", tmp_path / name).frames == 1


@pytest.mark.parametrize("name", ["out.mp4", "out.mov"])
def test_variable_rate_is_kept(tmp_path, name):
    ticks = [0, 1001, 3003, 3500, 4004, 9009]
    source = write_video(tmp_path / "in.mp4", 6, rate=NTSC, tick=Fraction(1, 30000), times=ticks)
    matte(source, tmp_path / name)
    assert times_of(tmp_path / name) == [Fraction(tick, 30000) for tick in ticks]


def test_milliseconds_in_exact_rate_out(tmp_path):
    source = write_video(tmp_path / "in.mkv", 40, rate=NTSC)
    matte(source, tmp_path / "out.mp4")
    assert times_of(tmp_path / "out.mp4") == [i / NTSC for i in range(40)]
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].average_rate == NTSC


def test_turned_video_comes_out_upright(tmp_path):
    source = write_video(tmp_path / "in.mp4", 2, rotation=90, pixel_aspect=Fraction(4, 3))
    matte(source, foreground=tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.height, frame.width, frame.rotation) == (64, 48, 0)
        assert container.streams.video[0].sample_aspect_ratio == Fraction(3, 4)
    assert np.abs(frame.to_ndarray(format="rgb24") - np.rot90(picture(0)).astype(float)).mean() < 6
