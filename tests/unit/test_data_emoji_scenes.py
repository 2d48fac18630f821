"""Emoji scenes: masks are what the compositing equation makes visible; the same seed gives the same pixels; splits stay apart.

Sprites, backgrounds and the real persons are stand-ins here, so nothing is fetched; puppets are real, but few.
"""

import json
import sys
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.data import emoji_scenes
from course_lib.data.emoji_scenes import CLASS_NAMES, CLASSES, COCO_IDS, PERSON, arrangement, emoji_scene, people_clip
from course_lib.data.emoji_scenes.arrangement import arrange
from course_lib.data.emoji_scenes.canvas import FEWEST, NOBODY, SHOWN, Canvas, Shadow, warp
from course_lib.data.emoji_scenes.kept import FOLDER, kept
from course_lib.data.emoji_scenes.looks import Camera, draw_camera, draw_light, recoloured
from course_lib.data.emoji_scenes.people import PUPPETS, CutOut, premultiplied, puppet_cut_out, real_cut_out
from course_lib.data.emoji_scenes.recipes import RECIPES, SPLITS
from course_lib.data.emoji_scenes.scenery import SHOWS_A_CLASS, draw_scenery, unlabelled_background
from course_lib.data.emoji_scenes.sprites import FILES, SIDE, SOURCES, Sprite, load_sprites, pyramid, square_sprite
from course_lib.errors import CourseError


def moved(x: float, y: float) -> np.ndarray:
    """The map (2, 3) that only shifts."""
    return np.array([[1.0, 0, x], [0, 1, y]])


def disc(side: int = SIDE, radius: float = 0.45, colour=(200, 60, 30)) -> np.ndarray:
    """A premultiplied disc with a soft edge."""
    y, x = np.indices((side, side)) + 0.5 - side / 2
    alpha = (radius * side - np.hypot(x, y) + 0.5).clip(0, 1)[..., None]
    return premultiplied(np.float32(colour) / 255, alpha)


@lru_cache
def toy_sprites(style):
    radius = {"noto": 0.45, "twemoji": 0.35, "openmoji": 0.4}[style]
    colours = np.random.default_rng(1).integers(40, 255, (len(CLASSES), 3))
    return {
        label: (Sprite(label, style, f"{label:x}", pyramid(disc(radius=radius, colour=colours[label]))),)
        for label in range(1, len(CLASSES))
    }


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One for the module, so that its puppets are drawn once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def puppets(cache, monkeypatch):
    """Three small puppets a split."""
    monkeypatch.setenv("COURSE_CACHE", str(cache))
    monkeypatch.setattr(emoji_scenes.people, "HEIGHT", 96)
    monkeypatch.setattr(emoji_scenes.people, "WIDTH", 128)
    for split in PUPPETS:
        monkeypatch.setitem(PUPPETS, split, 3)
    puppet_cut_out.cache_clear()
    yield
    puppet_cut_out.cache_clear()


@pytest.fixture
def toys(puppets, monkeypatch):
    """Scenes that need nothing fetched."""
    ramp = np.linspace(40, 200, emoji_scenes.scenery.SIDE).astype(np.uint8)
    behind = np.stack(np.broadcast_arrays(ramp, ramp[:, None], ramp), -1)
    monkeypatch.setattr(emoji_scenes.scenery, "kept_background", lambda number, split: behind)
    monkeypatch.setattr(
        emoji_scenes.clip,
        "unlabelled_background",
        lambda number, frames, side, split: np.repeat(behind[None, :side, :side] / np.float32(255), frames, axis=0),
    )
    monkeypatch.setattr(emoji_scenes.clip, "HEIGHT", 96)
    monkeypatch.setattr(emoji_scenes.clip, "WIDTH", 128)
    monkeypatch.setattr(arrangement, "load_sprites", toy_sprites)
    person = CutOut("photograph", "astronaut", False, pyramid(disc(96)))
    monkeypatch.setattr(arrangement, "real_cut_out", lambda name: person)


def placed(levels, matrix, size):
    """A thing alone, as floats on an empty picture."""
    full = np.zeros((*size, 4))
    place, pixels = warp(levels, matrix, size)
    full[place] = pixels / 255
    return full


def test_masks_are_where_the_visible_alpha_is_above_a_half():
    """Brute force: v_k = a_k · Π_{j>k} (1 − a_j) over the whole picture, for glassy things in a heap."""
    rng, size = np.random.default_rng(0), (48, 64)
    background = rng.random((*size, 3)).astype(np.float32)
    canvas, alphas, expected = Canvas(background.copy(), soft=True), [], background.astype(np.float64)
    for _ in range(12):
        glass = rng.uniform(0.3, 1, (16, 20, 1)) * (rng.random((16, 20, 1)) < 0.9)
        levels = pyramid(premultiplied(rng.random((16, 20, 3)), glass))
        matrix = np.array([[1, 0.2, rng.uniform(-5, 50)], [-0.1, 0.9, rng.uniform(-5, 40)]])
        assert canvas.lay(levels, matrix, always=True)
        pixels = placed(levels, matrix, size)
        expected = pixels[..., :3] + (1 - pixels[..., 3:]) * expected
        alphas.append(pixels[..., 3])
    behind = np.ones(size)
    for k in reversed(range(12)):
        visible = alphas[k] * behind
        np.testing.assert_allclose(canvas.alphas[k], visible, atol=1e-5)
        clear = abs(visible - 0.5) > 1e-5
        np.testing.assert_array_equal((canvas.owner == k)[clear], (visible > 0.5)[clear])
        assert canvas.visible[k] == canvas.masks()[k].sum()
        assert canvas.areas[k] == (alphas[k] > 0.5).sum()
        behind = behind * (1 - alphas[k])
    np.testing.assert_allclose(canvas.picture, expected, atol=1e-5)


def test_what_would_hide_too_much_is_not_laid_and_changes_nothing():
    canvas = Canvas(np.zeros((64, 64, 3), np.float32))
    opaque = pyramid(np.full((20, 20, 4), 255, np.uint8))
    assert canvas.lay(opaque, moved(10, 10))
    before = canvas.picture.copy(), canvas.owner.copy(), canvas.share.copy()
    assert not canvas.lay(opaque, moved(10 + round(20 * (SHOWN - 0.06)), 10))
    assert not canvas.lay(opaque, moved(63.6, 60))  # a few pixels of it would show
    assert not canvas.lay(opaque, moved(80, 10))
    for array, old in zip((canvas.picture, canvas.owner, canvas.share), before, strict=True):
        np.testing.assert_array_equal(array, old)
    assert canvas.lay(opaque, moved(10 + round(20 * (SHOWN + 0.06)), 10))
    assert min(canvas.visible) >= max(SHOWN * 400, FEWEST)
    assert set(np.unique(canvas.owner)) == {NOBODY, 0, 1}


@pytest.mark.parametrize("scale", [1.4, 1.0, 0.6, 0.5, 0.2, 0.06])
def test_a_thing_lands_where_its_matrix_says_at_any_size(scale):
    """The middle and the area of a disc, through all levels of the pyramid."""
    levels = pyramid(disc(128, 0.4))
    matrix = np.array([[scale, 0, 120 - 64 * scale], [0, scale, 80 - 64 * scale]])
    alpha = placed(levels, matrix, (160, 240))[..., 3]
    y, x = np.indices(alpha.shape) + 0.5
    assert alpha.sum() == pytest.approx(np.pi * (0.4 * 128 * scale) ** 2, rel=0.02)
    assert (alpha * x).sum() / alpha.sum() == pytest.approx(120, abs=0.05)
    assert (alpha * y).sum() / alpha.sum() == pytest.approx(80, abs=0.05)


def test_a_shadow_darkens_by_its_strength_and_no_mask_knows_of_it():
    canvas = Canvas(np.full((80, 80, 3), 0.8, np.float32))
    box = pyramid(np.full((24, 24, 4), 255, np.uint8))
    shadow = Shadow(moved(30, 0), sigma=1.5, strength=0.4)
    canvas.lay(box, moved(10, 20), shadow=shadow)
    assert canvas.picture[32, 52, 0] == pytest.approx(0.8 * 0.6, abs=0.01)  # in the middle of the shadow
    assert canvas.picture[32, 22, 0] == pytest.approx(1)  # the box itself
    assert canvas.picture[5, 5, 0] == pytest.approx(0.8)
    assert canvas.picture[32, 40, 0] < 0.8 * 0.9  # soft …
    assert canvas.picture[32, 40, 0] > 0.8 * 0.6  # … at the edge
    assert canvas.masks().sum() == 24 * 24


@pytest.mark.parametrize("split", SPLITS)
def test_a_scene_keeps_its_promises(split, toys):
    for seed in range(2 if split == "people" else 8):
        scene = emoji_scene(seed, 96, split)
        assert scene.image.shape == (3, 96, 96)
        assert scene.image.dtype == torch.float32
        assert 0 <= scene.image.min() <= scene.image.max() <= 1
        assert scene.image.is_contiguous()
        assert scene.labels.dtype == torch.int64
        assert scene.masks.dtype == torch.bool
        assert scene.masks.shape == (len(scene.labels), 96, 96)
        assert scene.masks.sum(0).max() <= 1  # no pixel belongs to two
        assert [thing.label for thing in scene.things] == scene.labels.tolist()
        assert all(mask.sum() >= FEWEST for mask in scene.masks)
        assert all(0 < thing.visible <= 1 for thing in scene.things)
        if split != "people":
            assert all(thing.visible >= SHOWN - 1e-9 for thing in scene.things)
            styles = {thing.style for thing in scene.things} - {"puppet", "photograph"}
            assert styles <= set(RECIPES[split].styles)
        assert all((thing.label == PERSON) == (thing.style in ("puppet", "photograph")) for thing in scene.things)
        assert set(scene.target()) == {"labels", "masks"}


def test_the_same_seed_gives_the_same_pixels(toys):
    for seed in range(4):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002 - the global state must not matter
        one, same, other = emoji_scene(seed, 80), emoji_scene(seed, 80), emoji_scene(seed, 80, "val")
        assert torch.equal(one.image, same.image)
        assert torch.equal(one.masks, same.masks)
        assert one.things == same.things
        assert not torch.equal(one.image, other.image)
    assert not torch.equal(emoji_scene(2**30, 64).image, emoji_scene(2**30 + 1, 64).image)


def test_every_class_people_crowds_small_things_and_nothing_at_all_occur(toys):
    scenes = [emoji_scene(seed, 64) for seed in range(300)]
    labels = torch.cat([scene.labels for scene in scenes])
    assert set(labels.tolist()) == set(range(len(CLASSES)))
    with_people = np.mean([PERSON in scene.labels for scene in scenes])
    assert 0.4 < with_people < 0.62
    assert 0.01 < np.mean([len(scene.labels) == 0 for scene in scenes]) < 0.09
    crowds = [scene for scene in scenes if (torch.bincount(scene.labels, minlength=2)[1:] >= 4).any()]
    assert 0.12 < len(crowds) / len(scenes) < 0.35
    areas = torch.cat([scene.masks.sum((1, 2)) for scene in scenes]) / 64**2
    assert (areas < 0.01).float().mean() > 0.1
    assert (areas > 0.1).float().mean() > 0.05
    hidden = np.array([thing.visible for scene in scenes for thing in scene.things])
    assert 0.15 < (hidden < 0.95).mean() < 0.7
    assert {"puppet", "photograph", "noto", "twemoji"} == {thing.style for scene in scenes for thing in scene.things}


def test_the_crowd_is_of_one_class_and_touches(toys):
    for seed in range(6):
        scene = emoji_scene(seed, 96, "crowd")
        label = int(scene.labels.bincount().argmax())
        crowd = scene.masks[scene.labels == label].float()
        assert len(crowd) >= 5
        grown = torch.nn.functional.max_pool2d(crowd, 5, 1, 2)
        touches = torch.einsum("ihw,jhw->ij", grown, crowd) > 0
        assert (touches.sum(1) > 1).float().mean() > 0.7


def test_people_of_a_clip_keep_their_numbers_and_cross(toys):
    clip, again = people_clip(1, 5, 96), people_clip(1, 5, 96)
    assert torch.equal(clip.frames, again.frames)
    assert clip.frames.shape == (5, 3, 96, 96)
    assert clip.masks.shape == (5, len(clip.things), 96, 96)
    assert 2 <= len(clip.things) <= 4
    assert clip.masks.sum(1).max() <= 1
    assert torch.equal(clip.masks, clip.alphas > 0.5)
    assert clip.alphas.sum(1).max() <= 1 + 1e-6
    assert len({thing.name for thing in clip.things}) == len(clip.things)
    columns = torch.arange(96.0)
    middle = torch.einsum("tphw,w->tp", clip.masks.float(), columns) / clip.masks.sum((2, 3))
    nearest = middle[:, -1]  # the last is hidden by nobody
    assert (nearest[-1] - nearest[0]).abs() > 1
    others = clip.target(2)
    assert others["identities"].tolist() == [p for p in range(len(clip.things)) if clip.masks[2, p].sum() >= FEWEST]
    torch.testing.assert_close(others["masks"], clip.masks[2, others["identities"]])
    assert (others["labels"] == PERSON).all()


def test_people_together_are_several_and_hide_parts_of_each_other(toys):
    scenes = [emoji_scene(seed, 96, "together") for seed in range(40)]
    counts = [int((scene.labels == PERSON).sum()) for scene in scenes]
    assert min(counts) >= 1
    assert 1.6 < np.mean(counts) < 3.2
    hidden = [thing.visible < 0.95 for scene in scenes for thing in scene.things if thing.label == PERSON]
    usual = [t.visible < 0.95 for s in range(40) for t in emoji_scene(s, 96).things if t.label == PERSON]
    assert np.mean(hidden) > np.mean(usual)
    assert sum(hidden) > 2 * sum(usual), "more than twice as many in as many scenes"
    rng = np.random.default_rng(0)
    planned = [thing for _ in range(40) for thing in arrange(rng, 96, RECIPES["together"])]
    standing = [thing.stands for thing in planned if thing.style == "puppet"]
    assert 0.65 < np.mean(standing) < 0.95  # from head to feet; others as in an interview


def test_every_other_walker_goes_to_the_left(toys):
    rng, options = np.random.default_rng(0), {"frames": 1, "height": 0.8}
    walkers = [emoji_scenes.clip._walker(rng, 16 * k, order=k, **options) for k in range(2)]
    assert walkers[0].step > 0 > walkers[1].step


def test_a_still_of_people_is_a_clip_of_one_frame(toys):
    for seed in range(4):
        still, clip = emoji_scene(seed, 80, "people"), people_clip(seed, 1, 80)
        assert torch.equal(still.image, clip.frames[0])
        assert torch.equal(still.masks, clip.target(0)["masks"])  # those who show: hidden ones are no targets
        assert all(mask.sum() >= FEWEST for mask in still.masks)


def test_training_shares_no_person_and_no_background_with_the_rest(toys):
    drawn = {split: [emoji_scene(seed, 64, split) for seed in range(12)] for split in SPLITS if split != "people"}
    people = {
        split: {t.name for scene in scenes for t in scene.things if t.style == "puppet"}
        for split, scenes in drawn.items()
    }
    behind = {split: {scene.background.split("/")[0] for scene in scenes} for split, scenes in drawn.items()}
    assert all(name.startswith("train/") for split in ("train", "together") for name in people[split])
    assert all(name.startswith("val/") for split in ("val", "unseen-style", "crowd") for name in people[split])
    assert behind == {
        "train": {"train"},
        "val": {"val"},
        "unseen-style": {"test"},
        "crowd": {"test"},
        "together": {"train"},
    }
    assert all(thing.name.startswith("test/") for thing in people_clip(0, 1, 64).things)


def test_puppets_are_drawn_once_cut_to_what_shows_and_whole_if_they_say_so(puppets, monkeypatch):
    first = puppet_cut_out(0, "train")
    assert first.whole
    alpha = first.levels[0][..., 3]
    for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]):
        assert 40 < edge.max() < 256  # trimmed
    half = puppet_cut_out(2, "train")
    assert not half.whole
    assert (half.levels[0][-1, :, 3] > 128).mean() > 0.2  # the waist, cut
    puppet_cut_out.cache_clear()
    monkeypatch.setattr(emoji_scenes.people, "puppet_clip", None)  # calling it would fail: the kept one is enough
    np.testing.assert_array_equal(puppet_cut_out(0, "train").levels[0], first.levels[0])


def test_the_real_clip_is_never_here():
    """It is test data: no scene may show its man."""
    for path in Path(emoji_scenes.__file__).parent.glob("*.py"):
        assert "data.clips" not in path.read_text("utf-8")
        assert "data.person" not in path.read_text("utf-8")


def test_wrong_names_and_sizes_are_refused(puppets):
    for call, message in (
        (lambda: emoji_scene(0, 96, "test"), r"'test' is not one of train, val, unseen-style, crowd, people"),
        (lambda: emoji_scene(-1), r"seed=-1: scenes are numbered from 0 on"),
        (lambda: people_clip(2**24), r"seed=16777216: scenes are numbered from 0 to 16777215"),
        (lambda: emoji_scene(0, 32), r"32² pixels.*64 to 2048"),
        (lambda: people_clip(0, 0), r"at least 1 frame, not 0"),
        (lambda: people_clip(0, 1, 32), r"32² pixels"),
        (lambda: puppet_cut_out(3, "train"), r"no puppet 3 of 'train': 3 of train"),
        (lambda: real_cut_out("carphone"), r"'carphone' is none of the real persons astronaut, grace_hopper"),
        (lambda: load_sprites("apple"), r"no style 'apple'.*noto, twemoji, openmoji"),
    ):
        with pytest.raises(CourseError, match=message):
            call()


def test_arrange_puts_what_is_lower_mostly_later_and_crowds_apart(toys):
    rng = np.random.default_rng(3)
    things = [thing for _ in range(30) for thing in arrange(rng, 256, RECIPES["crowd"])]
    assert len(things) > 30 * 8
    one = arrange(np.random.default_rng(5), 256, RECIPES["crowd"])
    assert [thing.depth for thing in one] == sorted(thing.depth for thing in one)
    assert max(thing.size for thing in things if thing.label != PERSON) <= arrangement.SHARPEST * SIDE


def test_a_person_stands_on_the_row_it_is_given(toys):
    person = next(
        thing
        for seed in range(50)
        for thing in arrange(np.random.default_rng(seed), 200, RECIPES["train"])
        if thing.stands
    )
    height, width = person.levels[0].shape[:2]
    foot = person.matrix((70.0, 150.0)) @ [width / 2, height, 1]
    np.testing.assert_allclose(foot, [70, 150])


def test_colours_change_in_proportion_to_alpha_and_greys_keep_their_hue():
    for seed in range(20):
        matrix = recoloured(np.random.default_rng(seed), painted=True)
        np.testing.assert_array_equal(matrix[3], [0, 0, 0, 1])
        np.testing.assert_allclose(
            matrix @ np.array([0.2, 0.1, 0.05, 0.25]) * 4, matrix @ np.array([0.8, 0.4, 0.2, 1.0])
        )
    turns = [recoloured(np.random.default_rng(seed), painted=False)[:3, :3] @ [0.9, 0.1, 0.1] for seed in range(20)]
    assert all(np.argmax(colour) == 0 for colour in turns)  # what is red stays red unless it is painted
    turns = [recoloured(np.random.default_rng(seed), painted=True)[:3, :3] @ [0.9, 0.1, 0.1] for seed in range(20)]
    assert {int(np.argmax(colour)) for colour in turns} == {0, 1, 2}


def test_cameras_and_lights_vary_and_the_perfect_camera_only_exposes():
    frames = np.random.default_rng(0).random((2, 32, 32, 3)).astype(np.float32)
    taken = Camera(1.5, 0, 0, 0, 0).take(frames, np.random.default_rng(0))
    np.testing.assert_allclose(taken, (1.5 * frames).clip(0, 1))
    worse = Camera(1, 1.0, 0.02, 0.03, 50).take(frames, np.random.default_rng(0))
    assert np.abs(worse - frames).mean() > 0.02
    assert np.diff(worse, axis=1).std() < np.diff(frames, axis=1).std()
    cameras = [draw_camera(np.random.default_rng(seed)) for seed in range(100)]
    assert 40 < sum(c.softness == c.read == c.quality == 0 for c in cameras) < 80
    assert 15 < sum(draw_light(np.random.default_rng(seed)).strength == 0 for seed in range(100)) < 50


def test_scenery_is_a_part_of_one_of_the_backgrounds_and_none_shows_a_class(monkeypatch):
    shown = []

    def fake(seed, frames, height, width, split):
        record = type("Record", (), {"name": "coffee" if seed < 200 else "rocket"})
        shown.append(seed)
        return type("Clip", (), {"frames": torch.full((frames, 3, height, width), 0.5), "record": record})

    monkeypatch.setattr(emoji_scenes.scenery, "background_clip", fake)
    assert unlabelled_background(10, 2, 20, "val").shape == (2, 20, 20, 3)
    assert shown == [10, 106, 202]
    monkeypatch.setattr(
        emoji_scenes.scenery, "kept_background", lambda number, split: np.full((384, 384, 3), 100, np.uint8)
    )
    picture, name = draw_scenery(np.random.default_rng(0), 40, "val")
    assert picture.shape == (40, 40, 3)
    assert 0.7 < picture.mean() / (100 / 255) < 1.3
    assert name.startswith("val/")
    assert "chelsea" in SHOWS_A_CLASS


def test_kept_arrays_are_made_once_and_damaged_ones_again(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    made = []
    make = lambda: made.append(1) or np.arange(5)  # noqa: E731
    np.testing.assert_array_equal(kept("a/b", make), np.arange(5))
    kept("a/b", make)
    assert len(made) == 1
    path = tmp_path / FOLDER / "a" / "b.npy"
    path.write_bytes(path.read_bytes()[:-8])
    np.testing.assert_array_equal(kept("a/b", make), np.arange(5))
    assert len(made) == 2
    assert [file.name for file in path.parent.iterdir()] == ["b.npy"]
    (tmp_path / FOLDER / "c").write_text("a file where a folder should be")
    with pytest.raises(CourseError, match=r"(?s)Cannot write .*d\.npy.*COURSE_CACHE"):
        kept("c/d", make)


def test_a_sprite_is_cut_centred_and_has_no_halo():
    straight = np.zeros((64, 64, 4), np.uint8)
    straight[..., :3] = (255, 0, 255)  # what lies under transparent pixels must not show
    straight[20:40, 10:50] = (30, 200, 30, 255)
    sprite = square_sprite(straight)
    assert sprite.shape == (SIDE, SIDE, 4)
    rows, columns = (np.flatnonzero((sprite[..., 3] > 127).any(axis)) for axis in (1, 0))
    assert len(columns) == pytest.approx(SIDE - 2, abs=2)
    assert len(rows) == pytest.approx((SIDE - 2) / 2, abs=2)
    assert (rows[0] + rows[-1]) / 2 == pytest.approx((SIDE - 1) / 2, abs=1)
    assert (np.abs(sprite[..., 0] - sprite[..., 3] * (30 / 255)) < 2).all()
    assert (sprite[..., :3] <= sprite[..., 3:]).all()


def test_sprites_are_pinned_and_named_after_classes_of_coco():
    assert len(CLASSES) == 36
    assert CLASS_NAMES[PERSON] == "person"
    assert COCO_IDS[PERSON] == 1
    assert list(COCO_IDS) == sorted(set(COCO_IDS))
    for style, files in FILES.items():
        assert set(files) == set(CLASS_NAMES) - {"person"}
        members = SOURCES[style].files
        assert len(members) == sum(map(len, files.values())) > 85
        assert all(len(sha256) == 64 for sha256 in members.values())
        assert SOURCES[style].licence
        assert SOURCES[style].credit
    assert json.dumps(FILES, sort_keys=True).count("1f415") >= 2  # the dog


def test_without_resvg_openmoji_names_the_package(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(CourseError, match="pip install resvg-py"):
        emoji_scenes.sprites._rasterise(tmp_path / "x.svg")


@pytest.mark.weights
@pytest.mark.parametrize("style", SOURCES)
def test_the_real_sprites_are_opaque_things_with_clear_edges(style):
    sprites = load_sprites(style)
    assert set(sprites) == set(range(1, len(CLASSES)))
    for thing in (thing for group in sprites.values() for thing in group):
        alpha = thing.levels[0][..., 3] / 255
        assert thing.levels[0].shape == (SIDE, SIDE, 4)
        assert 0.08 < alpha.mean() < 0.98, thing.name
        assert ((alpha > 0.1) & (alpha < 0.9)).mean() < 0.22, thing.name
        assert alpha[0].max() <= 0.5, thing.name


@pytest.mark.weights
def test_real_persons_are_cut_out_and_kept():
    person = real_cut_out("astronaut")
    alpha = person.levels[0][..., 3] / 255
    assert alpha.shape[0] == 384
    assert 0.3 < (alpha > 0.5).mean() < 0.9
    assert not person.whole


@pytest.mark.weights
def test_what_is_kept_is_what_this_code_makes():
    """Fails when sprites, puppets or backgrounds come out differently and FOLDER is the same: old caches would go on."""
    fresh = emoji_scenes.sprites._read_all("twemoji")
    assert np.abs(kept("sprites-twemoji", lambda: fresh).astype(int) - fresh).max() <= 1
    fresh = emoji_scenes.people._draw(1, "val", "full")
    assert np.abs(puppet_cut_out(1, "val").levels[0].astype(int) - fresh).max() <= 1
    fresh = unlabelled_background(0, 1, emoji_scenes.scenery.SIDE, "val")[0] * 255
    assert np.abs(emoji_scenes.scenery.kept_background(0, "val") - fresh).max() <= 1.5
