"""`lab()`: the model lab as one interactive view.

Two contestants and a clip are chosen in the page; Python computes them in a thread of its own, once, and sends pictures and
numbers; every way to look at them (alpha, composite, error, flicker, x–t) is then drawn in the browser, at once, and also in
the built book, where nothing can be computed. Alpha, and where the picture stands still, come without loss: what the page
shows of an error or of flicker is what the table counts.
"""

import math
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.widgets.base import script
from course_lib.widgets.model_lab.clips import LabClip, clip_names, find_clip
from course_lib.widgets.model_lab.compare import curves, measures
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.contestants import contestant_names, find_contestant
from course_lib.widgets.model_lab.results import STILL, LabResult, result_of
from course_lib.widgets.model_lab.shell import LabShell, chosen
from course_lib.widgets.pictures import sheet_uri

QUALITY = 60
AROUND = 4  # pixels of foreground that are sent around the person: a block of the codec at its edge is then not mixed


class Lab(LabShell):
    """Mattes of two contestants."""

    _esm = script("ground", "lab_shell", "lab")

    def find_place(self, shown: str | Path | LabClip) -> LabClip:
        return find_clip(shown)

    def place_data(self, place: LabClip) -> dict:
        return clip_data(place)

    def side_data(self, contestant: str | Contestant, place: LabClip) -> dict:
        found = find_contestant(contestant)
        result = result_of(found, place)
        return {**result_data(result), "about": found.what, "measures": measures(result)}

    def joined(self, place: dict, a: dict, b: dict) -> dict:
        return {**place, "A": drawn(a), "B": drawn(b)}


def lab(
    a: str = "rvm-mobilenetv3-published",
    b: str = "state reset",
    clip: str | Path | LabClip = "carphone",
    mine: tuple[Contestant, ...] = (),
) -> Lab:
    """The view, with `a`, `b` and `clip` shown first. `mine`: contestants of the reader's own (`own`, `with_step`).

    Raises CourseError for a name that there is not.
    """
    return Lab(*chosen((a, b), clip, [*contestant_names(), *mine], clip_names()))


def clip_data(clip: LabClip) -> dict:
    """What the view draws of a clip: sheets of pictures (WebP), `columns` in a row."""
    still = torch.ones_like(clip.frames[:, 0])  # (T, H, W)
    still[1:] = (clip.frames.diff(dim=0).abs().amax(1) < STILL).float()
    columns = _columns(clip.frames)
    truth = {} if clip.alpha is None else {"truth": sheet_uri(clip.alpha[:, 0], columns, lossless=True)}
    return {
        "sheets": {
            "frames": sheet_uri(clip.frames, columns, QUALITY),
            "still": sheet_uri(still, columns, lossless=True),
            **truth,
        },
        "columns": columns,
        "frames": len(clip.frames),
        "height": clip.frames.shape[-2],
        "width": clip.frames.shape[-1],
        "note": clip.note,
    }


def result_data(result: LabResult) -> dict:
    """What the view draws of a contestant: sheets of alpha and foreground, and each measure frame by frame."""
    columns = _columns(result.alpha)
    return {
        "sheets": {
            "alpha": sheet_uri(result.alpha[:, 0], columns, lossless=True),
            "foreground": sheet_uri(around_the_person(result.foreground, result.alpha), columns, QUALITY),
        },
        "curves": [[name, [round(float(value), 3) for value in values]] for name, values in curves(result).items()],
    }


def drawn(side: dict) -> dict:
    return {name: side[name] for name in ("sheets", "curves")}


def around_the_person(
    foreground: Float[Tensor, "T 3 H W"], alpha: Float[Tensor, "T 1 H W"]
) -> Float[Tensor, "T 3 H W"]:
    """F where alpha is not 0 in 8 bits, and a little around. Elsewhere F means nothing; its mean colour takes little room."""
    near = nn.functional.max_pool2d((255 * alpha).round().clamp(max=1), 2 * AROUND + 1, stride=1, padding=AROUND)
    mean = foreground.mean((0, 2, 3), keepdim=True)
    return torch.where(near > 0, foreground, mean)


def _columns(pictures: Tensor) -> int:
    return math.ceil(math.sqrt(len(pictures)))
