"""How good a result is, in numbers."""

from course_lib.evaluation.averages import average_over_clips, average_over_frames, clip_averages
from course_lib.evaluation.matting import matting_metrics

__all__ = ["average_over_clips", "average_over_frames", "clip_averages", "matting_metrics"]
