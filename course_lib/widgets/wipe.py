"""Two pictures of the same thing, one over the other, with an edge to drag between them."""

from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import picture_uri


class Wipe(CourseWidget):
    _esm = script("wipe")


def wipe(left, right, names: tuple[str, str]) -> Wipe:
    """Pictures (3, H, W) in [0, 1] or mattes (H, W), of one size. Raises ValueError for two sizes."""
    if left.shape[-2:] != right.shape[-2:]:
        raise ValueError(f"The pictures must have one size, not {tuple(left.shape)} and {tuple(right.shape)}.")
    data = {"left": picture_uri(left), "right": picture_uri(right), "names": list(names)}
    return Wipe(data, f"{names[0]} on the left, {names[1]} on the right of a movable edge")
