"""Clips of the lab: the real one, test puppets with exact alpha, the real person with a borrowed one, or a reader's file."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.errors import CourseError

FRAMES = 24
PUPPET_SIZE = 192
SIDE = 288  # of a file's frames, the shorter one
PUPPETS = (("a", 0, "puppet"), ("b", 5, "puppet, moving camera"), ("c", 9, "puppet, another"))
PERSON = "real person, borrowed truth"


@dataclass(frozen=True)
class LabClip:
    """Frames in [0, 1], and the truth where there is one. `note` is what to keep in mind about that truth."""

    name: str
    frames: Float[Tensor, "T 3 H W"]
    alpha: Float[Tensor, "T 1 H W"] | None = None
    note: str = ""


def clip_names() -> list[str]:
    """Names that `find_clip` knows; a path of a video file works too."""
    return list(_CLIPS)


def find_clip(clip: str | Path | LabClip) -> LabClip:
    """By name, or from a video file, of which the first frames are taken. CourseError for neither."""
    if isinstance(clip, LabClip):
        return clip
    if str(clip) in _CLIPS:
        return _named(str(clip))
    if Path(clip).is_file():
        return _from_file(Path(clip))
    raise CourseError(f"There is no clip {clip!r} and no such file. Clips: {', '.join(_CLIPS)}.")


@cache
def _named(name: str) -> LabClip:
    """Rendered once: a puppet takes seconds."""
    return _CLIPS[name]()


def _carphone() -> LabClip:
    from course_lib.data import sample_clip

    return LabClip("carphone", sample_clip("carphone", slice(40, 40 + 2 * FRAMES, 2)), note="A real clip: no truth.")


def _puppet(group: str, number: int, name: str) -> Callable[[], LabClip]:
    def make() -> LabClip:
        from course_lib.evaluation.scenes import puppet_plan

        plan = puppet_plan(PUPPET_SIZE, PUPPET_SIZE, (group,), FRAMES)
        scene = plan[number].make()
        return LabClip(name, scene.frames, scene.alpha, f"Drawn; its alpha is exact (test scene {scene.name}).")

    return make


def _person() -> LabClip:
    from course_lib.evaluation.person import BIAS, person_scenes

    scene = next(iter(person_scenes(sets=("moving",), frames=FRAMES)))
    return LabClip(PERSON, scene.frames, scene.alpha, BIAS)


def _from_file(path: Path) -> LabClip:
    """The first frames, made smaller where the shorter side has more than SIDE pixels."""
    from course_lib.video.reader import open_source

    frames = [torch.from_numpy(frame.rgb.copy()) for frame in islice(open_source(path), FRAMES)]
    clip = torch.stack(frames).permute(0, 3, 1, 2).float() / 255  # (T, 3, H, W)
    factor = min(1.0, SIDE / min(clip.shape[-2:]))
    if factor < 1:
        size = [round(factor * side) for side in clip.shape[-2:]]
        clip = nn.functional.interpolate(clip, size, mode="bilinear", antialias=True).clamp(0, 1)
    return LabClip(path.name, clip, note="Your own clip: no truth.")


_CLIPS: dict[str, Callable[[], LabClip]] = {
    "carphone": _carphone,
    **{name: _puppet(group, number, name) for group, number, name in PUPPETS},
    PERSON: _person,
}
