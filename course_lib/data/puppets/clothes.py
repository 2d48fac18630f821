"""Bodies in clothes: the outlines of limbs, hands, garments and shoes, and how each is painted.

Coordinates are body units (statures). A limb's cut-out hangs from (0, 0) along +y. A part is made when it is first asked for, from its own
random stream: what lies outside the picture costs nothing and changes nothing.
"""

from zlib import crc32

import numpy as np

from course_lib.data.puppets.body import Proportions
from course_lib.data.puppets.face import skin_colour
from course_lib.data.puppets.people import Person
from course_lib.data.puppets.sprite import Light, Sprite, cut_out, mirror, smooth_outline
from course_lib.data.puppets.texture import TILE, cut_noise, fabric


def tapered(top: float, bottom: float, length: float, belly: float = 0.0) -> np.ndarray:
    """Outline of a limb from (0, 0) to (0, length) with round ends; `belly` widens its upper third."""
    down = np.linspace(0, 1, 12)
    half = top + (bottom - top) * down + belly * np.exp(-(((down - 0.3) / 0.25) ** 2))
    right = np.stack([half, down * length], axis=1)
    arc = np.linspace(-np.pi / 2, 0, 6)[:-1]
    cap = np.stack([top * np.cos(arc), top * np.sin(arc)], axis=1)
    end = np.stack([bottom * np.cos(-arc[::-1]), length + bottom * np.sin(-arc[::-1])], axis=1)
    return mirror(np.concatenate([cap, right, end])).astype(np.float32)


HAND = np.float32(
    [
        (-0.2, -0.1), (-0.24, 0.1), (-0.42, 0.3), (-0.5, 0.52), (-0.4, 0.56), (-0.27, 0.42), (-0.26, 0.55), (-0.25, 0.86), (-0.17, 0.9), (-0.13, 0.84),
        (-0.12, 0.62), (-0.1, 0.62), (-0.1, 0.94), (-0.02, 1.0), (0.05, 0.94), (0.04, 0.62), (0.06, 0.62), (0.09, 0.92), (0.15, 0.95), (0.2, 0.88),
        (0.17, 0.6), (0.19, 0.58), (0.24, 0.76), (0.3, 0.78), (0.32, 0.7), (0.29, 0.45), (0.25, 0.1), (0.2, -0.1),
    ]
)  # fmt: skip


class Wardrobe:
    """The parts of one person; `wardrobe["torso"]` is a Sprite."""

    def __init__(self, person: Person, shape: Proportions, light: Light, scale: float):
        self.person, self.shape, self.light, self.scale = person, shape, light, scale
        self.skin = skin_colour(person)
        self.made: dict[str, Sprite] = {}

    def __getitem__(self, part: str) -> Sprite:
        if part not in self.made:
            self.made[part] = getattr(self, f"_{part}")(np.random.default_rng([self.person.seed, crc32(part.encode())]))
        return self.made[part]

    def _cut(self, rng, outline, paint, roundness, depth=0.0, grain=(0.7, 0.7), gloss=0.0) -> Sprite:  # noqa: ANN001
        """`depth` of the folds and their size `grain` in statures."""
        zoom = tuple(self.scale * g / TILE for g in grain)
        folds = (lambda h, w: depth * cut_noise(rng, h, w, 1.7, zoom)) if depth else None
        return cut_out(outline, self.scale, self.light, lambda x, y: paint(rng, x, y), roundness, folds, gloss)

    def _skin_paint(self, rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        mottle = cut_noise(rng, *x.shape, 1.0, (self.scale * 0.5 / TILE,) * 2)
        return self.skin * (1 + 0.05 * mottle[..., None] * np.float32([0.7, 1, 1.1]))

    def _cloth(self, kind: str, colours: tuple, pitch: float = 0.045):
        first, second = np.float32(colours)

        def paint(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
            weave = cut_noise(rng, *x.shape, 0.2, (max(self.scale * 0.6 / TILE, 0.4),) * 2)
            wear = cut_noise(rng, *x.shape, 1.4, (self.scale * 0.8 / TILE,) * 2)
            return fabric(rng, kind, x, y, first, second, pitch) * (1 + 0.05 * weave + 0.07 * wear)[..., None]

        return paint

    # — skin —
    def _neck(self, rng):  # noqa: ANN001
        """Neck, the slope of the shoulders and the upper chest; clothes cover most of it. Hangs from the spine's top."""
        s = self.shape
        half = [
            (s.neck_half * 0.95, -s.neck - 0.03),
            (s.neck_half, -s.neck * 0.4),
            (s.neck_half * 1.2, -0.004),
            (s.neck_half * 2.0, 0.008),
            (s.shoulder_half * 0.8, 0.028),
            (s.shoulder_half * 0.85, 0.12),
        ]

        def paint(rng, x, y):  # noqa: ANN001, ANN202
            chin = np.clip((s.neck * 0.5 - y) / (s.neck * 1.2), 0, 1) * np.clip(
                1.1 - np.abs(x) / (s.neck_half * 2), 0, 1
            )
            return self._skin_paint(rng, x, y) * (1 - 0.5 * chin)[..., None]

        return self._cut(rng, smooth_outline(mirror(half)), paint, s.neck_half * 1.1)

    def _ear(self, rng):  # noqa: ANN001
        h = self.shape.head
        outline = smooth_outline(
            [
                (0, -0.1 * h),
                (0.05 * h, -0.1 * h),
                (0.07 * h, 0),
                (0.03 * h, 0.1 * h),
                (-0.02 * h, 0.1 * h),
                (-0.03 * h, -0.05 * h),
            ]
        )
        return self._cut(
            rng, outline, lambda r, x, y: self._skin_paint(r, x, y) * np.float32([0.95, 0.82, 0.8]), 0.03 * h
        )

    def _upper_arm(self, rng):  # noqa: ANN001
        s = self.shape

        def paint(rng, x, y):  # noqa: ANN001, ANN202
            below = np.clip(
                y / 0.02 if self.person.top == "vest" else (y - 0.04) * 200, 0, 1
            )  # a sleeve hides the rest
            return np.dstack([self._skin_paint(rng, x, y), below])

        return self._cut(rng, tapered(0.027 * s.limb, 0.021 * s.limb, s.upper_arm, 0.003), paint, 0.024 * s.limb, 0.001)

    def _forearm(self, rng):  # noqa: ANN001
        s = self.shape
        return self._cut(
            rng, tapered(0.021 * s.limb, 0.0145 * s.limb, s.forearm, 0.003), self._skin_paint, 0.019 * s.limb, 0.001
        )

    def _hand(self, rng):  # noqa: ANN001
        outline = smooth_outline(HAND, 2) * self.shape.hand
        return self._cut(rng, outline, self._skin_paint, 0.14 * self.shape.hand)

    def _thigh(self, rng):  # noqa: ANN001
        s = self.shape
        return self._cut(rng, tapered(0.044 * s.limb, 0.031 * s.limb, s.thigh), self._skin_paint, 0.036 * s.limb, 0.001)

    def _shin(self, rng):  # noqa: ANN001
        s = self.shape
        return self._cut(
            rng, tapered(0.03 * s.limb, 0.019 * s.limb, s.shin, 0.005), self._skin_paint, 0.025 * s.limb, 0.001
        )

    # — clothes —
    def _torso(self, rng):  # noqa: ANN001
        """The top, hanging from the spine's top to below the hips, with its neckline."""
        s, top = self.shape, self.person.top
        loose = {"t-shirt": 1.05, "shirt": 1.07, "sweater": 1.12, "jacket": 1.16, "vest": 1.0, "dress": 1.02}[top]
        scoop = {"t-shirt": 0.022, "shirt": 0.035, "sweater": 0.014, "jacket": 0.02, "vest": 0.06, "dress": 0.06}[
            top
        ] * rng.uniform(0.8, 1.4)
        strap = 0.72 if top == "vest" else 1.0
        hem = s.torso + (0.2 if top == "dress" else rng.uniform(0.0, 0.05))
        flare = 1.5 if top == "dress" else 1.0
        half = [
            (0.0, scoop), (s.neck_half * 0.75, scoop * 0.75), (s.neck_half * 1.35, -0.006), (s.shoulder_half * 0.7 * strap, 0.01), (s.shoulder_half * 1.0 * strap, 0.03),
            (s.shoulder_half * 1.07 * strap, 0.07), (s.chest_half * loose, 0.1), (s.waist_half * loose, 0.62 * s.torso), (s.hip_half * loose, s.torso * 0.95),
            (s.hip_half * loose * flare, hem), (0.0, hem + 0.004),
        ]  # fmt: skip
        base = self._cloth(self.person.top_fabric, self.person.top_colours)
        inner = np.float32(self.person.top_colours[1]) * 0.5 + 0.45

        def paint(rng, x, y):  # noqa: ANN001, ANN202
            colour = base(rng, x, y)
            line = np.exp(-((x / 0.0022) ** 2)) * (y > scoop)
            if top == "jacket":  # open: a shirt below, lapels
                gap = np.clip(0.04 - 0.13 * (y - 0.02), 0.006, 0.05)
                opened = np.clip((gap - np.abs(x)) * 400 + 0.5, 0, 1)[..., None]
                edge = np.exp(-(((np.abs(x) - gap) / 0.004) ** 2)) + 0.6 * np.exp(
                    -(((np.abs(x) - gap - 0.035) / 0.003) ** 2)
                ) * (y < 0.16)
                colour = (colour * (1 - 0.45 * np.clip(edge, 0, 1))[..., None]) * (1 - opened) + inner * opened
            if top == "shirt":
                buttons = np.exp(-((x / 0.004) ** 2)) * (np.abs((y / 0.045) % 1 - 0.5) < 0.09)
                colour = colour * (1 - 0.3 * line)[..., None] * (1 - buttons[..., None]) + 0.85 * buttons[..., None]
            rim = np.exp(-(((np.hypot(x, (y + 0.035) * 1.0) - s.neck_half * 1.35) / 0.004) ** 2))
            shadow = np.clip(1 - (y - scoop) / 0.05, 0, 1) * np.clip(1 - np.abs(x) / (2.2 * s.neck_half), 0, 1)
            under_arm = np.clip((np.abs(x) - 0.75 * s.chest_half) / (0.3 * s.chest_half), 0, 1) * np.clip(
                (y - 0.05) / 0.08, 0, 1
            )
            return colour * (1 - 0.25 * rim - 0.3 * shadow - 0.2 * under_arm)[..., None]

        depth = {"vest": 0.005, "sweater": 0.009, "jacket": 0.008}.get(top, 0.007)
        return self._cut(rng, smooth_outline(mirror(half)), paint, s.chest_half * 0.75, depth, (0.6, 0.9))

    def _collar(self, rng):  # noqa: ANN001
        n = self.shape.neck_half
        outline = smooth_outline(
            [
                (0.1 * n, 0.034),
                (0.6 * n, 0.0),
                (0.98 * n, -0.026),
                (1.2 * n, -0.012),
                (1.3 * n, 0.008),
                (0.75 * n, 0.05),
            ],
            1,
        )
        colours = self.person.top_colours if self.person.top == "shirt" else (self.person.top_colours[1],) * 2
        return self._cut(rng, outline, self._cloth("plain", colours), 0.008, 0.001)

    def _sleeve0(self, rng):  # noqa: ANN001
        return self._sleeve(rng, -1)

    def _sleeve1(self, rng):  # noqa: ANN001
        return self._sleeve(rng, 1)

    def _sleeve(self, rng, outer):  # noqa: ANN001
        s, loose = self.shape, 1.35 if self.person.top in ("jacket", "sweater") else 1.22
        length = s.upper_arm if self._long else s.upper_arm * 0.5
        end = 0.026 if self._long else 0.028
        outline = tapered(0.03 * s.limb * loose, end * s.limb * loose, length)
        cloth = self._cloth(self._sleeve_fabric, self.person.top_colours)

        def paint(rng, x, y):  # noqa: ANN001, ANN202
            # towards the body the shoulder is the top's: the sleeve starts without an edge
            cover = np.clip(0.5 + y / 0.035 + outer * x / (0.018 * s.limb), 0, 1)
            return np.dstack([cloth(rng, x, y), cover * cover * (3 - 2 * cover)])

        return self._cut(rng, outline, paint, 0.027 * s.limb * loose, 0.005, (0.5, 0.35))

    def _cuff(self, rng):  # noqa: ANN001
        s, loose = self.shape, 1.35 if self.person.top in ("jacket", "sweater") else 1.22
        outline = tapered(0.026 * s.limb * loose, 0.0185 * s.limb * loose, s.forearm * 0.96)
        return self._cut(
            rng,
            outline,
            self._cloth(self._sleeve_fabric, self.person.top_colours),
            0.022 * s.limb * loose,
            0.005,
            (0.5, 0.35),
        )

    @property
    def _long(self) -> bool:
        return self.person.long_sleeves or self.person.top in ("jacket", "sweater")

    @property
    def _sleeve_fabric(self) -> str:
        return "plain" if self.person.top_fabric in ("print", "gradient") else self.person.top_fabric

    def _scarf(self, rng):  # noqa: ANN001
        n, c = self.shape.neck_half, self.person.bottom_colours
        half = [
            (0, -0.034),
            (1.2 * n, -0.03),
            (1.75 * n, -0.004),
            (1.5 * n, 0.03),
            (0.8 * n, 0.05),
            (0.75 * n, 0.15),
            (0, 0.06),
        ]
        return self._cut(rng, smooth_outline(mirror(half)), self._cloth("stripes", c, 0.03), 0.02, 0.006, (0.3, 0.3))

    def _bottom_paint(self):  # noqa: ANN202
        return self._cloth(self.person.bottom_fabric, self.person.bottom_colours)

    def _pelvis(self, rng):  # noqa: ANN001
        s = self.shape
        half = [
            (0, -0.06),
            (s.waist_half * 1.0, -0.06),
            (s.hip_half, -0.01),
            (s.hip_half * 0.98, 0.035),
            (s.hip_half * 0.5, 0.075),
            (0, 0.05),
        ]
        return self._cut(rng, smooth_outline(mirror(half)), self._bottom_paint(), s.hip_half * 0.8, 0.004)

    def _skirt(self, rng):  # noqa: ANN001
        s, length = self.shape, rng.uniform(0.17, 0.36)
        half = [
            (0, -0.06),
            (s.waist_half, -0.06),
            (s.hip_half * 1.05, 0.0),
            (s.hip_half * 1.5, length),
            (0, length + 0.008),
        ]
        return self._cut(rng, smooth_outline(mirror(half)), self._bottom_paint(), s.hip_half * 0.7, 0.008, (0.25, 1.6))

    def _trouser(self, rng):  # noqa: ANN001
        s = self.shape
        length = s.thigh if self.person.bottom == "trousers" else s.thigh * 0.75
        end = 0.036 if self.person.bottom == "trousers" else 0.046
        return self._cut(
            rng, tapered(0.05 * s.limb, end * s.limb, length), self._bottom_paint(), 0.042 * s.limb, 0.005, (0.4, 0.5)
        )

    def _trouser_leg(self, rng):  # noqa: ANN001
        s = self.shape
        return self._cut(
            rng,
            tapered(0.036 * s.limb, 0.03 * s.limb, s.shin * 0.97),
            self._bottom_paint(),
            0.03 * s.limb,
            0.005,
            (0.4, 0.3),
        )

    def _shoe(self, rng):  # noqa: ANN001
        s = self.shape
        paint = self._cloth("plain", (self.person.shoe_colour,) * 2)
        return self._cut(
            rng, tapered(0.024 * s.limb**0.5, 0.021 * s.limb**0.5, s.foot * 0.8), paint, 0.02, 0.001, gloss=0.25
        )
