"""Clips of people who cross: two to four held-out puppets, each the same instance from the first frame to the last.

Each walks or drifts past the middle of the picture, half of them to the right and half to the left, and is nearest to it in
the middle of the clip, so that one passes before the other. They are puppets of Part I's `test` split before its `test`
backgrounds: no training sees either. Masks are of what is visible, by the same rule as in stills; a person hidden for a
while keeps the number.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from course_lib.data.emoji_scenes.canvas import FEWEST, Canvas, Shadow
from course_lib.data.emoji_scenes.classes import PERSON
from course_lib.data.emoji_scenes.looks import Light, draw_camera, draw_light
from course_lib.data.emoji_scenes.people import premultiplied
from course_lib.data.emoji_scenes.recipes import SPLITS
from course_lib.data.emoji_scenes.scenery import unlabelled_background
from course_lib.data.emoji_scenes.sprites import pyramid
from course_lib.data.emoji_scenes.things import LAST_CLIP, Thing, check
from course_lib.data.puppets import puppet_clip
from course_lib.errors import CourseError

HEIGHT, WIDTH = 288, 384  # of the picture that a puppet is drawn in; wide, so that few are cut at the sides
SEEDS = 64  # numbers of puppets that one clip may try
SPEEDS = (0.004, 0.02)  # shares of the picture's width per frame


@dataclass(frozen=True)
class PeopleClip:
    """Frames, RGB in [0, 1]. Person p is `things[p]`, from back to front; `masks[t, p]` is what shows of them in frame t.

    alphas: how much of each pixel each person makes up; a mask is where that is above ½. Exact before the camera's blur.
    """

    frames: Float[Tensor, "T 3 H W"]
    masks: Bool[Tensor, "T P H W"]
    alphas: Float[Tensor, "T P H W"]
    things: tuple[Thing, ...]
    background: str
    seed: int

    def target(self, frame: int) -> dict[str, Tensor]:
        """Labels, masks and identities (n,) of the persons who show in a frame; an identity is the p of above."""
        identities = self.masks[frame].sum((1, 2)).ge(FEWEST).nonzero()[:, 0]
        labels = torch.full_like(identities, PERSON)
        return {"labels": labels, "masks": self.masks[frame, identities], "identities": identities}


@dataclass(frozen=True)
class _Walker:
    """A puppet's pictures, premultiplied (T, h, w, 4), and its way through the frame (shares of the picture)."""

    name: str
    pictures: UInt8[np.ndarray, "T h w 4"]
    height: float
    middle: float  # where it is in the middle of the clip
    step: float  # per frame, to the right
    foot: float
    mirrored: bool

    def matrix(self, frame: int, size: int) -> tuple[Float[np.ndarray, "2 3"], float]:
        """From the picture's pixels to the frame's, and how far down the feet are (pixels)."""
        scale = self.height * size / HEIGHT
        x = (self.middle + self.step * (frame - (len(self.pictures) - 1) / 2)) * size
        across = -scale if self.mirrored else scale
        return np.array(
            [[across, 0, x - across * WIDTH / 2], [0, scale, (self.foot - self.height) * size]]
        ), self.foot * size


def people_clip(seed: int, frames: int = 16, size: int = 256) -> PeopleClip:
    """Clip number `seed`, `size`² pixels, 25 frames a second. The same arguments give the same pixels, whatever ran before.

    Raises CourseError for no frames, a seed outside 0 … LAST_CLIP, a size outside 64 … 2048, and without a background.
    """
    if frames < 1:
        raise CourseError(f"A clip has at least 1 frame, not {frames}.")
    check(seed, size, LAST_CLIP)
    rng = np.random.default_rng([SPLITS.index("people"), seed])
    count = int(rng.choice((2, 3, 4), p=(0.5, 0.3, 0.2)))
    light, camera = draw_light(rng), draw_camera(rng)
    heights = np.sort(rng.uniform(0.6, 0.95, count))  # who is nearer is larger and painted later
    walkers = [_walker(rng, SEEDS * seed + SEEDS // 4 * k, frames, height, k) for k, height in enumerate(heights)]
    behind = unlabelled_background(seed, frames, size, "test")
    canvases = [_paint(walkers, background, frame, light) for frame, background in enumerate(behind)]
    pictures = camera.take(np.stack([canvas.picture for canvas in canvases]), rng)
    shares = np.mean([np.array(c.visible) / np.maximum(c.areas, 1) for c in canvases], axis=0)
    return PeopleClip(
        torch.from_numpy(np.ascontiguousarray(pictures.transpose(0, 3, 1, 2))),  # (T, H, W, 3) → (T, 3, H, W)
        torch.from_numpy(np.stack([canvas.masks() for canvas in canvases])),
        torch.from_numpy(np.stack([canvas.alphas for canvas in canvases])),
        tuple(Thing(PERSON, "puppet", w.name, float(share)) for w, share in zip(walkers, shares, strict=True)),
        f"test/{seed}",
        seed,
    )


def _walker(rng: np.random.Generator, number: int, frames: int, height: float, order: int) -> _Walker:
    """The first puppet from `number` on whom no edge cuts in any frame, or the last that may be tried.

    It goes where it looks, and is mirrored so that every other one goes to the left.
    """
    for candidate in range(number, number + SEEDS // 4):
        clip = puppet_clip(candidate, frames=frames, height=HEIGHT, width=WIDTH, split="test", people=1, framing="full")
        edges = (clip.alpha[..., 0, :], clip.alpha[..., -1, :], clip.alpha[..., 0], clip.alpha[..., -1])
        if max(edge.max() for edge in edges) < 0.05:
            break
    front, alpha = (tensor.permute(0, 2, 3, 1).numpy() for tensor in (clip.foreground, clip.alpha))  # → (T, H, W, ·)
    looks_right, to_the_right = clip.info["people"][0]["yaw"] >= 0, order % 2 == 0
    step = rng.uniform(*SPEEDS) * (1 if to_the_right else -1)
    middle, foot = rng.uniform(0.35, 0.65), rng.uniform(0.97, 1.0)
    pictures = premultiplied(front, alpha)
    return _Walker(f"test/{candidate}", pictures, height, middle, step, foot, looks_right != to_the_right)


def _paint(walkers: list[_Walker], background: Float[np.ndarray, "H W 3"], frame: int, light: Light) -> Canvas:
    canvas = Canvas(background, soft=True)
    for walker in walkers:
        matrix, foot = walker.matrix(frame, len(background))
        shadow: Shadow | None = light.on_ground(foot, walker.height * len(background))
        canvas.lay(pyramid(walker.pictures[frame]), matrix, None, shadow, always=True)
    return canvas
