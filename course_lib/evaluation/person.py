"""The real person before backgrounds of the test split: photographs and panoramas, half still, half moving.

Read `course_lib.data.person` first: the truth comes out of the published RVM and favours it. `BIAS` says so in one line and
belongs to every report of these scenes.
"""

from collections.abc import Iterator, Sequence
from functools import partial

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from course_lib.data.backgrounds import Kind, background_clip
from course_lib.data.person import BIAS, CLIP, CutOut, person_cut_out
from course_lib.errors import CourseError
from course_lib.evaluation.scenes import PlannedScene, TestScene, make_all
from course_lib.matting.equation import composite

__all__ = ["BIAS", "person_scenes"]

# (seed, kind) of background_clip, split "test", chosen by what they show and before any result was seen: every test panorama
# and photograph, with the camera at rest and moving, and nothing that crosses the picture.
BACKGROUNDS: dict[str, tuple[tuple[int, Kind], ...]] = {
    "still": (
        (5001, "panorama"), (5005, "panorama"), (5006, "panorama"), (5025, "panorama"),
        (5002, "photograph"), (5004, "photograph"), (5006, "photograph"), (5010, "photograph"),
    ),
    "moving": (
        (5000, "panorama"), (5002, "panorama"), (5003, "panorama"), (5013, "panorama"),
        (5005, "photograph"), (5007, "photograph"), (5012, "photograph"), (5021, "photograph"),
    ),
}  # fmt: skip


def person_scenes(
    height: int = 144, width: int = 176, sets: Sequence[str] = ("still", "moving"), frames: int = 24
) -> Iterator[TestScene]:
    """Eight scenes a set, each another part of the clip; by default at the clip's own size, since he is soft when enlarged.

    Raises CourseError for an unknown set, for more frames than the clip has, and where clip or weights cannot be had.
    """
    return make_all(person_plan(height, width, sets, frames))


def person_plan(height: int, width: int, sets: Sequence[str], frames: int) -> list[PlannedScene]:
    """What `person_scenes` will make; the person is cut out here. Raises as above."""
    if unknown := [name for name in sets if name not in BACKGROUNDS]:
        raise CourseError(f"There is no set {', '.join(unknown)} of the person. There are: {', '.join(BACKGROUNDS)}.")
    if frames < 1 or min(height, width) < 16:
        raise CourseError(f"A scene has at least 1 frame of 16×16, not {frames} of {height}×{width}.")
    person = person_cut_out()
    if frames > len(person.alpha):
        raise CourseError(f"The clip {CLIP} has {len(person.alpha)} frames; {frames} were asked for.")
    person = resize(person, height, width)
    return [
        PlannedScene(name, set_name, partial(_scene, person, set_name, index, name, height, width, frames))
        for set_name in sets
        for index, name in enumerate(f"{set_name}/{kind}-{seed}" for seed, kind in BACKGROUNDS[set_name])
    ]


def _scene(person: CutOut, set_name: str, index: int, name: str, height: int, width: int, frames: int) -> TestScene:
    backgrounds = BACKGROUNDS[set_name]
    seed, kind = backgrounds[index]
    start = index * (len(person.alpha) - frames) // max(len(backgrounds) - 1, 1)  # from the first frame to the last
    foreground, alpha = (clip[start : start + frames] for clip in (person.foreground, person.alpha))
    background = background_clip(seed, frames, height, width, "test", (kind,))
    seen = composite(foreground, background.frames, alpha)
    groups = {"set": set_name, "background": background.record.kind}
    return TestScene(name, seen, alpha, foreground, background.frames, groups)


def resize(person: CutOut, height: int, width: int) -> CutOut:
    """Bilinear, antialiased when it gets smaller; colours are weighted with alpha, so that nothing of the car comes in."""
    if person.alpha.shape[-2:] == (height, width):
        return person
    alpha = _bilinear(person.alpha, height, width).clamp(0, 1)
    weighted = _bilinear(person.foreground * person.alpha, height, width)
    return CutOut((weighted / alpha.clamp(min=1e-4)).clamp(0, 1), alpha)


def _bilinear(clip: Float[Tensor, "T C H W"], height: int, width: int) -> Float[Tensor, "T C h w"]:
    return F.interpolate(clip, (height, width), mode="bilinear", antialias=True, align_corners=False)
