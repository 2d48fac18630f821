"""Where the annotations and the pictures of a COCO-style folder lie, and what the annotations say, checked.

    FOLDER/annotations/instances_train2017.json   FOLDER/train2017/000000000009.jpg …      COCO's own layout
    FOLDER/instances_train.json                   FOLDER/train/…                           the same, flat
    FOLDER/instances.json                         FOLDER/images/…                          one set
    FOLDER/train/_annotations.coco.json           FOLDER/train/…                           what some labelling tools export

Own data rarely works at the first try, so every fault has a message with the file, the annotation and what to do.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course_lib.errors import CourseError

TOOLS = "_annotations.coco.json"
ONE_SET = ("instances.json", "annotations.json")
LAYOUT = (
    "FOLDER/annotations/instances_{split}*.json with pictures in FOLDER/{split}*/, or FOLDER/instances.json with pictures in "
    "FOLDER/images/"
)


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
        """The annotations as they stand in the file."""
        return json.loads(self.packed)


@dataclass(frozen=True)
class CocoIndex:
    """All that an annotation file says. Labels are places in `category_ids`, which ascend and may have gaps."""

    file: Path
    images: tuple[CocoImage, ...]
    category_ids: tuple[int, ...]
    class_names: tuple[str, ...]


def find_layout(folder: Path, split: str) -> tuple[Path, Path]:
    """(annotation file, folder of pictures). A folder with one set only has that as "train".

    Raises CourseError, with the layouts, where there is none, or more than one of a kind.
    """
    if not folder.is_dir():
        raise CourseError(f"There is no folder {folder}.")
    places = (folder / "annotations", folder)
    years = [file for place in places for file in sorted(place.glob(f"instances_{split}[0-9]*.json"))]
    kinds = [
        [(place / f"instances_{split}.json", folder / split) for place in places],
        [(file, folder / file.stem.removeprefix("instances_")) for file in years],
        [(folder / split / TOOLS, folder / split)],
    ]
    if split == "train":
        kinds += [[(folder / name, folder / "images") for name in ONE_SET], [(folder / TOOLS, folder)]]
    for kind in kinds:
        found = [(file, pictures) for file, pictures in kind if file.is_file()]
        if len(found) > 1:
            names = ", ".join(str(file.relative_to(folder)) for file, _ in found)
            raise CourseError(f"{folder} holds more than one file of {split!r}: {names}. Give the split its full name.")
        if found:
            file, pictures = found[0]
            if not pictures.is_dir():
                raise CourseError(f"{file} was found, but not its pictures: there is no folder {pictures}.")
            return file, pictures
    raise CourseError(f"{folder} holds no annotations of {split!r}. They are expected as {LAYOUT.format(split=split)}.")


def read_index(file: Path, pictures: Path) -> CocoIndex:
    """Read and check an annotation file. CourseError for what is not COCO's format, and for pictures that are missing."""
    content = _load(file)
    categories = sorted(_by_id(content["categories"], file, "category").items())
    names = tuple(str(_value(category, "name", file, f"category {id_}")) for id_, category in categories)
    category_ids = tuple(id_ for id_, _ in categories)
    listed = _by_id(content["images"], file, "image")
    annotations: dict[int, list] = {id_: [] for id_ in listed}
    for id_, annotation in _by_id(content["annotations"], file, "annotation").items():
        _check(annotation, id_, listed, set(category_ids), file)
        annotations[annotation["image_id"]].append(annotation)
    images = []
    for id_, image in listed.items():
        height, width = (_side(image, side, file, id_) for side in ("height", "width"))
        path = pictures / str(_value(image, "file_name", file, f"image {id_}"))
        packed = json.dumps(annotations[id_]).encode()
        objects = sum(not annotation.get("iscrowd") for annotation in annotations[id_])
        images.append(CocoImage(id_, path, height, width, packed, objects))
    if missing := [image.path for image in images if not image.path.is_file()]:
        some = ", ".join(path.name for path in missing[:3]) + (", …" if len(missing) > 3 else "")
        raise CourseError(
            f"{len(missing)} of {len(images)} pictures that {file} lists are not in {pictures}: {some}\n"
            "Copy them there, or take them out of the file."
        )
    return CocoIndex(file, tuple(images), category_ids, names)


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


def _check(annotation: dict, id_: int, images: Mapping, category_ids: set, file: Path) -> None:
    where = f"annotation {id_}"
    image, category = (_value(annotation, name, file, where) for name in ("image_id", "category_id"))
    if not isinstance(image, int) or image not in images:
        raise CourseError(f"{file}: {where} belongs to image {image!r}, which is not listed.")
    if not isinstance(category, int) or category not in category_ids:
        raise CourseError(f"{file}: {where} is of category {category!r}, which is not listed.")
    shape = annotation.get("segmentation")
    if not shape:
        raise CourseError(
            f"{file}: {where} has no segmentation. Instance segmentation needs a polygon or a mask of each object; "
            "a box is not enough."
        )
    if not isinstance(shape, dict | list) or (isinstance(shape, dict) and not {"size", "counts"} <= set(shape)):
        raise CourseError(f"{file}: the segmentation of {where} is neither a list of polygons nor a run-length code.")


def _side(image: dict, name: str, file: Path, id_: int) -> int:
    side = _value(image, name, file, f"image {id_}")
    if not isinstance(side, int | float) or side < 1:
        raise CourseError(f"{file}: image {id_} has the {name} {side!r}.")
    return int(side)


def _value(entry: Any, name: str, file: Path, where: str) -> Any:
    if not isinstance(entry, dict) or name not in entry:
        raise CourseError(f"{file}: {where} has no {name!r}.")
    return entry[name]
