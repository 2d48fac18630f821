"""A stand-in for SparseInst that finds what `picture` of `video_files` shows, and what comes of it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.data.coco_rle import decode_rle
from course_lib.instances import Detections
from course_lib.video import SegmentReport, segment_video


class ObjectFinder(nn.Module):
    """Called like the network: the bright square is a "cat" of score 0.9, the left half of all a "traffic light" of 0.3."""

    class_names = ("traffic light", "cat")
    trained_side = 48  # the shorter side of `picture`, so that nothing is scaled

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[int, ...]] = []  # shapes of the batches

    def predict(self, images: Tensor, sizes: list[tuple[int, int]], min_score: float = 0.0) -> list[Detections]:
        self.seen.append(tuple(images.shape))
        found = []
        for image, size in zip(images, sizes, strict=True):
            half = torch.zeros(image.shape[1:])
            half[:, : image.shape[2] // 2] = 1
            masks = torch.stack([half, (image[0] > 0.75).float()])
            masks = F.interpolate(masks[None], size)[0] > 0.5
            scores, labels = torch.tensor([0.3, 0.9]), torch.tensor([0, 1])
            sure = scores >= min_score
            found.append(Detections(scores[sure], labels[sure], masks[sure]))
        return found


def segment(source: Path | str, output: Path | str | None = None, **options) -> SegmentReport:
    """`segment_video` with the stand-in and without a bar."""
    return segment_video(source, output, **{"model": ObjectFinder(), "progress": False, **options})


def square(index: int, height: int = 48, width: int = 64) -> np.ndarray:
    """(H, W) bool: where the square of `picture(index)` is."""
    y, x = np.mgrid[:height, :width]
    left = 4 + 2 * index % max(width - 20, 1)
    return (y >= height // 4) & (y < 3 * height // 4) & (x >= left) & (x < left + 16)


def read_coco(path: Path) -> tuple[dict, dict[str, list[tuple[str, float, np.ndarray]]]]:
    """The file as it is; and for each picture's name what is in it: (class, score, mask)."""
    content = json.loads(path.read_text("utf-8"))
    names = {category["id"]: category["name"] for category in content["categories"]}
    found: dict[int, list] = {image["id"]: [] for image in content["images"]}
    for one in content["annotations"]:
        entry = (names[one["category_id"]], one["score"], decode_rle(one["segmentation"]))
        found[one["image_id"]].append(entry)
    return content, {image["file_name"]: found[image["id"]] for image in content["images"]}
