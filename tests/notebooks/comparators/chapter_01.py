"""Chapter 01: the equation, triangulation and the sRGB curve of the notebook are the library's."""

from course_lib.matting import equation

from ..comparing import draws, same_function


def composite(notebook_function):
    """Pictures, a clip over one background, odd sizes; values outside [0, 1] too, for the equation is linear."""
    draw = draws(seed=1)
    cases = [
        (draw(2, 3, 5, 7), draw(2, 3, 5, 7), draw(2, 1, 5, 7)),
        (draw(4, 3, 3, 1), draw(3, 3, 1), draw(4, 1, 3, 1)),
        (draw(3), draw(3), draw(1)),
    ]
    same_function(notebook_function, equation.composite, cases=cases)


def triangulation(notebook_function):
    draw = draws(seed=2)
    cases = [
        tuple(draw(2, 3, 5, 7) for _ in range(4)),
        (draw(1, 2, 3, 1, 3), draw(1, 2, 3, 1, 3), draw(3, 1, 3), draw(3, 1, 3)),
    ]
    same_function(notebook_function, equation.alpha_from_two_backgrounds, cases=cases)


def srgb_curve(notebook_function):
    """Both pieces of the curve: dark values under 0.04045 and the rest."""
    draw = draws(seed=3)
    codes = draw(4, 3, 9).abs().clamp(max=1)
    same_function(notebook_function, equation.srgb_to_linear, cases=[(codes,), (codes / 30,)])


COMPARATORS = {
    "course_lib.matting.equation.composite": composite,
    "course_lib.matting.equation.alpha_from_two_backgrounds": triangulation,
    "course_lib.matting.equation.srgb_to_linear": srgb_curve,
}
