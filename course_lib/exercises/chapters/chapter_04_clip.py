"""The stretch exercise of chapter 04: a clip with half of the ConvGRU's convolutions made at once."""

import torch
import torch.nn.functional as F

from course_lib.exercises.chapters.chapter_04 import random_weights
from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def conv_gru_clip(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias):
    """x (T, C, H, W), h (1, C, H, W), weights as before → all states (T, C, H, W)."""
    channels, padding = x.shape[1], gate_weight.shape[-1] // 2
    gate_x_weight, gate_h_weight = gate_weight.split(channels, dim=1)
    x_weight, h_weight = candidate_weight.split(channels, dim=1)
    gates = F.conv2d(x, gate_x_weight, gate_bias, padding=padding)  # (T, 2C, H, W)
    candidates = F.conv2d(x, x_weight, candidate_bias, padding=padding)  # (T, C, H, W)
    states = []
    for gate, candidate in zip(gates.split(1), candidates.split(1), strict=True):
        gate = gate + F.conv2d(h, gate_h_weight, padding=padding)  # (1, 2C, H, W)
        r, z = gate.sigmoid().chunk(2, dim=1)
        o = (candidate + F.conv2d(r * h, h_weight, padding=padding)).tanh()
        h = (1 - z) * h + z * o
        states.append(h)
    return torch.cat(states)


def _bias_twice(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias):
    return conv_gru_clip(x, h, gate_weight, 2 * gate_bias, candidate_weight, 2 * candidate_bias)


def _state_not_carried(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias):
    weights = (gate_weight, gate_bias, candidate_weight, candidate_bias)
    return torch.cat([conv_gru_clip(frame, h, *weights) for frame in x.split(1)])


def _halves_swapped(x, h, gate_weight, gate_bias, candidate_weight, candidate_bias):
    swapped = [torch.cat(weight.chunk(2, dim=1)[::-1], dim=1) for weight in (gate_weight, candidate_weight)]
    return conv_gru_clip(x, h, swapped[0], gate_bias, swapped[1], candidate_bias)


def _clip_cases(draw: Draw):
    still = [part * (0 if part.ndim == 1 else 1) for part in random_weights(draw, 2, 3)]
    yield Case("three frames, no bias", (draw.normal(3, 2, 4, 5), draw.normal(1, 2, 4, 5), *still), public=True)
    yield Case("one frame", (draw.normal(1, 3, 3, 3), draw.normal(1, 3, 3, 3), *random_weights(draw, 3, 3)))
    yield Case(
        "four frames, 5×5 kernel", (draw.normal(4, 2, 5, 4), draw.normal(1, 2, 5, 4), *random_weights(draw, 2, 5))
    )


CLIP = Exercise(
    "04",
    "stretch",
    "Half of the convolutions at once",
    difficulty=3,
    importance=3,
    minutes=20,
    task="""A convolution of $[x, h]$ is the sum of one of $x$ and one of $h$, with the two halves of the weights. The half
of $x$ needs no state, so it can be done for all $T$ frames in one call. Write a whole clip that way: outside the loop two
convolutions, inside it two of half the size. (`check` tries the values only; `%timeit` tells whether it was worth it.)

Known case: three frames, all biases zero.""",
    solution=conv_gru_clip,
    hints=(
        "Which axis of `gate_weight` counts the input channels? Its first $C$ entries belong to $x$.",
        "Add before the sigmoid. The bias is added once in all, wherever you like.",
    ),
    cases=_clip_cases,
    mistakes=(
        Mistake(
            _bias_twice,
            "Right without biases, wrong with them.",
            "Your bias counts twice: each of the two halves adds it.",
        ),
        Mistake(
            _state_not_carried,
            "The first frame is right, the later ones are not.",
            "Every frame starts from the first state: hand the new one on.",
        ),
        Mistake(
            _halves_swapped,
            "All numbers are off.",
            "The halves of the weights are swapped: the first C input channels belong to x.",
        ),
    ),
    gradients=True,
)
EXERCISES = (CLIP,)
