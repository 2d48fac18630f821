"""Pictures of the instance lab: test scenes with exact masks, people who cross, a real man, photographs, a reader's own."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.training.files import read_json

COUNT = 8  # pictures of a set
SIDE = 256  # pixels, the longer side
STRIDE = 8  # sides are multiples of it: a cell of an activation map is then always whole
APART = 5  # frames of a video between two pictures
PHOTOGRAPHS = ("astronaut", "grace_hopper", "chelsea", "coffee", "motorcycle", "china")


@dataclass(frozen=True)
class LabPicture:
    """RGB in [0, 1]. target: labels (m,), masks (m, H, W) bool, and in a clip identities (m,); None without a truth."""

    name: str
    image: Float[Tensor, "3 H W"]
    target: Mapping[str, Tensor] | None = None


@dataclass(frozen=True)
class PictureSet:
    """All pictures have a truth, or none has. `note` is what to keep in mind about it."""

    name: str
    pictures: tuple[LabPicture, ...]
    note: str = ""

    @property
    def has_truth(self) -> bool:
        return all(picture.target is not None for picture in self.pictures)


def picture_set_names() -> list[str]:
    """Names that `find_pictures` knows; the path of a picture, of a folder of pictures or of a video works too."""
    return list(_SETS)


def find_pictures(pictures: str | Path | PictureSet) -> PictureSet:
    """By name, or from a file or a folder, of which the first pictures are taken. CourseError for none of these."""
    if isinstance(pictures, PictureSet):
        return pictures
    if str(pictures) in _SETS:
        return _named(str(pictures))
    if Path(pictures).exists():
        return PictureSet(Path(pictures).name, tuple(_from_path(Path(pictures))), "Your own: no truth.")
    raise CourseError(f"There are no pictures {str(pictures)!r} and no such file. Pictures: {', '.join(_SETS)}.")


@cache
def _named(name: str) -> PictureSet:
    """Drawn once."""
    note, make = _SETS[name]
    return PictureSet(name, tuple(make()), note)


def _test_pictures(set_name: str, every: int = 1) -> Callable[[], Iterator[LabPicture]]:
    def make() -> Iterator[LabPicture]:
        from course_lib.evaluation.instance_sets import pictures_of_set

        for picture in islice(pictures_of_set(set_name, COUNT * every), 0, None, every):
            yield LabPicture(picture.name, picture.image, picture.target)

    return make


def _people() -> Iterator[LabPicture]:
    from course_lib.data.emoji_scenes import people_clip
    from course_lib.evaluation.instance_sets import TEST_PICTURES

    clip = people_clip(read_json(TEST_PICTURES)["sets"]["people"][0], 2 * COUNT, SIDE)
    for frame in range(0, 2 * COUNT, 2):
        yield LabPicture(f"frame {frame}", clip.frames[frame], clip.target(frame))


def _photographs() -> Iterator[LabPicture]:
    from course_lib.data import sample_image

    for name in PHOTOGRAPHS:
        yield LabPicture(name, smaller(sample_image(name)))


def _from_path(path: Path) -> Iterator[LabPicture]:
    from course_lib.video.pictures import PICTURE_SUFFIXES, list_pictures, load_picture
    from course_lib.video.reader import open_source

    if path.is_dir() or path.suffix.lower() in PICTURE_SUFFIXES:
        files = list_pictures(path)[:COUNT] if path.is_dir() else [path]
        read = ((file.name, load_picture(file)) for file in files)
    else:
        frames = enumerate(islice(open_source(path), COUNT * APART))
        read = ((f"frame {number}", frame.rgb) for number, frame in frames if number % APART == 0)
    for name, pixels in read:
        yield LabPicture(name, smaller(torch.from_numpy(pixels.copy()).permute(2, 0, 1).float() / 255))


def smaller(image: Float[Tensor, "3 H W"]) -> Float[Tensor, "3 h w"]:
    """The longer side at most SIDE, both multiples of STRIDE; what is small stays, but for that."""
    factor = min(1.0, SIDE / max(image.shape[1:]))
    size = [max(STRIDE, STRIDE * round(factor * side / STRIDE)) for side in image.shape[1:]]
    if size == list(image.shape[1:]):
        return image
    return nn.functional.interpolate(image[None], size, mode="bilinear", antialias=True)[0].clamp(0, 1)


_SCENES = "Drawn; their masks are exact."
_SETS: dict[str, tuple[str, Callable[[], Iterator[LabPicture]]]] = {
    "scenes": (f"{_SCENES} Sprites of training, in other scenes (the first of test set a).", _test_pictures("a")),
    "scenes in an unseen style": (
        f"{_SCENES} Sprites that no network here was trained on: OpenMoji, CC-BY-SA 4.0.",
        _test_pictures("unseen-style"),
    ),
    "crowds": (f"{_SCENES} Many things of one class that touch each other.", _test_pictures("crowd")),
    "people who cross": (
        f"{_SCENES} Every second frame of one clip; a person keeps the colour from frame to frame.",
        _people,
    ),
    "carphone with a borrowed truth": (
        "Every twelfth frame of the real clip. Its one mask is what the published RVM says (alpha > ½): no truth but a "
        "neighbour's word, good enough to ask whether the man was found.",
        _test_pictures("clip", every=3),
    ),
    "photographs": ("Real photographs: no truth.", _photographs),
}
