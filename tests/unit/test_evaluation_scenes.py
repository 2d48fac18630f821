"""Test scenes: they are what the file of seeds says, the same every time, and their truth is true."""

import json
from itertools import islice

import pytest
import torch

from course_lib.data.puppets import compose
from course_lib.errors import CourseError
from course_lib.evaluation import puppet_scenes
from course_lib.evaluation.scenes import TEST_SCENES, puppet_scene, skin_tone_band
from course_lib.matting.equation import composite


@pytest.fixture(scope="module")
def scenes():
    return list(islice(puppet_scenes(32, 40, sets=("b",), frames=3), 4))


def test_names_and_order_are_those_of_the_file(scenes):
    seeds = json.loads(TEST_SCENES.read_text("utf-8"))["sets"]["b"]
    assert [scene.name for scene in scenes] == [f"b/{seed}" for seed in seeds[:4]]


def test_there_are_48_in_three_sets_and_none_is_made_before_its_turn(monkeypatch):
    made = []
    monkeypatch.setattr("course_lib.evaluation.scenes.puppet_scene", lambda *given: made.append(given) or given)
    scenes = puppet_scenes()
    assert made == []
    assert len(list(scenes)) == 48
    assert [given[6] for given in made] == ["a"] * 16 + ["b"] * 16 + ["c"] * 16
    assert {given[1:5] for given in made} == {(256, 256, 24, "test")}


def test_shapes_and_ranges(scenes):
    for scene in scenes:
        assert scene.frames.shape == scene.foreground.shape == scene.background.shape == (3, 3, 32, 40)
        assert scene.alpha.shape == (3, 1, 32, 40)
        for clip in (scene.frames, scene.alpha, scene.foreground, scene.background):
            assert 0 <= clip.min() <= clip.max() <= 1


def test_the_truth_is_the_equation_up_to_noise_and_compression(scenes):
    for scene in scenes:
        again = composite(scene.foreground, scene.background, scene.alpha)
        assert (again - scene.frames).abs().mean() < 0.06


def test_the_same_pixels_again(scenes):
    for first, second in zip(scenes, puppet_scenes(32, 40, sets=("b",), frames=3), strict=False):
        assert torch.equal(first.frames, second.frames)
        assert torch.equal(first.alpha, second.alpha)


def test_a_camera_moves_in_every_scene_and_groups_name_it(scenes):
    for scene in scenes:
        assert scene.groups["camera"] in ("pan", "zoom", "shake")
        assert scene.groups["set"] == "b"
        assert {"framing", "people", "skin tone", "hair", "hair colour", "headwear", "build", "background"} <= set(
            scene.groups
        )


def test_skin_tones_in_three_bands():
    assert [skin_tone_band(tone) for tone in (1, 3, 4, 7, 8, 10)] == [
        "Monk 1–3", "Monk 1–3", "Monk 4–7", "Monk 4–7", "Monk 8–10", "Monk 8–10",
    ]  # fmt: skip


def test_an_unknown_set_is_named():
    with pytest.raises(CourseError, match="no set d"):
        puppet_scenes(sets=("d",))


def test_the_puppets_camera_moves_over_a_background_that_has_none(monkeypatch):
    handed = {}
    monkeypatch.setattr(
        "course_lib.evaluation.scenes.compose",
        lambda puppet, scenery, seed: handed.update({seed: scenery.ndim}) or compose(puppet, scenery, seed),
    )
    groups = {seed: puppet_scene(seed, 32, 32, 2, "test", "", "a").groups["scenery"] for seed in (1001, 1003)}
    assert groups == {1001: "under the same camera", 1003: "filmed on its own"}
    assert handed == {1001: 3, 1003: 4}  # a still picture; a clip
