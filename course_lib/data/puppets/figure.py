"""A person that can be drawn at any instant: the parts laid over each other from back to front.

The order is fixed for a clip by the way the body faces, so nothing pops from behind to before.
"""

import numpy as np

from course_lib.data.puppets.accessories import Accessories
from course_lib.data.puppets.body import joints, sample_proportions
from course_lib.data.puppets.clothes import Clothes
from course_lib.data.puppets.face import Head
from course_lib.data.puppets.gait import motion
from course_lib.data.puppets.hair import Hair
from course_lib.data.puppets.moment import HeadView, Moment, along, chain, head_map
from course_lib.data.puppets.people import Person
from course_lib.data.puppets.skin import Skin
from course_lib.data.puppets.sprite import Light, lay_over

HAIR_LAG = 0.10  # seconds by which the tips of hair follow the head
DOWN = np.array([0, 1, 0])


class Figure:
    """Draws one person. `scale` is the pixels per stature for which the parts are painted."""

    def __init__(self, person: Person, light: Light, scale: float):
        streams = [np.random.default_rng([person.seed, k]) for k in range(4)]
        self.person, self.scale = person, scale
        self.shape = sample_proportions(streams[0], person.build)
        self.pose = motion(person, streams[1])
        self.skin = Skin(person, self.shape, light, scale)
        self.clothes = Clothes(person, self.shape, light, scale)
        self.head = Head(person, self.shape, light, scale, streams[2])
        facing = person.yaw + (np.pi if person.from_behind else 0)
        head_pixels = self.shape.head * scale
        self.hair = Hair(person, light, facing - 0.4 * person.yaw, head_pixels, streams[3])
        self.accessories = Accessories(person, light, head_pixels)
        # which arm the body hides: none when it faces us, both when we see its back
        turned = np.sin(facing)
        self.far_arms = (0, 1) if person.from_behind else (0,) if turned < -0.45 else (1,) if turned > 0.45 else ()

    @property
    def above(self) -> float:
        """Statures from the spine's top up to the crown."""
        return self.shape.neck + self.shape.head

    @property
    def below(self) -> float:
        """Statures from the spine's top down to the soles, standing."""
        s = self.shape
        return s.torso + s.thigh + s.shin + 0.4 * s.foot

    def draw(self, canvas: np.ndarray, time: float, view: np.ndarray) -> None:
        """Lays the person over `canvas` (H, W, 4). `view` (2, 3) takes statures from the spine's top to pixels."""
        m = self._moment(canvas, time, view)
        behind = self.person.from_behind
        if not behind:
            self.hair.draw(canvas, m.head, far=True)
        for i in self.far_arms:
            self._arm(m, i)
        for i in (0, 1) if np.sin(m.pose.yaw) < 0 else (1, 0):
            self._leg(m, i)
        self._trunk(m)
        self._head(m)
        self.hair.draw(canvas, m.head, far=False)
        if behind:
            self.hair.draw(canvas, m.head, far=True)
        self._headwear(m)
        for i in (0, 1):
            if i not in self.far_arms:
                self._arm(m, i)

    def travel(self, start: float, end: float) -> float:
        """How far, in statures, the fastest of head, hands and feet is at `end` from where it was at `start`."""
        before, after = self.pose(start), self.pose(end)
        first, last = joints(self.shape, before), joints(self.shape, after)
        ends = ("chin", "finger0", "finger1", "ankle0", "ankle1")
        turn = abs(after.head_yaw - before.head_yaw) * self.shape.head_half
        return max(turn, *(float(np.hypot(*(last[n] - first[n])[:2])) for n in ends))

    def _moment(self, canvas: np.ndarray, time: float, view: np.ndarray) -> Moment:
        now, then = self.pose(time), self.pose(time - HAIR_LAG)
        place, before = joints(self.shape, now), joints(self.shape, then)
        maps = (chain(view, head_map(self.shape, p, j)) for p, j in ((now, place), (then, before)))
        head = HeadView(now.yaw + now.head_yaw, then.yaw + then.head_yaw, *maps, time)
        return Moment(canvas, view, now, place, head)

    def _leg(self, m: Moment, i: int) -> None:
        s, bottom = self.shape, "skirt" if self.person.top == "dress" else self.person.bottom
        m.bone(self.clothes, "shoe", f"ankle{i}", f"toe{i}", s.foot * 0.8)
        if bottom != "trousers":
            m.bone(self.skin, "thigh", f"hip{i}", f"knee{i}", s.thigh)
            m.bone(self.skin, "shin", f"knee{i}", f"ankle{i}", s.shin)
        if bottom == "trousers":
            m.bone(self.clothes, "trouser_leg", f"knee{i}", f"ankle{i}", s.shin)
        if bottom != "skirt":
            m.bone(self.clothes, "trouser", f"hip{i}", f"knee{i}", s.thigh)

    def _trunk(self, m: Moment) -> None:
        s, person = self.shape, self.person
        side = np.hypot(np.cos(m.pose.yaw), 0.66 * np.sin(m.pose.yaw))  # a body is two thirds as deep as wide
        spine, hip = m.place["spine"], m.place["hip"]
        if person.top != "dress":
            m.lay(self.clothes, "pelvis", along(hip, hip + DOWN, 1.0, side))
            if person.bottom == "skirt":
                stride = 1 + 0.3 * abs(np.sin(m.pose.leg_swing[0]) * np.sin(m.pose.yaw))
                m.lay(self.clothes, "skirt", along(hip, hip + DOWN, 1.0, side * stride))
        m.bone(self.skin, "neck", "spine", "hip", s.torso, side)
        m.bone(self.clothes, "torso", "spine", "hip", s.torso, side * (1 + m.pose.breath))
        if person.top in ("shirt", "jacket") and not person.from_behind:
            for mirrored in (1, -1):
                matrix = along(spine, hip, s.torso, side)
                matrix[:, 0] *= mirrored
                m.lay(self.clothes, "collar", matrix)

    def _head(self, m: Moment) -> None:
        """Ears and head, in statures from the chin."""
        s, yaw, pose = self.shape, m.head.yaw, m.pose
        matrix = np.concatenate([m.head.matrix[:, :2] / s.head, m.head.matrix[:, 2:]], axis=1)
        for side in (-1, 1):
            across = side * s.head_half * (0.96 * abs(np.cos(yaw)) + 0.02)
            lay_over(m.canvas, self.skin["ear"], chain(matrix, np.array([[side, 0, across], [0, 1, -0.46 * s.head]])))
        lay_over(m.canvas, self.head.draw(yaw, pose.head_pitch, pose.blink, pose.mouth), matrix)
        if self.person.glasses != "none" and np.cos(yaw) > 0.1:
            m.lay_on_head(self.accessories, "spectacles", self._on_face(m))

    def _on_face(self, m: Moment) -> np.ndarray:
        """(2, 3): something flat on the face slides and narrows as the head turns."""
        slide = 0.9 * self.shape.head_half / self.shape.head * np.sin(m.head.yaw)
        return np.array([[max(np.cos(m.head.yaw), 0.15), 0, slide], [0, 1, 0.06 * m.pose.head_pitch]])

    def _headwear(self, m: Moment) -> None:
        worn = self.person.headwear
        if worn not in ("none", "veil"):
            m.lay_on_head(self.accessories, worn)
        if worn == "cap" and np.cos(m.head.yaw) > 0.1:
            m.lay_on_head(self.accessories, "visor", self._on_face(m))
        if self.person.scarf:
            m.bone(self.clothes, "scarf", "spine", "hip", self.shape.torso)
        if worn == "veil":
            m.lay_on_head(self.accessories, "veil")

    def _arm(self, m: Moment, i: int) -> None:
        s, person = self.shape, self.person
        m.bone(self.skin, "hand", f"wrist{i}", f"finger{i}", s.hand, 1.0 if i == 0 else -1.0)
        if person.drink and i == 1:
            grip = 0.45 * m.place["wrist1"] + 0.55 * m.place["finger1"]
            size = s.head * 0.9
            m.lay(self.accessories, "drink", np.array([[size, 0, grip[0]], [0, size, grip[1] - 0.03]]))
        if self.clothes.long_sleeved:
            m.bone(self.clothes, "cuff", f"elbow{i}", f"wrist{i}", s.forearm)
        else:
            m.bone(self.skin, "upper_arm", f"shoulder{i}", f"elbow{i}", s.upper_arm)
            m.bone(self.skin, "forearm", f"elbow{i}", f"wrist{i}", s.forearm)
        if person.top != "vest":
            m.bone(self.clothes, f"sleeve{i}", f"shoulder{i}", f"elbow{i}", s.upper_arm)
