"""The stretch exercise of chapter 14: other axes for the features, and the same masks."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def kernel_layer_after_mixing(R, weight, bias):
    """R (D, D), invertible; weight (D, z), bias (D,): the layer that makes kernels

    → its new weight (D, z) and bias (D,).
    """
    undo = torch.linalg.inv(R).T  # (D, D)
    return undo @ weight, undo @ bias


def _mixed_like_the_features(R, weight, bias):
    return R @ weight, R @ bias


def _inverse_not_transposed(R, weight, bias):
    undo = torch.linalg.inv(R)
    return undo @ weight, undo @ bias


def _bias_left(R, weight, bias):
    return kernel_layer_after_mixing(R, weight, bias)[0], bias.clone()


def _nothing_to_do(R, weight, bias):
    return weight.clone(), bias.clone()


def _turn(draw: Draw, D: int):
    return torch.linalg.qr(draw.normal(D, D)).Q


def _mix(draw: Draw, D: int):
    """Turns, stretches by 0.5 to 2, turns: easily inverted."""
    return _turn(draw, D) * torch.linspace(0.5, 2, D) @ _turn(draw, D)


def _axes_cases(draw: Draw):
    yield Case("a turn of space, D = 3", (_turn(draw, 3), draw.normal(3, 4), draw.normal(3)), public=True)
    yield Case("one number", (torch.full((1, 1), draw.number(2, 3)), draw.normal(1, 3), draw.normal(1)))
    yield Case("no bias", (_mix(draw, 3), draw.normal(3, 2), torch.zeros(3)))
    yield Case("any mix", (_mix(draw, 5), draw.normal(5, 7), draw.normal(5)))


AXES = Exercise(
    "14",
    "stretch",
    "Other axes, the same masks",
    difficulty=3,
    importance=3,
    minutes=15,
    task="""What does the seventh number of a kernel mean? Somebody changes the last layer of the mask branch so that it puts
out $R\\,P(p)$ in place of $P(p)$, with an invertible matrix $R$: each new number is a mix of the old ones. Change the layer
$w_n = W_w z_n + b_w$ such that *every mask of every picture* stays the same. Return its new weight and bias.

Known case: $R$ is a turn of space, $D = 3$.""",
    solution=kernel_layer_after_mixing,
    hints=(
        "Masks know kernels and features only through $w \\cdot P(p)$. Write it as $w^\\top P$, and the new one as "
        "$w'^\\top R\\,P$.",
        "For which $w'$ do the two agree for all $P$? The layer has to put that out in place of $w$: both its parts change.",
    ),
    cases=_axes_cases,
    mistakes=(
        Mistake(
            _mixed_like_the_features,
            "Right for a turn, wrong for everything that stretches.",
            "You mix kernels like features. A turn keeps their dot product; a stretch counts twice that way.",
        ),
        Mistake(
            _inverse_not_transposed,
            "Right where R is symmetric.",
            "You undo R on the wrong side: in the dot product the kernel stands transposed.",
        ),
        Mistake(
            _bias_left,
            "The weight is right, the bias is not.",
            "Your bias still speaks in the old axes. It is part of every kernel.",
        ),
        Mistake(
            _nothing_to_do,
            "The layer is as it was.",
            "You leave the layer alone. Its kernels would ask the new features in the old axes.",
        ),
    ),
)
EXERCISES = (AXES,)
