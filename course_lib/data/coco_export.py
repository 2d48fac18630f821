"""Emoji scenes as a COCO-style folder, so that any tool that reads COCO can train on them or be measured on them.

    FOLDER/annotations/instances_{split}.json     FOLDER/{split}/000000000001.png …

Masks are run-length codes, category numbers are COCO's own. The licences of the sprites are in the file: pictures with OpenMoji
in them (`unseen-style`) may be passed on under CC-BY-SA 4.0 only.
"""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from course_lib.data.coco_rle import encode_rle
from course_lib.data.emoji_scenes import CLASSES, EmojiScene, emoji_scene
from course_lib.data.emoji_scenes.recipes import RECIPES, SceneSplit
from course_lib.data.emoji_scenes.sprites import SOURCES
from course_lib.errors import CourseError


def export_coco(folder: str | Path, split: SceneSplit, count: int, size: int = 256) -> Path:
    """Write the first `count` scenes of a split, `size`² pixels, and return the annotation file.

    The file is written last: a folder that has it is complete. Raises CourseError for a wrong split, count or size, and when
    the folder cannot be written.
    """
    if count < 1:
        raise CourseError(f"{count} scenes cannot be exported: at least 1.")
    folder = Path(folder)
    file = folder / "annotations" / f"instances_{split}.json"
    images, annotations = [], []
    try:
        for number in range(count):
            scene = emoji_scene(number, size, split)
            name = f"{number + 1:012}.png"
            _write_picture(folder / split / name, scene)
            images.append({"id": number + 1, "file_name": name, "height": size, "width": size})
            labels = [CLASSES[label].coco_id for label in scene.labels.tolist()]
            annotations += coco_annotations(scene.masks.numpy(), labels, number + 1, len(annotations) + 1)
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
        partial.write_text(json.dumps(_content(images, annotations, split)), "utf-8")
        os.replace(partial, file)
    except OSError as error:
        raise CourseError(f"Cannot write scenes to {folder}: {error.strerror or error}.") from error
    return file


def coco_annotations(
    masks: Bool[np.ndarray, "n H W"], category_ids: Sequence[int], image_id: int, first_id: int = 1
) -> list[dict[str, Any]]:
    """One picture's masks as COCO's annotations, numbered from `first_id`."""
    return [
        {
            "id": first_id + number,
            "image_id": image_id,
            "category_id": category_id,
            "segmentation": encode_rle(mask),
            "area": int(mask.sum()),
            "bbox": mask_box(mask),
            "iscrowd": 0,
        }
        for number, (mask, category_id) in enumerate(zip(masks, category_ids, strict=True))
    ]


def mask_box(mask: Bool[np.ndarray, "H W"]) -> list[int]:
    """COCO's box [x, y, width, height] round a mask, in whole pixels; all 0 for an empty one."""
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    if not len(rows):
        return [0, 0, 0, 0]
    left, top = int(columns[0]), int(rows[0])
    return [left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1]


def _content(images: list[dict], annotations: list[dict], split: SceneSplit) -> dict[str, Any]:
    styles: Iterable = RECIPES[split].styles if split in RECIPES else ()
    licences = [
        {"id": number, "name": f"{SOURCES[style].licence}: {SOURCES[style].credit}"}
        for number, style in enumerate(styles, 1)
    ]
    categories = [{"id": scene_class.coco_id, "name": scene_class.name} for scene_class in CLASSES]
    return {
        "info": {"description": f"Emoji scenes, split {split}"},
        "licenses": licences,
        "images": images,
        "annotations": annotations,
        "categories": categories,
    }


def _write_picture(path: Path, scene: EmojiScene) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = (scene.image.permute(1, 2, 0) * 255).round().byte().numpy()  # (3, H, W) → (H, W, 3)
    Image.fromarray(pixels).save(path, compress_level=1)
