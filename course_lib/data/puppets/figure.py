"""One person at one instant: the parts laid over each other from back to front.

The order is fixed for a clip by the way the body faces, so nothing pops from behind to before.
"""

import numpy as np

from course_lib.data.puppets.accessories import Accessories
from course_lib.data.puppets.body import Pose, joints, sample_proportions
from course_lib.data.puppets.clothes import Wardrobe
from course_lib.data.puppets.face import Head
from course_lib.data.puppets.gait import motion
from course_lib.data.puppets.hair import Hair
from course_lib.data.puppets.people import Person
from course_lib.data.puppets.sprite import Light, lay_over

HAIR_LAG = 0.10  # seconds by which the tips of hair follow the head


class Figure:
    """Draws one person. `scale` is the pixels per stature for which the parts are painted."""

    def __init__(self, person: Person, light: Light, scale: float):
        streams = [np.random.default_rng([person.seed, k]) for k in range(4)]
        self.person, self.scale = person, scale
        self.shape = sample_proportions(streams[0], person.build)
        self.pose = motion(person, streams[1])
        self.wardrobe = Wardrobe(person, self.shape, light, scale)
        self.head = Head(person, self.shape, light, scale, streams[2])
        self.hair = Hair(person, light, streams[3])
        self.accessories = Accessories(person, light, self.shape.head * scale)
        facing = person.yaw + (np.pi if person.from_behind else 0)
        self.rest_yaw = facing - 0.4 * person.yaw
        behind = np.sin(facing)
        # which arm hides behind the body: none when it faces us, both when we see its back
        self.far_arms = (0, 1) if person.from_behind else ((0,) if behind < -0.45 else (1,) if behind > 0.45 else ())

    def draw(self, canvas: np.ndarray, time: float, view: np.ndarray) -> None:
        """Lays the person over `canvas` (H, W, 4). `view` (2, 3) takes statures from the spine's top to pixels."""
        pose, place, head = self._at(time)
        before, _, lagged = self._at(time - HAIR_LAG)
        head_view, lagged_view = (_chain(view, h) for h in (head, lagged))
        yaw, lagged_yaw = pose.yaw + pose.head_yaw, before.yaw + before.head_yaw
        # small pictures of hair cannot show every stray strand
        share = float(np.clip(self.shape.head * self.scale / 60, 0.15, 1))
        hair = dict(
            yaws=(yaw, lagged_yaw),
            rest_yaw=self.rest_yaw,
            matrix=head_view,
            lagged=lagged_view,
            time=time,
            clipped=share,
        )

        def bone(part: str, start: str, end: str, length: float, width: float = 1.0) -> None:
            lay_over(canvas, self.wardrobe[part], _chain(view, _bone(place[start], place[end], length, width)))

        if not self.person.from_behind:
            self.hair.draw(canvas, behind=True, **hair)
        for i in self.far_arms:
            self._arm(canvas, i, place, view, bone)
        for i in (0, 1) if np.sin(pose.yaw) < 0 else (1, 0):
            self._leg(i, bone)
        self._trunk(canvas, pose, place, view, bone)
        self._head(
            canvas, pose, yaw, head_view, hair, _chain(view, _bone(place["spine"], place["hip"], self.shape.torso, 1.0))
        )
        for i in (0, 1):
            if i not in self.far_arms:
                self._arm(canvas, i, place, view, bone)

    def travel(self, start: float, end: float) -> float:
        """How far, in statures, the fastest of head, hands and feet is at `end` from where it was at `start`."""
        first, last = (joints(self.shape, self.pose(t)) for t in (start, end))
        turn = self.pose(end).head_yaw - self.pose(start).head_yaw
        ends = ("chin", "finger0", "finger1", "ankle0", "ankle1")
        return max(abs(turn) * self.shape.head_half, *(np.hypot(*(last[n] - first[n])[:2]) for n in ends))

    def _at(self, time: float) -> tuple[Pose, dict[str, np.ndarray], np.ndarray]:
        """Pose, joints, and the map (2, 3) from head heights to statures."""
        pose = self.pose(time)
        place = joints(self.shape, pose)
        angle = pose.lean + pose.head_roll
        cos, sin = np.cos(angle) * self.shape.head, np.sin(angle) * self.shape.head
        turn = np.array([[cos, -sin], [sin, cos]])
        pivot = np.array([0, -0.1])  # the head tips about the top of the neck
        chin = place["chin"][:2] + [
            0.12 * self.shape.head * np.sin(pose.yaw + pose.head_yaw),
            0.1 * self.shape.head * pose.head_pitch,
        ]
        shift = chin + pivot * self.shape.head - turn @ pivot
        return pose, place, np.concatenate([turn, shift[:, None]], axis=1)

    def _leg(self, i: int, bone) -> None:  # noqa: ANN001
        s, person = self.shape, self.person
        legs = person.bottom if person.top != "dress" else "skirt"
        bone("shoe", f"ankle{i}", f"toe{i}", s.foot * 0.8)
        if legs != "trousers":
            bone("thigh", f"hip{i}", f"knee{i}", s.thigh)
            bone("shin", f"knee{i}", f"ankle{i}", s.shin)
        if legs != "skirt":
            if legs == "trousers":
                bone("trouser_leg", f"knee{i}", f"ankle{i}", s.shin)
            bone("trouser", f"hip{i}", f"knee{i}", s.thigh)

    def _trunk(self, canvas: np.ndarray, pose: Pose, place: dict, view: np.ndarray, bone) -> None:  # noqa: ANN001
        s, person = self.shape, self.person
        side = np.hypot(np.cos(pose.yaw), 0.66 * np.sin(pose.yaw))  # a body is two thirds as deep as wide
        hips = _bone(place["hip"], place["hip"] + [0, 1, 0], 1.0, side)
        if person.top != "dress":
            lay_over(canvas, self.wardrobe["pelvis"], _chain(view, hips))
            if person.bottom == "skirt":
                swing = 1 + 0.3 * abs(np.sin(pose.leg_swing[0])) * abs(np.sin(pose.yaw))
                lay_over(
                    canvas,
                    self.wardrobe["skirt"],
                    _chain(view, _bone(place["hip"], place["hip"] + [0, 1, 0], 1.0, side * swing)),
                )
        bone("neck", "spine", "hip", s.torso, side)
        bone("torso", "spine", "hip", s.torso, side * (1 + pose.breath))
        if person.top in ("shirt", "jacket") and not person.from_behind:
            for mirrored in (1, -1):
                matrix = _bone(place["spine"], place["hip"], s.torso, side)
                matrix[:, 0] *= mirrored
                lay_over(canvas, self.wardrobe["collar"], _chain(view, matrix))

    def _head(
        self, canvas: np.ndarray, pose: Pose, yaw: float, head_view: np.ndarray, hair: dict, trunk: np.ndarray
    ) -> None:
        s, person, extra = self.shape, self.person, self.accessories
        ratio = s.head_half / s.head
        in_statures = np.concatenate([head_view[:, :2] / s.head, head_view[:, 2:]], axis=1)
        for side in (-1, 1):
            ear = np.array([[side, 0, side * s.head_half * (0.96 * abs(np.cos(yaw)) + 0.02)], [0, 1, -0.46 * s.head]])
            lay_over(canvas, self.wardrobe["ear"], _chain(in_statures, ear))
        lay_over(canvas, self.head.draw(yaw, pose.head_pitch, pose.blink, pose.mouth), in_statures)
        frontal = np.cos(yaw)
        slide = np.array([[max(frontal, 0.15), 0, 0.9 * ratio * np.sin(yaw)], [0, 1, 0.06 * pose.head_pitch]])
        if person.glasses != "none" and frontal > 0.1:
            lay_over(canvas, extra["spectacles"], _chain(head_view, slide))
        if person.headwear == "headscarf" and not person.from_behind:
            lay_over(canvas, extra["headscarf"], head_view)
        elif person.headwear == "headscarf":
            self.hair.draw(canvas, behind=True, **hair)
        else:
            for behind in (False, True) if person.from_behind else (False,):
                self.hair.draw(canvas, behind=behind, **hair)
        if person.headwear in ("beanie", "cap"):
            lay_over(canvas, extra[person.headwear], head_view)
            if person.headwear == "cap" and frontal > 0.1:
                lay_over(canvas, extra["visor"], _chain(head_view, slide))
        if person.scarf:
            lay_over(canvas, self.wardrobe["scarf"], trunk)
        if person.headwear == "veil":
            lay_over(canvas, extra["veil"], head_view)

    def _arm(self, canvas: np.ndarray, i: int, place: dict, view: np.ndarray, bone) -> None:  # noqa: ANN001
        s, person = self.shape, self.person
        bare = person.top == "vest"
        covered = person.long_sleeves or person.top in ("jacket", "sweater")
        bone("hand", f"wrist{i}", f"finger{i}", s.hand, 1.0 if i == 0 else -1.0)
        if person.drink and i == 1:
            grip = 0.45 * place[f"wrist{i}"] + 0.55 * place[f"finger{i}"]
            size = s.head * 0.9
            lay_over(
                canvas,
                self.accessories["drink"],
                _chain(view, np.array([[size, 0, grip[0]], [0, size, grip[1] - 0.03]])),
            )
        if bare or not covered:
            bone("upper_arm", f"shoulder{i}", f"elbow{i}", s.upper_arm)
            bone("forearm", f"elbow{i}", f"wrist{i}", s.forearm)
        if not bare:
            if covered:
                bone("cuff", f"elbow{i}", f"wrist{i}", s.forearm)
            bone(f"sleeve{i}", f"shoulder{i}", f"elbow{i}", s.upper_arm)


def _bone(start: np.ndarray, end: np.ndarray, length: float, width: float) -> np.ndarray:
    """(2, 3): a part that hangs along +y and is `length` long, laid from `start` to `end` as they are seen (foreshortened)."""
    along = (end - start)[:2]
    seen = np.hypot(*along)
    x, y = along / seen if seen > 1e-6 else (0.0, 1.0)
    # seen end on, a limb is still as long as it is thick
    stretch = max(seen / length, 0.12)
    return np.array([[y * width, x * stretch, start[0]], [-x * width, y * stretch, start[1]]])


def _chain(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """The affine map (2, 3) that does `inner`, then `outer`."""
    return np.concatenate([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2:] + outer[:, 2:]], axis=1)
