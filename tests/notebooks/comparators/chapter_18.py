"""Chapter 18: area and mass of a map, mutual information and attention of the notebook are the library's."""

import numpy as np
import torch

from course_lib.viz.activation_maps_measures import effective_area, mass_inside
from course_lib.viz.activation_maps_portraits import information
from course_lib.viz.cross_attention import attention_maps

from ..comparing import draws, same_function


def maps(seed: int, *shape: int) -> torch.Tensor:
    return draws(seed)(*shape).flatten(-2).softmax(-1).view(shape)


def area(notebook_function):
    """One map, many, a map of a single cell, and one with cells of 0."""
    same_function(notebook_function, effective_area, cases=[(maps(180, 4, 5),), (maps(181, 2, 3, 4, 5),)])
    point = torch.zeros(2, 3, 3, dtype=torch.double)
    point[:, 1, 2] = 1
    for case in (point, torch.ones(1, 1, dtype=torch.double)):
        torch.testing.assert_close(notebook_function(case), effective_area(case))


def mass(notebook_function):
    """Any number of axes in front, and no mask at all."""
    draw = draws(182)
    shares = draw(3, 4, 5).sigmoid()
    cases = [(maps(183, 4, 5), shares), (maps(184, 2, 6, 4, 5), shares), (maps(185, 2, 4, 5), shares[:0])]
    same_function(notebook_function, mass_inside, cases=cases)


def bound(notebook_function):
    """Independent, bound, and constant values; values that do not occur."""
    draw = draws(186)
    query = (4 * draw(60).abs()).long()
    for value in (query, (3 * draw(60).abs()).long(), 2 + 0 * query, query // 2 + 1):
        np.testing.assert_allclose(notebook_function(query, value), information(query, value), rtol=1e-9, atol=1e-12)


def attention(notebook_function):
    """Also agreement whose exponential no number holds, one query and one cell."""
    draw = draws(187)
    cases = [(draw(3, 6), draw(6, 4, 5)), (80 * draw(2, 4), 9 * draw(4, 3, 3)), (draw(1, 2), draw(2, 1, 1))]
    same_function(notebook_function, attention_maps, cases=cases)


COMPARATORS = {
    "course_lib.viz.activation_maps_measures.effective_area": area,
    "course_lib.viz.activation_maps_measures.mass_inside": mass,
    "course_lib.viz.activation_maps_portraits.information": bound,
    "course_lib.viz.cross_attention.attention_maps": attention,
}
