"""How things look: the light of a scene and the shadows it casts, the colours of a thing, and what a camera makes of it all."""

from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float

from course_lib.data.emoji_scenes.arrangement import Planned
from course_lib.data.emoji_scenes.canvas import Shadow
from course_lib.data.puppets.sensor import add_noise, compress

LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True)
class Light:
    """One lamp: where shadows fall, how far (shares of a thing's size), how soft and how dark; strength 0: no shadows."""

    direction: float  # radians, of the shadow in the picture
    distance: float
    softness: float
    strength: float

    def shadow(self, thing: Planned, place: tuple[float, float]) -> Shadow | None:
        """Of a thing at `place`: on the ground if it stands, else on what is behind it."""
        if thing.stands:
            return self.on_ground(place[1], thing.size)
        shift = self.distance * thing.size * np.array([[np.cos(self.direction)], [abs(np.sin(self.direction))]])
        return self._cast(np.concatenate([np.eye(2), shift], axis=1), self.softness * thing.size)

    def on_ground(self, foot: float, height: float) -> Shadow | None:
        """Of who stands with the feet at row `foot`: flat, aside, and away from the camera."""
        lean, flat = 0.6 * np.cos(self.direction), 0.3
        onto_ground = np.array([[1, -lean, lean * foot], [0, flat, foot * (1 - flat)]])
        return self._cast(onto_ground, 0.5 * self.softness * height)

    def _cast(self, matrix: Float[np.ndarray, "2 3"], sigma: float) -> Shadow | None:
        return Shadow(matrix, max(1.0, sigma), self.strength) if self.strength else None


def draw_light(rng: np.random.Generator) -> Light:
    """A third of the scenes have no shadows."""
    strength = rng.uniform(0.15, 0.55) if rng.random() < 2 / 3 else 0.0
    return Light(rng.uniform(0, 2 * np.pi), rng.uniform(0.02, 0.08), rng.uniform(0.015, 0.05), strength)


def recoloured(rng: np.random.Generator, painted: bool) -> Float[np.ndarray, "4 4"]:
    """A random change of saturation, contrast, brightness and tint; of the hue, too, in half of what is `painted`.

    It acts on premultiplied RGBA: what adds to a colour is a multiple of alpha.
    """
    turn = rng.uniform(0, 2 * np.pi) if painted and rng.random() < 0.5 else rng.normal(0, 0.08)
    saturation, contrast, brightness = rng.uniform((0.7, 0.75, -0.08), (1.15, 1.1, 0.08))
    grey = np.tile(LUMA, (3, 1))
    colour = saturation * np.eye(3) + (1 - saturation) * grey
    colour = contrast * np.diag(rng.uniform(0.9, 1.08, 3)) @ colour @ _hue(turn)
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = colour, 0.5 * (1 - contrast) + brightness
    return matrix


@dataclass(frozen=True)
class Camera:
    """Exposure, softness (sigma at 256 pixels; 0: sharp), noise as in `sensor.add_noise`, JPEG quality (0: not compressed)."""

    exposure: float
    softness: float
    read: float
    shot: float
    quality: int

    def take(self, frames: Float[np.ndarray, "T H W 3"], rng: np.random.Generator) -> Float[np.ndarray, "T H W 3"]:
        """The pictures that it makes of what is before it, in [0, 1]. `rng` is for the noise."""
        frames = np.clip(frames * np.float32(self.exposure), 0, 1)
        if self.softness:
            sigma = self.softness * max(1, frames.shape[1] / 256)
            frames = np.stack([cv2.GaussianBlur(frame, (0, 0), sigma) for frame in frames])
        if self.read or self.shot:
            frames = add_noise(frames, rng, self.read, self.shot)
        return compress(frames, self.quality) if self.quality else frames


def draw_camera(rng: np.random.Generator) -> Camera:
    """Half of the cameras are perfect but for their exposure; of the others each has some faults of three."""
    exposure, softness, read, shot = rng.uniform((0.85, 0.4, 0, 0), (1.1, 1, 0.02, 0.03))
    soft, noisy, coded = (rng.random(3) < (0.4, 0.5, 0.5)) & (rng.random() < 0.5)
    return Camera(exposure, soft * softness, noisy * read, noisy * shot, int(coded * rng.integers(40, 95)))


def _hue(turn: float) -> Float[np.ndarray, "3 3"]:
    """A turn about the axis of greys (Rodrigues): greys stay, the rest changes its hue and roughly keeps its brightness."""
    axis = np.full(3, 3**-0.5)
    cross = np.cross(np.eye(3), axis)
    return np.eye(3) + np.sin(turn) * cross + (1 - np.cos(turn)) * cross @ cross
