"""The model lab: any two networks, ablations, wrong answers or a reader's own class on the same clip.

`compare(a, b, clip)` is the plain function; `lab()` is the view.
"""

from course_lib.widgets.model_lab.clips import LabClip, clip_names, find_clip
from course_lib.widgets.model_lab.compare import Comparison, compare
from course_lib.widgets.model_lab.contestants import Contestant, contestant_names, find_contestant, own, with_step
from course_lib.widgets.model_lab.view import lab

__all__ = [
    "Comparison",
    "Contestant",
    "LabClip",
    "clip_names",
    "compare",
    "contestant_names",
    "find_clip",
    "find_contestant",
    "lab",
    "own",
    "with_step",
]
