"""Chapter 21: distances and gate of the notebook, by SciPy, are the library's, by OpenCV."""

import numpy as np

from course_lib.capstone import gate, signed_distance


def disk(row: float, column: float, radius: float) -> np.ndarray:
    """(40, 56) bool."""
    rows, columns = np.mgrid[:40, :56]
    return (rows - row) ** 2 + (columns - column) ** 2 <= radius**2


ONE_PIXEL = disk(3, 50, 0)
MASKS = [disk(20, 15, 9), disk(22, 30, 8.5), disk(5, 28, 4), ONE_PIXEL, disk(20, 0, 12) & ~disk(20, 2, 5)]


def distances(notebook_function):
    """Disks, one at the picture's edge and with a hole, and a single pixel."""
    for mask in MASKS:
        np.testing.assert_allclose(notebook_function(mask), signed_distance(mask), atol=1e-3)


def gates(notebook_function):
    """Alone, beside one, beside several who touch; and somebody of one pixel."""
    for mine, others in ((0, []), (0, [1]), (1, [0, 2]), (2, [0, 1, 3, 4]), (3, [2])):
        arguments = MASKS[mine], [MASKS[other] for other in others]
        np.testing.assert_allclose(notebook_function(*arguments), gate(*arguments), atol=1e-3)


COMPARATORS = {"course_lib.capstone.gate": gates, "course_lib.capstone.signed_distance": distances}
