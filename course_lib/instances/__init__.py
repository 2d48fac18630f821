"""SparseInst, one idea per file."""

from course_lib.instances.detections import Detections
from course_lib.instances.network import SparseInst
from course_lib.instances.output import SparseInstOutput

__all__ = ["Detections", "SparseInst", "SparseInstOutput"]
