"""What is in a scene and where: drawn before anything is painted.

Emoji lie anywhere, turned, mirrored, stretched and sheared a little. A crowd is many of one class, each beside another so that
they touch or hide a part of each other. People stand on their feet, or, seen from the waist or chest up, at the lower edge of
the picture, where the photographer cut them. What stands lower in the picture is mostly nearer, and painted later.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from course_lib.data.emoji_scenes.classes import CLASSES, PERSON
from course_lib.data.emoji_scenes.people import PUPPETS, REAL, CutOut, puppet_cut_out, real_cut_out
from course_lib.data.emoji_scenes.recipes import SceneRecipe
from course_lib.data.emoji_scenes.sprites import SIDE, Sprite, load_sprites

SHARPEST = 1.1  # a sprite is enlarged to this times its kept size, no more
LARGEST_PERSON = 1.4  # likewise for people


@dataclass(frozen=True)
class Planned:
    """One thing to be painted."""

    label: int
    style: str
    name: str
    levels: tuple[np.ndarray, ...]
    size: float  # pixels: a sprite's longer side, a person's height
    place: tuple[float, float]  # of the middle of a sprite, of the middle of a person's lower edge
    stands: bool  # a whole person
    depth: float  # what has more is painted later
    linear: Float[np.ndarray, "2 2"]  # turn, mirror image, stretch and shear; the size is not in it

    def matrix(self, place: tuple[float, float]) -> Float[np.ndarray, "2 3"]:
        """From pixels of `levels[0]` to the picture's, with the thing at `place`."""
        height, width = self.levels[0].shape[:2]
        pivot = (width / 2, height) if self.label == PERSON else (width / 2, height / 2)
        linear = self.linear * (self.size / (height if self.label == PERSON else SIDE))
        return np.column_stack([linear, place - linear @ pivot])


def arrange(rng: np.random.Generator, size: int, recipe: SceneRecipe) -> list[Planned]:
    """Everything in one scene of `size`², from back to front; an empty list for a scene that shows nothing."""
    if rng.random() < recipe.empty:
        return []
    people = rng.random() < recipe.people
    crowd = rng.random() < recipe.crowd
    things = []
    if people:
        things += _people(rng, size, recipe, 1 + int(rng.choice(len(recipe.persons), p=recipe.persons)))
    if crowd and rng.random() < recipe.crowd_of_people:
        things += _crowd(rng, size, recipe, lambda: puppet(rng, recipe), (0.3, 0.5))
    elif crowd:
        drawn = int(rng.integers(1, len(CLASSES)))
        things += _crowd(rng, size, recipe, lambda: sprite(rng, recipe, drawn), (0.12, 0.28))
    fewest, most = recipe.others if crowd else recipe.scattered
    for _ in range(int(rng.integers(fewest if things else max(fewest, 1), most + 1))):
        share = np.exp(rng.uniform(np.log(0.1), np.log(0.62)))
        things.append(
            _planned(
                rng, size, sprite(rng, recipe, int(rng.integers(1, len(CLASSES)))), share, rng.uniform(0.05, 0.95, 2)
            )
        )
    return sorted(things, key=lambda thing: thing.depth)


def arrange_one(rng: np.random.Generator, size: int, recipe: SceneRecipe) -> list[Planned]:
    """One thing, as likely of one class as of another, with its middle near that of the picture."""
    label = int(rng.integers(len(CLASSES)))
    drawn = person(rng, recipe, list(REAL)) if label == PERSON else sprite(rng, recipe, label)
    share = np.exp(rng.uniform(np.log(0.25), np.log(0.95)))
    return [_planned(rng, size, drawn, share, rng.uniform(0.3, 0.7, 2))]


def sprite(rng: np.random.Generator, recipe: SceneRecipe, label: int) -> Sprite:
    """One sprite of a class, in one of the split's styles."""
    sprites = load_sprites(recipe.styles[int(rng.integers(len(recipe.styles)))])[label]
    return sprites[int(rng.integers(len(sprites)))]


def puppet(rng: np.random.Generator, recipe: SceneRecipe, whole: bool = True) -> CutOut:
    """One of the split's puppets. `whole`: one that is seen from head to feet."""
    while True:
        drawn = puppet_cut_out(int(rng.integers(PUPPETS[recipe.puppets])), recipe.puppets)
        if drawn.whole or not whole:
            return drawn


def person(rng: np.random.Generator, recipe: SceneRecipe, real: list[str]) -> CutOut:
    """A puppet, and sometimes one of the photographed people, who is then taken out of the list `real`."""
    if rng.random() < recipe.real and real:
        return real_cut_out(real.pop(int(rng.integers(len(real)))))
    # no draw where the chance is 0: the scenes of other splits stay what they were
    return puppet(rng, recipe, whole=recipe.whole > 0 and rng.random() < recipe.whole)


def _people(rng: np.random.Generator, size: int, recipe: SceneRecipe, count: int) -> list[Planned]:
    """Puppets, and sometimes a real person; the more there are, the smaller they are."""
    people, real = [], list(REAL)  # nobody is in a picture twice
    for _ in range(count):
        drawn = person(rng, recipe, real)
        smallest, largest = (recipe.smallest, 0.95) if drawn.whole else (max(0.5, recipe.smallest), 0.95)
        share = np.exp(rng.uniform(np.log(smallest), np.log(largest))) * (1 - 0.08 * (count - 1))
        left, right = recipe.across
        people.append(_planned(rng, size, drawn, share, rng.random(2) * (right - left, 1) + (left, 0)))
    return people


def _crowd(
    rng: np.random.Generator, size: int, recipe: SceneRecipe, draw: Callable, shares: tuple[float, float]
) -> list[Planned]:
    """Many of a kind about equally large, each less than its own size away from one that is there already."""
    count = int(rng.integers(recipe.crowded[0], recipe.crowded[1] + 1))
    share = rng.uniform(*shares) * min(1, (8 / count) ** 0.5)
    places = [rng.uniform(0.25, 0.75, 2)]
    while len(places) < count:
        near, angle = places[int(rng.integers(len(places)))], rng.uniform(0, 2 * np.pi)
        beside = near + share * rng.uniform(0.4, 0.85) * np.array([np.cos(angle), np.sin(angle)])
        if beside.min() > 0.05 and beside.max() < 0.95 and _apart(beside, places, 0.4 * share):
            places.append(beside)
        else:
            share *= 0.995  # no room: closer together
    return [_planned(rng, size, draw(), share * rng.uniform(0.85, 1.15), place) for place in places]


def _apart(place: np.ndarray, places: list[np.ndarray], distance: float) -> bool:
    return bool((np.hypot(*(np.array(places) - place).T) > distance).all())


def _planned(rng: np.random.Generator, size: int, drawn: Sprite | CutOut, share: float, place: np.ndarray) -> Planned:
    """A thing whose size is `share` of the picture's, at `place` (shares of the picture, from its left and its top)."""
    x, y = place * size
    mirrored, stretch, shear = rng.random() < 0.5, np.exp(rng.normal(0, 0.06)), rng.normal(0, 0.07)
    if isinstance(drawn, CutOut):
        height = min(share * size, LARGEST_PERSON * len(drawn.levels[0]))
        # whole people stand with the head in the picture; others are cut by its lower edge, a little below their own
        lowest = 1.03 * size
        y = max(y * 0.5 + 0.5 * size, 0.97 * height) if drawn.whole else lowest
        linear = _linear(rng.normal(0, 3) if drawn.whole else 0, mirrored, stretch, 0.5 * shear)
        depth = min(y, lowest) / size + rng.uniform(-0.2, 0.2)
        return Planned(PERSON, drawn.style, drawn.name, drawn.levels, height, (x, y), drawn.whole, depth, linear)
    side = min(share * size * CLASSES[drawn.label].bulk, SHARPEST * SIDE)
    degrees = rng.normal(0, 10) if rng.random() < 0.8 else rng.uniform(-70, 70)
    depth = (y + side / 2) / size + rng.uniform(-0.3, 0.3)
    linear = _linear(degrees, mirrored, stretch, shear)
    return Planned(drawn.label, drawn.style, drawn.name, drawn.levels, side, (x, y), False, depth, linear)


def _linear(degrees: float, mirrored: bool, stretch: float, shear: float) -> Float[np.ndarray, "2 2"]:
    """Mirror image and stretch (wider by it, lower by it), then shear, then turn."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    scaled = np.array([[-stretch if mirrored else stretch, 0], [0, 1 / stretch]])
    return np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, shear], [0, 1]]) @ scaled
