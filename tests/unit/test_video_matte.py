"""`matte_video`: the matting equation to the byte, and options. Alpha is the red channel, the foreground the frame."""

import av
import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.data import sample_clip, sample_clip_path
from course_lib.video import MattingSession, matte_video
from tests.video_files import (
    RedIsAlpha,
    decode,
    matte,
    names_in,
    over,
    picture,
    pngs,
    write_pictures,
    write_video,
)


@pytest.fixture
def folder(tmp_path):
    return write_pictures(tmp_path / "shots")


def test_a_folder_of_pngs_keeps_names_and_straight_alpha(tmp_path, folder):
    report = matte(folder, tmp_path / "out")
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
    matte(folder, tmp_path / "out", background="#10C8FF")
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
    matte(folder, tmp_path / "out", background=tmp_path / "behind.png", fit=fit)
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
    matte(front, tmp_path / "out.mp4", background=path)  # alpha is 0 everywhere: only the background shows
    shown = [round(frame.mean() / 80) for frame in decode(tmp_path / "out.mp4")]
    assert shown == [0, 0, 1, 1, 2, 2] * 3 + [0, 0]


def test_blur_keeps_the_person_out_of_the_surroundings(tmp_path):
    frame = np.zeros((96, 128, 3), np.uint8)
    frame[..., 2] = 200
    frame[30:60, 50:80] = (255, 0, 0)
    Image.fromarray(frame).save(tmp_path / "in.png")
    matte(tmp_path / "in.png", tmp_path / "out.png", background="blur")
    result = np.asarray(Image.open(tmp_path / "out.png")).astype(int)
    assert np.array_equal(result[30:60, 50:80], frame[30:60, 50:80])
    outside = np.ones((96, 128), bool)
    outside[30:60, 50:80] = False
    assert np.abs(result[outside] - (0, 0, 200)).max() <= 3


def test_compare_shows_input_alpha_and_composite(tmp_path, folder):
    matte(folder, tmp_path / "out", background="#000000", compare=True)
    frame, result = picture(2), pngs(tmp_path / "out")["shot 2"]
    assert result.shape == (48, 192, 3)
    assert np.array_equal(result[:, :64], frame)
    assert np.array_equal(result[:, 64:128], frame[..., :1].repeat(3, axis=2))
    assert np.abs(result[:, 128:] - over(frame, 0)).max() <= 0.501


def test_compare_shows_transparency_as_a_checkerboard(tmp_path, folder):
    matte(folder, tmp_path / "out", background="transparent", compare=True)
    composite = pngs(tmp_path / "out")["shot 2"][:, 128:]
    assert composite[0, 0, 1] == 255
    assert composite[0, 16, 1] == pytest.approx(204 * (1 - picture(2)[0, 16, 0] / 255), abs=1)


def test_alpha_and_foreground_as_folders(tmp_path, folder):
    report = matte(folder, alpha=tmp_path / "a", foreground=tmp_path / "f")
    assert names_in(tmp_path) == {"shots", "a", "f"}
    assert np.array_equal(pngs(tmp_path / "a")["shot 1"], picture(1)[..., :1].repeat(3, axis=2))
    assert np.array_equal(pngs(tmp_path / "f")["shot 1"], picture(1))
    assert report.outputs == (tmp_path / "a", tmp_path / "f")


def test_resize(tmp_path):
    source = write_video(tmp_path / "in.mp4", 2)
    matte(source, tmp_path / "out.mp4", resize=(40, 20))
    assert decode(tmp_path / "out.mp4")[0].shape == (20, 40, 3)


def test_chunks_do_not_change_the_result(tmp_path):
    source = write_video(tmp_path / "in.mp4", 7)
    for chunk in (1, 3, 100):
        model = RedIsAlpha()
        matte(source, tmp_path / f"{chunk}", chunk=chunk, model=model)
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
            matte(source, tmp_path / f"{quality}.{name}", quality=quality, background="#000000")
            sizes.append((tmp_path / f"{quality}.{name}").stat().st_size)
        assert sizes[0] < sizes[1] < sizes[2]
    with av.open(str(tmp_path / "100.mp4")) as container:
        assert (
            container.streams.video[0].codec_context.profile == "High"
        )  # the lossless profile does not play in browsers


def test_a_module_is_copied_to_another_dtype(tmp_path):
    seen = []

    class Parametrised(RedIsAlpha):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.zeros(1))

        def forward(self, clip, *states, **options):
            seen.append((clip.dtype, self.training))
            return super().forward(clip, *states, **options)

    source = write_video(tmp_path / "in.mp4", 2)
    matte(source, tmp_path / "out.mp4", dtype="bfloat16", model=(model := Parametrised()))
    assert set(seen) == {(torch.bfloat16, False)}
    assert model.weight.dtype == torch.float32


def test_outputs_are_named_after_the_input(tmp_path, folder):
    source = write_video(tmp_path / "in.mkv", 2)
    Image.fromarray(picture(0)).save(tmp_path / "face.jpg")
    assert matte(source).outputs == (tmp_path / "in_matte.mp4",)
    assert matte(source, background="transparent").outputs == (tmp_path / "in_matte.webm",)
    assert matte(folder).outputs == (tmp_path / "shots_matte",)
    report = matte(tmp_path / "face.jpg")
    assert report.outputs == (tmp_path / "face_matte.png",)
    assert any("face_matte.png" in note for note in report.notes)


def test_an_old_output_is_replaced_and_has_ordinary_permissions(tmp_path):
    source = write_video(tmp_path / "in.mp4", 2)
    (tmp_path / "out.mp4").write_bytes(b"old")
    matte(source, tmp_path / "out.mp4")
    assert len(decode(tmp_path / "out.mp4")) == 2
    (tmp_path / "fresh").touch()
    assert (tmp_path / "out.mp4").stat().st_mode == (tmp_path / "fresh").stat().st_mode


def test_progress_is_told(tmp_path):
    told = []
    matte(write_video(tmp_path / "in.mp4", 7), tmp_path / "out.mp4", chunk=3, progress=lambda *a: told.append(a))
    assert told == [(3, 7), (6, 7), (7, 7)]


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


@pytest.mark.weights
def test_sixteen_bits_change_alpha_little(tmp_path):
    """With a downsample ratio below 1, so that the guided filter takes part."""
    for dtype in ("float32", "float16"):
        matte_video(
            sample_clip_path(),
            alpha=tmp_path / dtype,
            duration=0.1,
            dtype=dtype,
            device="cpu",
            downsample_ratio=0.5,
            progress=False,
        )
    half, full = pngs(tmp_path / "float16"), pngs(tmp_path / "float32")
    assert len(full) == 3
    for name in full:
        assert np.abs(half[name].astype(int) - full[name]).max() <= 4
