"""A stand-in for SparseInst that gives prepared answers, and pictures for it: photographs in a COCO-style folder, scenes."""

import json

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from course_lib.data.coco_export import coco_annotations
from course_lib.data.emoji_scenes import CLASS_NAMES, PERSON
from course_lib.evaluation.instance_sets import TestPicture, numbers_of_set
from course_lib.instances import Detections

SIZES = ((48, 64), (70, 40), (48, 64))  # of the pictures of `folder`
INSTANCES = ("sparseinst", "--device", "cpu")


class Finder(nn.Module):
    """Gives prepared answers, one a picture; what it was shown is in `seen`."""

    class_names = ("cup", "dog")
    trained_side = 24

    def __init__(self, answers=None):
        super().__init__()
        self.answers, self.seen = answers, []

    def predict(self, images, sizes):
        (size,) = sizes
        self.seen.append((images, size))
        if self.answers is None:
            return [Detections(torch.zeros(0), torch.zeros(0, dtype=torch.long), torch.zeros(0, *size).bool())]
        return [self.answers[len(self.seen) - 1]]


def knows(*names):
    network = Finder()
    network.class_names = names
    return network


@pytest.fixture
def stand_in(monkeypatch):
    """→ a function that puts a network in place of whatever weights are asked for."""

    def put(network):
        monkeypatch.setattr("course_lib.zoo.load_model", lambda name: network)
        return network

    return put


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def scenes(monkeypatch):
    monkeypatch.setattr("course_lib.evaluation.instance_sources.pictures_of_set", few)


@pytest.fixture
def folder(tmp_path):
    """Three pictures of two sizes; a crowd, an area that is not the mask's, and classes in another order than the network's."""
    root = tmp_path / "photos"
    (root / "val").mkdir(parents=True)
    images, annotations = [], []
    for number, size in enumerate(SIZES):
        Image.new("RGB", size[::-1], (40 * number, 90, 200)).save(root / "val" / f"{number}.png")
        images.append({"id": 5 + number, "file_name": f"{number}.png", "height": size[0], "width": size[1]})
        masks = boxes(size, (2, 3), (25, 18 - number))
        annotations += coco_annotations(masks, [44, 3], 5 + number, len(annotations) + 1)
    annotations[0]["area"] = 5000.0
    annotations[4]["iscrowd"] = 1
    categories = [{"id": 3, "name": "dog"}, {"id": 44, "name": "cup"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (root / "instances_val.json").write_text(json.dumps(content), "utf-8")
    return root


def boxes(size, *corners, side=20):
    masks = np.zeros((len(corners), *size), bool)
    for mask, (top, left) in zip(masks, corners, strict=True):
        mask[top : top + side, left : left + side] = True
    return masks


def found_in(number):
    """A good mask, a poor one, one of the other class, and one where the crowd may be."""
    size = SIZES[number]
    masks = boxes(size, (3, 3), (20, 12), (25, 18), (2, 8))
    scores = torch.tensor([0.9, 0.8, 0.7, 0.31]) - 0.02 * number
    return Detections(scores, torch.tensor([0, 1, 0, 0]), torch.from_numpy(masks))


def few(set_name, count):
    """In place of a set's pictures: a person and a clock."""
    for number in numbers_of_set(set_name, count):
        masks = torch.from_numpy(boxes((32, 32), (2, 2), (10, 12)))
        labels = torch.tensor([PERSON, CLASS_NAMES.index("clock")])
        yield TestPicture(f"{set_name}/{number}", torch.rand(3, 32, 32), {"labels": labels, "masks": masks})
