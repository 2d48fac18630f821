"""How people move: every motion is a smooth function of time in seconds, so any instant (and any sub-frame of it) can be
drawn.

Slow wandering is a sum of three sines with random phases; steps, gestures and waves are periodic with random tempo.
"""

from collections.abc import Callable

import numpy as np

from course_lib.data.puppets.body import Pose
from course_lib.data.puppets.people import Person


def wander(rng: np.random.Generator, amplitude: float, hertz: float) -> Callable[[float], float]:
    """A smooth function of time around 0, mostly within ±amplitude, of about that frequency."""
    frequencies = 2 * np.pi * hertz * rng.uniform(0.5, 1.6, 3)
    phases = rng.uniform(0, 2 * np.pi, 3)
    weights = amplitude * rng.dirichlet([2, 2, 2])
    return lambda time: float(np.dot(weights, np.sin(frequencies * time + phases)))


def pulses(rng: np.random.Generator, hertz: float, width: float) -> Callable[[float], float]:
    """Short bumps from 0 to 1, `width` seconds long, about `hertz` a second at irregular times: blinks."""
    period, phase, jitter = 1 / hertz, rng.uniform(), rng.uniform(0, 2 * np.pi)

    def bump(time: float) -> float:
        cycle = time / period + phase + 0.15 * np.sin(time * 1.7 + jitter)
        away = (cycle - np.round(cycle)) * period / width
        return float(np.exp(-((2.5 * away) ** 2)))

    return bump


def motion(person: Person, rng: np.random.Generator) -> Callable[[float], Pose]:
    """The person's pose as a function of time in seconds."""
    tempo = person.tempo
    lively = {"idle": 0.5, "talk": 1.0, "gesture": 1.2, "wave": 1.0, "walk": 0.6, "sway": 1.1}[person.motion]
    lean, drift, bob = (
        wander(rng, 0.05 * lively, 0.3),
        wander(rng, 0.03 * lively, 0.25),
        wander(rng, 0.006 * lively, 0.5),
    )
    turn = wander(rng, 0.15 * lively, 0.3)
    head_yaw, head_pitch, head_roll = (wander(rng, a * lively, 0.4 * tempo) for a in (0.4, 0.12, 0.1))
    spread, elbow = wander(rng, 0.12, 0.4), wander(rng, 0.2, 0.5)
    hands = [[wander(rng, a, 0.65 * tempo) for a in (0.3, 0.25, 0.5, 0.4)] for _ in range(2)]
    active = rng.uniform(size=2) < {"gesture": 0.85, "talk": 0.35}.get(person.motion, 0.0)
    waving = int(rng.integers(2))
    blink, phase, stride = pulses(rng, 0.4, 0.22), rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.6)
    speech, breath_phase = [wander(rng, 1.0, f * tempo) for f in (2.5, 0.5)], rng.uniform(0, 2 * np.pi)
    pace = float(np.sign(person.yaw) * rng.choice([0.0, 0.35]) * np.abs(np.sin(person.yaw)))  # statures a second
    resting = rng.uniform(0.05, 0.25, 2)

    def pose(time: float) -> Pose:
        swing, arm_spread = [0.05, 0.05], [resting[0] + 0.5 * spread(time), resting[1] - 0.5 * spread(time)]
        elbow_swing, elbow_spread = [0.25 + elbow(time), 0.25 - elbow(time)], [0.0, 0.0]
        legs, knees, extra_bob = [0.0, 0.0], [0.0, 0.0], 0.0
        for i in range(2):
            if active[i]:
                a, b, c, d = (f(time) for f in hands[i])
                swing[i], arm_spread[i], elbow_swing[i], elbow_spread[i] = 0.3 + a, 0.3 + b, 1.6 + c, d - 0.2
        if person.motion == "wave":
            swing[waving], arm_spread[waving], elbow_swing[waving] = 0.5, 1.15, 2.5
            elbow_spread[waving] = 0.15 + 0.4 * np.sin(2 * np.pi * 1.3 * tempo * time + phase)
        if person.motion == "walk":
            cycle = 2 * np.pi * 0.95 * tempo * time + phase
            for i, step in enumerate((cycle, cycle + np.pi)):
                legs[i] = stride * np.sin(step)
                knees[i] = 0.15 + 0.9 * stride * 1.6 * max(0.0, np.sin(step + 1.2)) ** 2
                swing[i], elbow_swing[i] = -0.9 * stride * np.sin(step), 0.35 + 0.25 * max(0.0, -np.sin(step))
            extra_bob = 0.012 * np.cos(2 * cycle)
        if person.motion == "sway":
            beat = 2 * np.pi * 0.8 * tempo * time + phase
            legs, knees, extra_bob = [0.1, 0.1], [0.2 + 0.1 * np.sin(2 * beat)] * 2, 0.012 * np.sin(2 * beat)
            swing, elbow_swing = (
                [0.3 * np.sin(beat), -0.3 * np.sin(beat)],
                [1.2 + 0.4 * np.sin(beat), 1.2 - 0.4 * np.sin(beat)],
            )
        talking = person.motion in ("talk", "gesture")
        return Pose(
            lean=lean(time) + (0.03 * np.sin(2 * np.pi * 0.8 * tempo * time + phase) if person.motion == "sway" else 0),
            bob=bob(time) + extra_bob,
            drift=drift(time) + (pace * time if person.motion == "walk" else 0),
            yaw=person.yaw + turn(time) + (np.pi if person.from_behind else 0),
            arm_swing=tuple(swing),
            arm_spread=tuple(arm_spread),
            elbow_swing=tuple(elbow_swing),
            elbow_spread=tuple(elbow_spread),
            leg_swing=tuple(legs),
            knee=tuple(knees),
            head_yaw=head_yaw(time) - 0.4 * person.yaw,
            head_pitch=head_pitch(time),
            head_roll=head_roll(time),
            breath=0.012 * np.sin(2 * np.pi * 0.28 * time + breath_phase),
            blink=blink(time),
            mouth=float(np.clip(abs(speech[0](time)) * (0.6 + speech[1](time)), 0, 1)) if talking else 0.0,
        )

    return pose
