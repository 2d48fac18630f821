"""A clip of people with exact alpha: the public entry of the generator.

Seeds: every split has seeds of its own (3·seed + the split's index), and everything is drawn from them alone; so no
person, motion or light of one split occurs in another. Attributes are sampled before any size is used: other
`frames`, `height` or `width` show the same people.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.data.puppets.camera import CAMERA_MOVES, camera_path, light_path, sample_light
from course_lib.data.puppets.colour_fill import straight_colour
from course_lib.data.puppets.figure import Figure
from course_lib.data.puppets.people import FRAMINGS, sample_person
from course_lib.errors import CourseError

SPLITS = ("train", "val", "test")
FRAMES_PER_SECOND = 25
HEAD = 0.132  # statures


@dataclass(frozen=True)
class PuppetClip:
    """`foreground` is straight RGB, also where alpha is below 1. Instances come from front to back; they add up to
    alpha.

    `camera` maps the resting picture to each frame (pixels); `light` is a factor per frame and colour that `compose`
    applies. `info` holds what was sampled.
    """

    foreground: Float[Tensor, "T 3 H W"]
    alpha: Float[Tensor, "T 1 H W"]
    instances: Float[Tensor, "P T 1 H W"]
    camera: Float[Tensor, "T 2 3"]
    light: Float[Tensor, "T 3"]
    info: dict


def stream_seed(seed: int, split: str) -> int:
    """The number that all randomness of a clip comes from; no two (seed, split) share one. Raises CourseError for a
    wrong one.
    """
    if split not in SPLITS:
        raise CourseError(f"split={split!r} is not one of {', '.join(SPLITS)}.")
    if seed < 0:
        raise CourseError(f"seed={seed} is negative; puppets are numbered from 0.")
    return len(SPLITS) * int(seed) + SPLITS.index(split)


def puppet_clip(
    seed: int,
    *,
    frames: int = 15,
    height: int = 256,
    width: int = 256,
    split: str = "train",
    people: int | None = None,
    framing: str | None = None,
) -> PuppetClip:
    """People in motion before nothing. `people` None: mostly one, sometimes two or three; `framing` None, or one of
    FRAMINGS.

    The same arguments give the same pixels (to 1/255 on any machine). Raises CourseError for sizes below 16, no
    frames, unknown names.
    """
    if frames < 1 or min(height, width) < 16:
        raise CourseError(f"A puppet clip needs at least 1 frame of 16×16, not {frames} of {height}×{width}.")
    if framing is not None and framing not in FRAMINGS:
        raise CourseError(f"framing={framing!r} is not one of {', '.join(FRAMINGS)}.")
    if people is not None and people < 1:
        raise CourseError(f"people={people}: a puppet clip shows at least one.")
    rng = np.random.default_rng(stream_seed(seed, split))
    sampled_framing = FRAMINGS[int(rng.choice(3, p=[0.4, 0.3, 0.3]))]
    sampled_people = int(rng.choice([1, 2, 3], p=[0.75, 0.18, 0.07]))
    framing, count = framing or sampled_framing, people or sampled_people
    light = sample_light(rng)
    move = CAMERA_MOVES[int(rng.choice(4, p=[0.4, 0.2, 0.15, 0.25]))]
    shutter = float(rng.choice([0.0, 0.25, 0.5, 0.5])) / FRAMES_PER_SECOND
    camera_rng, light_rng = rng.spawn(2)
    camera = camera_path(camera_rng, move, height)
    lamp = light_path(light_rng)
    persons, figures, views = [], [], []
    for order, person_rng in enumerate(rng.spawn(count)):
        person = sample_person(person_rng, framing)
        scale, across, crown, sole = _stand(person_rng, framing, order, count, height, width)
        figure = Figure(person, light, scale)
        # people seen whole stand on their feet; of others the crown is where it should be
        neck = sole - figure.below * scale if framing == "full" else crown + figure.above * scale
        persons.append({**person.record(), "scale": scale / height, "depth": order})
        figures.append(figure)
        views.append(np.array([[scale, 0, across], [0, scale, neck]]))
    times = np.arange(frames) / FRAMES_PER_SECOND
    middle = np.array([width / 2, height / 2])
    cameras = [_about(camera(t), middle) for t in times]
    foreground = np.empty((frames, height, width, 3), np.float32)
    alpha = np.empty((frames, height, width), np.float32)
    instances = np.empty((count, frames, height, width), np.float32)
    for k, time in enumerate(times):
        moments = time + shutter * (np.arange(_sub_frames(figures, views, camera, time, shutter)) + 0.5)
        total = np.zeros((height, width, 4), np.float32)
        visible = np.zeros((count, height, width), np.float32)
        for moment in moments if shutter else [time]:
            picture, mattes = _layers(figures, views, _about(camera(moment), middle), moment, height, width)
            total += picture
            visible += mattes
        share = np.float32(1 / (len(moments) if shutter else 1))
        total *= share
        np.clip(visible * share, 0, 1, out=instances[:, k])
        alpha[k] = np.clip(total[..., 3], 0, 1)
        foreground[k] = straight_colour(total)
    info = {
        "seed": seed,
        "split": split,
        "framing": framing,
        "camera": move,
        "shutter": shutter * FRAMES_PER_SECOND,
        "people": persons,
    }
    return PuppetClip(
        torch.from_numpy(foreground).permute(0, 3, 1, 2).contiguous(),
        torch.from_numpy(alpha)[:, None],
        torch.from_numpy(instances)[:, :, None],
        torch.from_numpy(np.stack(cameras).astype(np.float32)),
        torch.from_numpy(np.stack([lamp(t) for t in times]).astype(np.float32)),
        info,
    )


def _stand(
    rng: np.random.Generator, framing: str, order: int, count: int, height: int, width: int
) -> tuple[float, float, float, float]:
    """Where a person stands: pixels per stature; then in pixels the middle across, the crown and the soles down."""
    bust, half, full = rng.uniform(0.3, 0.45) / HEAD, rng.uniform(1.25, 1.9), rng.uniform(0.72, 0.98)
    share = {"bust": bust, "half": half, "full": full}[framing]  # of the picture's height, a stature
    top, wanders, away, cut = rng.uniform(0.04, 0.2), rng.normal(0, 0.06), rng.uniform(0.75, 1), rng.uniform()
    if count > 1:
        share *= 0.8
    share *= away**order  # those behind are farther off
    across = (order + 0.5) / count + rng.uniform(-0.5, 0.5) / count if count > 1 else 0.5 + wanders
    across = float(np.clip(across, 0.12, 0.88))
    if cut < 0.15:  # partly out of the picture
        across = 0.08 if across < 0.5 else 0.92
    scale = share * height * (min(1.0, width / height * 1.3) if framing != "full" else 1.0)
    return scale, across * width, top * height, (0.97 - rng.uniform(0, 0.1)) * height


def _about(matrix: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """A map given about the middle of the picture, in pixels from its corner."""
    return np.concatenate([matrix[:, :2], (matrix[:, 2] + middle - matrix[:, :2] @ middle)[:, None]], axis=1)


def _sub_frames(figures: list[Figure], views: list, camera: Callable, time: float, shutter: float) -> int:
    """As many as the fastest hand, head or corner goes steps of two pixels while the shutter is open; at most 8."""
    if not shutter:
        return 1
    travel = 0.0
    for figure, view in zip(figures, views, strict=True):
        travel = max(travel, figure.travel(time, time + shutter) * view[0, 0])
    step = camera(time + shutter) - camera(time)
    travel = max(travel, np.abs(step[:, 2]).max() + np.abs(step[:, :2]).max() * 100)
    return int(np.clip(np.ceil(travel / 2), 1, 8))


def _layers(
    figures: list[Figure], views: list[np.ndarray], camera: np.ndarray, time: float, height: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Premultiplied RGBA (H, W, 4) of all, and what is visible of each (P, H, W), front to back, at one instant."""
    picture = np.zeros((height, width, 4), np.float32)
    mattes = np.empty((len(figures), height, width), np.float32)
    for index, (figure, view) in enumerate(zip(figures, views, strict=True)):
        canvas = np.zeros((height, width, 4), np.float32)
        moved = np.concatenate([camera[:, :2] @ view[:, :2], camera[:, :2] @ view[:, 2:] + camera[:, 2:]], axis=1)
        figure.draw(canvas, time, moved)
        canvas *= 1 - picture[..., 3:]  # what stands before it hides it
        mattes[index] = canvas[..., 3]
        picture += canvas
    return picture, mattes
