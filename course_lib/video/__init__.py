"""Matting of videos: `matte_video` for files, `MattingSession` for frames as they come."""

from course_lib.video.matte import MatteReport, matte_video
from course_lib.video.session import MattingSession

__all__ = ["MatteReport", "MattingSession", "matte_video"]
