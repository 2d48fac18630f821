"""What an option says in words becomes a number, a time or a size; or a CourseError that shows how to write it."""

from __future__ import annotations

import re

from course_lib.errors import CourseError


def number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise CourseError(f"{option} {text} is not a number.") from None


def whole(option: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise CourseError(f"{option} {text} is not a whole number.") from None


def seconds(option: str, text: str) -> float:
    """ "90", "90.5", "1:30" or "0:01:30" → seconds."""
    match = re.fullmatch(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)", text)
    if not match:
        raise CourseError(f"{option} {text} is not a time. Write seconds (90.5) or minutes:seconds (1:30.5).")
    hours, minutes, rest = (float(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest


def size(text: str | None) -> tuple[int, int] | None:
    """ "1280x720" → (1280, 720)."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)[x×](\d+)", text)
    if not match:
        raise CourseError(f"--resize {text} is not a size. Write WIDTHxHEIGHT, such as 1280x720.")
    return int(match[1]), int(match[2])


def point(option: str, text: str) -> tuple[float, float]:
    """ "120,80" → (120.0, 80.0)."""
    parts = text.split(",")
    try:
        x, y = (float(part) for part in parts)
    except ValueError:
        raise CourseError(f"{option} {text} is not a point. Write X,Y in pixels, such as 120,80.") from None
    return x, y
