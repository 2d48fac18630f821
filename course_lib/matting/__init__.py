"""RVM, one idea per file."""

from course_lib.matting.conv_gru import ConvGRU
from course_lib.matting.conv_lstm import ConvLSTM
from course_lib.matting.guided_filter import DeepGuidedFilter, FastGuidedFilter
from course_lib.matting.losses import matting_loss, segmentation_loss
from course_lib.matting.lr_aspp import LRASPP
from course_lib.matting.network import RobustVideoMatting, auto_downsample_ratio

__all__ = [
    "LRASPP",
    "ConvGRU",
    "ConvLSTM",
    "DeepGuidedFilter",
    "FastGuidedFilter",
    "RobustVideoMatting",
    "auto_downsample_ratio",
    "matting_loss",
    "segmentation_loss",
]
