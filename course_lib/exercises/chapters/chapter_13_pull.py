"""The stretch exercise of chapter 13: the gradients of the pooling under maps, by hand."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def pull_by_hand(A, F, G):
    """A (B, N, h, w), logits, no empty map; F (B, C, h, w); G (B, N, C): ∂L/∂Z

    → ∂L/∂A (B, N, h, w) and ∂L/∂F (B, C, h, w).
    """
    s = A.sigmoid()
    A_hat = s / s.sum((2, 3), keepdim=True)
    z = torch.einsum("bnhw,bchw->bnc", A_hat, F)
    wish = torch.einsum("bnc,bchw->bnhw", G, F)  # g · F(p)
    better = wish - (G * z).sum(2)[:, :, None, None]  # g · (F(p) − z)
    to_F = torch.einsum("bnhw,bnc->bchw", A_hat, G)
    return A_hat * (1 - s) * better, to_F


def _maps(A):
    s = A.sigmoid()
    return s, s / s.sum((2, 3), keepdim=True)


def _no_competition(A, F, G):
    s, A_hat = _maps(A)
    return A_hat * (1 - s) * torch.einsum("bnc,bchw->bnhw", G, F), pull_by_hand(A, F, G)[1]


def _saturation_forgotten(A, F, G):
    to_A, to_F = pull_by_hand(A, F, G)
    return to_A / (1 - A.sigmoid()), to_F


def _saturates_by_share(A, F, G):
    to_A, to_F = pull_by_hand(A, F, G)
    return to_A / (1 - A.sigmoid()) * (1 - _maps(A)[1]), to_F


def _maps_not_divided(A, F, G):
    s, _ = _maps(A)
    to_A, to_F = pull_by_hand(A, F, G)
    return to_A * s.sum((2, 3), keepdim=True), to_F


def _features_by_the_raw_map(A, F, G):
    s, _ = _maps(A)
    return pull_by_hand(A, F, G)[0], torch.einsum("bnhw,bnc->bchw", s, G)


def _step_instead_of_gradient(A, F, G):
    return tuple(-part for part in pull_by_hand(A, F, G))


def _features_averaged_over_queries(A, F, G):
    to_A, to_F = pull_by_hand(A, F, G)
    return to_A, to_F / A.shape[1]


def _pull_cases(draw: Draw):
    F = draw.normal(1, 3, 3, 4)
    centred = F - F.mean((2, 3), keepdim=True)
    yield Case(
        "a flat map over features of mean zero", (torch.zeros(1, 1, 3, 4), centred, draw.normal(1, 1, 3)), public=True
    )
    alike = draw.normal(1, 2, 1, 1).expand(1, 2, 4, 4).contiguous()
    yield Case("features that are all alike", (draw.normal(1, 2, 4, 4), alike, draw.normal(1, 2, 2)))
    yield Case("one place", (draw.normal(2, 1, 1, 1), draw.normal(2, 3, 1, 1), draw.normal(2, 1, 3)))
    yield Case("several pictures and queries", (draw.normal(2, 3, 4, 5), draw.normal(2, 4, 4, 5), draw.normal(2, 3, 4)))


PULL = Exercise(
    "13",
    "stretch",
    "What pulls a map, and what pulls the features",
    difficulty=4,
    importance=3,
    minutes=20,
    task="""The backward step of $Z = \\hat A F^\\top$ by hand, without autograd. A loss $L$ hands back
$g_n = \\partial L / \\partial z_n$ for each query. Section 6 has the gradient by one map; return it for all maps of a batch,
and the gradient by the features:

$$ \\frac{\\partial L}{\\partial A_n(p)} = \\hat A_n(p)\\, \\bigl(1 - \\sigma(A_n(p))\\bigr)\\; g_n \\cdot
\\bigl( F(p) - z_n \\bigr) , \\qquad \\frac{\\partial L}{\\partial F(p)} = \\;? $$

The second you find yourself: through which queries does a place reach the loss, and how strongly through each? (No map is
empty, so leave the $10^{-6}$ out.)

Known case: a flat map over features of mean zero.""",
    solution=pull_by_hand,
    hints=(
        "$z_n = \\sum_p \\hat A_n(p) F(p)$ is linear in $F$, and every query reads the same $F$.",
        "Compute $\\hat A$ and $Z$ first. $g \\cdot F(p)$ is a map for each query, $g \\cdot z$ one number for each query.",
    ),
    cases=_pull_cases,
    mistakes=(
        Mistake(
            _no_competition,
            "Right where the features have mean zero under the map.",
            "You turn up what is good. The divisor moves too, so only what is better than the present mean rises.",
        ),
        Mistake(
            _saturation_forgotten,
            "The pull on A is too strong where a map is sure, and right far below zero.",
            "Your maps do not saturate: this is the softmax's gradient. The sigmoid's slope is missing.",
        ),
        Mistake(
            _saturates_by_share,
            "The pull on A is too strong, most of all where a map is sure.",
            "You take a place's share of the map away from 1. What saturates is the sigmoid, before anything is divided.",
        ),
        Mistake(
            _maps_not_divided,
            "The pull on A is too strong by the size of the map.",
            "You weigh the places of A by the sigmoid alone; the formula has the divided map.",
        ),
        Mistake(
            _features_by_the_raw_map,
            "The pull on A is right, that on F too strong.",
            "Your features are pulled by the undivided map. What a place gives to z is what the loss hands back to it.",
        ),
        Mistake(
            _step_instead_of_gradient,
            "Right but for the sign.",
            "You return the way downhill. The gradient points uphill; the optimizer turns it round.",
        ),
        Mistake(
            _features_averaged_over_queries,
            "Right for one query.",
            "You average the pulls of the queries on F. They all pull, and pulls add up.",
        ),
    ),
)
EXERCISES = (PULL,)
