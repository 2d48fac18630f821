"""The skeleton: proportions by build, and forward kinematics of a standing figure.

Lengths are in statures (1 = the height of an average adult): x to the person's left (the picture's right when facing
us), y down, z to the camera; the origin is between the shoulders' height and the spine. A limb hangs straight down at
angle 0; `swing` moves it forward, `spread` away from the body. Proportions follow the artist's canon of seven and a
half heads.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Proportions:
    """Lengths and half widths in statures."""

    head: float  # height, crown to chin
    head_half: float
    neck: float  # shoulders' height to chin
    neck_half: float
    shoulder_half: float
    chest_half: float
    waist_half: float
    hip_half: float
    torso: float  # shoulders' height to hip joints
    upper_arm: float
    forearm: float
    hand: float
    thigh: float
    shin: float
    foot: float
    limb: float  # factor on the thickness of arms and legs


BUILD_SHAPES = {  # shoulder, chest, waist, hip half widths, neck, limb factor
    "slim": (0.105, 0.080, 0.066, 0.078, 0.0265, 0.85),
    "average": (0.115, 0.092, 0.080, 0.088, 0.029, 1.0),
    "broad": (0.132, 0.105, 0.086, 0.086, 0.034, 1.15),
    "heavy": (0.128, 0.115, 0.122, 0.118, 0.036, 1.3),
}


def sample_proportions(rng: np.random.Generator, build: str) -> Proportions:
    """Proportions of a build with a little variation. A child is a slim body of four fifths of a stature with a large head."""
    child = build == "child"
    shoulder, chest, waist, hip, neck, limb = np.array(BUILD_SHAPES["slim" if child else build]) * rng.uniform(
        0.95, 1.05, 6
    )
    size = 0.78 if child else rng.uniform(0.95, 1.05)
    head = 0.132 * rng.uniform(0.95, 1.05) * (0.97 if child else 1)
    lengths = np.array([0.305, 0.172, 0.148, 0.095, 0.245, 0.235, 0.13]) * size * rng.uniform(0.97, 1.03, 7)
    return Proportions(
        head, head * rng.uniform(0.345, 0.39), 0.03 * size, neck * (0.75 if child else 1),
        *(np.array([shoulder, chest, waist, hip]) * size), *lengths, limb * size,
    )  # fmt: skip


@dataclass(frozen=True)
class Pose:
    """Angles in radians at one instant; arms and legs are pairs (left in the picture, right in the picture)."""

    lean: float = 0.0  # of the torso, in the picture
    bob: float = 0.0  # of the whole body, statures, down
    drift: float = 0.0  # of the whole body, statures, to the right of the picture
    yaw: float = 0.0
    arm_swing: tuple[float, float] = (0.0, 0.0)
    arm_spread: tuple[float, float] = (0.1, 0.1)
    elbow_swing: tuple[float, float] = (0.2, 0.2)
    elbow_spread: tuple[float, float] = (0.0, 0.0)
    leg_swing: tuple[float, float] = (0.0, 0.0)
    knee: tuple[float, float] = (0.0, 0.0)
    head_yaw: float = 0.0  # relative to the body
    head_pitch: float = 0.0  # positive nods down
    head_roll: float = 0.0
    breath: float = 0.0  # relative widening of the chest
    blink: float = 0.0  # 0 open … 1 closed
    mouth: float = 0.0  # 0 closed … 1 open


def limb_direction(swing: float, spread: float, side: int) -> np.ndarray:
    """Unit vector (3,) of a limb; `side` is -1 on the picture's left, +1 on its right."""
    return np.array([side * np.sin(spread), np.cos(spread) * np.cos(swing), np.cos(spread) * np.sin(swing)])


def joints(shape: Proportions, pose: Pose) -> dict[str, np.ndarray]:
    """Places (3,) of the joints in statures. Names end in 0 (picture's left) or 1 (right) where there are two."""
    places = {"spine": np.zeros(3), "chin": np.array([0, -shape.neck, 0.0]), "hip": np.array([0, shape.torso, 0.0])}
    for index, side in enumerate((-1, 1)):
        shoulder = np.array([side * shape.shoulder_half * 0.82, 0.058, 0.0])
        elbow = shoulder + shape.upper_arm * limb_direction(pose.arm_swing[index], pose.arm_spread[index], side)
        fore = limb_direction(pose.arm_swing[index] + pose.elbow_swing[index], pose.elbow_spread[index], side)
        hip = np.array([side * shape.hip_half * 0.52, shape.torso - 0.015, 0.0])
        knee = hip + shape.thigh * limb_direction(pose.leg_swing[index], 0.03, side)
        ankle = knee + shape.shin * limb_direction(pose.leg_swing[index] - pose.knee[index], 0.0, side)
        wrist = elbow + shape.forearm * fore
        foot = np.array([0.0, 0.35, 0.94]) * shape.foot * 0.8
        places |= {
            f"shoulder{index}": shoulder, f"elbow{index}": elbow, f"wrist{index}": wrist,
            f"finger{index}": wrist + shape.hand * fore, f"hip{index}": hip, f"knee{index}": knee,
            f"ankle{index}": ankle, f"toe{index}": ankle + foot,
        }  # fmt: skip
    cos, sin = np.cos(pose.yaw), np.sin(pose.yaw)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    tilt = np.array([[np.cos(pose.lean), -np.sin(pose.lean), 0], [np.sin(pose.lean), np.cos(pose.lean), 0], [0, 0, 1]])
    pivot = np.array([0, shape.torso, 0.0])  # a figure leans from the hips; its legs stay
    shift = np.array([pose.drift, pose.bob, 0.0])
    placed = {}
    for name, place in places.items():
        place = turn @ place
        if not name.startswith(("hip", "knee", "ankle", "toe")):
            place = tilt @ (place - pivot) + pivot
        placed[name] = place + shift
    return placed
