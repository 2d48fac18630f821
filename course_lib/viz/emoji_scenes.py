"""Scenes and their instances for the eye: sheets of scenes and of sprites, and instances laid over a picture.

An instance keeps its colour in every figure: that of its number, be it a place in a list or an identity in a clip.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from jaxtyping import Float
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from course_lib.viz.style import PALETTE, WIDTH, as_picture, new_figure, over_checkerboard, show_image

HUES = ("foreground", "background", "ours", "other", "hidden state", "input")
SHADES = (1.0, 0.62, 1.35)  # of each hue: as it is, darker, lighter; 18 colours, then they start again
COLUMNS = 5
CELL = 64  # pixels of a sprite on its sheet


def instance_colour(number: int) -> Float[np.ndarray, " 3"]:
    """RGB of instance `number`, always the same; neighbours differ in hue, not in lightness alone."""
    shade, hue = list(product(SHADES, HUES))[number % (len(HUES) * len(SHADES))]
    colour = np.array(to_rgb(PALETTE[hue]))
    return (1 - (1 - colour) / shade if shade > 1 else colour * shade).clip(0, 1)


def paint_instances(
    image, masks, numbers: Sequence[int] | None = None, strength: float = 0.5
) -> Float[np.ndarray, "3 H W"]:
    """A picture (3,H,W) with masks (n,H,W) laid over it, each in its colour, outlined in full colour.

    `numbers` are the instances' own (identities of a clip); None: 0, 1, 2 … Where masks overlap, the last is seen.
    """
    import cv2

    picture = as_picture(image).copy()  # (H, W, 3)
    masks = np.asarray(masks, bool)
    for mask, number in zip(masks, range(len(masks)) if numbers is None else numbers, strict=True):
        colour = instance_colour(int(number))
        inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=1).astype(bool)
        picture[inner] = (1 - strength) * picture[inner] + strength * colour
        picture[mask & ~inner] = colour
    return picture.transpose(2, 0, 1)


def scene_sheet(scenes: Sequence, painted: bool = False, columns: int = COLUMNS) -> Figure:
    """Scenes (`EmojiScene`) in rows, in order; `painted`: with their instances over them."""
    rows = -(-len(scenes) // columns)
    figure, axes = _bare_grid(rows, columns, WIDTH // columns)
    for ax, scene in zip(axes.flat, scenes, strict=False):
        show_image(ax, paint_instances(scene.image, scene.masks) if painted else scene.image)
    return figure


def clip_sheet(clip, frames: Sequence[int]) -> Figure:
    """Some frames of a `PeopleClip`, as they are above, and below with every person in the colour of their number."""
    figure, axes = _bare_grid(2, len(frames), WIDTH // len(frames))
    for (above, below), frame in zip(axes.T, frames, strict=True):
        show_image(above, clip.frames[frame])
        show_image(below, paint_instances(clip.frames[frame], clip.masks[frame]))
    return figure


def sprite_sheet(style: str, columns: int = 11) -> Figure:
    """Every sprite of a style over the checkerboard, by class, the first of each class under its name.

    OpenMoji's pictures are under CC-BY-SA 4.0, Twemoji's under CC-BY 4.0: name them beside the figure.
    """
    from course_lib.data.emoji_scenes.classes import CLASS_NAMES
    from course_lib.data.emoji_scenes.sprites import load_sprites

    sprites = [(sprite, not place) for group in load_sprites(style).values() for place, sprite in enumerate(group)]
    rows = -(-len(sprites) // columns)
    figure, axes = _bare_grid(rows, columns, CELL + 14)
    for ax, (sprite, first) in zip(axes.flat, sprites, strict=False):
        pixels = sprite.levels[1] / 255  # premultiplied, CELL wide
        straight = pixels[..., :3] / np.maximum(pixels[..., 3:], 1e-3)
        show_image(ax, over_checkerboard(straight, pixels[..., 3]))
        if first:
            ax.set_title(CLASS_NAMES[sprite.label], size=7, pad=1)
    return figure


def _bare_grid(rows: int, columns: int, cell: int) -> tuple[Figure, np.ndarray]:
    """Axes without ticks, close together."""
    figure, axes = new_figure(rows, columns, height=rows * cell, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0, hspace=0)
    for ax in axes.flat:
        ax.set_axis_off()
    return figure, axes
