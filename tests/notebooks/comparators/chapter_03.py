"""Chapter 03: the LR-ASPP of the notebook is the library's."""

from course_lib.matting import LRASPP

from ..comparing import draws, same_module


def lr_aspp(notebook_class):
    """Frames, a single frame of odd size, a clip, and a map of one cell; other numbers of channels than in the chapter."""
    draw = draws(seed=5)
    cases = [(draw(2, 6, 9, 7),), (draw(1, 6, 5, 3),), (draw(2, 3, 6, 4, 5),), (draw(2, 6, 1, 1),)]
    same_module(notebook_class, LRASPP, arguments=(6, 4), cases=cases)


COMPARATORS = {"course_lib.matting.LRASPP": lr_aspp}
