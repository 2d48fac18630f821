"""The matching over a training: at each step the score of every pair, who has whom, and what the queries draw. Chapter 15."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import to_hex

from course_lib.viz.emoji_scenes import instance_colour
from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, pack, pack_bits, picture_uri


class Matching(CourseWidget):
    _esm = script("matching")


def matching(image, names: Sequence[str], masks, steps: Sequence[int], scores, assigned, drawings) -> Matching:
    """image (3, H, W) in [0, 1]; names and masks (M, H, W) bool of the objects; steps: the F steps that are kept of a training.

    At each step: scores (F, N, M) of query n for object m in [0, 1], kept in 32 bits; assigned (F, M), the query of object m;
    drawings (F, N, h, w) bool, the masks of all queries. Shown are the queries that some object has at one of the steps.
    Objects of one name get a number.

    ValueError for lengths that do not belong together, or a query that two objects have at one step.
    """
    image, masks, scores, assigned, drawings = map(as_array, (image, masks, scores, assigned, drawings))
    assigned, names = assigned.astype(int), [str(name) for name in names]
    if not len(steps) == len(scores) == len(assigned) == len(drawings) or scores.shape[:2] != drawings.shape[:2]:
        raise ValueError(
            f"{len(steps)} steps, scores {scores.shape} and drawings {drawings.shape} do not belong together."
        )
    if not len(names) == len(masks) == scores.shape[2] == assigned.shape[1]:
        raise ValueError(f"{len(names)} names, {len(masks)} masks and scores {scores.shape} do not belong together.")
    if any(len(set(row)) < len(row) for row in assigned.tolist()):
        raise ValueError("A query has two objects at one step: that is no matching.")
    names = [f"{name} {names[:m].count(name) + 1}" if names.count(name) > 1 else name for m, name in enumerate(names)]
    shown = np.unique(assigned)  # (Q,): the others are never chosen
    places = np.searchsorted(shown, assigned)
    data = {
        "picture": picture_uri(image),
        "size": list(image.shape[-2:]),
        "drawn": list(drawings.shape[-2:]),
        "objects": [
            {"name": name, "mask": pack_bits(mask), "colour": to_hex(instance_colour(m))}
            for m, (name, mask) in enumerate(zip(names, masks, strict=True))
        ],
        "queries": shown.tolist(),
        "steps": [int(step) for step in steps],
        "scores": pack(scores[:, shown], np.float32),
        "assigned": places.tolist(),
        "drawings": [pack_bits(masks_now[shown]) for masks_now in drawings],
    }
    return Matching(data, f"Which of {len(shown)} queries has which of {len(names)} objects, at {len(steps)} steps")
