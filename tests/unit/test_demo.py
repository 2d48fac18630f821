"""The demo and its contact sheet."""

import av
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from course_lib.cli.main import app
from course_lib.viz.contact_sheet import contact_sheet, telling_channel


def test_telling_channel_is_the_one_that_varies_most():
    rng = np.random.default_rng(0)
    state = rng.normal(size=(4, 8, 8)) * np.array([0.1, 0.2, 0.9, 0.3])[:, None, None]
    assert telling_channel(state) == 2


def test_contact_sheet_shows_what_it_is_given():
    rng = np.random.default_rng(1)
    frames = rng.integers(0, 256, (2, 12, 16, 3), dtype=np.uint8)
    alphas = rng.integers(0, 256, (2, 12, 16), dtype=np.uint8)
    states = rng.uniform(-1, 1, (2, 3, 4))
    composites = rng.integers(0, 256, (2, 2, 12, 16, 3), dtype=np.uint8)
    figure = contact_sheet(frames, alphas, states, composites, ["sea", "blur"], [0.0, 1.5])
    axes = np.array(figure.axes).reshape(2, 5)
    assert [axis.get_title() for axis in axes[0]] == ["input", "alpha", "hidden state", "sea", "blur"]
    shown = [[axis.images[0].get_array() for axis in row] for row in axes]
    np.testing.assert_allclose(shown[1][0], frames[1] / 255, atol=1e-6)
    np.testing.assert_allclose(shown[1][1], alphas[1] / 255, atol=1e-6)
    np.testing.assert_allclose(shown[0][2], states[0], atol=1e-6)
    np.testing.assert_allclose(shown[0][4], composites[0][1] / 255, atol=1e-6)
    assert axes[1][0].texts[0].get_text() == "1.5 s"


@pytest.mark.weights
def test_demo_writes_a_video_and_a_picture(tmp_path):
    result = CliRunner().invoke(app, ["demo", "-o", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.mp4", "demo.png"]
    with av.open(str(tmp_path / "demo.mp4")) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(frames) == 120
    assert frames[0].shape == (2 * 2 * 144, 2 * 3 * 176, 3)
    green = frames[60][288:, 352:704]  # bottom middle: over plain green
    assert np.abs(green[20, 20].astype(int) - [0x78, 0xFF, 0x9B]).max() < 12  # the background came in
    assert np.abs(green[230, 200].astype(int) - [0x78, 0xFF, 0x9B]).max() > 80  # the man is in front of it
    assert Image.open(tmp_path / "demo.png").width == 1000
