"""Feature maps as pictures: hundreds of channels in one colour picture, and the few channels most worth looking at.

The colours are the first three principal components of a map's channels: places with similar features get similar
colours. The sign of a component is arbitrary; here its largest loading is positive, so that a picture can be repeated.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from course_lib.viz.style import PALETTE


def as_features(features) -> Float[np.ndarray, "C H W"]:
    """Bring features (C,H,W) or (1,C,H,W), array or tensor, to a float64 array (C,H,W)."""
    if hasattr(features, "detach"):
        features = features.detach().cpu()
    array = np.asarray(features, dtype=np.float64)
    if array.ndim == 4 and array.shape[0] == 1:
        array = array[0]
    if array.ndim != 3:
        raise ValueError(f"Features have shape (C, H, W) or (1, C, H, W), not {array.shape}.")
    return array


def principal_colours(features) -> Float[np.ndarray, "3 H W"]:
    """The three strongest principal components of features (C,H,W) as red, green and blue in [0,1].

    Each component runs from its 2nd to its 98th percentile. Fewer than three channels: the missing colours stay 0.5.
    """
    array = as_features(features)
    channels, height, width = array.shape
    places = array.reshape(channels, -1)
    places = places - places.mean(axis=1, keepdims=True)  # (C, H·W)
    vectors = np.linalg.eigh(places @ places.T)[1][:, ::-1][:, :3]  # (C, ≤3), strongest first
    strongest = np.abs(vectors).argmax(axis=0)
    vectors = vectors * np.sign(vectors[strongest, np.arange(vectors.shape[1])])
    components = vectors.T @ places  # (≤3, H·W)
    low, high = np.percentile(components, [2, 98], axis=1, keepdims=True)
    spread = np.where(high > low, high - low, 1)
    colours = np.full((3, height * width), 0.5)
    colours[: len(components)] = ((components - low) / spread).clip(0, 1)
    return colours.reshape(3, height, width).astype(np.float32)


def most_telling(features, count: int) -> Int[np.ndarray, " K"]:
    """Indices of K = `count` channels of features (C,H,W) that vary most over the picture and repeat one another least.

    Pivoted Gram-Schmidt: take the channel with the largest variance, subtract from all what it explains, go on.
    """
    array = as_features(features)
    rest = array.reshape(len(array), -1)
    rest = rest - rest.mean(axis=1, keepdims=True)  # (C, H·W)
    chosen = []
    for _ in range(count):
        best = int((rest**2).sum(axis=1).argmax())
        direction = rest[best] / np.linalg.norm(rest[best])
        rest = rest - np.outer(rest @ direction, direction)
        chosen.append(best)
    return np.array(chosen)


def frame_square(ax: Axes, centre: tuple[float, float], side: float, label: str = "", colour: str = PALETTE["other"]):
    """Draw a square of `side` pixels around `centre` (row, column) on an image, and its label above it."""
    row, col = centre
    ax.add_patch(
        Rectangle(
            (col - side / 2, row - side / 2), side, side, fill=False, edgecolor=colour, linewidth=1.5, clip_on=True
        )
    )
    if label:
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1, "alpha": 0.85}
        ax.text(col, row - side / 2 - 3, label, color=colour, ha="center", va="bottom", fontsize=9, bbox=paper)
