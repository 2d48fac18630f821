"""A matte made small and brought back to full size: enlarged, and through the fast guided filter. Chapter 06."""

import numpy as np

from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, pack, picture_uri

RATIOS = (2, 4, 8, 16)


class GuidedFilter(CourseWidget):
    _esm = script("guided_filter")


def guided_filter(frame, alpha, radius: int = 1, eps: float = 1e-5) -> GuidedFilter:
    """frame (3, H, W) or grey (H, W), alpha (H, W) or (1, H, W), all in [0, 1]; what is kept of them has 8 bits.

    Sliders: the ratio by which both are first reduced (each cell the mean of its pixels), the filter's radius in reduced cells,
    and ε. The filter is `FastGuidedFilter`, whose radius is 1, with its zeros beyond the border. Results are cut to [0, 1].

    `radius` and `eps` are where the sliders start. ValueError for two sizes, or sides that no ratio of 2, 4, 8, 16 divides.
    """
    frame, alpha = as_array(frame), as_array(alpha)
    alpha = alpha[0] if alpha.ndim == 3 else alpha
    height, width = alpha.shape
    if frame.shape[-2:] != alpha.shape:
        raise ValueError(
            f"The frame is {frame.shape[-2:]} and alpha {alpha.shape} (height, width): they must be equal."
        )
    ratios = [ratio for ratio in RATIOS if height % ratio == width % ratio == 0]
    if not ratios:
        raise ValueError(f"{height} × {width} pixels cannot be reduced: sides must be even.")
    guide = frame.mean(axis=0, dtype=np.float64) if frame.ndim == 3 else frame
    data = {
        "height": height,
        "width": width,
        "picture": picture_uri(frame),
        "guide": pack(guide),
        "alpha": pack(alpha),
        "ratios": ratios,
        "radius": radius,
        "power": float(np.log10(eps)),
    }
    return GuidedFilter(data, "A matte made small, enlarged again, and brought back with a guided filter")
