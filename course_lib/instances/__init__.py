"""SparseInst, one idea per file."""

from course_lib.instances.output import SparseInstOutput

__all__ = ["SparseInstOutput"]
