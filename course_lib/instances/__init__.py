"""SparseInst, one idea per file."""

from course_lib.instances.detections import Detections
from course_lib.instances.losses import LossWeights, SparseInstCriterion
from course_lib.instances.mask_nms import mask_nms
from course_lib.instances.matching import HungarianMatcher
from course_lib.instances.network import SparseInst
from course_lib.instances.one_to_many import OneToManyMatcher
from course_lib.instances.output import SparseInstOutput

__all__ = [
    "Detections",
    "HungarianMatcher",
    "LossWeights",
    "OneToManyMatcher",
    "SparseInst",
    "SparseInstCriterion",
    "SparseInstOutput",
    "mask_nms",
]
