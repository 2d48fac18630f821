"""The alternative to one-to-one: every object teaches k queries. What detectors with anchors do, and what makes them need NMS.

The score is the Hungarian matcher's. Each object enters the assignment k times (as in H-DETR, Jia et al. 2023, whose second set
of queries is trained so): the k queries of an object are different ones, and none answers for two. The objects of a crowded
picture share what there is: k falls to N // n where n objects would ask for more than N queries, but not below 1.

Not in SparseInst. It is here for the comparison: more signal per step, duplicates at the end (`mask_nms`).
"""

import numpy as np
from jaxtyping import Float, Int

from course_lib.instances.matching import HungarianMatcher


class OneToManyMatcher(HungarianMatcher):
    """`queries_per_object`: k. 1 is the Hungarian matcher."""

    def __init__(self, queries_per_object: int = 4, mask_power: float = 0.8, class_power: float = 0.2) -> None:
        if queries_per_object < 1:
            raise ValueError(f"queries_per_object must be at least 1, not {queries_per_object}")
        super().__init__(mask_power, class_power)
        self.queries_per_object = queries_per_object

    def assign(self, scores: Float[np.ndarray, "N n"]) -> tuple[Int[np.ndarray, "P"], Int[np.ndarray, "P"]]:
        """→ queries, each at most once, and their objects; k of them for each object."""
        queries, objects = scores.shape
        copies = max(1, min(self.queries_per_object, queries // max(objects, 1)))
        query, column = super().assign(np.tile(scores, copies))  # columns: all objects, all objects again, …
        return query, column % max(objects, 1)
