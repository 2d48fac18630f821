"""Chapter 17: overlaps, curve, average precision and kinds of error are the library's; the second last also pycocotools'."""

import numpy as np
import torch

from course_lib.data.emoji_scenes import emoji_scene
from course_lib.evaluation.instance_errors import image_errors
from course_lib.evaluation.instance_matching import match_image
from course_lib.evaluation.mask_ap import mask_average_precision, precision_at_recalls
from course_lib.instances import Detections
from course_lib.zoo import load_model

from ...unit.test_evaluation_mask_ap import pycocotools
from . import chapter_11

RUN = "sparseinst-mobilenetv3-laptop"


def curve(notebook_function):
    """Ranked lists of any length, none at all, all right, all wrong, and recall that ends exactly at a hundredth."""
    rng = np.random.default_rng(170)
    rows = [rng.random(n) < share for n, share in ((40, 0.5), (7, 0.9), (1, 1.0), (1, 0.0), (0, 0.5), (50, 0.1))]
    for right in [*rows, np.ones(25, bool)]:
        for objects in (max(int(right.sum()), 1), int(right.sum()) + 3, 100):
            expected, _ = precision_at_recalls(right, ~right, objects)
            np.testing.assert_allclose(notebook_function(right, objects), expected, rtol=1e-12)


def scattered(seed: int, size: int = 140) -> tuple[list[Detections], list[dict]]:
    """Pictures of discs of all three sizes; detections near them, elsewhere, doubled, of the wrong class, equal in score."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size]

    def disc(row, column, radius):
        return torch.from_numpy((y - row) ** 2 + (x - column) ** 2 <= radius**2)

    detections, targets = [], []
    for objects, found in ((4, 9), (1, 3), (0, 2), (3, 0), (6, 20)):
        places = np.column_stack([rng.uniform(0, size, (objects, 2)), rng.choice([8, 25, 60], objects)])
        masks = torch.stack([disc(*place) for place in places] or [disc(0, 0, 1)])[:objects]
        guesses = rng.uniform(0, size, (found, 3)) / (1, 1, 4)
        if objects:
            near = rng.random(found) < 0.8
            guesses[near] = places[rng.integers(objects, size=near.sum())] + rng.normal(0, 3, (near.sum(), 3))
        drawn = torch.stack([disc(*guess) for guess in guesses] or [disc(0, 0, 1)])[:found]
        scores, labels = np.round(rng.random(found), 1), rng.integers(0, 3, found)  # with ties
        detections.append(Detections(torch.from_numpy(scores), torch.from_numpy(labels), drawn))
        targets.append({"labels": torch.from_numpy(rng.integers(0, 3, objects)), "masks": masks})
    return detections, targets


def answers_of_the_network(count: int = 6) -> tuple[list[Detections], list[dict]]:
    model = load_model(RUN)
    scenes = [emoji_scene(seed, 256, "val") for seed in range(count)]
    return [model.predict(scene.image[None])[0] for scene in scenes], [scene.target() for scene in scenes]


def average(notebook_function):
    """Random pictures, and the recorded network's answers to scenes: the library's numbers, and pycocotools' to 1e-6."""
    for detections, targets in [*(scattered(seed) for seed in (171, 172, 173)), answers_of_the_network()]:
        ours, library = notebook_function(detections, targets), mask_average_precision(detections, targets)
        assert set(ours) == set(library)
        _, theirs = pycocotools([vars(found) for found in detections], targets)
        for name, value in library.items():
            np.testing.assert_allclose(ours[name], value, rtol=0, atol=1e-12, err_msg=name)
            np.testing.assert_allclose(ours[name], theirs[name], rtol=0, atol=1e-6, err_msg=name)


def kinds(notebook_function):
    for seed in (174, 175, 176):
        for found, target in zip(*scattered(seed), strict=True):
            matches = match_image(found, target)
            np.testing.assert_array_equal(notebook_function(matches), image_errors(matches).kinds)


COMPARATORS = {
    "course_lib.instances.mask_iou.mask_iou": chapter_11.iou,
    "course_lib.evaluation.mask_ap.precision_at_recalls": curve,
    "course_lib.evaluation.mask_ap.mask_average_precision": average,
    "course_lib.evaluation.instance_errors.image_errors": kinds,
}
