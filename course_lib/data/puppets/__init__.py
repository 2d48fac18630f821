"""Puppets: a procedural generator of people in motion with exact alpha. `clip.py` makes them, `compose.py` puts them
before a background.
"""

from course_lib.data.puppets.clip import PuppetClip, puppet_clip
from course_lib.data.puppets.compose import Composite, compose

__all__ = ["Composite", "PuppetClip", "compose", "puppet_clip"]
