"""Pictures and instances of any COCO-style folder: COCO itself, what labelling tools export, what `coco_export` writes.

Polygons, run-length codes (lists and text) and crowds (Lin et al. 2014); pictures without annotations; category numbers with
gaps, which become labels 0 … K−1 in ascending order. Categories of one name are one class. The layouts and their checks are in
`coco_layout`; what training takes of a folder is in `coco_sets`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from course_lib.data.coco_layout import CocoImage, find_layout, read_index
from course_lib.data.coco_shapes import shape_mask
from course_lib.errors import CourseError
from course_lib.video.pictures import load_picture


@dataclass(frozen=True)
class CocoSample:
    """One picture, RGB in [0, 1], and what is annotated. `areas` are the file's, in pixels; a `crowd` is many in one mask."""

    image: Float[Tensor, "3 H W"]
    labels: Int64[Tensor, " n"]
    masks: Bool[Tensor, "n H W"]
    areas: Float[Tensor, " n"]
    crowd: Bool[Tensor, " n"]
    image_id: int

    def target(self) -> dict[str, Tensor]:
        """Everything, as average precision takes it."""
        return {"labels": self.labels, "masks": self.masks, "area": self.areas, "crowd": self.crowd}

    def training_target(self) -> dict[str, Tensor]:
        """Labels and masks without crowds and without masks that are empty: what the criterion takes."""
        kept = ~self.crowd & self.masks.flatten(1).any(1)
        if kept.all():  # no copy: masks of a large picture fill the memory
            return {"labels": self.labels, "masks": self.masks}
        return {"labels": self.labels[kept], "masks": self.masks[kept]}


@dataclass(frozen=True)
class CocoFolder:
    """`len`, `[number]` and iteration give `CocoSample`s, read when asked for. A label is a place in `class_names`."""

    file: Path  # of the annotations
    images: tuple[CocoImage, ...]
    class_names: tuple[str, ...]
    labels: dict[int, int]  # category number -> label
    notes: tuple[str, ...] = ()  # what whoever made the file should know

    @property
    def category_ids(self) -> tuple[int, ...]:
        """The file's (lowest) category number of each label; −1 for a class that the file does not have."""
        by_label = {label: id_ for id_, label in reversed(self.labels.items())}
        return tuple(by_label.get(label, -1) for label in range(len(self.class_names)))

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, number: int) -> CocoSample:
        image = self.images[number]
        pixels = load_picture(image.path)  # (H, W, 3)
        if pixels.shape[:2] != (image.height, image.width):
            raise CourseError(
                f"{image.path} is {pixels.shape[1]}×{pixels.shape[0]} pixels, and {self.file} says "
                f"{image.width}×{image.height}: its masks would not fit. Was it resized, or turned, after it was annotated?"
            )
        annotations = image.annotations
        masks = np.empty((len(annotations), image.height, image.width), bool)
        for mask, annotation in zip(masks, annotations, strict=True):
            mask[:] = shape_mask(annotation["segmentation"], image.height, image.width)
        crowd = torch.tensor([bool(annotation.get("iscrowd")) for annotation in annotations], dtype=torch.bool)
        areas = [_area(annotation, mask) for annotation, mask in zip(annotations, masks, strict=True)]
        return CocoSample(
            torch.from_numpy(pixels).permute(2, 0, 1).contiguous().float() / 255,  # (H, W, 3) → (3, H, W)
            torch.tensor([self.labels[a["category_id"]] for a in annotations], dtype=torch.int64),
            torch.from_numpy(masks),
            torch.tensor(areas),
            crowd,
            image.id,
        )

    def __iter__(self) -> Iterator[CocoSample]:
        return (self[number] for number in range(len(self)))


def _area(annotation: Any, mask: np.ndarray) -> float:
    """The file's; the mask's where it has none."""
    area = annotation.get("area")
    return float(area if isinstance(area, int | float) else mask.sum())


def read_coco(folder: str | Path, split: str = "train", class_names: Sequence[str] | None = None) -> CocoFolder:
    """A COCO-style folder. `split` finds `instances_{split}.json`, or with a year; a folder with one set has it as "train".

    `class_names` are those of a network, to label by name what was annotated for another list; None: the file's own, by number.
    Raises CourseError for a layout or a file that is wrong, for pictures that are missing, and for a class that `class_names`
    has not.
    """
    file, pictures = find_layout(Path(folder), split)
    index = read_index(file, pictures)
    own = dict.fromkeys(index.categories.values())  # each name once
    names = tuple(own if class_names is None else class_names)
    if unknown := [name for name in own if name not in names]:
        raise CourseError(
            f"{file} has classes that the network does not know: {', '.join(unknown)}. It knows: {', '.join(names)}."
        )
    if not index.images:
        raise CourseError(f"{file} lists no picture.")
    labels = {id_: names.index(name) for id_, name in index.categories.items()}
    return CocoFolder(file, index.images, names, labels, index.notes)
