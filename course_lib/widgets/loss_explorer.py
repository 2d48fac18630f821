"""A matte made wrong with sliders, and what each of RVM's terms for alpha charges for it. Chapter 07."""

import numpy as np

from course_lib.matting.losses import COHERENCE_WEIGHT
from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, pack

SHORTEST_SIDE = 4  # below it the pyramid has no layer


class LossExplorer(CourseWidget):
    _esm = script("loss_explorer")


def loss_explorer(alpha, hole: tuple[int, int] | None = None) -> LossExplorer:
    """alpha (T, H, W) or (T, 1, H, W): a true clip of two or three small frames, in [0, 1]; 8 bits of it are kept.

    Sliders, in this order: shift to the right in pixels (the left column repeated), Gaussian blur (σ in pixels, as SciPy's), a
    hole of a radius around the pixel `hole` (row, column; left out: the middle), a factor on alpha, and flicker: an amount
    added to even frames and taken from odd ones. The result is cut to [0, 1].

    Shown: pha_l1, pha_laplacian (with its layers) and pha_coherence of `matting_loss`, and their sum. ValueError for another
    shape, for one frame (nothing changes), or a side below 4 pixels.
    """
    alpha = as_array(alpha)
    clip = alpha[:, 0] if alpha.ndim == 4 and alpha.shape[1] == 1 else alpha
    if clip.ndim != 3 or len(clip) < 2 or min(clip.shape[1:]) < SHORTEST_SIDE:
        raise ValueError(f"alpha must be (T, H, W) of two frames or more and sides from 4 on, not {alpha.shape}.")
    length, height, width = clip.shape
    data = {
        "length": length,
        "height": height,
        "width": width,
        "alpha": pack(clip.astype(np.float64)),
        "hole": list(hole or (height // 2, width // 2)),
        "coherence": COHERENCE_WEIGHT,
    }
    return LossExplorer(data, "Mistakes in a matte, and the price that each loss asks for them")
