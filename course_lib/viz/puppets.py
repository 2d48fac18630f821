"""Puppets for the eye: some of them beside frames of the real clip."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from course_lib.viz.style import WIDTH, as_picture, new_figure, show_image

COLUMNS = 8
LEVELS = 24  # of each colour: what a picture of this size shows, in a file half as large


def contact_sheet(puppets: Sequence, real: Sequence) -> Figure:
    """Puppets, then real frames, all (3,H,W), cut to squares; in rows of eight, the real ones last and framed.

    Draw it with `puppet_pictures(20)` and four frames of `sample_clip()`: three full rows.
    """
    pictures = [*puppets, *real]
    rows = -(-len(pictures) // COLUMNS)
    side = WIDTH // COLUMNS
    figure, axes = new_figure(rows, COLUMNS, height=rows * side, squeeze=False)
    figure.get_layout_engine().set(w_pad=0.01, h_pad=0.01, wspace=0, hspace=0)
    for ax in axes.flat:
        ax.set_axis_off()
    for index, (ax, picture) in enumerate(zip(axes.flat, pictures, strict=False)):
        show_image(ax, few_levels(square(picture))).set_interpolation("nearest")
        if index >= len(puppets):
            ax.text(
                0.04, 0.05, "real", color="white", size=9, transform=ax.transAxes, bbox={"color": "black", "pad": 1.5}
            )
    return figure


def puppet_pictures(
    count: int, split: str = "train", height: int = 160, width: int = 160
) -> list[Float[np.ndarray, "3 H W"]]:
    """One frame each of the first `count` puppets of a split before backgrounds of that split, without noise and compression.

    The framings alternate, so that all three are shown; nothing else is chosen.
    """
    from course_lib.data.puppets.people import FRAMINGS
    from course_lib.evaluation.scenes import puppet_scene
    from course_lib.matting.equation import composite

    pictures = []
    for seed in range(count):
        scene = puppet_scene(seed, height, width, 1, split, str(seed), split, FRAMINGS[seed % len(FRAMINGS)])
        pictures.append(composite(scene.foreground, scene.background, scene.alpha)[0].numpy())
    return pictures


def square(picture) -> Float[np.ndarray, "3 s s"]:
    """The middle of a picture (3,H,W), as wide as high."""
    array = as_picture(picture).transpose(2, 0, 1)
    height, width = array.shape[1:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return array[:, top : top + side, left : left + side]


def few_levels(picture: Float[np.ndarray, "3 H W"]) -> Float[np.ndarray, "3 h w"]:
    """At the size of its cell, which is all that is drawn of it, and with LEVELS values a colour."""
    import cv2

    side = WIDTH // COLUMNS - 3
    small = cv2.resize(picture.transpose(1, 2, 0), (side, side), interpolation=cv2.INTER_AREA).transpose(2, 0, 1)
    return (small * (LEVELS - 1)).round() / (LEVELS - 1)
