"""The stretch exercise of chapter 01: a cut-out made smaller, in light and premultiplied."""

import torch
from torch.nn.functional import avg_pool2d

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake
from course_lib.matting import equation


def shrink_cutout(F, alpha, n):
    """F (B, 3, H, W), straight codes, alpha (B, 1, H, W), in [0, 1]; n divides H, W

    → F (B, 3, H/n, W/n), straight codes, and alpha (B, 1, H/n, W/n).
    """
    light = equation.premultiply(equation.srgb_to_linear(F), alpha)
    small_alpha = avg_pool2d(alpha, n)
    straight = equation.unpremultiply(avg_pool2d(light, n), small_alpha)
    return equation.linear_to_srgb(straight), small_alpha


def _channel_by_channel(F, alpha, n):
    return avg_pool2d(F, n), avg_pool2d(alpha, n)


def _straight_averaged(F, alpha, n):
    light = avg_pool2d(equation.srgb_to_linear(F), n)
    return equation.linear_to_srgb(light), avg_pool2d(alpha, n)


def _codes_averaged(F, alpha, n):
    small_alpha = avg_pool2d(alpha, n)
    return equation.unpremultiply(avg_pool2d(alpha * F, n), small_alpha), small_alpha


def _premultiplied_before_the_curve(F, alpha, n):
    small_alpha = avg_pool2d(alpha, n)
    light = avg_pool2d(equation.srgb_to_linear(alpha * F), n)
    return equation.linear_to_srgb(equation.unpremultiply(light, small_alpha)), small_alpha


def _alpha_through_the_curve(F, alpha, n):
    colour, light_alpha = shrink_cutout(F, equation.srgb_to_linear(alpha), n)
    return colour, equation.linear_to_srgb(light_alpha)


def _left_as_light(F, alpha, n):
    colour, small_alpha = shrink_cutout(F, alpha, n)
    return equation.srgb_to_linear(colour), small_alpha


def _left_premultiplied(F, alpha, n):
    light = avg_pool2d(alpha * equation.srgb_to_linear(F), n)
    return equation.linear_to_srgb(light), avg_pool2d(alpha, n)


def _nothing_divided_by_nothing(F, alpha, n):
    light = avg_pool2d(alpha * equation.srgb_to_linear(F), n)
    small_alpha = avg_pool2d(alpha, n)
    return equation.linear_to_srgb(light / small_alpha), small_alpha


def _cutout(draw: Draw, B: int, H: int, W: int):
    """Colours that differ, a soft alpha, and black wherever alpha is 0, as in a file."""
    alpha = draw.uniform(B, 1, H, W, low=-0.3, high=1.2).clamp(0, 1)
    return draw.uniform(B, 3, H, W) * (alpha > 0), alpha


def _cutout_cases(draw: Draw):
    F, alpha = draw.uniform(1, 3, 4, 6), draw.uniform(1, 1, 4, 6, low=0.1, high=0.9)
    yield Case("soft everywhere, a half", (F, alpha, 2), public=True)
    F, alpha = _cutout(draw, 1, 6, 9)
    F[..., :3, :3], alpha[..., :3, :3] = 0, 0
    yield Case("an empty corner, a third", (F, alpha, 3))
    yield Case("all empty", (torch.zeros(1, 3, 2, 2), torch.zeros(1, 1, 2, 2), 2))
    yield Case("all solid", (draw.uniform(1, 3, 4, 2), torch.ones(1, 1, 4, 2), 2))
    yield Case("two cut-outs, a quarter", (*_cutout(draw, 2, 8, 12), 4))


CUTOUT = Exercise(
    "01",
    "stretch",
    "A cut-out that shrinks like a photograph",
    difficulty=3,
    importance=3,
    minutes=20,
    task="""Sections 7 and 8 at once. A PNG holds a cut-out: straight $F$ as sRGB codes, and $\\alpha$. Shrink it to
$1/n$ by averaging blocks of $n \\times n$, as a camera with larger pixels would see it: *light* is averaged, and each
pixel gives as much of it as it covers. What comes back is the content of a PNG again: straight codes and $\\alpha$.
Where a whole block is empty, $F$ is 0.

`avg_pool2d` averages, `equation.srgb_to_linear` and `equation.linear_to_srgb` turn codes into light and light into
codes.

Known case: a cut-out with $0.1 \\le \\alpha \\le 0.9$, at half its size.""",
    solution=shrink_cutout,
    hints=(
        "Four changes of form surround the average: into light, premultiplied, straight again, into codes. In which order?",
        "Coverage is an area, not a colour: the curve is not for alpha. And what should 0 divided by 0 be?",
    ),
    cases=_cutout_cases,
    mistakes=(
        Mistake(
            _channel_by_channel,
            "A fringe in the colour that was hidden outside.",
            "You average the file's channels as they are. Neither coverage nor the sRGB curve is heeded.",
        ),
        Mistake(
            _straight_averaged,
            "Light is right, and there is still a dark fringe.",
            "You average straight colours: pixels that cover nothing count as much as solid ones.",
        ),
        Mistake(
            _codes_averaged,
            "No fringe, and a little too dark.",
            "You average codes. Light adds up, codes do not.",
        ),
        Mistake(
            _premultiplied_before_the_curve,
            "Much too dark where alpha is small.",
            "You multiply codes by alpha and then apply the curve: half of the coverage is not half of a code.",
        ),
        Mistake(
            _alpha_through_the_curve,
            "Alpha itself is off.",
            "You send alpha through the sRGB curve. It is a share of an area and already linear.",
        ),
        Mistake(
            _left_as_light,
            "All colours are too dark, solid ones too.",
            "Your colours are still amounts of light. The file wants codes.",
        ),
        Mistake(
            _left_premultiplied,
            "Right inside, dark along the edge; dividing repairs it.",
            "Your colours are still multiplied by alpha. The file wants them straight.",
        ),
        Mistake(
            _nothing_divided_by_nothing,
            "NaN outside the person.",
            "A block without any foreground has alpha 0, and you divide by it.",
        ),
    ),
)
EXERCISES = (CUTOUT,)
