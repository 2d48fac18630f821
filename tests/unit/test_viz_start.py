"""The figures of chapter 00 show the data they are given; the map holds every chapter once."""

import numpy as np

from course_lib.viz import start


def picture(seed, channels=3):
    return np.random.default_rng(seed).random((channels, 12, 16), dtype=np.float32)


def test_the_map_names_every_chapter_once():
    figure = start.course_map(picture(0), picture(1, 1))
    numbers = [text.get_text()[:2] for text in figure.axes[0].texts if text.get_text()[:2].isdigit()]
    assert sorted(numbers) == [f"{number:02d}" for number in range(1, 22)]
    frame, alpha = (image.get_array() for image in figure.axes[0].images)
    np.testing.assert_allclose(frame, picture(0).transpose(1, 2, 0))
    np.testing.assert_allclose(alpha, picture(1, 1)[0])


def test_the_job_shows_input_alpha_and_composite_in_rows():
    frames, composites = [picture(k) for k in range(3)], [picture(10 + k) for k in range(3)]
    alphas = [picture(20 + k, 1) for k in range(3)]
    figure = start.job(frames, alphas, composites, [0, 5, 9])
    shown = [ax.images[0].get_array() for ax in figure.axes]
    for k in range(3):
        np.testing.assert_allclose(shown[k], frames[k].transpose(1, 2, 0))
        np.testing.assert_allclose(shown[3 + k], alphas[k][0])
        np.testing.assert_allclose(shown[6 + k], composites[k].transpose(1, 2, 0))
    assert [ax.get_title() for ax in figure.axes[:3]] == ["frame 0", "frame 5", "frame 9"]


def test_close_ups_draw_one_channel_as_a_matte_and_three_as_a_picture():
    figure = start.close_ups({"frame": picture(1), "alpha": picture(2, 1)})
    assert [ax.images[0].get_array().shape for ax in figure.axes] == [(12, 16, 3), (12, 16)]
    assert [ax.get_title() for ax in figure.axes] == ["frame", "alpha"]


def test_before_and_after():
    left, right = start.before_after(picture(1), picture(2)).axes
    np.testing.assert_allclose(left.images[0].get_array(), picture(1).transpose(1, 2, 0))
    np.testing.assert_allclose(right.images[0].get_array(), picture(2).transpose(1, 2, 0))
