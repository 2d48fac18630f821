"""Emoji scenes for instance segmentation: `scene.py` makes stills, also of one thing, `clip.py` clips of people who cross."""

from course_lib.data.emoji_scenes.classes import CLASS_NAMES, CLASSES, COCO_IDS, PERSON
from course_lib.data.emoji_scenes.clip import PeopleClip, people_clip
from course_lib.data.emoji_scenes.recipes import SPLITS
from course_lib.data.emoji_scenes.scene import EmojiScene, emoji_picture, emoji_scene
from course_lib.data.emoji_scenes.things import Thing

__all__ = [
    "CLASSES",
    "CLASS_NAMES",
    "COCO_IDS",
    "PERSON",
    "SPLITS",
    "EmojiScene",
    "PeopleClip",
    "Thing",
    "emoji_picture",
    "emoji_scene",
    "people_clip",
]
