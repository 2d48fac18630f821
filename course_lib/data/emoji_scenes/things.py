"""What stills and clips share: the record of one thing, and which scenes can be made at all."""

from dataclasses import dataclass

from course_lib.data.emoji_scenes.classes import CLASS_NAMES
from course_lib.errors import CourseError

SMALLEST_SIDE, LARGEST_SIDE = 64, 2048
LAST_CLIP = 2**24 - 1  # backgrounds and puppets of clips take numbers of 32 bits, some hundred of them each


@dataclass(frozen=True)
class Thing:
    """What one instance is. `name` is an emoji's code, or a person's split and number."""

    label: int
    style: str  # noto, twemoji, openmoji, puppet, photograph
    name: str
    visible: (
        float  # share of its pixels in the picture that nothing hides; of a clip's person, the mean over the frames
    )

    @property
    def class_name(self) -> str:
        """COCO's name of its class."""
        return CLASS_NAMES[self.label]


def check(seed: int, size: int, last: int | None = None) -> None:
    """Raises CourseError for what no scene can be made of. `last` is the largest seed, None: there is none."""
    if seed < 0 or (last is not None and seed > last):
        raise CourseError(f"seed={seed}: scenes are numbered from 0 {'on' if last is None else f'to {last}'}.")
    if not SMALLEST_SIDE <= size <= LARGEST_SIDE:
        raise CourseError(
            f"A scene of {size}² pixels cannot be made: choose a side from {SMALLEST_SIDE} to {LARGEST_SIDE}."
        )
