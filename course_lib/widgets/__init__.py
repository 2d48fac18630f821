"""Interactive views. They run in the browser alone, so that they also work in the built book, without a kernel.

Each is a function that returns a widget: one Python file that prepares the data, one JavaScript file that draws it.
"""

from course_lib.widgets.activation_browser import activation_browser
from course_lib.widgets.guided_filter import guided_filter
from course_lib.widgets.hidden_states import hidden_states
from course_lib.widgets.inspector import inspector
from course_lib.widgets.loss_explorer import loss_explorer
from course_lib.widgets.matching import matching
from course_lib.widgets.model_lab import instance_lab, lab
from course_lib.widgets.person_picker import person_picker
from course_lib.widgets.player import player
from course_lib.widgets.precision_recall import precision_recall
from course_lib.widgets.progress_table import progress_table
from course_lib.widgets.quiz import quiz
from course_lib.widgets.receptive_field import receptive_field
from course_lib.widgets.wipe import wipe

__all__ = [
    "activation_browser",
    "guided_filter",
    "hidden_states",
    "inspector",
    "instance_lab",
    "lab",
    "loss_explorer",
    "matching",
    "person_picker",
    "player",
    "precision_recall",
    "progress_table",
    "quiz",
    "receptive_field",
    "wipe",
]
