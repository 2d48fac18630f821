"""The splits of emoji scenes, and what each is made of."""

from dataclasses import dataclass
from typing import Literal

from course_lib.data.emoji_scenes.scenery import BackgroundSplit
from course_lib.data.emoji_scenes.sprites import Style

SceneSplit = Literal["train", "val", "unseen-style", "crowd", "people", "together"]
SPLITS: tuple[SceneSplit, ...] = (
    "train",
    "val",
    "unseen-style",
    "crowd",
    "people",
    "together",
)  # their order is in the seeds


@dataclass(frozen=True)
class SceneRecipe:
    """Chances, counts (fewest, most) and sources of a split's scenes."""

    backgrounds: BackgroundSplit
    puppets: Literal["train", "val"]
    styles: tuple[Style, ...] = ("noto", "twemoji")
    empty: float = 0.04  # nothing to be found
    people: float = 0.5  # one to four persons
    persons: tuple[float, ...] = (0.45, 0.3, 0.15, 0.1)  # that there are one, two, three, four of them
    whole: float = 0.0  # chance that a puppet must be one from head to feet; else also from the waist or chest up
    smallest: float = 0.25  # share of the picture's height that a whole person has at least
    across: tuple[float, float] = (0, 1)  # where people stand: shares of the picture's width
    real: float = 0.15  # of a person: to be from a photograph instead of a puppet
    crowd: float = 0.25  # many of one class, touching
    crowd_of_people: float = 0.15  # of a crowd
    crowded: tuple[int, int] = (4, 9)
    scattered: tuple[int, int] = (0, 7)
    others: tuple[int, int] = (0, 3)  # besides a crowd


RECIPES: dict[SceneSplit, SceneRecipe] = {
    "train": SceneRecipe("train", "train"),
    "val": SceneRecipe("val", "val"),
    "unseen-style": SceneRecipe("test", "val", styles=("openmoji",)),
    "crowd": SceneRecipe("test", "val", empty=0, people=0.25, crowd=1, crowded=(8, 16)),
    # for training: people who hide parts of each other, and few things besides
    "together": SceneRecipe(
        "train",
        "train",
        empty=0,
        people=1,
        persons=(0.1, 0.45, 0.3, 0.15),
        whole=0.6,
        smallest=0.5,
        across=(0.2, 0.8),
        crowd=0,
        scattered=(0, 2),
    ),
}  # "people" is no drawing of these: its scenes are frames of clips, see `clip.py`
