"""`matte_video` from file to file, with a stand-in for the network: alpha is the red channel, the foreground the frame."""

import errno
import os
import shutil
from fractions import Fraction

import av
import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.data import sample_clip, sample_clip_path
from course_lib.errors import CourseError
from course_lib.video import MattingSession, matte_video
from tests.video_files import (
    NTSC,
    RedIsAlpha,
    decode,
    decode_vp9_alpha,
    names_in,
    picture,
    sound_of,
    times_of,
    write_video,
)


def run(source, output=None, **options):
    return matte_video(source, output, **{"model": RedIsAlpha(), "progress": False, **options})


def over(frame, behind):
    """What the output must show, in float64."""
    alpha = frame[..., :1] / 255
    return frame * alpha + np.asarray(behind, float) * (1 - alpha)


@pytest.fixture
def folder(tmp_path):
    """Three pictures: read and written without loss, so results can be compared to the byte."""
    path = tmp_path / "shots"
    path.mkdir()
    for index in (1, 2, 10):
        Image.fromarray(picture(index)).save(path / f"shot {index}.png")
    return path


def pngs(path):
    return {file.stem: np.asarray(Image.open(file)) for file in sorted(path.iterdir())}


# ---- the matting equation, to the byte


def test_a_folder_of_pngs_keeps_names_and_straight_alpha(tmp_path, folder):
    report = run(folder, tmp_path / "out")
    results = pngs(tmp_path / "out")
    assert set(results) == {"shot 1", "shot 2", "shot 10"}
    frame, result = picture(10), results["shot 10"]
    assert result.shape == (48, 64, 4)
    assert np.array_equal(result[..., 3], frame[..., 0])
    seen = frame[..., 0] > 0
    assert np.array_equal(result[seen, :3], frame[seen])
    assert not result[~seen].any()  # the old background is not kept under full transparency
    assert (report.frames, report.outputs) == (3, (tmp_path / "out",))
    assert report.fps == pytest.approx(3 / report.seconds)


def test_a_colour_is_put_behind_rounded_not_cut_off(tmp_path, folder):
    run(folder, tmp_path / "out", background="#10C8FF")
    for index in (1, 2, 10):
        result = pngs(tmp_path / "out")[f"shot {index}"]
        expected = over(picture(index), (0x10, 0xC8, 0xFF))
        assert result.shape == (48, 64, 3)
        assert np.abs(result - expected).max() <= 0.501


@pytest.mark.parametrize("fit", ["crop", "contain", "stretch"])
def test_a_picture_is_fitted(tmp_path, folder, fit):
    behind = np.zeros((40, 120, 3), np.uint8)
    behind[:, :, 0] = np.linspace(10, 250, 120)
    Image.fromarray(behind).save(tmp_path / "behind.png")
    run(folder, tmp_path / "out", background=tmp_path / "behind.png", fit=fit)
    alpha = picture(1)[..., :1] / 255
    revealed = (pngs(tmp_path / "out")["shot 1"] - picture(1) * alpha) / np.maximum(1 - alpha, 0.3)
    row = revealed[24, :, 0]
    left, right = row[0], row[-1]
    expected = {"crop": (76, 184), "contain": (10, 250), "stretch": (10, 250)}[fit]  # 53 of 120 columns are in sight
    assert (left, right) == pytest.approx(expected, abs=4)
    bars = np.abs(revealed[2]).max()
    assert bars < 2 if fit == "contain" else bars > 100


def test_a_video_behind_loops_in_its_own_time(tmp_path):
    behind = [np.full((48, 64, 3), 80 * i, np.uint8) for i in range(3)]
    path = write_video(tmp_path / "behind.mp4", behind, rate=10)
    front = write_video(tmp_path / "front.mp4", [np.zeros((48, 64, 3), np.uint8)] * 20, rate=20)
    run(front, tmp_path / "out.mp4", background=path)  # alpha is 0 everywhere: only the background shows
    shown = [round(frame.mean() / 80) for frame in decode(tmp_path / "out.mp4")]
    assert shown == [0, 0, 1, 1, 2, 2] * 3 + [0, 0]


def test_blur_keeps_the_person_out_of_the_surroundings(tmp_path):
    frame = np.zeros((96, 128, 3), np.uint8)
    frame[..., 2] = 200
    frame[30:60, 50:80] = (255, 0, 0)
    Image.fromarray(frame).save(tmp_path / "in.png")
    run(tmp_path / "in.png", tmp_path / "out.png", background="blur")
    result = np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    assert np.array_equal(result[30:60, 50:80], frame[30:60, 50:80])
    outside = np.ones((96, 128), bool)
    outside[30:60, 50:80] = False
    assert np.abs(result[outside] - (0, 0, 200)).max() <= 3


def test_compare_shows_input_alpha_and_composite(tmp_path, folder):
    run(folder, tmp_path / "out", background="#000000", compare=True)
    frame, result = picture(2), pngs(tmp_path / "out")["shot 2"]
    assert result.shape == (48, 192, 3)
    assert np.array_equal(result[:, :64], frame)
    assert np.array_equal(result[:, 64:128], frame[..., :1].repeat(3, axis=2))
    assert np.abs(result[:, 128:] - over(frame, 0)).max() <= 0.501


def test_compare_shows_transparency_as_a_checkerboard(tmp_path, folder):
    run(folder, tmp_path / "out", background="transparent", compare=True)
    composite = pngs(tmp_path / "out")["shot 2"][:, 128:]
    assert composite[0, 0, 1] == 255
    assert composite[0, 16, 1] == pytest.approx(204 * (1 - picture(2)[0, 16, 0] / 255), abs=1)


def test_alpha_and_foreground_as_folders(tmp_path, folder):
    report = run(folder, alpha=tmp_path / "a", foreground=tmp_path / "f")
    assert names_in(tmp_path) == {"shots", "a", "f"}
    assert np.array_equal(pngs(tmp_path / "a")["shot 1"], picture(1)[..., :1].repeat(3, axis=2))
    assert np.array_equal(pngs(tmp_path / "f")["shot 1"], picture(1))
    assert report.outputs == (tmp_path / "a", tmp_path / "f")


# ---- containers


def test_mp4_is_what_browsers_play(tmp_path):
    source = write_video(tmp_path / "in.mp4", 9, rate=NTSC)
    run(source, tmp_path / "out.mp4", background="#204060", alpha=tmp_path / "alpha.mp4")
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
    run(source, tmp_path / "out.webm")
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
    run(source, tmp_path / "out.mov")
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
    run(source, tmp_path / name, background="#808080")
    with av.open(str(tmp_path / name)) as container:
        assert "a" not in container.streams.video[0].codec_context.pix_fmt
    shown = decode(tmp_path / name)[1]
    assert np.abs(shown - over(decode(source)[1], 0x80)).mean() < 5


def test_gif(tmp_path):
    source = write_video(tmp_path / "in.mp4", 10, rate=20)
    run(source, tmp_path / "out.gif", background="#204060")
    with Image.open(tmp_path / "out.gif") as image:
        assert image.n_frames == 10
        assert image.info["duration"] == 50
        assert image.info["loop"] == 0
        image.seek(7)
        shown = np.asarray(image.convert("RGB"))
    assert np.abs(shown - over(decode(source)[7], (0x20, 0x40, 0x60))).mean() < 12


def test_gif_can_be_transparent_and_leaves_out_what_comes_too_fast(tmp_path):
    source = write_video(tmp_path / "in.mp4", 20, rate=100)
    report = run(source, tmp_path / "out.gif", background="transparent")
    with Image.open(tmp_path / "out.gif") as image:
        assert image.n_frames == 10
        alpha = np.asarray(image.convert("RGBA"))[..., 3]
    assert set(np.unique(alpha)) == {0, 255}
    assert any("10 frames were left out" in note for note in report.notes)


def test_one_picture(tmp_path):
    Image.fromarray(picture(0, 31, 45)).save(tmp_path / "in.png")
    run(tmp_path / "in.png", tmp_path / "out.png")
    run(tmp_path / "in.png", tmp_path / "out.jpg", background="#FFFFFF", quality=100)
    run(tmp_path / "in.png", tmp_path / "out.mp4")
    assert np.array_equal(np.asarray(Image.open(tmp_path / "out.png"))[..., 3], picture(0, 31, 45)[..., 0])
    jpeg = np.asarray(Image.open(tmp_path / "out.jpg"))
    assert np.abs(jpeg - over(picture(0, 31, 45), 255)).mean() < 5
    assert len(decode(tmp_path / "out.mp4")) == 1


def test_odd_sides_are_padded_for_h264_not_scaled(tmp_path):
    Image.fromarray(picture(0, 31, 45)).save(tmp_path / "in.png")
    report = run(tmp_path / "in.png", foreground=tmp_path / "out.mp4")
    shown = decode(tmp_path / "out.mp4")[0]
    assert shown.shape == (32, 46, 3)
    assert np.abs(shown[:31, :45].astype(int) - picture(0, 31, 45)).mean() < 6
    assert any("45×31 was padded to 46×32" in note for note in report.notes)
    report = run(tmp_path / "in.png", foreground=tmp_path / "out.webm")
    assert decode(tmp_path / "out.webm")[0].shape == (31, 45, 3)
    assert not any("padded" in note for note in report.notes)


@pytest.mark.parametrize("size", [(1, 1), (1, 64), (2, 3)])
@pytest.mark.parametrize("name", ["o.mp4", "o.webm", "o.mov", "o.gif", "o.png"])
def test_tiny_pictures(tmp_path, size, name):
    Image.fromarray(picture(0, *size)).save(tmp_path / "in.png")
    assert run(tmp_path / "in.png", tmp_path / name).frames == 1


# ---- time


@pytest.mark.parametrize("name", ["out.mp4", "out.mov"])
def test_variable_rate_is_kept(tmp_path, name):
    ticks = [0, 1001, 3003, 3500, 4004, 9009]
    source = write_video(tmp_path / "in.mp4", 6, rate=NTSC, tick=Fraction(1, 30000), times=ticks)
    run(source, tmp_path / name)
    assert times_of(tmp_path / name) == [Fraction(tick, 30000) for tick in ticks]


def test_milliseconds_in_exact_rate_out(tmp_path):
    source = write_video(tmp_path / "in.mkv", 40, rate=NTSC)
    run(source, tmp_path / "out.mp4")
    assert times_of(tmp_path / "out.mp4") == [i / NTSC for i in range(40)]
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert container.streams.video[0].average_rate == NTSC


def test_turned_video_comes_out_upright(tmp_path):
    source = write_video(tmp_path / "in.mp4", 2, rotation=90, pixel_aspect=Fraction(4, 3))
    run(source, foreground=tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        frame = next(container.decode(video=0))
        assert (frame.height, frame.width, frame.rotation) == (64, 48, 0)
        assert container.streams.video[0].sample_aspect_ratio == Fraction(3, 4)
    assert np.abs(frame.to_ndarray(format="rgb24") - np.rot90(picture(0)).astype(float)).mean() < 6


# ---- sound


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
    run(source, tmp_path / output)
    kept, seconds = sound_of(tmp_path / output)
    assert kept == expected
    assert seconds == pytest.approx(2, abs=0.07)
    assert len(decode(tmp_path / output)) == 50


def test_copied_sound_is_the_same_to_the_byte(tmp_path):
    def packets(path):
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    source = write_video(tmp_path / "in.mp4", 50, sound="aac")
    run(source, tmp_path / "out.mp4")
    assert packets(tmp_path / "out.mp4") == packets(source)


@pytest.mark.parametrize(("codec", "output"), [("aac", "out.mp4"), ("aac", "out.webm")])
def test_sound_follows_start_and_duration(tmp_path, codec, output):
    silence_then_tone = write_video(tmp_path / "in.mp4", 100, rate=25, sound=codec, options={"g": "10"})
    run(silence_then_tone, tmp_path / output, start=1.0, duration=1.5)
    assert sound_of(tmp_path / output)[1] == pytest.approx(1.5, abs=0.07)
    assert len(times_of(tmp_path / output)) == 38  # 0, 1/25, … below 1.5 s
    with av.open(str(tmp_path / output)) as container:
        first = next(container.decode(audio=0))
        assert abs(first.time) < 0.05


def test_sound_longer_than_the_pictures_is_kept_whole(tmp_path):
    source = write_video(tmp_path / "in.mp4", 25, sound="aac", sound_seconds=2)
    run(source, tmp_path / "out.mp4")
    assert sound_of(tmp_path / "out.mp4")[1] == pytest.approx(2, abs=0.07)


def test_no_sound_when_not_wanted_or_not_possible(tmp_path):
    source = write_video(tmp_path / "in.mp4", sound="aac")
    run(source, tmp_path / "out.mp4", audio=False, alpha=tmp_path / "alpha.mp4")
    for name in ("out.mp4", "alpha.mp4"):
        with av.open(str(tmp_path / name)) as container:
            assert not container.streams.audio
    report = run(source, tmp_path / "out.gif")
    assert any("holds no sound" in note for note in report.notes)


# ---- options


def test_resize(tmp_path):
    source = write_video(tmp_path / "in.mp4", 2)
    run(source, tmp_path / "out.mp4", resize=(40, 20))
    assert decode(tmp_path / "out.mp4")[0].shape == (20, 40, 3)


def test_chunks_do_not_change_the_result(tmp_path):
    source = write_video(tmp_path / "in.mp4", 7)
    for chunk in (1, 3, 100):
        model = RedIsAlpha()
        run(source, tmp_path / f"{chunk}", chunk=chunk, model=model)
        assert model.seen == 7
    first = pngs(tmp_path / "1")
    assert len(first) == 7
    for chunk in ("3", "100"):
        other = pngs(tmp_path / chunk)
        assert all(np.array_equal(first[name], other[name]) for name in first)


def test_quality_changes_the_size(tmp_path):
    noise = np.random.default_rng(0).integers(0, 255, (4, 64, 64, 3), np.uint8)
    source = write_video(tmp_path / "in.mkv", list(noise), codec="ffv1", pixels="yuv444p")
    for name in ("mp4", "webm"):
        sizes = []
        for quality in (0, 50, 100):
            run(source, tmp_path / f"{quality}.{name}", quality=quality, background="#000000")
            sizes.append((tmp_path / f"{quality}.{name}").stat().st_size)
        assert sizes[0] < sizes[1] < sizes[2]
    with av.open(str(tmp_path / "100.mp4")) as container:
        assert (
            container.streams.video[0].codec_context.profile == "High"
        )  # the lossless profile does not play in browsers


def test_bfloat16_model(tmp_path):
    class Parametrised(RedIsAlpha):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

    source = write_video(tmp_path / "in.mp4", 2)
    run(source, tmp_path / "out.mp4", dtype="bfloat16", model=(model := Parametrised()))
    assert model.weight.dtype == torch.bfloat16
    assert not model.training


def test_outputs_are_named_after_the_input(tmp_path, folder):
    source = write_video(tmp_path / "in.mkv", 2)
    Image.fromarray(picture(0)).save(tmp_path / "face.jpg")
    assert run(source).outputs == (tmp_path / "in_matte.mp4",)
    assert run(source, background="transparent").outputs == (tmp_path / "in_matte.webm",)
    assert run(folder).outputs == (tmp_path / "shots_matte",)
    report = run(tmp_path / "face.jpg")
    assert report.outputs == (tmp_path / "face_matte.png",)
    assert any("face_matte.png" in note for note in report.notes)


def test_an_old_output_is_replaced_and_has_ordinary_permissions(tmp_path):
    source = write_video(tmp_path / "in.mp4", 2)
    (tmp_path / "out.mp4").write_bytes(b"old")
    run(source, tmp_path / "out.mp4")
    assert len(decode(tmp_path / "out.mp4")) == 2
    (tmp_path / "fresh").touch()
    assert (tmp_path / "out.mp4").stat().st_mode == (tmp_path / "fresh").stat().st_mode


def test_progress_is_told(tmp_path):
    told = []
    run(write_video(tmp_path / "in.mp4", 7), tmp_path / "out.mp4", chunk=3, progress=lambda *a: told.append(a))
    assert told == [(3, 7), (6, 7), (7, 7)]


# ---- what cannot be done is said before any work


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
        run("in.mp4", **options)
    assert {name: os.stat(name).st_mtime_ns for name in names_in(tmp_path)} == before


def test_the_input_is_safe_behind_a_link(tmp_path):
    source = write_video(tmp_path / "in.mp4", 2)
    (tmp_path / "link.mp4").symlink_to(source)
    with pytest.raises(CourseError, match="is the input"):
        run(source, tmp_path / "link.mp4")


def test_two_inputs_that_would_share_a_name(tmp_path, folder):
    shutil.copy(folder / "shot 1.png", folder / "shot 1.tiff.png")
    Image.fromarray(picture(0)).save(folder / "shot 1.jpg")
    with pytest.raises(CourseError, match="Two input files are called shot 1"):
        run(folder, tmp_path / "out")
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
        run(source, f"{tmp_path}/{name}", alpha=tmp_path / "alpha.mp4")
    assert names_in(tmp_path) == {"in.mp4"}


# ---- the real network


@pytest.mark.weights
def test_the_published_network_on_the_clip(tmp_path):
    from course_lib.zoo import load_model

    model = load_model("rvm-mobilenetv3-published")
    matte_video(sample_clip_path(), tmp_path / "out", duration=0.1, model=model, chunk=2, progress=False)
    session = MattingSession(model)
    results = pngs(tmp_path / "out")
    assert len(results) == 3
    for result, frame in zip(results.values(), sample_clip(frames=3), strict=True):
        _, alpha = session.step(frame)
        assert np.abs(result[..., 3] - alpha[0].numpy() * 255).max() <= 0.51
        assert 0.2 < alpha.mean() < 0.8
