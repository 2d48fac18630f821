"""Backgrounds: disjoint splits, determinism, what cameras see against trigonometry, textures, tone mapping."""

import math

import numpy as np
import pytest
import torch

from course_lib.data import backgrounds, camera, list_images, panoramas, textures
from course_lib.data.backgrounds import BackgroundClip, background_clip
from course_lib.data.camera import (
    CameraPath,
    draw_path,
    film_panorama,
    film_picture,
    sphere_coordinates,
    view_directions,
)
from course_lib.errors import CourseError


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def path(pan=0.0, tilt=0.0, roll=0.0, field_of_view=100.0) -> CameraPath:
    return CameraPath(*(torch.tensor([float(angle)]) for angle in (pan, tilt, roll, field_of_view)), moving=False)


def globe(height: int = 256) -> torch.Tensor:
    """A panorama whose colour says where one looks: (direction + 1) / 2, from longitude and latitude of each pixel."""
    longitude = ((torch.arange(2 * height) + 0.5) / (2 * height) - 0.5) * 2 * math.pi
    latitude = ((torch.arange(height) + 0.5) / height - 0.5) * math.pi  # down is positive
    latitude, longitude = torch.meshgrid(latitude, longitude, indexing="ij")
    direction = [latitude.cos() * longitude.sin(), latitude.sin(), latitude.cos() * longitude.cos()]
    return (torch.stack(direction) + 1) / 2


@pytest.fixture
def synthetic(monkeypatch):
    """Backgrounds that need nothing fetched: the globe in place of every panorama, its colours in place of every photograph."""
    monkeypatch.setattr(backgrounds, "_panorama", lambda name: globe(64))
    monkeypatch.setattr(backgrounds, "_photograph", lambda name: globe(150))


def seen(view: CameraPath, height: int = 61, width: int = 101) -> torch.Tensor:
    """Directions (h, w, 3) that the camera finds on the globe."""
    return film_panorama(globe(), view, height, width)[0].permute(1, 2, 0) * 2 - 1


@pytest.mark.parametrize(
    ("view", "centre"),
    [
        (path(), (0, 0, 1)),
        (path(pan=90), (1, 0, 0)),
        (path(pan=180), (0, 0, -1)),  # the seam of the panorama
        (path(pan=-90, tilt=30), (-math.cos(math.pi / 6), -0.5, 0)),  # up is −y
        (path(pan=45, roll=20), (math.sqrt(0.5), 0, math.sqrt(0.5))),
    ],
)
def test_the_middle_of_the_view_is_where_the_camera_points(view, centre):
    torch.testing.assert_close(seen(view)[30, 50], torch.tensor(centre, dtype=torch.float32), rtol=0, atol=0.01)


def test_the_edge_of_the_view_is_half_the_field_of_view_away():
    row = seen(path(field_of_view=120))[30]
    angles = torch.rad2deg(torch.atan2(row[:, 0], row[:, 2]))
    # Pixel centres: the outermost lies half a pixel inside, where the tangent is 100/101 of the edge's.
    outermost = math.degrees(math.atan(math.tan(math.radians(60)) * 100 / 101))
    torch.testing.assert_close(angles[[0, 50, 100]], torch.tensor([-outermost, 0, outermost]), rtol=0, atol=0.5)


def test_a_turned_camera_sees_a_turned_picture():
    upright, turned = seen(path(), 81, 81), seen(path(roll=90), 81, 81)
    torch.testing.assert_close(turned, upright.rot90(-1), rtol=0, atol=0.02)  # clockwise


def test_directions_and_coordinates_agree_on_the_whole_sphere():
    directions = torch.nn.functional.normalize(torch.randn(500, 3, generator=seeded()), dim=1)
    column, row = sphere_coordinates(directions).unbind(-1)
    longitude, latitude = (column - 0.5) * 2 * math.pi, (row - 0.5) * math.pi
    again = torch.stack([latitude.cos() * longitude.sin(), latitude.sin(), latitude.cos() * longitude.cos()], -1)
    torch.testing.assert_close(again, directions, rtol=0, atol=1e-5)


def test_straight_lines_stay_straight():
    """A plane through the camera's centre meets a perspective picture in a line: x = z is the column at 45°."""
    directions = view_directions(path(field_of_view=120), 40, 80)[0]
    column = 40 + 40 * math.tan(math.radians(45)) / math.tan(math.radians(60)) - 0.5
    difference = directions[..., 0] - directions[..., 2]
    crossing = (difference < 0).sum(1).float() - 0.5  # between the last pixel before and the first one after
    assert (crossing - column).abs().max() <= 0.5


def test_detail_is_fine_moves_with_the_world_and_keeps_the_light():
    grey = torch.full((3, 64, 128), 0.5)
    detail = 0.1 * textures.octave_noise(128, 128, seeded(), 32, 0.9)[None]
    plain = film_panorama(grey, path(), 64, 96)
    fine = film_panorama(grey, path(), 64, 96, detail)
    assert plain.std() < 1e-5
    assert 0.02 < fine.std() < 0.06
    assert abs(fine.mean() - 0.5) < 0.02
    pixel = math.degrees(math.atan(math.tan(math.radians(50)) / 48))  # of pan, in the middle of the picture
    moved = film_panorama(grey, path(pan=8 * pixel), 64, 96, detail)
    middle = [clip[0, 0, 24:40, 30:66].flatten() for clip in (fine, moved, torch.roll(fine, -8, 3))]
    correlation = torch.corrcoef(torch.stack(middle))
    assert abs(correlation[0, 1]) < 0.4
    assert correlation[1, 2] > 0.7


def test_paths_stay_wide_move_in_proportion_and_sometimes_stand():
    paths = [draw_path(25, seeded(seed)) for seed in range(60)]
    assert all(view.field_of_view.min() >= camera.NARROWEST for view in paths)
    assert all(view.field_of_view.max() <= camera.WIDEST for view in paths)
    assert all(view.pan.diff().abs().sum() == 0 for view in paths if not view.moving)
    assert 3 <= sum(not view.moving for view in paths) <= 24  # a fifth of 60
    assert max((view.pan - view.pan[0]).abs().max() for view in paths) < 70
    assert max((draw_path(3, seeded(seed)).pan.diff().abs().sum()) for seed in range(60)) < 10


def test_a_flat_picture_is_filmed_within_its_frame_and_stands_still_when_told():
    white = torch.ones(3, 60, 80)
    for seed in range(10):
        assert film_picture(white, 9, 40, 50, False, seeded(seed)).min() > 0.999
        still = film_picture(globe(60), 4, 40, 50, True, seeded(seed))
        assert torch.equal(still[0], still[3])
        assert not torch.equal(film_picture(globe(60), 4, 40, 50, False, seeded(seed))[0], still[0])


def test_noise_tiles_and_is_normal():
    noise = textures.octave_noise(64, 96, seeded())
    assert abs(noise.mean()) < 1e-5
    assert noise.std() == pytest.approx(1, abs=1e-4)
    inside, seam = (noise[:, 1:] - noise[:, :-1]).abs().mean(), (noise[:, 0] - noise[:, -1]).abs().mean()
    assert seam < 1.5 * inside
    rough, smooth = (textures.octave_noise(64, 64, seeded(), 4, value) for value in (1.0, 0.3))
    assert rough.diff(dim=1).std() > 2 * smooth.diff(dim=1).std()


@pytest.mark.parametrize("name", textures.FAMILIES)
def test_textures_are_pictures_and_differ(name):
    one, same, other = (textures.paint(name, 40, 56, seeded(seed)) for seed in (1, 1, 2))
    assert one.shape == (3, 40, 56)
    assert one.min() >= 0
    assert one.max() <= 1
    assert one.std() > 0.01
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_splits_share_no_source_and_no_person_is_in_any():
    for sources, known in (
        (backgrounds.PANORAMAS, panoramas.list_panoramas()),
        (backgrounds.PHOTOGRAPHS, set(list_images()) - {"astronaut", "grace_hopper"}),
    ):
        names = [name for split in backgrounds.SPLITS for name in sources[split]]
        assert len(names) == len(set(names))
        assert set(names) == set(known)


def test_splits_share_no_seed():
    seeds = [*range(200), backgrounds.LAST_SEED]
    states = {
        int(backgrounds.background_generator(seed, split).initial_seed())
        for seed in seeds
        for split in backgrounds.SPLITS
    }
    assert len(states) == 3 * len(seeds)
    assert max(states) < 2**32  # the generator would drop higher bits


def test_backgrounds_are_deterministic_and_recorded(synthetic):
    kinds = set()
    for seed in range(24):
        torch.manual_seed(seed)
        one, same = background_clip(seed, 3, 36, 48, "train"), background_clip(seed, 3, 36, 48, "train")
        other = background_clip(seed, 3, 36, 48, "test")
        assert isinstance(one, BackgroundClip)
        assert one.frames.shape == (3, 3, 36, 48)
        assert one.frames.dtype == torch.float32
        assert one.frames.min() >= 0
        assert one.frames.max() <= 1
        assert torch.equal(one.frames, same.frames)
        assert one.record == same.record
        assert not torch.equal(one.frames, other.frames)
        record = one.record
        kinds.add(record.kind)
        allowed = {"panorama": backgrounds.PANORAMAS, "photograph": backgrounds.PHOTOGRAPHS}
        assert record.name in (textures.FAMILIES if record.kind == "texture" else allowed[record.kind]["train"])
        if not record.moving and not record.passing:
            assert torch.equal(one.frames[0], one.frames[2])
        else:
            assert not torch.equal(one.frames[0], one.frames[2])
    assert kinds == {"panorama", "photograph", "texture"}


def test_something_passes_over_a_still_background(synthetic):
    clips = [background_clip(seed, 4, 40, 40, "val", ("texture",)) for seed in range(40)]
    crossed = [clip for clip in clips if clip.record.passing and not clip.record.moving]
    assert crossed
    for clip in crossed:
        changed = (clip.frames[0] != clip.frames[-1]).any(0).float().mean()
        assert 0 < changed < 0.8


def test_kinds_may_be_chosen_and_mistakes_are_named(synthetic):
    assert {background_clip(seed, 1, 16, 16, "val", ("texture",)).record.kind for seed in range(8)} == {"texture"}
    with pytest.raises(CourseError, match=r"'dev' is not one of train, val, test"):
        background_clip(0, 1, 16, 16, "dev")
    with pytest.raises(CourseError, match=r"seed=-1.*from 0 to"):
        background_clip(-1, 1, 16, 16, "val")
    with pytest.raises(CourseError, match=r"0 frames of 16×16"):
        background_clip(0, 0, 16, 16, "val")
    with pytest.raises(CourseError, match=r"choose from panorama, photograph, texture"):
        background_clip(0, 1, 16, 16, "val", ("video",))


def test_real_photographs_are_backgrounds_too():
    clip = background_clip(3, 2, 48, 64, "train", ("photograph",))
    assert clip.frames.std() > 0.03


def test_tone_mapping_puts_the_median_in_the_middle_and_mends_a_broken_sun():
    light = np.random.default_rng(0).uniform(0.05, 0.35, (64, 128, 1)).repeat(3, 2)
    light[20:36, 40:56] = 300.0  # the glow
    light[26:30, 46:50] = (-0.1, 0.0, 9000.0)  # the block that the compression lost
    light[27, 47] = np.inf
    light[5, 5] = -3.0  # ringing
    shown = panoramas.tone_map(light)
    assert shown.dtype == np.uint8
    assert shown.shape == light.shape
    middle = np.median(shown)
    # Middle grey: 0.18 of light, compressed by 1/(1 + 0.18), sRGB-encoded.
    assert abs(middle - 255 * (1.055 * (0.18 / 1.18) ** (1 / 2.4) - 0.055)) < 6
    assert shown[22:34, 42:54].min() > 235
    assert shown[5, 5].min() > 40
    order = np.argsort(light[40:, 60:, 0], axis=None)
    assert (np.diff(shown[40:, 60:, 0].flatten()[order].astype(int)) >= 0).all()  # brighter stays brighter


def test_unknown_panoramas_and_a_missing_reader_are_named(monkeypatch, tmp_path):
    with pytest.raises(CourseError, match=r"'moon'.*apartment"):
        panoramas.load_panorama("moon")
    monkeypatch.setitem(__import__("sys").modules, "OpenEXR", None)
    with pytest.raises(CourseError, match="pip install OpenEXR"):
        panoramas._read_exr(tmp_path / "city.exr.js")


@pytest.mark.weights
def test_the_panoramas_are_pictures_and_are_tone_mapped_once(monkeypatch):
    for name in panoramas.list_panoramas():
        picture = panoramas.load_panorama(name)
        assert picture.shape == (3, 256, 512)
        assert picture.min() >= 0
        assert picture.max() <= 1
        assert picture.std() > 0.1
        assert 0.3 < picture.median() < 0.6
    panoramas._tone_mapped.cache_clear()
    monkeypatch.setattr(panoramas, "fetch", None)  # calling it would fail: the kept file is enough
    panoramas.load_panorama("city")


@pytest.mark.weights
def test_what_is_kept_is_what_this_code_makes():
    """Fails when `tone_map` changes and KEPT does not: old caches would go on showing old pictures."""
    path = panoramas.fetch(panoramas.PANORAMAS)["package/hdri/park.exr.js"]
    made = torch.from_numpy(panoramas.tone_map(panoramas._read_exr(path))).permute(2, 0, 1) / 255
    torch.testing.assert_close(panoramas.load_panorama("park"), made, rtol=0, atol=0)


@pytest.mark.weights
@pytest.mark.parametrize("content", [None, b"", b"cut short"])
def test_a_missing_or_damaged_file_of_panoramas_is_made_again(content, tmp_path, monkeypatch):
    made = np.full(panoramas.SHAPE[1:], 7, np.uint8)
    monkeypatch.setattr(panoramas, "_read_exr", lambda path: path)
    monkeypatch.setattr(panoramas, "tone_map", lambda light: made)
    kept = tmp_path / panoramas.KEPT
    if content is not None:
        kept.write_bytes(content)
    assert (panoramas._tone_mapped.__wrapped__(kept) == 7).all()
    assert [file.name for file in tmp_path.iterdir()] == [panoramas.KEPT]
    assert np.load(kept).shape == panoramas.SHAPE
