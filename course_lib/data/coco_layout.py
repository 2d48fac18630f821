"""Where the annotations and the pictures of a COCO-style folder lie, and what the annotations say, checked.

    FOLDER/annotations/instances_train2017.json   FOLDER/train2017/000000000009.jpg …      COCO's own layout
    FOLDER/instances_train.json                   FOLDER/train/…                           the same, flat
    FOLDER/instances.json                         FOLDER/images/…                          one set
    FOLDER/train/_annotations.coco.json           FOLDER/train/…                           what some labelling tools export

The set `val` may be called `valid`; `test` is never taken for it. A picture whose `file_name` begins with its folder is looked
for from FOLDER too. Own data rarely works at the first try, so every fault has a message with the file, the annotation and what
to do, and all are found when the file is opened. What is no fault of the file but of no use here is counted in `notes`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.data.coco_shapes import usable
from course_lib.errors import CourseError

TOOLS = "_annotations.coco.json"
ONE_SET = ("instances.json", "annotations.json")


@dataclass(frozen=True)
class CocoImage:
    """A picture as the file lists it, and its annotations.

    They are kept as text: COCO has 860,000, which as Python's lists and dicts would fill the memory of every loader process.
    """

    id: int
    path: Path
    height: int
    width: int
    packed: bytes
    objects: int  # annotations that are no crowd

    @property
    def annotations(self) -> list[dict[str, Any]]:
        """The annotations as they stand in the file, but for outlines without a pixel."""
        return json.loads(self.packed)


@dataclass(frozen=True)
class CocoIndex:
    """All that an annotation file says. `categories` are names by number; numbers ascend and may have gaps."""

    file: Path
    images: tuple[CocoImage, ...]
    categories: dict[int, str]
    notes: tuple[str, ...] = ()


def find_layout(folder: Path, split: str) -> tuple[Path, Path]:
    """(annotation file, folder of pictures). A folder with one set only has that as "train".

    Raises CourseError, with the layouts, where there is none, or more than one of a kind.
    """
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder}.")
    found = layouts(folder, split)
    if not found:
        raise CourseError(f"{folder} holds no annotations of {split!r}. They are expected as {_expected(split)}.")
    if len(found) > 1:
        names = ", ".join(str(file.relative_to(folder)) for file, _ in found)
        raise CourseError(f"{folder} holds more than one file of {split!r}: {names}. Move all but one elsewhere.")
    return found[0]


def layouts(folder: Path, split: str) -> list[tuple[Path, Path]]:
    """Every (annotation file, folder of pictures) of a split, of the first kind of layout that is there."""
    places = (folder / "annotations", folder)
    names = ("val", "valid") if split == "val" else (split,)
    years = [file for place in places for file in sorted(place.glob(f"instances_{split}[0-9]*.json"))]
    kinds = [
        [(place / f"instances_{name}.json", folder / name) for place in places for name in names],
        [(file, folder / file.stem.removeprefix("instances_")) for file in years],
        [(folder / name / TOOLS, folder / name) for name in names],
    ]
    if split == "train":
        kinds += [[(folder / name, folder / "images") for name in ONE_SET], [(folder / TOOLS, folder)]]
    found = ([(file, pictures) for file, pictures in kind if file.is_file()] for kind in kinds)
    return next(filter(None, found), [])


def is_one_set(folder: Path, file: Path) -> bool:
    """Whether an annotation file is that of a folder which is not divided into sets."""
    return file.parent == folder and file.name in (*ONE_SET, TOOLS)


def _expected(split: str) -> str:
    places = (
        f"FOLDER/annotations/instances_{split}.json or FOLDER/instances_{split}.json with the pictures in FOLDER/{split}/ "
        f"(or with a year, such as instances_{split}2017.json and {split}2017/), or FOLDER/{split}/{TOOLS} beside its pictures"
    )
    if split == "val":
        return places + "; valid in place of val will do"
    if split == "train":
        one = " or ".join(f"FOLDER/{name}" for name in ONE_SET)
        return f"{places}; or, not divided into sets, {one} with the pictures in FOLDER/images/, or FOLDER/{TOOLS} beside them"
    return places


def read_index(file: Path, pictures: Path) -> CocoIndex:
    """Read and check an annotation file. CourseError for what is not COCO's format, and for pictures that are missing."""
    content = _load(file)
    entries = sorted(_by_id(content["categories"], file, "category").items())
    categories = {id_: str(_value(category, "name", file, f"category {id_}")) for id_, category in entries}
    listed = _by_id(content["images"], file, "image")
    sizes = {id_: tuple(_side(image, side, file, id_) for side in ("height", "width")) for id_, image in listed.items()}
    paths = _paths(listed, file, pictures)
    annotations: dict[int, list] = {id_: [] for id_ in listed}
    left_out = []
    for id_, annotation in _by_id(content["annotations"], file, "annotation").items():
        image = _check(annotation, id_, listed, categories, file)
        try:
            shape = usable(annotation.get("segmentation"), *sizes[image])
        except ValueError as error:
            raise CourseError(
                f"{file}: the segmentation of annotation {id_} ({paths[image].name}) is damaged: {error}.\n"
                "Draw it again, or take the annotation out of the file."
            ) from None
        if shape is None:
            left_out.append(id_)
        else:
            annotations[image].append({**annotation, "segmentation": shape})
    notes = _shared_names(categories, file)
    if left_out:
        notes.append(_without_outline(left_out, len(content["annotations"]), file))
    images = (
        CocoImage(
            id_,
            paths[id_],
            *sizes[id_],
            json.dumps(annotations[id_]).encode(),
            sum(not annotation.get("iscrowd") for annotation in annotations[id_]),
        )
        for id_ in listed
    )
    return CocoIndex(file, tuple(images), categories, tuple(notes))


def _paths(listed: Mapping[int, dict], file: Path, pictures: Path) -> dict[int, Path]:
    """Where each picture is: its name may begin in the folder of pictures or in the one above. CourseError for missing ones."""
    paths, missing = {}, []
    for id_, image in listed.items():
        name = str(_value(image, "file_name", file, f"image {id_}"))
        tried = [place / name for place in (pictures, pictures.parent)]
        if (path := next(filter(Path.is_file, tried), None)) is None:
            missing.append(tried)
        else:
            paths[id_] = path
    if missing:
        first = " and ".join(map(str, missing[0]))
        raise CourseError(
            f"{len(missing)} of the {len(listed)} pictures that {file} lists are missing. For the first of them, {first} were "
            "tried.\nCopy them there, or take them out of the file."
        )
    return paths


def _shared_names(categories: Mapping[int, str], file: Path) -> list[str]:
    """A note on each name that several categories have. They are one class: nothing else tells a class from another here."""
    numbers: dict[str, list[int]] = {}
    for id_, name in categories.items():
        numbers.setdefault(name, []).append(id_)
    return [
        f"Note: in {file} the categories {' and '.join(map(str, ids))} are all called {name!r}; they are taken for one class."
        for name, ids in numbers.items()
        if len(ids) > 1
    ]


def _without_outline(ids: list[int], total: int, file: Path) -> str:
    """A note on annotations that are left out. CourseError where no other is there."""
    if len(ids) == total:
        raise CourseError(
            f"{file}: none of its {total} annotations has an outline. Instance segmentation needs a polygon or a mask of each "
            "object; a box or a line is not enough."
        )
    return (
        f"Note: {len(ids)} of the {total} annotations of {file} have a box or a line and no outline. They are left out: what "
        f"they are of counts as background. The first is annotation {ids[0]}."
    )


def _load(file: Path) -> dict[str, list]:
    try:
        content = json.loads(file.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise CourseError(
            f"{file} is no valid JSON: {error.msg}, line {error.lineno}, column {error.colno}. Was it copied whole?"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"{file} cannot be read: {error}.") from None
    for name in ("images", "annotations", "categories"):
        if not isinstance(content, dict) or not isinstance(content.get(name), list):
            raise CourseError(f"{file} has no list {name!r}. COCO's files have images, annotations and categories.")
    return content


def _by_id(entries: list, file: Path, kind: str) -> dict[int, dict]:
    """Entries by their id. CourseError for one without an id, and for an id that is there twice."""
    found: dict[int, dict] = {}
    for place, entry in enumerate(entries):
        id_ = _value(entry, "id", file, f"{kind} number {place} of the list")
        if not isinstance(id_, int):
            raise CourseError(f"{file}: the id {id_!r} of a {kind} is no whole number.")
        if id_ in found:
            raise CourseError(f"{file}: there are two {kind} entries with the id {id_}. Ids must differ.")
        found[id_] = entry
    return found


def _check(annotation: dict, id_: int, images: Mapping, categories: Mapping, file: Path) -> int:
    """The number of the image that an annotation is of. CourseError where image or category is not listed."""
    where = f"annotation {id_}"
    image, category = (_value(annotation, name, file, where) for name in ("image_id", "category_id"))
    if not isinstance(image, int) or image not in images:
        raise CourseError(f"{file}: {where} belongs to image {image!r}, which is not listed.")
    if not isinstance(category, int) or category not in categories:
        raise CourseError(f"{file}: {where} is of category {category!r}, which is not listed.")
    return image


def _side(image: dict, name: str, file: Path, id_: int) -> int:
    side = _value(image, name, file, f"image {id_}")
    if not isinstance(side, int | float) or side < 1:
        raise CourseError(f"{file}: image {id_} has the {name} {side!r}.")
    return int(side)


def _value(entry: Any, name: str, file: Path, where: str) -> Any:
    if not isinstance(entry, dict) or name not in entry:
        raise CourseError(f"{file}: {where} has no {name!r}.")
    return entry[name]
