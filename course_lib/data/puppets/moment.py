"""One person at one instant, ready to be drawn: where everything is, and the canvas it goes onto."""

from dataclasses import dataclass

import numpy as np

from course_lib.data.puppets.accessories import Accessories
from course_lib.data.puppets.body import Pose, Proportions
from course_lib.data.puppets.parts import Parts
from course_lib.data.puppets.sprite import lay_over

REACH = 0.12  # statures by which a part goes beyond its bone, at most


@dataclass(frozen=True)
class HeadView:
    """Where the head is: its turn, and the map (2, 3) from head heights (chin = 0) to pixels, both now and a moment
    ago.
    """

    yaw: float
    lagged_yaw: float
    matrix: np.ndarray
    lagged_matrix: np.ndarray
    time: float  # seconds


@dataclass(frozen=True)
class Moment:
    """`canvas` (H, W, 4) is drawn on; `view` (2, 3) takes statures to pixels; `place` holds the joints (3,)."""

    canvas: np.ndarray
    view: np.ndarray
    pose: Pose
    place: dict[str, np.ndarray]
    head: HeadView

    def bone(self, parts: Parts, part: str, start: str, end: str, length: float, width: float = 1.0) -> None:
        """Lays a limb from joint to joint. One outside the picture is not even painted."""
        ends = np.stack([self.place[start][:2], self.place[end][:2]], axis=1)
        x, y = self.view[:, :2] @ ends + self.view[:, 2:]
        reach = REACH * np.hypot(*self.view[:, 0])
        height, width_of_canvas = self.canvas.shape[:2]
        if x.max() < -reach or y.max() < -reach or x.min() > width_of_canvas + reach or y.min() > height + reach:
            return
        self.lay(parts, part, along(self.place[start], self.place[end], length, width))

    def lay(self, parts: Parts | Accessories, part: str, matrix: np.ndarray) -> None:
        """Lays a part by its map (2, 3) to statures."""
        lay_over(self.canvas, parts[part], chain(self.view, matrix))

    def lay_on_head(self, extra: Accessories, part: str, matrix: np.ndarray | None = None) -> None:
        """Lays a part by its map (2, 3) to head heights; None: it is in head heights already."""
        lay_over(self.canvas, extra[part], self.head.matrix if matrix is None else chain(self.head.matrix, matrix))


def along(start: np.ndarray, end: np.ndarray, length: float, width: float = 1.0) -> np.ndarray:
    """(2, 3): a part that hangs along +y, `length` long, laid from `start` to `end` as they are seen: foreshortened."""
    step = (end - start)[:2]
    seen = np.hypot(*step)
    x, y = step / seen if seen > 1e-6 else (0.0, 1.0)
    stretch = max(seen / length, 0.12)  # seen end on, a limb is still as long as it is thick
    return np.array([[y * width, x * stretch, start[0]], [-x * width, y * stretch, start[1]]])


def chain(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """The affine map (2, 3) that does `inner`, then `outer`."""
    return np.concatenate([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2:] + outer[:, 2:]], axis=1)


def head_map(shape: Proportions, pose: Pose, place: dict[str, np.ndarray]) -> np.ndarray:
    """(2, 3): head heights from the chin to statures. The head tips about the top of the neck."""
    angle, turn = pose.lean + pose.head_roll, pose.yaw + pose.head_yaw
    cos, sin = np.cos(angle) * shape.head, np.sin(angle) * shape.head
    rotation = np.array([[cos, -sin], [sin, cos]])
    pivot = np.array([0, -0.1])
    slide = np.array([0.12 * np.sin(turn), 0.1 * pose.head_pitch])
    shift = place["chin"][:2] + (slide + pivot) * shape.head - rotation @ pivot
    return np.concatenate([rotation, shift[:, None]], axis=1)
