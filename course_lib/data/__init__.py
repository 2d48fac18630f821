"""Footage and photographs that chapters and tests work on: a real clip of a person, and a few well-known pictures."""

from course_lib.data.clips import list_clips, sample_clip, sample_clip_path
from course_lib.data.images import list_images, sample_image

__all__ = ["list_clips", "list_images", "sample_clip", "sample_clip_path", "sample_image"]
