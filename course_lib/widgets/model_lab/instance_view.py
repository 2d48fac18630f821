"""`instance_lab()`: the model lab for instances as one interactive view.

As in `lab()`, two contestants and a set of pictures are chosen in the page, computed once in a thread, and looked at in the
browser alone. There the reader also moves the least score of what is shown. Which detection is right depends on surer ones
only: its kind is sent once, and right, wrong and missed are counted in the page.
"""

import math
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.viz.emoji_scenes import instance_colour
from course_lib.viz.instance_lab import class_name, numbers_of
from course_lib.widgets.base import script
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.instance_compare import SAID, SUMMARY, SURE, measures
from course_lib.widgets.model_lab.instance_contestants import (
    RUN,
    find_instance_contestant,
    instance_contestant_names,
)
from course_lib.widgets.model_lab.instance_results import PictureResult, instance_result_of
from course_lib.widgets.model_lab.picture_sets import LabPicture, PictureSet, find_pictures, picture_set_names
from course_lib.widgets.model_lab.shell import LabShell, chosen
from course_lib.widgets.pictures import sheet_uri

QUALITY, MAP_QUALITY = 70, 80
LEAST = 0.1  # what scores less is not sent
MOST = 40  # detections of a picture


class InstanceLab(LabShell):
    """Instances of two contestants."""

    _esm = script("lab_shell", "instance_lab")
    counted = "pictures"
    digits = 3

    def find_place(self, shown: str | Path | PictureSet) -> PictureSet:
        return find_pictures(shown)

    def place_data(self, place: PictureSet) -> dict:
        return set_data(place)

    def side_data(self, contestant: str | Contestant, place: PictureSet) -> dict:
        found = find_instance_contestant(contestant)
        result = instance_result_of(found, place)
        pictures = [_found(one) for one in result.pictures]
        return {"pictures": pictures, "about": found.what, "measures": measures(result, place)}

    def joined(self, place: dict, a: dict, b: dict) -> dict:
        pictures = zip(place["pictures"], a["pictures"], b["pictures"], strict=True)
        return {**place, "pictures": [{**picture, "A": one, "B": other} for picture, one, other in pictures]}

    def table(self, rows: list[list[str]]) -> list[list[str]]:
        """The page counts the others itself: they change with the least score."""
        return [row for row in rows if row[0] in SUMMARY]


def instance_lab(
    a: str = RUN,
    b: str = "objectness off",
    pictures: str | Path | PictureSet = "scenes",
    mine: tuple[Contestant, ...] = (),
) -> InstanceLab:
    """The view, with `a`, `b` and `pictures` shown first. `mine`: the reader's own (`own_instances`, `with_vectors`).

    Raises CourseError for a name that there is not.
    """
    return InstanceLab(*chosen((a, b), pictures, [*instance_contestant_names(), *mine], picture_set_names()))


def set_data(pictures: PictureSet) -> dict:
    """What the view draws of a set of pictures: pictures and the masks of their objects (WebP)."""
    return {
        "pictures": [_picture(picture) for picture in pictures.pictures],
        "truth": pictures.has_truth,
        "kinds": [["right", "right"], *SAID.items()] if pictures.has_truth else [["found", "found"]],
        "sure": SURE,
        "least": LEAST,
        "note": pictures.note,
    }


def _picture(picture: LabPicture) -> dict:
    numbers, target = numbers_of(picture.target), picture.target or {"labels": torch.zeros(0), "masks": None}
    return {
        "name": picture.name,
        "size": list(picture.image.shape[1:]),
        "image": sheet_uri(picture.image[None], quality=QUALITY),
        "objects": [
            {"name": class_name(label), "colour": _colour(number)}
            for label, number in zip(target["labels"].tolist(), numbers, strict=True)
        ],
        "masks": _sheet(target["masks"], lossless=True) if numbers else None,
    }


def _found(result: PictureResult) -> dict:
    """What scores at least LEAST, the surest first."""
    seen = [one for one in result.seen if one.score >= LEAST][:MOST]
    places = [one.place for one in seen]
    maps = result.found.maps[places]  # (n, h, w)
    has_maps, answers = maps.numel() > 0, result.responsible
    return {
        "found": [
            {
                "score": round(one.score, 6),
                "says": class_name(one.label),
                "query": one.query,
                "kind": one.kind,
                "object": one.object,
                "iou": round(one.iou, 4),
                "colour": _colour(one.number),
            }
            for one in seen
        ],
        "masks": _sheet(result.found.masks[places], lossless=True) if seen else None,
        "maps": _sheet(maps / maps.amax((1, 2), keepdim=True).clamp(min=1e-9), quality=MAP_QUALITY)
        if has_maps
        else None,
        "cells": list(maps.shape[1:]),
        "answers": None
        if answers is None
        else [
            {"query": int(query), "score": round(float(score), 4), "iou": round(float(iou), 4)}
            for query, score, iou in zip(answers.query, answers.score, answers.iou, strict=True)
        ],
    }


def _sheet(pictures: Float[Tensor, "n h w"], **options) -> dict:
    columns = math.ceil(math.sqrt(len(pictures)))
    return {"uri": sheet_uri(pictures.float(), columns, **options), "columns": columns}


def _colour(number: int) -> list[int]:
    return [round(255 * part) for part in instance_colour(number)]
