"""Instances keep their colours, sheets show what they are given, in order."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from course_lib.data.emoji_scenes import sprites as sprites_module
from course_lib.data.emoji_scenes.sprites import SIDE, Sprite, pyramid
from course_lib.viz import emoji_scenes as viz


def scene(value: float, side: int = 20):
    masks = torch.zeros((2, side, side), dtype=torch.bool)
    masks[0, 2:9, 2:9] = True
    masks[1, 10:18, 10:18] = True
    return SimpleNamespace(image=torch.full((3, side, side), value), masks=masks)


def shown(figure):
    return [np.asarray(ax.images[0].get_array()) for ax in figure.axes if ax.images]


def test_eighteen_colours_differ_and_start_again():
    colours = np.array([viz.instance_colour(number) for number in range(18)])
    distance = np.abs(colours[:, None] - colours[None]).sum(-1) + 9 * np.eye(18)
    assert distance.min() > 0.15
    np.testing.assert_array_equal(viz.instance_colour(18), viz.instance_colour(0))
    assert colours.min() >= 0
    assert colours.max() <= 1


def test_instances_are_painted_in_the_colour_of_their_number():
    one = scene(0.5)
    painted = viz.paint_instances(one.image, one.masks, numbers=[7, 3], strength=0.4)
    np.testing.assert_allclose(painted[:, 5, 5], 0.6 * 0.5 + 0.4 * viz.instance_colour(7), atol=1e-6)
    np.testing.assert_allclose(painted[:, 14, 14], 0.6 * 0.5 + 0.4 * viz.instance_colour(3), atol=1e-6)
    np.testing.assert_allclose(painted[:, 2, 2], viz.instance_colour(7), atol=1e-6)  # the outline
    np.testing.assert_allclose(painted[:, 0, 0], 0.5)
    assert one.image.eq(0.5).all()  # the picture itself is left alone
    np.testing.assert_array_equal(viz.paint_instances(one.image, np.zeros((0, 20, 20), bool)), one.image)


def test_a_sheet_shows_scenes_in_order():
    scenes = [scene(k / 10) for k in range(7)]
    plain = shown(viz.scene_sheet(scenes))
    assert [picture[0, 0, 0] for picture in plain] == pytest.approx([k / 10 for k in range(7)])
    painted = shown(viz.scene_sheet(scenes, painted=True))
    np.testing.assert_allclose(painted[3], viz.paint_instances(scenes[3].image, scenes[3].masks).transpose(1, 2, 0))


def test_a_person_has_one_colour_in_all_frames():
    masks = torch.stack([scene(0).masks, scene(0).masks.flip(0)])  # (T, P, H, W)
    clip = SimpleNamespace(frames=torch.zeros(2, 3, 20, 20), masks=masks)
    above, later, below, below_later = shown(viz.clip_sheet(clip, [0, 1]))
    assert above.max() == later.max() == 0
    np.testing.assert_allclose(below[2, 2], viz.instance_colour(0))
    np.testing.assert_allclose(below_later[10, 10], viz.instance_colour(0))


def test_every_sprite_is_on_the_sheet_and_each_class_is_named_once(monkeypatch):
    red = np.zeros((SIDE, SIDE, 4), np.uint8)
    red[..., 0] = red[..., 3] = 255
    toys = {label: (Sprite(label, "noto", "x", pyramid(red)),) * 2 for label in (1, 2)}
    monkeypatch.setattr(sprites_module, "load_sprites", lambda style: toys)
    figure = viz.sprite_sheet("noto", columns=3)
    assert len(shown(figure)) == 4
    assert [ax.get_title() for ax in figure.axes] == ["bicycle", "", "car", "", "", ""]
    np.testing.assert_allclose(shown(figure)[0][10, 10], [1, 0, 0], atol=1e-6)
