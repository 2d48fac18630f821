"""The model lab: any two networks, ablations, wrong answers or a reader's own class on the same clip, or the same pictures.

Two halves, for they answer different questions with different numbers: `compare(a, b, clip)` and `lab()` for mattes,
`compare_instances(a, b, pictures)` and `instance_lab()` for instances. What is the same in both is written once: what a
contestant is, the cache of results, the report, the view's shell.
"""

from course_lib.widgets.model_lab.clips import LabClip, clip_names, find_clip
from course_lib.widgets.model_lab.compare import Comparison, compare
from course_lib.widgets.model_lab.contestant import Contestant
from course_lib.widgets.model_lab.contestants import contestant_names, find_contestant, own, with_step
from course_lib.widgets.model_lab.instance_compare import InstanceComparison, compare_instances
from course_lib.widgets.model_lab.instance_contestants import (
    find_instance_contestant,
    instance_contestant_names,
    own_instances,
    with_vectors,
)
from course_lib.widgets.model_lab.instance_view import instance_lab
from course_lib.widgets.model_lab.picture_sets import LabPicture, PictureSet, find_pictures, picture_set_names
from course_lib.widgets.model_lab.view import lab

__all__ = [
    "Comparison",
    "Contestant",
    "InstanceComparison",
    "LabClip",
    "LabPicture",
    "PictureSet",
    "clip_names",
    "compare",
    "compare_instances",
    "contestant_names",
    "find_clip",
    "find_contestant",
    "find_instance_contestant",
    "find_pictures",
    "instance_contestant_names",
    "instance_lab",
    "lab",
    "own",
    "own_instances",
    "picture_set_names",
    "with_step",
    "with_vectors",
]
