"""The classes of a network: which of them are asked for, and the numbers under which COCO's files know them."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.errors import CourseError
from course_lib.zoo.sparseinst import COCO_NAMES

GAPS = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)  # numbers of categories that COCO planned and left out
COCO_IDS = dict(zip(COCO_NAMES, (number for number in range(1, 91) if number not in GAPS), strict=True))


def chosen_labels(text: str | None, names: Sequence[str]) -> frozenset[int]:
    """ "person, dog" → their labels; None: all. CourseError, with the names that there are, for another one."""
    if text is None:
        return frozenset(range(len(names)))
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    if not wanted:
        raise CourseError("--classes names no class. Write them with commas between, such as person,dog.")
    labels = {name.casefold(): label for label, name in enumerate(names)}
    unknown = [name for name in wanted if name.casefold() not in labels]
    if unknown:
        raise CourseError(
            f"--classes {', '.join(unknown)}: this model does not know that. It knows {', '.join(names)}."
        )
    return frozenset(labels[name.casefold()] for name in wanted)


def category_ids(names: Sequence[str]) -> tuple[int, ...]:
    """COCO's own numbers where all names are COCO's, so that its tools can measure the result; else 1, 2, 3 …"""
    if all(name in COCO_IDS for name in names):
        return tuple(COCO_IDS[name] for name in names)
    return tuple(range(1, len(names) + 1))
