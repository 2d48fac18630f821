"""Who is drawn: every attribute of a person is sampled on purpose and recorded. They are independent of each other,
except that children are not grey or bearded, that light hair is rare on dark skin, and that the framing decides what
one does.

Skin tones are the ten of the Monk Skin Tone scale (Ellis Monk, 2022; skintone.google), sampled evenly, so that errors
can be reported by group.
"""

from dataclasses import asdict, dataclass

import numpy as np

from course_lib.data.puppets.texture import FABRICS

SKIN_TONES = ("f6ede4", "f3e7db", "f7ead0", "eadaba", "d7bd96", "a07e56", "825c43", "604134", "3a312a", "292420")
HAIR_COLOURS = {
    "black": "17130f", "dark brown": "35231a", "brown": "5a3b26", "auburn": "74331d", "dark blond": "96744a",
    "blond": "cba76a", "grey": "8a8784", "white": "d8d5d0", "dyed": "7d3c86",
}  # fmt: skip
HAIR_STYLES = ("bald", "buzz", "short", "swept", "bob", "long", "ponytail", "bun", "curly", "afro")
BUILDS = ("slim", "average", "broad", "heavy", "child")
TOPS = ("t-shirt", "shirt", "sweater", "jacket", "vest", "dress")
BOTTOMS = ("trousers", "shorts", "skirt")
HEADWEAR = ("none", "cap", "beanie", "headscarf", "veil")
MOTIONS = ("idle", "talk", "gesture", "wave", "walk", "sway")
FRAMINGS = ("bust", "half", "full")


@dataclass(frozen=True)
class Person:
    """One person's sampled attributes. Colours are RGB in [0, 1], angles radians, lengths in statures."""

    seed: int  # of everything random that belongs to this person's looks
    skin_tone: int  # 1 (lightest) … 10 (darkest) of the Monk Skin Tone scale
    hair_style: str
    hair_colour: str
    build: str
    jaw: float  # 0 narrow … 1 wide
    older: bool
    beard: bool
    glasses: str  # none, clear, dark
    headwear: str
    scarf: bool
    drink: bool  # a glass in the hand
    top: str
    long_sleeves: bool
    top_fabric: str
    top_colours: tuple[tuple[float, float, float], tuple[float, float, float]]
    bottom: str
    bottom_fabric: str
    bottom_colours: tuple[tuple[float, float, float], tuple[float, float, float]]
    shoe_colour: tuple[float, float, float]
    motion: str
    tempo: float  # of the motion, 1 = usual
    yaw: float  # the body's, 0 = faces the camera
    from_behind: bool

    def record(self) -> dict:
        """All attributes as plain values, for tables by group."""
        return asdict(self)


def sample_person(rng: np.random.Generator, framing: str) -> Person:
    """Draws a person. `framing` only matters for what it would hide or what would not be done in it (nobody walks in
    a bust).
    """

    def pick(options: tuple, weights: list[float] | None = None) -> str:
        return options[
            int(rng.choice(len(options), p=None if weights is None else np.array(weights) / np.sum(weights)))
        ]

    def chance(probability: float) -> bool:
        return bool(rng.uniform() < probability)

    build = pick(BUILDS, [2, 4, 2, 1.5, 1])
    grown = build != "child"
    older = chance(0.2) and grown
    skin_tone = int(rng.integers(1, 11))
    fair = 1.0 if skin_tone <= 6 else 0.15  # light hair on dark skin is dyed: it occurs, seldom
    weights = np.array([3, 3, 3, 1, 1.5, 1.5, 3, 3, 0.5] if older else [4, 4, 3, 1, 1.5, 1.5, 0.3, 0, 0.6])
    weights[2:6] *= fair
    motions = {"bust": [2, 5, 2, 1, 0, 1], "half": [1, 3, 4, 2, 1, 1], "full": [1, 1, 2, 2, 6, 1]}[framing]
    motion = pick(MOTIONS, motions)
    side = 1 if chance(0.5) else -1
    return Person(
        seed=int(rng.integers(2**31)),
        skin_tone=skin_tone,
        hair_style=pick(HAIR_STYLES, [0.6, 0.8, 2, 1.5, 1.5, 2.5, 1, 1, 1.5, 1]),
        hair_colour=pick(tuple(HAIR_COLOURS), weights),
        build=build,
        jaw=float(rng.uniform()),
        older=older,
        beard=chance(0.2) and grown,
        glasses=pick(("none", "clear", "dark"), [7, 2, 1]),
        headwear=pick(HEADWEAR, [8, 0.8, 0.8, 0.7, 0.7]),
        scarf=chance(0.08),
        drink=chance(0.06),
        top=pick(TOPS, [3, 3, 3, 3, 1, 1]),
        long_sleeves=chance(0.6),
        top_fabric=pick(FABRICS, [5, 1.5, 0.7, 1.5, 0.7, 2, 0.7, 0.5, 1]),
        top_colours=(_cloth_colour(rng), _cloth_colour(rng)),
        bottom=pick(BOTTOMS, [6, 2, 2]),
        bottom_fabric=pick(FABRICS[:8], [8, 0.3, 0.5, 1, 0.3, 0.5, 0.5, 0]),
        bottom_colours=(_cloth_colour(rng), _cloth_colour(rng)),
        shoe_colour=_cloth_colour(rng),
        motion=motion,
        tempo=float(rng.uniform(0.75, 1.35)),
        yaw=float(side * (rng.uniform(0.5, 1.2) if motion == "walk" else rng.uniform(0, 0.6) ** 1.5 * 1.2)),
        from_behind=chance(0.04),
    )


def hex_colour(code: str) -> np.ndarray:
    """ "rrggbb" → (3,) float32 RGB in [0, 1]."""
    return np.float32([int(code[i : i + 2], 16) for i in (0, 2, 4)]) / 255


def _cloth_colour(rng: np.random.Generator) -> tuple[float, float, float]:
    """Clothes are mostly muted: hue anywhere, saturation mostly low, lightness wide."""
    hue, saturation, value = rng.uniform(), rng.beta(1.2, 3.2), rng.beta(1.3, 1.3) * 0.85 + 0.08
    spread = np.clip(np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1, 0, 1)
    colour = value * (1 - saturation * (1 - spread))
    return tuple(float(c) for c in colour)
