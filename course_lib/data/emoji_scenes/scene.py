"""Emoji scenes: pictures as of COCO, of emoji and people before photographs and textures, with exact visible masks.

COCO itself is 20 GB and cannot be fetched by everyone; these scenes need a download of 140 MB and 400 MB in the cache, never
end, and have what makes instance segmentation hard: many classes, things that hide each other, crowds of one class, small
things, nothing at all. They are far easier than COCO all the same: a class has two to twenty-one pictures in two styles, and
thirteen classes have just two. `unseen-style` shows how much of what a network learns here is those pictures.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from course_lib.data.emoji_scenes.arrangement import arrange, arrange_one
from course_lib.data.emoji_scenes.canvas import Canvas
from course_lib.data.emoji_scenes.classes import CLASSES
from course_lib.data.emoji_scenes.clip import people_clip
from course_lib.data.emoji_scenes.looks import draw_camera, draw_light, recoloured
from course_lib.data.emoji_scenes.recipes import RECIPES, SPLITS, SceneSplit
from course_lib.data.emoji_scenes.scenery import draw_scenery
from course_lib.data.emoji_scenes.things import Thing, check
from course_lib.errors import CourseError

ONE = 1  # tells the draws of a picture of one thing from those of the scene with its number
TRIES = 4  # places for a thing that would hide too much of another


@dataclass(frozen=True)
class EmojiScene:
    """A picture, RGB in [0, 1], and its instances from back to front. Labels are places in CLASSES; masks do not overlap."""

    image: Float[Tensor, "3 H W"]
    labels: Int64[Tensor, " n"]
    masks: Bool[Tensor, "n H W"]
    things: tuple[Thing, ...]
    background: str  # split and number
    split: SceneSplit
    seed: int

    def target(self) -> dict[str, Tensor]:
        """Labels and masks, as the criterion and average precision take them."""
        return {"labels": self.labels, "masks": self.masks}


def emoji_scene(seed: int, size: int = 256, split: SceneSplit = "train") -> EmojiScene:
    """Scene number `seed` of a split, `size`² pixels. The same arguments give the same pixels, whatever ran before.

    "people" gives who shows in the one frame of `people_clip(seed, 1, size)`. Raises CourseError for an unknown split, a
    negative seed, a size outside 64 … 2048, and when a source cannot be had.
    """
    if split not in SPLITS:
        raise CourseError(f"split={split!r} is not one of {', '.join(SPLITS)}.")
    check(seed, size)
    if split == "people":
        clip = people_clip(seed, 1, size)
        target = clip.target(0)
        things = tuple(clip.things[person] for person in target["identities"].tolist())
        return EmojiScene(clip.frames[0], target["labels"], target["masks"], things, clip.background, split, seed)
    return _paint(arrange, np.random.default_rng([SPLITS.index(split), seed]), seed, size, split)


def emoji_picture(seed: int, size: int = 64, split: SceneSplit = "train") -> EmojiScene:
    """A picture of one thing and nothing else, from which a backbone learns the classes. Else as `emoji_scene`.

    Not for "people", which shows persons alone.
    """
    if split not in RECIPES:
        raise CourseError(f"split={split!r} is not one of {', '.join(RECIPES)}.")
    check(seed, size)
    return _paint(arrange_one, np.random.default_rng([SPLITS.index(split), seed, ONE]), seed, size, split)


def _paint(plan: Callable, rng: np.random.Generator, seed: int, size: int, split: SceneSplit) -> EmojiScene:
    """What `plan(rng, size, recipe)` wants to be in it, before a background and in a light of the split."""
    recipe = RECIPES[split]
    background, name = draw_scenery(rng, size, recipe.backgrounds)
    canvas, light, laid = Canvas(background), draw_light(rng), []
    for planned in plan(rng, size, recipe):
        place, colour = planned.place, recoloured(rng, CLASSES[planned.label].painted)
        for _ in range(TRIES):
            matrix = planned.matrix(place)
            if canvas.lay(planned.levels, matrix, colour, light.shadow(planned, place)):
                laid.append(planned)
                break
            place = (float(rng.uniform(0.05, 0.95)) * size, place[1])
    picture = draw_camera(rng).take(canvas.picture[None], rng)[0]
    things = [
        Thing(planned.label, planned.style, planned.name, visible / area)
        for planned, visible, area in zip(laid, canvas.visible, canvas.areas, strict=True)
    ]
    return EmojiScene(
        torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1))),  # (H, W, 3) → (3, H, W)
        torch.tensor([thing.label for thing in things], dtype=torch.int64),
        torch.from_numpy(canvas.masks()),
        tuple(things),
        name,
        split,
        seed,
    )
