"""The activation maps of a picture, query by query and group by group. Chapters 13 and 18."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import to_hex

from course_lib.viz.emoji_scenes import instance_colour
from course_lib.widgets.base import CourseWidget, script
from course_lib.widgets.pictures import as_array, pack, pack_bits, picture_uri


class ActivationBrowser(CourseWidget):
    _esm = script("activation_browser")


def activation_browser(
    image,
    logits,
    says: Sequence[str],
    scores: Sequence[float],
    masks,
    names: Sequence[str],
    owners: Mapping[int, int],
    queries: Sequence[int] | None = None,
) -> ActivationBrowser:
    """image (3, H, W) in [0, 1]; logits (N, G, h, w) of the maps before the sigmoid; the class that each query says, its score.

    masks (M, H, W) bool and names of the objects; owners: query (a place in `logits`) → the object it was matched to. queries:
    the numbers of the N in their network, 0 … N − 1 if left out. Kept: logits in 256 steps between the smallest and the largest
    of all, which moves each by at most a 510th of that range.

    ValueError for lengths that do not belong together or logits that are not finite.
    """
    image, logits, masks = as_array(image), as_array(logits), as_array(masks)
    count, groups, height, width = logits.shape
    queries = list(range(count)) if queries is None else [int(n) for n in queries]
    if not len(says) == len(scores) == len(queries) == count or len(masks) != len(names):
        raise ValueError(f"{count} queries need as many names, scores and numbers; {len(masks)} masks as many names.")
    if any(not (0 <= n < count and 0 <= m < len(masks)) for n, m in owners.items()):
        raise ValueError(
            f"owners must lead from one of {count} queries to one of {len(masks)} objects, not {dict(owners)}."
        )
    if not np.isfinite(logits).all():
        raise ValueError("The logits are not finite: the network has diverged.")
    low, high = float(logits.min()), float(logits.max())
    data = {
        "picture": picture_uri(image),
        "size": list(image.shape[-2:]),
        "shape": [count, groups, height, width],
        "low": low,
        "high": high,
        "levels": pack((logits.astype(np.float64) - low) / ((high - low) or 1.0)),
        "queries": [
            {"number": number, "says": str(said), "score": float(score), "object": int(owners.get(n, -1))}
            for n, (number, said, score) in enumerate(zip(queries, says, scores, strict=True))
        ],
        "objects": [
            {"name": str(name), "mask": pack_bits(mask), "colour": to_hex(instance_colour(m))}
            for m, (name, mask) in enumerate(zip(names, masks, strict=True))
        ],
    }
    return ActivationBrowser(data, f"Activation maps of {count} queries, {groups} for each")
