"""What trained SparseInst networks are judged on: emoji scenes with fixed numbers, crowds, people, and the real clip.

    a, b, c        100 scenes each of the split val: the sprites of training in other scenes, before other backgrounds
    unseen-style   100 scenes of sprites that nobody was trained on (OpenMoji)
    crowd          100 scenes of many things of one class that touch each other
    people         the last frame of 40 clips of held-out puppets that cross
    clip           every fourth frame of the real clip. Its one person's mask is what the published RVM says (alpha > ½): a
                   truth of that network's making, good enough to ask whether the person was found

The numbers were fixed in test_pictures.json before a network was trained. A picture is made when it is its turn.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data.emoji_scenes import PERSON, emoji_scene, people_clip
from course_lib.errors import CourseError

TEST_PICTURES = Path(__file__).with_name("test_pictures.json")
VAL_SETS = ("a", "b", "c")
SETS = (*VAL_SETS, "unseen-style", "crowd", "people", "clip")
SIDE = 256
CROSSING = 9  # frames of a clip of people, of which the last is judged
CLIP_FRAMES, EVERY = 120, 4  # of the real clip


@dataclass(frozen=True)
class TestPicture:
    """A picture, RGB in [0, 1], and its truth as `match_image` takes it: labels, masks."""

    __test__ = False  # pytest: not a test, in spite of its name

    name: str
    image: Float[Tensor, "3 H W"]
    target: Mapping[str, Tensor]


def numbers_of_set(set_name: str, count: int | None = None) -> list[int]:
    """Which pictures one of SETS has, at most `count`: seeds, of the clip frames. CourseError for another name."""
    if set_name not in SETS:
        raise CourseError(f"There is no set {set_name} of test pictures. There are: {', '.join(SETS)}.")
    if set_name == "clip":
        return list(range(0, CLIP_FRAMES, EVERY))[:count]
    return json.loads(TEST_PICTURES.read_text("utf-8"))["sets"][set_name][:count]


def pictures_of_set(set_name: str, count: int | None = None) -> Iterator[TestPicture]:
    """The pictures of one of SETS, at most `count`. CourseError for another name."""
    numbers = numbers_of_set(set_name, count)
    if set_name == "clip":
        yield from _clip(numbers)
        return
    for seed in numbers:
        yield _people(seed) if set_name == "people" else _scene(set_name, seed)


def _scene(set_name: str, seed: int) -> TestPicture:
    scene = emoji_scene(seed, SIDE, "val" if set_name in VAL_SETS else set_name)
    return TestPicture(f"{set_name}/{seed}", scene.image, scene.target())


def _people(seed: int) -> TestPicture:
    clip = people_clip(seed, CROSSING, SIDE)
    target = {name: tensor for name, tensor in clip.target(CROSSING - 1).items() if name != "identities"}
    return TestPicture(f"people/{seed}", clip.frames[-1], target)


def _clip(numbers: Sequence[int]) -> Iterator[TestPicture]:
    from course_lib.data import sample_clip
    from course_lib.data.person import CLIP, person_cut_out

    frames, alpha = sample_clip(CLIP), person_cut_out().alpha
    for number in numbers:
        target = {"labels": torch.tensor([PERSON]), "masks": alpha[number] > 0.5}
        yield TestPicture(f"clip/{number}", frames[number], target)
