"""Puppets: what comes out is what the matting equation says, the same for the same seed, and recorded."""

import numpy as np
import pytest
import torch

from course_lib.data.puppets import clip as clip_module
from course_lib.data.puppets import compose, puppet_clip
from course_lib.data.puppets.body import joints, sample_proportions
from course_lib.data.puppets.camera import light_path
from course_lib.data.puppets.clip import SPLITS, stream_seed
from course_lib.data.puppets.colour_fill import straight_colour
from course_lib.data.puppets.gait import motion
from course_lib.data.puppets.hair_styles import CENTRE, RADII, STYLES, grow
from course_lib.data.puppets.people import FRAMINGS, HAIR_STYLES, HEADWEAR, SKIN_TONES, sample_person
from course_lib.data.puppets.sensor import add_noise, compress
from course_lib.errors import CourseError
from course_lib.matting.equation import alpha_from_two_backgrounds

STEP = 1 / 255


def small(seed, **options):
    return puppet_clip(seed, **{"frames": 2, "height": 96, "width": 128, **options})


@pytest.fixture(scope="module")
def pair():
    return small(4, people=2, framing="half", height=128)


def test_shapes_types_and_range():
    clip = small(1, frames=3, people=2)
    assert clip.foreground.shape == (3, 3, 96, 128)
    assert clip.alpha.shape == (3, 1, 96, 128)
    assert clip.instances.shape == (2, 3, 1, 96, 128)
    assert clip.camera.shape == (3, 2, 3)
    assert clip.light.shape == (3, 3)
    for tensor in (clip.foreground, clip.alpha, clip.instances):
        assert tensor.dtype == torch.float32
        assert 0 <= tensor.min() <= tensor.max() <= 1


@pytest.mark.parametrize("framing", FRAMINGS)
def test_somebody_is_there_and_soft_at_the_edge(framing):
    alpha = small(2, people=1, framing=framing).alpha
    assert 0.03 < (alpha > 0.99).float().mean() < 0.9
    assert (alpha < 0.01).float().mean() > 0.1
    assert ((alpha > 0.05) & (alpha < 0.95)).sum() > 50


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others():
    first, again, other = small(7), small(7), small(8)
    assert (first.foreground - again.foreground).abs().max() <= STEP
    assert (first.alpha - again.alpha).abs().max() <= STEP
    assert first.info == again.info
    assert (first.alpha - other.alpha).abs().max() > 0.5


def test_a_longer_clip_starts_like_a_shorter_one():
    short, long = small(5, frames=1), small(5, frames=3)
    assert (short.alpha[0] - long.alpha[0]).abs().max() <= STEP
    assert (short.foreground[0] - long.foreground[0]).abs().max() <= STEP


def test_another_size_shows_the_same_people():
    drop = lambda people: [{k: v for k, v in p.items() if k != "scale"} for p in people]  # noqa: E731
    small_one, large = small(6), small(6, height=160, width=200)
    assert drop(small_one.info["people"]) == drop(large.info["people"])


def test_splits_share_no_stream_of_random_numbers():
    numbers = [stream_seed(seed, split) for seed in range(200) for split in SPLITS]
    assert len(set(numbers)) == len(numbers)
    people = [{p["seed"] for s in range(3) for p in small(s, frames=1, split=split).info["people"]} for split in SPLITS]
    assert all(people)
    assert not people[0] & people[1] | people[0] & people[2] | people[1] & people[2]


def test_alpha_can_be_triangulated_back_from_two_backgrounds(pair):
    """Smith & Blinn 1996: the same clip before two known colours gives back its alpha and αF, whatever light falls on it."""
    black, white = torch.zeros(3, 150, 200), torch.ones(3, 150, 200)
    first, second = (compose(pair, b, seed=0, degrade=False) for b in (black, white))
    premultiplied, alpha = alpha_from_two_backgrounds(first.clean, second.clean, first.background, second.background)
    assert (alpha - pair.alpha).abs().max() <= STEP
    lit = (pair.foreground * pair.light[..., None, None]).clamp(0, 1)
    assert (premultiplied - pair.alpha * lit).abs().max() <= STEP


def test_degraded_composites_keep_the_equation_before_the_sensor():
    background = torch.rand(3, 120, 160, generator=torch.Generator().manual_seed(0))
    softened = 0
    for seed in range(12):
        out = compose(small(3, frames=1), background, seed)
        again = out.alpha * out.foreground + (1 - out.alpha) * out.background
        assert (out.clean - again).abs().max() <= 1e-6
        assert (out.frames - out.clean).abs().max() > 0
        softened += out.info["softness"] > 0
    assert 0 < softened < 12


def test_instances_add_up_to_alpha_and_the_nearer_hides_the_farther(pair):
    total = pair.instances.sum(0)
    assert total.max() <= 1 + 1e-5
    torch.testing.assert_close(total, pair.alpha, atol=STEP, rtol=0)
    assert all(matte.max() > 0.5 for matte in pair.instances)
    solid = pair.instances[0] > 0.999
    assert pair.instances[1][solid].max() < 0.01


def test_foreground_has_a_colour_where_there_is_no_foreground():
    flat = np.zeros((20, 30, 4), np.float32)
    flat[5:10, 5:10] = [0.8, 0.4, 0.2, 1]
    flat[10, 5:10] = [0.4, 0.2, 0.1, 0.5]
    colour = straight_colour(flat)
    np.testing.assert_allclose(colour, np.broadcast_to([0.8, 0.4, 0.2], colour.shape), atol=1e-3)


def test_some_people_are_partly_out_of_the_picture():
    touching = [
        bool((clip.alpha[..., 0] > 0.5).any() or (clip.alpha[..., -1] > 0.5).any())
        for clip in (small(seed, frames=1, people=1, framing="full") for seed in range(30))
    ]
    assert 1 <= sum(touching) < 15


def test_motion_is_smooth_and_there_is_some():
    alpha = small(11, frames=6, people=1, framing="half").alpha
    change = (alpha[1:] - alpha[:-1]).abs().mean(dim=(1, 2, 3))
    assert change.min() > 0
    assert change.max() < 0.1


def test_an_open_shutter_smears(monkeypatch):
    """Motion blur: the same clips, drawn as one instant each, have fewer soft pixels."""
    options = {"people": 1, "framing": "full", "frames": 1, "height": 160, "width": 160}
    seeds = [seed for seed in range(16) if small(seed, **options).info["shutter"] > 0.3]

    def soft() -> int:
        return sum(int(((a > 0.02) & (a < 0.98)).sum()) for a in (small(seed, **options).alpha for seed in seeds))

    smeared = soft()
    monkeypatch.setattr(clip_module, "_sub_frames", lambda *_: 1)
    assert smeared > 1.1 * soft()


def test_attributes_are_recorded_and_all_values_occur():
    person = small(0).info["people"][0]
    assert {"skin_tone", "hair_style", "hair_colour", "build", "top", "headwear", "glasses", "motion"} <= set(person)
    rng = np.random.default_rng(0)
    drawn = [sample_person(rng, "half").record() for _ in range(600)]
    assert {p["skin_tone"] for p in drawn} == set(range(1, len(SKIN_TONES) + 1))
    assert {p["hair_style"] for p in drawn} == set(HAIR_STYLES)
    assert {p["headwear"] for p in drawn} == set(HEADWEAR)
    counts = np.bincount([p["skin_tone"] for p in drawn])[1:]
    assert counts.min() > 35  # even: 60 expected


def test_a_veil_is_seen_through():
    veiled = next(
        clip
        for clip in (small(seed, frames=1, people=1, framing="bust") for seed in range(80))
        if clip.info["people"][0]["headwear"] == "veil"
    )
    between = (veiled.alpha > 0.1) & (veiled.alpha < 0.8)
    assert between.float().mean() > 0.03


def test_hair_grows_outside_the_skull():
    curves = grow(np.random.default_rng(0), STYLES["long"], 50, 1.5, 0.1, 1.0, hat=False)
    radius = np.linalg.norm((curves - CENTRE) / RADII, axis=-1)
    assert radius.min() > 0.98


def test_the_background_moves_with_the_camera():
    clip = next(c for c in (small(seed, frames=4) for seed in range(40)) if c.info["camera"] == "shake")
    ramp = torch.linspace(0, 1, 200).expand(3, 150, 200)
    still = compose(clip, ramp, 0, degrade=False).background
    assert (still[0] - still[3]).abs().max() > 1e-3
    moving = torch.stack([ramp] * 4)
    kept = compose(clip, moving, 0, degrade=False).background / clip.light[..., None, None]
    torch.testing.assert_close(kept[0], kept[3], atol=1e-5, rtol=0)


def test_noise_has_the_variance_it_says_and_compression_is_mild():
    grey = np.full((3, 128, 128, 3), 0.5, np.float32)
    noisy = add_noise(grey, np.random.default_rng(0), read=0.02, shot=0.02)
    assert noisy.std() == pytest.approx(np.sqrt(0.02**2 + 0.5 * 0.02**2), rel=0.05)
    assert np.abs(noisy[0] - noisy[1]).max() > 0.02
    assert 0 < np.abs(compress(noisy, 80) - noisy).mean() < 0.03


def test_light_that_changes_is_near_one():
    factors = np.stack([light_path(np.random.default_rng(seed))(1.0) for seed in range(30)])
    assert factors.min() > 0.6
    assert factors.max() < 1.6
    assert len(np.unique(factors)) > 10


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"frames": 0}, "frame"),
        ({"height": 8}, "16×16"),
        ({"split": "training"}, "split"),
        ({"framing": "close"}, "framing"),
        ({"people": 0}, "people"),
        ({"seed": -1}, "seed"),
    ],
)
def test_a_wrong_argument_is_named(options, word):
    with pytest.raises(CourseError, match=word):
        small(**{"seed": 0, **options})


def test_a_background_of_the_wrong_length_is_named(pair):
    with pytest.raises(CourseError, match="5 frames"):
        compose(pair, torch.zeros(5, 3, 96, 128), 0)
    with pytest.raises(CourseError, match=r"\(3, h, w\)"):
        compose(pair, torch.zeros(1, 96, 128), 0)


def test_bones_keep_their_lengths_while_people_move():
    rng = np.random.default_rng(1)
    for framing in FRAMINGS:
        person = sample_person(rng, framing)
        shape, pose = sample_proportions(rng, person.build), motion(person, rng)
        for time in (0.0, 0.7, 2.3):
            place = joints(shape, pose(time))
            bones = {"shoulder-elbow": shape.upper_arm, "elbow-wrist": shape.forearm, "hip-knee": shape.thigh}
            for name, length in bones.items():
                first, second = name.split("-")
                for side in "01":
                    assert np.linalg.norm(place[first + side] - place[second + side]) == pytest.approx(length)
