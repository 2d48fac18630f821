"""The head: skin and features painted on a cylinder, which turns behind the fixed outline of an egg.

The texture covers all round the head, columns by longitude θ (0 = the face, ±π = the back), rows from the crown (0)
to the chin (1). A turn of the head shifts θ, a nod shifts the rows; light is added afterwards, for the lamp does not
turn with the head. Blinking and speaking fade between two paintings.
"""

import cv2
import numpy as np

from course_lib.data.puppets.body import Proportions
from course_lib.data.puppets.people import HAIR_COLOURS, SKIN_TONES, Person, hex_colour
from course_lib.data.puppets.sprite import Light, Sprite, fill, lit, relief
from course_lib.data.puppets.texture import cut_noise

EYE_ROW, BROW_ROW, NOSE_ROW, MOUTH_ROW = 0.50, 0.425, 0.68, 0.80
EYE_LONGITUDE = 0.44
NOD_ROWS = 0.25  # rows, as a share of the head, that a nod of one radian shifts


def skin_colour(person: Person) -> np.ndarray:
    """The person's skin as (3,) RGB: the scale's swatch, which is a pale print of a tone, with blood under it."""
    swatch = hex_colour(SKIN_TONES[person.skin_tone - 1])
    return swatch * np.float32([0.94, 0.81, 0.72]) + np.float32([0.05, 0.025, 0.015])


def half_width(row: np.ndarray, jaw: float) -> np.ndarray:
    """Half width of the head at rows 0 (crown) … 1 (chin), relative to its greatest."""
    rows = [0, 0.02, 0.06, 0.13, 0.25, 0.4, 0.55, 0.68, 0.8, 0.9, 0.96, 1]
    widths = np.array([0, 0.36, 0.58, 0.79, 0.96, 1, 0.98, 0.91, 0.79, 0.58, 0.38, 0])
    widths[7:11] += (jaw - 0.5) * np.array([0.06, 0.12, 0.16, 0.12])
    return np.interp(row, rows, widths)


def hairline(longitude: np.ndarray, receding: float = 0.0) -> np.ndarray:
    """Row down to which hair grows at each longitude."""
    away = np.abs(longitude)
    return (
        np.interp(away, [0, 0.6, 0.95, 1.2, 1.35, 1.7, 2.0, np.pi], [0.2, 0.2, 0.3, 0.48, 0.52, 0.62, 0.85, 0.95])
        - receding * 0.1
    )


class Head:
    """Paints a person's head once and then draws it at any turn."""

    def __init__(self, person: Person, shape: Proportions, light: Light, scale: float, rng: np.random.Generator):
        """`scale` is pixels per stature."""
        self.person, self.scale = person, scale
        self.rows = max(24, int(1.3 * shape.head * scale))  # of the texture
        self.per_radian = max(8, int(1.3 * shape.head_half * scale))
        columns = int(2 * np.pi * self.per_radian)
        self.longitude = ((np.arange(columns) + 0.5) / columns * 2 - 1)[None] * np.pi  # (1, W)
        self.row = ((np.arange(self.rows) + 0.5) / self.rows)[:, None]  # (H, 1)
        self._lay_out(shape, light, jaw=person.jaw)
        self._paint(light, rng)

    def _lay_out(self, shape: Proportions, light: Light, jaw: float) -> None:
        """Outline, the longitude and row that each of its pixels shows at rest, and its light."""
        half, tall = shape.head_half * self.scale, shape.head * self.scale
        width, height = int(np.ceil(2 * half)) + 6, int(np.ceil(tall)) + 6
        self.origin = np.float32([width / 2, tall + 3])  # the chin
        rows = np.linspace(0, 1, 60)
        right = np.stack([half_width(rows, jaw) * half, (rows - 1) * tall], axis=1)
        outline = np.concatenate([right, right[::-1] * [-1, 1]]) + self.origin
        self.mask = fill(outline.astype(np.float32), height, width)
        y = (np.arange(height)[:, None] + 0.5 - self.origin[1]) / tall + 1  # (h, 1) row
        x = (np.arange(width)[None] + 0.5 - self.origin[0]) / half
        across = np.clip(x / np.maximum(half_width(np.clip(y, 0, 1), jaw), 0.05), -1, 1)
        self.at_longitude = np.arcsin(across).astype(np.float32)
        self.at_row = np.broadcast_to(np.clip(y, 0, 1), across.shape).astype(np.float32)
        self.shade = lit(relief(self.mask, half) * 0.9, light, 0.05 * half, gloss=0.22)

    def _blob(self, row: float, longitude: float, tall: float, wide: float) -> np.ndarray:
        """A Gaussian on the texture."""
        return np.exp(-(((self.row - row) / tall) ** 2) - ((self.longitude - longitude) / wide) ** 2).astype(np.float32)

    def _paint(self, light: Light, rng: np.random.Generator) -> None:
        person, skin = self.person, skin_colour(self.person)
        hair = hex_colour(HAIR_COLOURS[person.hair_colour])
        height, width = self.rows, self.longitude.size
        zoom = (self.rows / 160,) * 2
        mottle = 1 + 0.03 * cut_noise(rng, height, width, 1.0, zoom) + 0.035 * cut_noise(rng, height, width, 0.3, zoom)
        colour = skin * mottle[..., None]
        flush = 0.5 * sum(self._blob(0.66, s * 0.62, 0.1, 0.25) for s in (-1, 1)) + 0.6 * self._blob(
            0.67, 0, 0.06, 0.16
        )
        colour = colour * (1 - flush[..., None] * np.float32([0.02, 0.14, 0.13]))
        # relief of the face, as the light of its slopes
        bump = 1.0 * self._blob(0.60, 0, 0.10, 0.09) + 1.3 * self._blob(NOSE_ROW - 0.01, 0, 0.035, 0.12)
        bump += sum(
            0.5 * self._blob(BROW_ROW, s * 0.42, 0.035, 0.3) - 0.9 * self._blob(EYE_ROW, s * 0.4, 0.05, 0.22)
            for s in (-1, 1)
        )
        bump += sum(0.4 * self._blob(0.63, s * 0.7, 0.07, 0.2) for s in (-1, 1)) + 0.5 * self._blob(0.94, 0, 0.05, 0.2)
        bump += 0.4 * self._blob(MOUTH_ROW - 0.02, 0, 0.02, 0.25) + 0.4 * self._blob(MOUTH_ROW + 0.025, 0, 0.02, 0.2)
        bump -= 0.5 * self._blob(MOUTH_ROW + 0.065, 0, 0.02, 0.2)
        slope_row, slope_longitude = np.gradient(bump.astype(np.float32) * 0.03 * height)
        x, y, _ = light.direction
        relief_light = np.clip(1 - 0.8 * (x * slope_longitude + (y - 0.15) * slope_row), 0.5, 1.4)
        colour = colour * relief_light[..., None]
        under = (
            self._blob(NOSE_ROW + 0.045, 0, 0.018, 0.15) * 0.4
            + sum(self._blob(NOSE_ROW + 0.03, s * 0.1, 0.013, 0.05) for s in (-1, 1)) * 0.6
        )
        colour = colour * (1 - np.minimum(under, 0.75))[..., None]
        if person.older:
            for row in (0.27, 0.31, 0.35):
                colour = colour * (1 - 0.13 * self._blob(row + rng.uniform(-0.01, 0.01), 0, 0.007, 0.45))[..., None]
            for s in (-1, 1):
                colour = (
                    colour
                    * (1 - 0.2 * self._blob(0.75, s * 0.4, 0.06, 0.04) - 0.15 * self._blob(0.56, s * 0.42, 0.012, 0.2))[
                        ..., None
                    ]
                )
        streaks = 1 + 0.22 * cut_noise(rng, height, width, 0.9, (zoom[0], 4 * zoom[0]))[..., None]
        if person.beard:
            grows = np.clip((self.row - 0.62 - 0.1 * np.cos(self.longitude * 2)) / 0.08, 0, 1) * (
                np.abs(self.longitude) < 1.5
            )
            grows = grows * (1 - self._blob(MOUTH_ROW, 0, 0.03, 0.24)) * rng.uniform(0.5, 0.95)
            colour = _mix(colour, hair * streaks, grows)
        for s in (-1, 1):  # brows, ears
            arch = BROW_ROW - 0.012 + 0.16 * (np.abs(self.longitude - s * EYE_LONGITUDE) - 0.1) ** 2
            brow = np.exp(-(((self.row - arch) / 0.018) ** 2)) * np.exp(
                -(((self.longitude - s * EYE_LONGITUDE) / 0.24) ** 6)
            )
            colour = _mix(colour, hair * 0.8, 0.85 * brow)
            ear = ((self.row - 0.56) / 0.1) ** 2 + ((self.longitude - s * 1.62) / 0.2) ** 2
            colour = colour * (1 - 0.3 * np.exp(-8 * (ear - 1) ** 2) - 0.12 * np.exp(-ear * 3))[..., None]
        if person.hair_style != "bald":
            edge = hairline(self.longitude, 0.5 if person.older else 0.0) + 0.012 * cut_noise(
                rng, height, width, 0.6, zoom
            )
            density = 0.8 if person.hair_style == "buzz" else 0.97
            colour = _mix(colour, hair * streaks, density * np.clip((edge - self.row) / 0.03 + 0.5, 0, 1))
        self.texture = np.clip(colour, 0, 1).astype(np.float32)
        self._paint_eyes_and_mouth(skin, rng)

    def _paint_eyes_and_mouth(self, skin: np.ndarray, rng: np.random.Generator) -> None:
        """Two paintings of each; `draw` fades between them."""
        iris = hex_colour(("3a2413", "5b3a1e", "4a6b8a", "55704a")[int(rng.integers(4))])
        lips = np.clip(skin * np.float32([0.92, 0.62, 0.62]) + np.float32([0.04, 0, 0.01]), 0, 1)
        opened, closed = self.texture.copy(), self.texture.copy()
        sharp = self.rows / 60.0 + 1  # edges one texel wide or so
        for s in (-1, 1):
            u, v = (self.longitude - s * EYE_LONGITUDE) / 0.215, (self.row - EYE_ROW) / 0.031
            almond = _edge(1 - u**2 - np.abs(v) ** 1.5, 2.5 * sharp)
            ball = np.hypot(u * 0.215, v * 0.031 * 2.6)  # rows are longer than radians
            eye = _mix(
                np.broadcast_to(np.float32([0.9, 0.88, 0.86]), opened.shape), iris, _edge(0.1 - ball, 20 * sharp)
            )
            eye = _mix(eye, np.float32([0.03, 0.03, 0.03]), _edge(0.045 - ball, 20 * sharp))
            eye = _mix(
                eye, np.float32([1, 1, 1]), _edge(0.02 - np.hypot(u * 0.215 + 0.03, v * 0.094 + 0.03), 20 * sharp)
            )
            eye = eye * (1 - 0.35 * np.clip(-v, 0, 1))[..., None]  # the lid's shadow
            opened = _mix(opened, eye, almond)
            lash = np.exp(-(((v + np.sqrt(np.clip(1 - u**2, 0, 1))) / 0.28) ** 2)) * (np.abs(u) < 1.08)
            opened = _mix(opened, skin * 0.25, 0.8 * lash)
            shut = np.exp(-(((v - 0.6 + 0.6 * u**2) / 0.3) ** 2)) * (np.abs(u) < 1.05)
            closed = _mix(closed, skin * 0.3, 0.7 * shut)
        smile = 0.02 * self.longitude**2
        u = self.longitude / 0.34
        line = self.row - MOUTH_ROW + smile * 2
        upper = _edge((1 - u**2) * 0.03 - np.abs(line + 0.008), 30 * sharp)
        lower = _edge((1 - u**2) * 0.036 - np.abs(line - 0.014), 30 * sharp)
        still = _mix(self.texture, lips, 0.75 * np.maximum(upper, lower))
        still = _mix(still, lips * 0.35, 0.85 * np.exp(-((line / 0.006) ** 2)) * (np.abs(u) < 1.02))
        hole = _edge((1 - (u * 1.25) ** 2) * 0.04 - np.abs(line - 0.022), 30 * sharp)
        ring = _edge((1 - (u * 1.1) ** 2) * 0.07 - np.abs(line - 0.02), 30 * sharp)
        speaking = _mix(_mix(self.texture, lips, 0.75 * ring), np.float32([0.18, 0.05, 0.05]), hole)
        teeth = hole * np.exp(-(((line + 0.006) / 0.014) ** 2))
        speaking = _mix(speaking, np.float32([0.86, 0.84, 0.8]), 0.9 * teeth)
        top, middle, end = (int(f * self.rows) for f in (0.38, 0.62, 0.96))
        self.eye_rows, self.mouth_rows = slice(top, middle), slice(int(0.7 * self.rows), end)
        self.opened, self.closed = opened[self.eye_rows], closed[self.eye_rows]
        self.still, self.speaking = still[self.mouth_rows], speaking[self.mouth_rows]

    def draw(self, yaw: float, nod: float, blink: float, mouth: float) -> Sprite:
        """The head at a turn and nod (radians), with `blink` and `mouth` from 0 to 1. Its origin is the chin."""
        texture = self.texture
        texture[self.eye_rows] = self.opened + np.float32(blink) * (self.closed - self.opened)
        texture[self.mouth_rows] = self.still + np.float32(mouth) * (self.speaking - self.still)
        columns = texture.shape[1]
        # a turn moves the face to +x, so a pixel shows what lay further to -x
        map_x = (self.at_longitude - np.float32(yaw) + np.float32(np.pi)) * np.float32(
            columns / (2 * np.pi)
        ) - np.float32(0.5)
        lifted = self.at_row - np.float32(nod * NOD_ROWS) * 4 * self.at_row * (1 - self.at_row)
        map_y = np.clip(lifted, 0, 1) * np.float32(self.rows) - np.float32(0.5)
        colour = cv2.remap(
            texture, map_x % columns, np.clip(map_y, 0, self.rows - 1), cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP
        )
        pixels = np.dstack([np.clip(colour * self.shade, 0, 1) * self.mask[..., None], self.mask])
        return Sprite(pixels.astype(np.float32, copy=False), self.origin, self.scale)


def _mix(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    share = np.asarray(share, np.float32)[..., None]
    return (first * (1 - share) + second * share).astype(np.float32)


def _edge(value: np.ndarray, sharpness: float) -> np.ndarray:
    return np.clip(value * sharpness + 0.5, 0, 1).astype(np.float32)
