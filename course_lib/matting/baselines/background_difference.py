"""Background difference: what does not look like the clean plate is the person.

The oldest way, as in Qian & Sezan 1992, "Video Background Replacement without a Blue Screen" (ICIP). Ours: Euclidean distance
in RGB, one threshold where alpha starts and one where it ends.
"""

from jaxtyping import Float
from torch import Tensor

from course_lib.matting.baselines.interface import Extras, check_clip, required


def background_difference(
    frames: Float[Tensor, "T 3 H W"], extras: Extras, low: float = 0.1, high: float = 0.3
) -> Float[Tensor, "T 1 H W"]:
    """Needs a clean plate. alpha = 0 up to the colour distance `low`, 1 from `high`, a straight line between."""
    check_clip(frames)
    plate = required(extras.clean_plate, "clean_plate", frames)
    distance = (frames - plate).norm(dim=1, keepdim=True)  # (T, 1, H, W), at most √3
    return ((distance - low) / (high - low)).clamp(0, 1)
