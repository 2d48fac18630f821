"""Exercises of chapter 06: the line of one window, and lines that are found small and applied large."""

import torch
from torch.nn.functional import interpolate

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def window_line(x, y, eps):
    """x, y (…, n), the n pixels of each window; eps ≥ 0 → A, b (…,) each."""
    mean_x, mean_y = x.mean(-1, keepdim=True), y.mean(-1, keepdim=True)
    cov = ((x - mean_x) * (y - mean_y)).mean(-1)
    var = (x - mean_x).square().mean(-1)
    A = cov / (var + eps)
    return A, mean_y[..., 0] - A * mean_x[..., 0]


def _no_penalty(x, y, eps):
    return window_line(x, y, 0 * eps)


def _sums(x, y, eps):
    return window_line(x, y, eps / x.shape[-1])


def _variance_of_a_sample(x, y, eps):
    mean_x, mean_y = x.mean(-1), y.mean(-1)
    A = ((x * y).mean(-1) - mean_x * mean_y) / (x.var(-1) + eps)
    return A, mean_y - A * mean_x


def _roles_swapped(x, y, eps):
    A = window_line(y, x, eps)[0]
    return A, y.mean(-1) - A * x.mean(-1)


def _mean_for_b(x, y, eps):
    return window_line(x, y, eps)[0], y.mean(-1)


def _mean_of_all_windows(x, y, eps):
    dx, dy = x - x.mean(), y - y.mean()
    A = (dx * dy).mean(-1) / (dx.square().mean(-1) + eps)
    return A, y.mean() - A * x.mean()


def _window_cases(draw: Draw):
    x = torch.tensor([[0.0, 0.25, 0.5, 1.0]])
    yield Case("four pixels on y = 2x − 0.5, ε = 0", (x, 2 * x - 0.5, 0.0), public=True)
    step = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
    yield Case("a step from 0 to 1 in both, ε = 0.25", (step, step.clone(), 0.25), public=True)
    yield Case("two windows of nine pixels", (draw.uniform(2, 9), draw.uniform(2, 9), 0.1))
    yield Case("a flat guide", (torch.full((3, 9), 0.5), draw.uniform(3, 9), 0.1))
    yield Case("windows in rows and columns", (draw.uniform(2, 3, 25), draw.uniform(2, 3, 25), 0.05))


WINDOW = Exercise(
    "06",
    "warm-up",
    "The line of a window",
    difficulty=1,
    importance=4,
    minutes=6,
    task="""Each row of $x$ and $y$ holds the pixels of one window, guide and matte. Return slope and intercept of its
best line (section 3), which minimises $\\tfrac{1}{n} \\sum_k (A x_k + b - y_k)^2 + \\varepsilon A^2$:

$$ A = \\frac{\\mathrm{cov}(x, y)}{\\mathrm{var}(x) + \\varepsilon} , \\qquad b = \\bar{y} - A\\,\\bar{x} . $$

Known cases: four pixels that lie on $y = 2x - 0.5$ with $\\varepsilon = 0$, so $A = 2$; and a step from 0 to 1 in guide
and matte, with $\\varepsilon$ as large as its variance, so $A = \\tfrac12$.""",
    solution=window_line,
    hints=(
        "Everything is made of means over the last axis, one for each window.",
        "Subtract its own mean from each window first (`keepdim=True`); then cov and var are means of products.",
    ),
    cases=_window_cases,
    mistakes=(
        Mistake(
            _no_penalty,
            "Right for ε = 0, too steep otherwise; NaN where the guide is flat.",
            "Your ε does nothing. It is what keeps a guide without variance from being an edge.",
        ),
        Mistake(
            _sums,
            "Right for ε = 0, a little too steep otherwise, more so in large windows.",
            "Your cov and var are sums over the window. The ε beside them was made for means, so it is n times too weak.",
        ),
        Mistake(
            _variance_of_a_sample,
            "Too flat, and most so in small windows.",
            "Your variance divides by n − 1, your covariance by n. Here both are plain means.",
        ),
        Mistake(
            _roles_swapped,
            "The slope of y = 2x comes out as a half.",
            "You divide by the variance of the matte. It is the guide's variance that decides what counts as an edge.",
        ),
        Mistake(
            _mean_for_b,
            "Slopes are right, intercepts are too high or too low.",
            "Your b is the mean of y alone: the line has to go through the mean of x as well.",
        ),
        Mistake(
            _mean_of_all_windows,
            "One window alone is right, several together are not.",
            "You subtract the mean of all windows together. Every window has a mean, and a line, of its own.",
        ),
    ),
)


def lines_applied_large(I, A, b):
    """I (N, 3, H, W) in 0 … 1; A, b (N, 4, h, w), the small lines of residual and alpha

    → F (N, 3, H, W), alpha (N, 1, H, W), both in 0 … 1.
    """
    guide = torch.cat([I, I.mean(1, keepdim=True)], dim=1)  # (N, 4, H, W)
    A, b = (interpolate(part, I.shape[-2:], mode="bilinear") for part in (A, b))
    residual, alpha = (A * guide + b).split([3, 1], dim=1)
    return (I + residual).clamp(0, 1), alpha.clamp(0, 1)


def _filtered(I, A, b, guide=None, mode="bilinear"):
    """Residual and alpha as they come: nothing added, nothing clamped."""
    guide = torch.cat([I, I.mean(1, keepdim=True)], dim=1) if guide is None else guide
    A, b = (interpolate(part, I.shape[-2:], mode=mode) for part in (A, b))
    return (A * guide + b).split([3, 1], dim=1)


def _answer(I, residual, alpha):
    return (I + residual).clamp(0, 1), alpha.clamp(0, 1)


def _applied_small(I, A, b):
    x = interpolate(I, A.shape[-2:], mode="bilinear")
    small = torch.cat(_filtered(x, A, b), dim=1)  # (N, 4, h, w)
    return _answer(I, *interpolate(small, I.shape[-2:], mode="bilinear").split([3, 1], dim=1))


def _grey_for_all(I, A, b):
    return _answer(I, *_filtered(I, A, b, guide=I.mean(1, keepdim=True)))


def _corners_aligned(I, A, b):
    A, b = (interpolate(part, I.shape[-2:], mode="bilinear", align_corners=True) for part in (A, b))
    residual, alpha = (A * torch.cat([I, I.mean(1, keepdim=True)], dim=1) + b).split([3, 1], dim=1)
    return _answer(I, residual, alpha)


def _residual_for_colour(I, A, b):
    return tuple(part.clamp(0, 1) for part in _filtered(I, A, b))


def _residual_clamped(I, A, b):
    residual, alpha = _filtered(I, A, b)
    return _answer(I, residual.clamp(0, 1), alpha)


def _in_squares(I, A, b):
    return _answer(I, *_filtered(I, A, b, mode="nearest"))


def _not_clamped(I, A, b):
    residual, alpha = _filtered(I, A, b)
    return I + residual, alpha


def _lines(draw: Draw, frames: int, height: int, width: int, reach: float) -> tuple:
    """Random A and b up to ±reach; alpha around a half."""
    A, b = (draw.uniform(frames, 4, height, width, low=-reach, high=reach) for _ in range(2))
    return A, b + torch.tensor([0, 0, 0, 0.5])[:, None, None]


def _large_cases(draw: Draw):
    grey = draw.uniform(1, 1, 8, 12, low=0.4, high=0.6).repeat(1, 3, 1, 1)
    yield Case("a grey frame, four times as large", (grey, *_lines(draw, 1, 2, 3, 0.2)), public=True)
    yield Case("one frame in colour, odd sides", (draw.uniform(1, 3, 9, 15), *_lines(draw, 1, 3, 5, 0.2)))
    yield Case("one small cell", (draw.uniform(2, 3, 4, 4), *_lines(draw, 2, 1, 1, 0.6)))
    yield Case("two frames, not a whole number of times", (draw.uniform(2, 3, 10, 13), *_lines(draw, 2, 4, 5, 0.6)))


LARGE = Exercise(
    "06",
    "core",
    "Found small, applied large",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""The lines are found: $A$ and $b$ at the small size, three channels for the residual $F - I$ and one for alpha.
The guide of each colour's residual is that colour of the frame, the guide of alpha is the grey mean. Finish what section
4 began: with $\\uparrow$ bilinear enlargement to the size of $I$ and
$q = (A\\!\\uparrow) \\cdot \\text{guide} + (b\\!\\uparrow)$, return the foreground and alpha, both clamped to $[0, 1]$ at
the very end.

Known case: a small grey frame, four times as large as its lines, with results that need no clamp.""",
    solution=lines_applied_large,
    hints=(
        "What is enlarged: the lines, or what they give? And whose detail should the result have?",
        "Make a guide of four channels with `torch.cat`: one product serves all. What are the first three channels of q?",
    ),
    cases=_large_cases,
    mistakes=(
        Mistake(
            _applied_small,
            "The result is as blurred as a plain enlargement.",
            "You apply the lines to a small frame and enlarge what they give. Then no detail of the large frame can come in.",
        ),
        Mistake(
            _grey_for_all,
            "Grey frames are right, coloured ones have wrong colours.",
            "All your channels have the grey mean for a guide. That is alpha's; each colour has its own.",
        ),
        Mistake(
            _corners_aligned,
            "Nearly right, but for a slow shift from the middle to the border.",
            "You stretch the lines from corner to corner. A small cell covers its share of large pixels, also at the border.",
        ),
        Mistake(
            _residual_for_colour,
            "Alpha is right, the foreground is nearly black.",
            "What you return as F is the residual, F − I.",
        ),
        Mistake(
            _residual_clamped,
            "The foreground is never darker than the frame.",
            "You clamp the residual. It may be negative; only what is made of it is a colour.",
        ),
        Mistake(
            _in_squares,
            "The squares of the small picture show in the result.",
            "Your lines jump from cell to cell. Enlarge them bilinearly.",
        ),
        Mistake(
            _not_clamped,
            "Right on soft pictures, too bright or too dark on others.",
            "Some of your values leave [0, 1]. A line knows no limits; the answer has them.",
        ),
    ),
    gradients=True,
)
EXERCISES = (WINDOW, LARGE)
