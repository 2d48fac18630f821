"""What `course evaluate sparseinst` looks at: the course's sets of test pictures, or a folder that is annotated as COCO is.

A network labels by place in its own list of classes, so what is annotated is looked up there by name: the authors' COCO
checkpoints know all classes of the course's scenes. A class that the network does not have is a CourseError, in both cases.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from course_lib.data.coco import CocoFolder, read_coco
from course_lib.data.coco_layout import find_layout, is_one_set, layouts
from course_lib.data.emoji_scenes import CLASS_NAMES, PERSON
from course_lib.errors import CourseError
from course_lib.evaluation.instance_sets import VAL_SETS, TestPicture, numbers_of_set, pictures_of_set
from course_lib.evaluation.sources import OWN_FOLDER

PERSONS_ONLY = ("people", "clip")  # sets in which nothing else is annotated
OF_CLIP = "Note: the clip's one person is what the published RVM says (alpha > ½)."
Pictures = Iterator[tuple[str, TestPicture]]


@dataclass(frozen=True)
class InstanceSource:
    """`iter` gives sets and pictures, each made or read when it is its turn; `len` is how many there will be."""

    data: str  # what they are, for reading
    kind: str  # the same, for the name of a folder
    count: int
    make: Callable[[], Pictures]
    notes: tuple[str, ...] = ()  # what whoever made the pictures should know

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Pictures:
        return self.make()

    def default_folder(self, network: str) -> Path:
        """Where results go when nobody says: one folder for each network and each choice of pictures."""
        return OWN_FOLDER / re.sub(r"[^\w.-]", "_", f"{network}-{self.kind}")


def open_pictures(
    data: Path | None,
    class_names: Sequence[str],
    *,
    split: str | None = None,
    sets: Sequence[str] | None = None,
    count: int | None = None,
) -> InstanceSource:
    """`class_names` of the network; at most `count` pictures of each set. `sets` are the course's, `split` is a folder's.

    Raises CourseError for a set, a folder or a split that is not there, for one that does not go with `data`, for damaged
    files, and for a class that the network does not know.
    """
    if data is None:
        if split is not None:
            raise CourseError(f"--split {split} is for a folder of pictures: --data FOLDER --split {split}.")
        return _course_sets(tuple(dict.fromkeys(sets or VAL_SETS)), class_names, count)
    if sets is not None:
        raise CourseError(f"--sets {','.join(sets)}: the course's sets have no --data. Of a folder: --split NAME.")
    if not data.is_dir():
        raise CourseError(
            f"--data {data}: there is no such folder. Name one that is annotated as COCO is, or leave --data out for the "
            "course's emoji scenes."
        )
    return _folder(data, split, class_names, count)


def _course_sets(sets: tuple[str, ...], class_names: Sequence[str], count: int | None) -> InstanceSource:
    total = sum(len(numbers_of_set(name, count)) for name in sets)
    asked = [CLASS_NAMES[PERSON]] if set(sets) <= set(PERSONS_ONLY) else CLASS_NAMES
    if unknown := [name for name in asked if name not in class_names]:
        raise CourseError(
            f"The network does not know what these pictures show: {', '.join(unknown)}. It knows: {', '.join(class_names)}. "
            "Evaluate it on pictures of its own classes: --data FOLDER."
        )

    def make() -> Pictures:
        for name in sets:
            for picture in pictures_of_set(name, count):
                yield name, TestPicture(picture.name, picture.image, _relabelled(picture.target, class_names))

    first = "" if count is None else f", at most {count} of each"
    kind = "-".join([*sets, *([] if count is None else [f"first-{count}"])])
    notes = (OF_CLIP,) if "clip" in sets else ()
    return InstanceSource(f"Test pictures of the course, sets {', '.join(sets)}{first}", kind, total, make, notes)


def _relabelled(target: Mapping[str, Tensor], class_names: Sequence[str]) -> dict[str, Tensor]:
    """The labels of emoji scenes → those of the network, by name."""
    labels = [class_names.index(CLASS_NAMES[label]) for label in target["labels"].tolist()]
    return {**target, "labels": torch.tensor(labels, dtype=torch.int64)}


def _folder(folder: Path, split: str | None, class_names: Sequence[str], count: int | None) -> InstanceSource:
    read, notes = _read(folder, split, class_names)
    total = len(read.images[:count])
    if not any(image.objects for image in read.images[:count]):
        raise CourseError(f"No object is annotated in the {total} pictures of {read.file}: there is nothing to find.")

    def make() -> Pictures:
        name = split or "val"
        for number in range(total):
            sample = read[number]
            yield name, TestPicture(read.images[number].path.name, sample.image, sample.target())

    name = folder.resolve().name
    kind = "-".join([name, *([split] if split else []), *([] if count is None else [f"first-{count}"])])
    first = "" if count is None else f", the first {total}"
    return InstanceSource(
        f"Pictures of {name}, {read.file.relative_to(folder)}{first}", kind, total, make, (*read.notes, *notes)
    )


def _read(folder: Path, split: str | None, class_names: Sequence[str]) -> tuple[CocoFolder, tuple[str, ...]]:
    """The set that is asked for; if none is, val, or of a folder with one set that one, and a note on it."""
    if split is None and not layouts(folder, "val") and (one := layouts(folder, "train")):
        file = one[0][0]
        if is_one_set(folder, file):
            note = f"Note: {file} is one set, so all of it is taken. A network that was trained on it learned from most of it."
            return read_coco(folder, "train", class_names), (note,)
    try:
        find_layout(folder, split or "val")
    except CourseError as error:
        raise CourseError(f"{error} For another set: --split NAME.") from None
    return read_coco(folder, split or "val", class_names), ()
