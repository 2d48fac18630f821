"""How good a result is, in numbers."""

from course_lib.evaluation.averages import average_over_clips, average_over_frames, clip_averages
from course_lib.evaluation.bootstrap import Interval, bootstrap_interval
from course_lib.evaluation.compare import Change, compare
from course_lib.evaluation.evaluate import ClipResult, Evaluation, evaluate_method
from course_lib.evaluation.folders import folder_scenes
from course_lib.evaluation.instance_errors import ErrorBreakdown, error_breakdown
from course_lib.evaluation.instance_matching import ImageMatches, match_image
from course_lib.evaluation.mask_ap import PrecisionRecall, mask_average_precision, precision_recall
from course_lib.evaluation.matting import matting_metrics
from course_lib.evaluation.person import person_scenes
from course_lib.evaluation.scenes import TestScene, puppet_scenes

__all__ = [
    "Change",
    "ClipResult",
    "ErrorBreakdown",
    "Evaluation",
    "ImageMatches",
    "Interval",
    "PrecisionRecall",
    "TestScene",
    "average_over_clips",
    "average_over_frames",
    "bootstrap_interval",
    "clip_averages",
    "compare",
    "error_breakdown",
    "evaluate_method",
    "folder_scenes",
    "mask_average_precision",
    "match_image",
    "matting_metrics",
    "person_scenes",
    "precision_recall",
    "puppet_scenes",
]
