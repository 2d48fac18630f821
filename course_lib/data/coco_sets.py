"""The two sets that training takes of a COCO-style folder: pictures to learn from, and others to validate on.

A folder that is not divided is divided here: every tenth picture is held out, the same ones each time, empty ones counted by
themselves. Pictures without an object (crowds are none) are not learned from, as the authors of SparseInst have it (their
training on COCO filters them); they stay in validation, where what is found in them counts as wrong.
"""

from dataclasses import replace
from pathlib import Path

from course_lib.data.coco import CocoFolder, read_coco
from course_lib.data.coco_layout import is_one_set, layouts
from course_lib.errors import CourseError

HELD_OUT = 10  # of so many pictures one is for validation


def training_sets(folder: Path) -> tuple[CocoFolder, CocoFolder]:
    """(training, validation), both with objects. Their notes say what was left out, held out or taken for one.

    Raises CourseError where one of the two is missing or damaged, or has no object.
    """
    train = read_coco(folder, "train")
    if is_one_set(folder, train.file) and not layouts(folder, "val"):
        train, validation = hold_out(train)
    else:
        try:
            validation = read_coco(folder, "val", class_names=train.class_names)
        except CourseError as error:
            raise CourseError(
                f"Training needs a set of pictures to validate on, which it does not learn from. {error}"
            ) from None
    for part, purpose in ((train, "learn from"), (validation, "validate on")):
        if not any(image.objects for image in part.images):
            raise CourseError(
                f"{part.file} leaves no picture with an object to {purpose}. Annotate at least one there."
            )
    return _with_objects(train), validation


def hold_out(folder: CocoFolder) -> tuple[CocoFolder, CocoFolder]:
    """(the rest, every tenth picture) in the file's order, first those with objects. CourseError for fewer than two of them."""
    ordered = sorted(folder.images, key=lambda image: not image.objects)  # stable: the file's order otherwise
    if sum(1 for image in ordered if image.objects) < 2:
        raise CourseError(
            f"{folder.file} has fewer than two pictures with an object: one to learn from and one to validate on are needed."
        )
    held = tuple(ordered[::HELD_OUT])
    rest = tuple(image for place, image in enumerate(ordered) if place % HELD_OUT)
    share = f"every tenth of its pictures, {len(held)} of {len(ordered)}"
    note = f"Note: {folder.file} is one set, so {share}, is held out for validation."
    return replace(folder, images=rest, notes=(*folder.notes, note)), replace(folder, images=held, notes=())


def _with_objects(folder: CocoFolder) -> CocoFolder:
    kept = tuple(image for image in folder.images if image.objects)
    empty = len(folder.images) - len(kept)
    note = f"Note: {empty} pictures of {folder.file} show no object and are not learned from, as the paper's authors have it."
    return replace(folder, images=kept, notes=(*folder.notes, note)) if empty else folder
