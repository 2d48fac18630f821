"""One person out of many: the gate against brute force, and who is followed through a clip of coloured boxes."""

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch import nn
from typer.testing import CliRunner

from course_lib.capstone import Choice, PersonSession, draw_people, find_people, gate, signed_distance
from course_lib.capstone.gate import FAR, RAMP, REACH
from course_lib.cli.main import app
from course_lib.errors import CourseError
from course_lib.instances import Detections
from course_lib.video import matte_video
from course_lib.video.segmenting.tracking import PATIENCE
from tests.video_files import RedIsAlpha, decode, names_in, write_pictures, write_video

SIZE = (48, 64)
RED, GREEN, BLUE = (250, 30, 30), (30, 250, 30), (30, 30, 250)


class White(nn.Module):
    """Mattes as RVM is called: everything is opaque, so alpha is the gate."""

    def forward(self, clip, *states, downsample_ratio=1.0):
        return clip, torch.ones_like(clip[:, :, :1]), *[torch.zeros(1)] * 4


class ColourFinder(nn.Module):
    """Finds a person of each of three colours, and a cat that nobody may take for one. `twice`: the red one, twice."""

    class_names = ("cat", "person")
    trained_side = 48

    def __init__(self, twice=False):
        super().__init__()
        self.twice = twice

    def predict(self, images, sizes, min_score=0.0):
        found = []
        for image, size in zip(images, sizes, strict=True):
            masks = [image[channel] > image.sum(0) - image[channel] + 0.3 for channel in range(3)]
            masks = [torch.nn.functional.interpolate(mask[None, None].float(), size)[0, 0] > 0.5 for mask in masks]
            scores = [0.7, 0.9, 0.8]
            if self.twice:
                masks.append(masks[0].clone())
                masks[-1][:, -20:] = False
                scores.append(0.6)
            kept = [i for i, mask in enumerate(masks) if mask.any() and scores[i] >= min_score]
            labels = torch.tensor([1] * len(kept) + [0])
            everything = torch.ones(size, dtype=torch.bool)
            picked = torch.stack([*(masks[i] for i in kept), everything])
            found.append(Detections(torch.tensor([*(scores[i] for i in kept), 0.99]), labels, picked))
        return found


class TwoReds(ColourFinder):
    """Finds a red person in the left half and one in the right."""

    def predict(self, images, sizes, min_score=0.0):
        found = []
        for image in images:
            red = image[0] > 0.8
            masks = torch.stack([red & (torch.arange(red.shape[1]) < 32), red & (torch.arange(red.shape[1]) >= 32)])
            masks = masks[masks.any((1, 2))]
            found.append(Detections(torch.ones(len(masks)), torch.ones(len(masks), dtype=torch.long), masks))
        return found


def frame(**boxes):
    """uint8 (H, W, 3): on dark grey a box for each colour at its left edge, 10 wide; the last is in front."""
    picture = np.full((*SIZE, 3), 40, np.uint8)
    for name, left in boxes.items():
        colour = {"red": RED, "green": GREEN, "blue": BLUE}[name.rstrip("_")]
        picture[10:40, max(left, 0) : max(left + 10, 0)] = colour
    return picture


LARGEST = Choice()


def follow(frames, choice=LARGEST, **options):
    """(T, H, W) gates, and the session."""
    session = PersonSession(White(), ColourFinder(options.pop("twice", False)), choice, **options)
    return np.stack([session.step(picture)[1] for picture in frames]), session


def kept(gates):
    """The columns whose middle row is kept, of each frame."""
    return [np.flatnonzero(one[25] > 0.5).tolist() for one in gates]


def brute_force(mask):
    inside, outside = (np.argwhere(part) for part in (mask, ~mask))
    distance = np.zeros(mask.shape)
    distance[~mask] = cdist(outside, inside).min(1)
    distance[mask] = -cdist(inside, outside).min(1)
    return distance


def random_masks(count, seed):
    rng = np.random.default_rng(seed)
    return rng.random((count, 12, 17)) < rng.uniform(0.03, 0.6, (count, 1, 1))


def test_signed_distance_equals_brute_force():
    for mask in random_masks(8, 0):
        np.testing.assert_allclose(signed_distance(mask), brute_force(mask), atol=1e-4)
    assert (signed_distance(np.zeros((5, 6), bool)) == FAR).all()
    assert (signed_distance(np.ones((5, 6), bool)) <= 1 - FAR).all()


def test_a_pixel_goes_to_whom_it_is_nearer():
    for seed in range(4):
        mine, *others = masks = random_masks(3, seed)
        distances = np.stack([brute_force(mask) for mask in masks])
        nearer = np.clip(0.5 + (distances[1:].min(0) - distances[0]) / RAMP, 0, 1)
        near = np.clip(0.5 + (REACH * mine.sum() ** 0.5 - distances[0]) / RAMP, 0, 1)
        np.testing.assert_allclose(gate(mine, others), nearer * near, atol=1e-4)
        np.testing.assert_allclose(gate(mine, []), near, atol=1e-4)


def test_nobody_takes_more_than_there_is():
    masks = random_masks(2, 5)
    both = gate(masks[0], [masks[1]]) + gate(masks[1], [masks[0]])
    assert both.max() <= 1 + 1e-6
    assert not gate(np.zeros((4, 5), bool), [np.ones((4, 5), bool)]).any()


def test_choices():
    scene = frame(red=2, green=26, blue=50)
    scene[5:45, 26:36] = GREEN  # the largest
    for choice, middle in (
        (Choice(), 31),
        (Choice(number=1), 7),
        (Choice(number=3), 55),
        (Choice(point=(53, 12)), 55),
    ):
        gates, session = follow([scene], choice)
        columns = kept(gates)[0]
        assert min(columns) <= middle - 4
        assert max(columns) >= middle + 4
        assert max(columns) - min(columns) < 26
        assert (session.people, session.seen, session.frames) == (3, 1, 1)
        assert session.number == {7: 1, 31: 2, 55: 3}[middle]


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(number=3), r"There is no person 3: 2 people were found in the first frame"),
        (Choice(number=0), r"There is no person 0"),
        (Choice(point=(20, 20)), r"Nobody was found at \(20, 20\); 2 people were found"),
        (Choice(point=(64, 20)), r"\(64, 20\) lies outside of the frame, which has 64×48 pixels"),
        (Choice(point=(-1, 20)), r"lies outside"),
    ],
)
def test_choices_that_are_nobody(choice, message):
    with pytest.raises(CourseError, match=message):
        follow([frame(red=2, green=40)], choice)


def test_a_point_is_of_the_frame_even_where_the_network_looks_at_less():
    large = np.repeat(np.repeat(frame(red=2, green=40), 3, axis=0), 3, axis=1)
    gates, _ = follow([large], Choice(point=(3 * 45, 3 * 25)))
    assert gates.shape == (1, 144, 192)
    assert gates[0, 75, 3 * 45] == 1
    assert gates[0, 75, 3 * 7] == 0


def test_a_choice_is_made_when_there_is_somebody():
    gates, session = follow([frame(), frame(red=20)])
    assert not gates[0].any()
    assert gates[1, 25, 25] == 1
    assert (session.number, session.people, session.seen) == (1, 1, 1)
    with pytest.raises(CourseError, match=r"0 people were found"):
        follow([frame(), frame(red=20)], Choice(number=1))


def test_nobody_at_all():
    gates, session = follow([frame(), frame()])
    assert not gates.any()
    assert (session.number, session.people, session.seen, session.frames) == (0, 0, 0, 2)


def test_people_who_cross_are_not_mixed_up():
    crossing = [frame(red=2 + 3 * t, green=50 - 3 * t) for t in range(17)]  # green is in front
    gates, session = follow(crossing, Choice(number=1))
    for t in range(17):
        clear = [x for x in range(2 + 3 * t, 12 + 3 * t) if not 50 - 3 * t - 2 <= x < 60 - 3 * t + 2]
        assert (gates[t, 25, clear] > 0.5).all(), t
        assert not (gates[t, 25, 50 - 3 * t + 3 : 60 - 3 * t - 3] > 0.5).any(), t
    assert session.number == 1


def test_who_is_hidden_is_waited_for_where_nobody_stands_in_front():
    way = [40, 37, 34, 31, 28, 25, 22, 19, 16, 13, 10, 10, 13, 16, 19, 22, 25]
    gates, session = follow([frame(red=10, green=left) for left in way], Choice(number=1))
    assert not gates[10:12].any()  # the green one covers all of the red one's last place
    assert (gates[[9, 12, 16], 25, 11] > 0.5).all()
    assert (session.seen, session.frames) == (15, 17)
    gone = [frame(red=10), *[frame()] * (PATIENCE + 2)]
    gates, _ = follow(gone)
    assert [bool(one.any()) for one in gates] == [True] * (PATIENCE + 1) + [False] * 2


def test_who_comes_back_elsewhere_is_known_by_the_colours():
    absent = [frame(green=50)] * (PATIENCE + 3)
    back = [frame(red=2, green=50), *absent, frame(red=30, green=50)]
    gates, session = follow(back, Choice(number=1))
    assert gates[-1, 25, 35] == 1
    assert session.seen == 2
    gates, session = follow(back, Choice(number=1), remember=False)
    assert not gates[-1].any()
    assert session.seen == 1
    other = [frame(red=2, green=50), *absent, frame(blue=30, green=50)]
    assert not follow(other, Choice(number=1))[0][-1].any()
    # somebody who was there all the time is no stranger, whatever they wear
    alike = frame(red=2)
    alike[10:40, 40:50] = (245, 25, 25)  # of the same of the 512 colours
    session = PersonSession(White(), TwoReds(), Choice(number=1))
    gates = [session.step(picture)[1] for picture in (alike, *[np.where(np.arange(64)[:, None] < 20, 40, alike)] * 14)]
    assert (session.people, session.seen) == (2, 1)
    assert not gates[-1].any()


def test_somebody_found_twice_is_one_person():
    gates, session = follow([frame(red=10, green=40)], Choice(number=1), twice=True)
    assert session.people == 2
    assert (gates[0, 15:35, 12:18] == 1).all()


def test_of_each_person_the_largest_piece_counts():
    """Somebody behind a post, and two red pixels on somebody blue, which would claim all that is near them."""
    picture = frame(red=14, blue=44)
    picture[10:40, 18:21] = 40  # the post
    picture[10:40, 21:26], picture[12:14, 46] = RED, RED
    (people,) = find_people(ColourFinder(), torch.from_numpy(picture).permute(2, 0, 1)[None] / 255)
    red = next(person for person in people if person.score == pytest.approx(0.7))
    assert (red.top, red.left, red.mask.shape, red.mask.all()) == (10, 21, (30, 5), True)
    gates, _ = follow([picture], Choice(point=(23, 25)))
    columns = set(kept(gates)[0])
    assert {15, 16, 22, 24} <= columns, "nobody else is nearer to the piece left of the post"
    assert gates[0][13, 46] < 0.01


def test_chunks_give_what_steps_give():
    frames = np.stack([frame(red=2 + t, green=50 - t) for t in range(9)])
    stepped, _ = follow(frames, Choice(number=2))
    session = PersonSession(White(), ColourFinder(), Choice(number=2))
    tensor = torch.from_numpy(frames).permute(0, 3, 1, 2)
    clips = torch.cat([session.clip(tensor[:4])[1], session.clip(tensor[4:])[1]])
    np.testing.assert_allclose(clips[:, 0], stepped, atol=1e-6)


def test_what_cannot_be():
    cats = ColourFinder()
    cats.class_names = ("cat", "dog")
    with pytest.raises(CourseError, match=r"knows no class person. Its classes are: cat, dog"):
        PersonSession(White(), cats)
    with pytest.raises(CourseError, match=r"--threshold 2 must be between 0 and 1"):
        PersonSession(White(), ColourFinder(), threshold=2)


def test_a_file_goes_through_both_networks(tmp_path):
    frames = [frame(red=2 + t, green=40) for t in range(12)]
    source = write_video(tmp_path / "two.mp4", frames, options={"crf": "5"})
    session = PersonSession(RedIsAlpha(), ColourFinder(), Choice(number=1))
    report = matte_video(source, tmp_path / "red.mp4", alpha=tmp_path / "alpha.mp4", model=session, progress=False)
    assert (report.frames, session.frames, session.seen, session.number) == (12, 12, 12, 1)
    alpha = decode(tmp_path / "alpha.mp4", "gray")
    assert np.mean(alpha[5][12:38, 9:15]) > 225
    assert np.mean(alpha[5][:, 45:]) < 8
    first = [one.copy() for one in alpha]
    matte_video(source, tmp_path / "again.mp4", alpha=tmp_path / "same.mp4", model=session, progress=False)
    assert session.frames == 12  # each video begins anew
    np.testing.assert_array_equal(np.stack(decode(tmp_path / "same.mp4", "gray")), np.stack(first))


def test_a_session_is_not_overruled_in_silence(tmp_path):
    session = PersonSession(RedIsAlpha(), ColourFinder())
    source = write_video(tmp_path / "two.mp4", [frame(red=2)] * 2)
    for option in ({"downsample_ratio": 0.5}, {"device": "cpu"}, {"dtype": "float32"}):
        with pytest.raises(CourseError, match=r"A session has its own ratio, device and dtype"):
            matte_video(source, tmp_path / "a.mp4", model=session, progress=False, **option)
    assert names_in(tmp_path) == {"two.mp4"}


def test_people_are_drawn_with_their_numbers():
    scene = frame(red=2, green=26, blue=50)
    drawn, count = draw_people(ColourFinder(), scene)
    assert count == 3
    assert drawn.shape == scene.shape
    assert not np.array_equal(drawn, scene)
    assert draw_people(ColourFinder(), frame())[1] == 0


@pytest.fixture
def toys(monkeypatch):
    """`course capstone` with the stand-ins: what its session was made with."""
    from course_lib import capstone

    asked = []

    def session(model, instances, choice, threshold, ratio, device, dtype):
        asked.append((model, instances, choice, threshold, ratio, device, dtype))
        return PersonSession(RedIsAlpha(), ColourFinder(), choice, threshold, ratio)

    monkeypatch.setattr(capstone, "person_session", session)
    return asked


def invoke(*words):
    return CliRunner().invoke(app, ["capstone", *map(str, words)])


def test_the_command_without_options(tmp_path, toys):
    scene = frame(red=2, green=40)
    scene[5:45, 40:50] = GREEN
    source = write_video(tmp_path / "two.mp4", [scene] * 5)
    result = invoke(source)
    assert result.exit_code == 0, result.output
    assert names_in(tmp_path) == {"two.mp4", "two_person.mp4"}
    assert "Kept person 2 of 2, found in 5 of 5 frames." in result.output
    assert "--person NUMBER" in result.output
    assert toys == [("rvm-mobilenetv3-published", "sparseinst-laptop-people", Choice(), 0.35, "auto", "auto", "auto")]


def test_the_command_with_options(tmp_path, toys):
    source = write_video(tmp_path / "two.mp4", [frame(red=2, green=40)] * 5)
    words = ["--click", "45,20", "--people", tmp_path / "who.png", "-o", tmp_path / "a.webm", "--threshold", "0.5"]
    result = invoke(source, *words, "--instances", "mine.pth", "--downsample-ratio", "0.5", "--device", "cpu")
    assert result.exit_code == 0, result.output
    assert "who.png: 2 people in the first frame." in result.output
    assert "Kept person 2 of 2" in result.output
    assert names_in(tmp_path) == {"two.mp4", "who.png", "a.webm"}
    assert toys[0][1:5] == ("mine.pth", Choice(point=(45, 20)), 0.5, 0.5)


def test_the_command_that_only_shows_who_is_there(tmp_path, toys):
    source = write_pictures(tmp_path / "shots")
    result = invoke(source, "--people", tmp_path / "who.jpg")
    assert result.exit_code == 0, result.output
    assert "1 person in the first frame" in result.output
    assert names_in(tmp_path) == {"shots", "who.jpg"}


def test_the_command_refuses(tmp_path, toys):
    source = write_video(tmp_path / "two.mp4", [frame(red=2, green=40)] * 3)
    for words, message in (
        (["--click", "45"], "--click 45 is not a point. Write X,Y"),
        (["--person", "7"], "There is no person 7"),
        (["--people", str(tmp_path / "who.mp4")], "suffix .mp4 is not one of"),
        (["--people", str(tmp_path / "who")], "end its name with .png or .jpg"),
    ):
        result = invoke(source, *words)
        assert isinstance(result.exception, CourseError), words
        assert message in str(result.exception)
        assert names_in(tmp_path) == {"two.mp4"}


def test_nobody_is_said(tmp_path, toys):
    source = write_video(tmp_path / "empty.mp4", [frame()] * 3)
    result = invoke(source)
    assert result.exit_code == 0, result.output
    assert "Nobody was found, and nothing was kept. A lower --threshold finds more." in result.output
