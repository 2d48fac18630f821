"""Augmentation of clips on tensors: motion, colour, noise, blur, crops, frame sampling; each draw from a given generator."""

from course_lib.data.augmentation.crop import AUTHORS_CROP, RandomCrop
from course_lib.data.augmentation.motion import (
    IMAGE_TRAIN,
    VALIDATION,
    VIDEO_TRAIN,
    MotionAugmentation,
    MotionProbabilities,
)
from course_lib.data.augmentation.sampling import AUTHORS_SAMPLER, IN_ORDER, REAL_TIME, VARIED_SPEED, FrameSampler
from course_lib.data.augmentation.segmentation import CLIPS, STILLS, SegmentationAugmentation

__all__ = [
    "AUTHORS_CROP",
    "AUTHORS_SAMPLER",
    "CLIPS",
    "IMAGE_TRAIN",
    "IN_ORDER",
    "REAL_TIME",
    "STILLS",
    "VALIDATION",
    "VARIED_SPEED",
    "VIDEO_TRAIN",
    "FrameSampler",
    "MotionAugmentation",
    "MotionProbabilities",
    "RandomCrop",
    "SegmentationAugmentation",
]
