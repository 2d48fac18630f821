"""Matting without RVM, and RVM in other ways, so that it has something to be compared with.

One interface: `(frames, extras) → alpha`, one idea per file. All of them by name: `course_lib.evaluation.method_table`.
"""

from course_lib.matting.baselines.background_difference import background_difference
from course_lib.matting.baselines.clean_plate_network import clean_plate_network
from course_lib.matting.baselines.colours import estimate_foreground
from course_lib.matting.baselines.grabcut import central_box, grabcut
from course_lib.matting.baselines.interface import Extras, Method
from course_lib.matting.baselines.networks import hard_segmentation, per_frame_network, recurrent_network
from course_lib.matting.baselines.one_frame_delay import one_frame_delay, with_one_frame_delay
from course_lib.matting.baselines.patch_refinement import patch_refinement
from course_lib.matting.baselines.trimap import trimap_from_mask, with_own_trimap
from course_lib.matting.baselines.trimap_methods import closed_form, knn
from course_lib.matting.baselines.upsampling import bilinear

__all__ = [
    "Extras",
    "Method",
    "background_difference",
    "bilinear",
    "central_box",
    "clean_plate_network",
    "closed_form",
    "estimate_foreground",
    "grabcut",
    "hard_segmentation",
    "knn",
    "one_frame_delay",
    "patch_refinement",
    "per_frame_network",
    "recurrent_network",
    "trimap_from_mask",
    "with_one_frame_delay",
    "with_own_trimap",
]
