"""The stretch exercise of chapter 06: alpha as a line of all colours at once."""

import itertools

import torch

from course_lib.exercises.chapters.chapter_06 import window_line
from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def colour_line(x, y, eps):
    """x (…, n, C), the pixels of each window; y (…, n); eps ≥ 0 → A (…, C), b (…,)."""
    mean_x, mean_y = x.mean(-2), y.mean(-1)  # (…, C), (…,)
    dx, dy = x - mean_x[..., None, :], y - mean_y[..., None]
    n, C = x.shape[-2:]
    Sigma = dx.mT @ dx / n  # (…, C, C): how the colours vary together
    cov = dx.mT @ dy[..., None] / n  # (…, C, 1)
    penalty = eps * torch.eye(C, dtype=x.dtype)
    A = torch.linalg.solve(Sigma + penalty, cov)[..., 0]
    return A, mean_y - (A * mean_x).sum(-1)


def _through_the_mean(A, x, y):
    return A, y.mean(-1) - (A * x.mean(-2)).sum(-1)


def _each_colour_alone(x, y, eps):
    A = window_line(x.mT, y[..., None, :].expand_as(x.mT), eps)[0]  # (…, C)
    return _through_the_mean(A, x, y)


def _grey_only(x, y, eps):
    A = window_line(x.mean(-1), y, eps)[0][..., None] / x.shape[-1]
    return _through_the_mean(A.expand(*x.shape[:-2], x.shape[-1]), x, y)


def _penalty_everywhere(x, y, eps):
    dx, dy = x - x.mean(-2, keepdim=True), y - y.mean(-1, keepdim=True)
    n = x.shape[-2]
    A = torch.linalg.solve(dx.mT @ dx / n + eps, dx.mT @ dy[..., None] / n)[..., 0]
    return _through_the_mean(A, x, y)


def _sums(x, y, eps):
    return colour_line(x, y, eps / x.shape[-2])


def _not_centred(x, y, eps):
    n, colours = x.shape[-2:]
    A = torch.linalg.solve(x.mT @ x / n + eps * torch.eye(colours, dtype=x.dtype), x.mT @ y[..., None] / n)[..., 0]
    return _through_the_mean(A, x, y)


def _colour_cases(draw: Draw):
    corners = torch.tensor(list(itertools.product((0.0, 1.0), repeat=3)))[None]  # (1, 8, 3)
    plane = corners @ torch.tensor([0.5, -0.25, 1.0]) + 0.1  # (1, 8)
    yield Case("the eight corners of the cube of colours, ε = 0", (corners, plane, 0.0), public=True)
    yield Case("the same, ε = 0.25", (corners, plane, 0.25), public=True)
    yield Case("one window of nine pixels", (draw.uniform(1, 9, 3), draw.uniform(1, 9), 0.05))
    grey = draw.uniform(2, 9, 1).repeat(1, 1, 3)
    yield Case("a grey window", (grey, draw.uniform(2, 9), 0.05))
    yield Case("four colours, windows in rows and columns", (draw.uniform(2, 3, 25, 4), draw.uniform(2, 3, 25), 0.02))


COLOURS = Exercise(
    "06",
    "stretch",
    "Three colours at once",
    difficulty=4,
    importance=3,
    minutes=20,
    task="""RVM's line for alpha sees one grey value: red hair before grass of the same brightness is invisible to it. The
full guided filter fits a plane, $y_k \\approx A \\cdot x_k + b$ with the $C$ colours $x_k$ and one slope for each,
$A \\in \\mathbb{R}^C$. Setting the derivatives of
$\\tfrac1n \\sum_k (A \\cdot x_k + b - y_k)^2 + \\varepsilon \\lVert A \\rVert^2$ to zero gives, with the covariance
matrix $\\Sigma$ of the colours,

$$ (\\Sigma + \\varepsilon\\, \\mathbb{1})\\, A = \\mathrm{cov}(x, y) , \\qquad b = \\bar{y} - A \\cdot \\bar{x} , $$

with $\\mathbb{1}$ the unit matrix. Solve it for every window.

Known cases: the eight corners of the cube of colours, on which $y$ is a plane with the slopes $\\tfrac12, -\\tfrac14, 1$
and the intercept 0.1, for $\\varepsilon = 0$, and for $\\varepsilon = \\tfrac14$, which is the variance of each colour
there and halves the slopes.""",
    solution=colour_line,
    hints=(
        "$\\Sigma$ has an entry for each *pair* of colours: the centred pixels times themselves, divided by $n$.",
        "`dx.mT @ dx` sums over the pixels. `torch.linalg.solve` takes a matrix for each window, and a column beside it.",
    ),
    cases=_colour_cases,
    mistakes=(
        Mistake(
            _each_colour_alone,
            "Right where colours vary independently, too steep where they vary together.",
            "You fit a line for every colour alone. Colours that vary together then explain the same edge several times.",
        ),
        Mistake(
            _grey_only,
            "The slopes of all colours are equal.",
            "Your plane sees the mean of the colours only, as RVM's filter does.",
        ),
        Mistake(
            _penalty_everywhere,
            "Right for ε = 0 and wrong for any other.",
            "Your ε is added to every entry of Σ. Only the diagonal has to do with the sum of squares of A.",
        ),
        Mistake(
            _sums,
            "Right for ε = 0, a little too steep otherwise.",
            "Your Σ and cov are sums over the pixels. The ε beside them was made for means.",
        ),
        Mistake(
            _not_centred,
            "Wrong from the first case on, although nothing but products of pixels is needed.",
            "Your products are of colours as they are. A covariance is of differences from the mean.",
        ),
    ),
)
EXERCISES = (COLOURS,)
