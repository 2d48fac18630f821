"""Clips with a known answer to evaluate on, and the held-out puppets among them.

`puppet_scenes` shows the scenes of test_scenes.json: three sets of 16 puppets of the test split whose camera moves, each before
a background of the test split. The seeds were fixed before a network was evaluated. A scene is made when it is its turn, so any
number of them at any size fits into memory; the same arguments give the same pixels.

RVM's test scenes (§5.1 of the paper) are composited in the same way from people filmed before a green screen. `folders` reads
those, `person` makes some from the real clip.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from jaxtyping import Float
from torch import Tensor

from course_lib.data.backgrounds import BackgroundRecord, Split, background_clip
from course_lib.data.puppets import compose, puppet_clip
from course_lib.errors import CourseError

TEST_SCENES = Path(__file__).with_name("test_scenes.json")
ROOM = 1.25  # a still background is made this much larger than the picture, for the camera to move over
HAIR = {
    "bald": "none or stubble", "buzz": "none or stubble", "short": "short", "swept": "short", "bob": "long",
    "long": "long", "ponytail": "tied", "bun": "tied", "curly": "curly or afro", "afro": "curly or afro",
}  # fmt: skip
HAIR_COLOURS = {
    "black": "dark", "dark brown": "dark", "brown": "dark", "auburn": "red or dyed", "dyed": "red or dyed",
    "dark blond": "light", "blond": "light", "grey": "grey or white", "white": "grey or white",
}  # fmt: skip


@dataclass(frozen=True)
class TestScene:
    """One clip and its truth, in [0, 1]. `foreground` is None where it is not known, `background` (the clean plate) likewise.

    `groups` says what the scene shows, for errors by group; "set" is always there.
    """

    __test__ = False  # pytest: not a test, in spite of its name

    name: str
    frames: Float[Tensor, "T 3 H W"]
    alpha: Float[Tensor, "T 1 H W"]
    foreground: Float[Tensor, "T 3 H W"] | None = None
    background: Float[Tensor, "T 3 H W"] | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedScene:
    """A scene that is not made yet: its name and set are known, `make` does the work."""

    name: str
    set: str
    make: Callable[[], TestScene]


def make_all(plan: Sequence[PlannedScene]) -> Iterator[TestScene]:
    """Each when it is its turn."""
    return (planned.make() for planned in plan)


def puppet_scenes(
    height: int = 256, width: int = 256, sets: Sequence[str] = ("a", "b", "c"), frames: int = 24
) -> Iterator[TestScene]:
    """The test puppets, set by set; named "a/1000" and so on. 24 frames is what results are recorded with.

    Raises CourseError for a set that there is not, and for sizes that puppets cannot have.
    """
    return make_all(puppet_plan(height, width, sets, frames))


def puppet_plan(height: int, width: int, sets: Sequence[str], frames: int) -> list[PlannedScene]:
    """What `puppet_scenes` will make. Raises as above."""
    seeds = json.loads(TEST_SCENES.read_text("utf-8"))["sets"]
    if unknown := [name for name in sets if name not in seeds]:
        raise CourseError(f"There is no set {', '.join(unknown)} of test puppets. There are: {', '.join(seeds)}.")
    if frames < 1 or min(height, width) < 16:
        raise CourseError(f"A scene has at least 1 frame of 16×16, not {frames} of {height}×{width}.")
    return [
        PlannedScene(name, label, partial(puppet_scene, seed, height, width, frames, "test", name, label))
        for label in sets
        for seed, name in ((seed, f"{label}/{seed}") for seed in seeds[label])
    ]


def puppet_scene(
    seed: int, height: int, width: int, frames: int, split: Split, name: str, set_name: str, framing: str | None = None
) -> TestScene:
    """The puppet and the background with this seed. Noise, compression and blur as a camera has them (`compose`).

    A background without a camera of its own is a still picture over which the puppet's camera moves.
    """
    puppet = puppet_clip(seed, frames=frames, height=height, width=width, split=split, framing=framing)
    background = background_clip(seed, frames, height, width, split)
    scenery = background.frames
    if not background.record.moving:
        scenery = background_clip(seed, 1, round(ROOM * height), round(ROOM * width), split).frames[0]
    seen = compose(puppet, scenery, seed)
    groups = {"set": set_name, **puppet_groups(puppet.info), **background_groups(background.record)}
    return TestScene(name, seen.frames, seen.alpha, seen.foreground, seen.background, groups)


def puppet_groups(info: Mapping) -> dict[str, str]:
    """What `PuppetClip.info` says, in groups large enough to average over. With several people: of the one in front."""
    person = info["people"][0]
    return {
        "framing": info["framing"],
        "camera": info["camera"],
        "people": {1: "one", 2: "two"}.get(len(info["people"]), "three or more"),
        "skin tone": skin_tone_band(person["skin_tone"]),
        "hair": HAIR[person["hair_style"]],
        "hair colour": HAIR_COLOURS[person["hair_colour"]],
        "headwear": person["headwear"],
        "build": person["build"],
    }


def skin_tone_band(tone: int) -> str:
    """The Monk scale's ten tones in three bands: light 1–3, medium 4–7, dark 8–10."""
    return "Monk 1–3" if tone <= 3 else "Monk 4–7" if tone <= 7 else "Monk 8–10"


def background_groups(record: BackgroundRecord) -> dict[str, str]:
    return {"background": record.kind, "scenery": "filmed on its own" if record.moving else "under the same camera"}
