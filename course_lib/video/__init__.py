"""Matting and segmenting of videos: `matte_video` and `segment_video` for files, `MattingSession` for frames as they come."""

from course_lib.video.matte import MatteReport, matte_video
from course_lib.video.segment import SegmentReport, segment_video
from course_lib.video.session import MattingSession

__all__ = ["MatteReport", "MattingSession", "SegmentReport", "matte_video", "segment_video"]
