"""The stretch exercise of chapter 03: a layer whose weights every frame rewrites."""

import torch
import torch.nn.functional as F

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def convolve_rewritten(a, h, g, weight):
    """a, h (N, C, H, W), g (N, C), weight (2C, 2C, k, k), k odd

    → each frame's own weights (N, 2C, 2C, k, k), and their output (N, 2C, H, W).
    """
    scale = torch.cat([g, torch.ones_like(g)], dim=1)  # (N, 2C): h has no gate
    own = weight * scale[:, None, :, None, None]
    x = torch.cat([a, h], dim=1).flatten(0, 1)[None]  # (1, N · 2C, H, W)
    padding = weight.shape[-1] // 2
    y = F.conv2d(x, own.flatten(0, 1), padding=padding, groups=len(a))
    return own, y[0].unflatten(0, (len(a), -1))


def _rows_scaled(a, h, g, weight):
    scale = _scale(g)
    return _with_weights(a, h, weight * scale[:, :, None, None, None])


def _state_gated_too(a, h, g, weight):
    return _with_weights(a, h, weight * torch.cat([g, g], dim=1)[:, None, :, None, None])


def _state_gated_instead(a, h, g, weight):
    return _with_weights(a, h, weight * _scale(g).roll(g.shape[1], dims=1)[:, None, :, None, None])


def _first_frame_for_all(a, h, g, weight):
    return convolve_rewritten(a, h, g[:1].expand_as(g), weight)


def _gated_twice(a, h, g, weight):
    own, _ = convolve_rewritten(a, h, g, weight)
    return own, _with_weights(a * g[:, :, None, None], h, own)[1]


def _channels_interleaved(a, h, g, weight):
    own, _ = convolve_rewritten(a, h, g, weight)
    x = torch.cat([a, h], dim=1).transpose(0, 1).flatten(0, 1)[None]
    y = F.conv2d(x, own.flatten(0, 1), padding=weight.shape[-1] // 2, groups=len(a))
    return own, y[0].unflatten(0, (len(a), -1))


def _gate_detached(a, h, g, weight):
    return convolve_rewritten(a, h, g.detach(), weight)


def _scale(g):
    return torch.cat([g, torch.ones_like(g)], dim=1)


def _with_weights(a, h, own):
    x, padding = torch.cat([a, h], dim=1), own.shape[-1] // 2
    frames = zip(x.split(1), own, strict=True)
    return own, torch.cat([F.conv2d(frame, weight, padding=padding) for frame, weight in frames])


def _layer(draw: Draw, N: int, C: int, size: tuple[int, int], k: int):
    weight = draw.normal(2 * C, 2 * C, k, k) / (2 * C) ** 0.5
    return draw.normal(N, C, *size), draw.normal(N, C, *size), draw.uniform(N, C), weight


def _layer_cases(draw: Draw):
    yield Case("one frame, 3×3 kernel", _layer(draw, 1, 3, (4, 5), 3), public=True)
    yield Case("two frames, 1×1 kernel", _layer(draw, 2, 2, (3, 3), 1))
    a, h, g, weight = _layer(draw, 2, 1, (3, 4), 3)
    yield Case("gates of 0 and 1", (a, h, g.round(), weight))
    yield Case("three frames, 5×5 kernel", _layer(draw, 3, 2, (5, 4), 5))


REWRITTEN = Exercise(
    "03",
    "stretch",
    "A network of its own for each frame",
    difficulty=4,
    importance=3,
    minutes=20,
    task="""Section 3 said that the gate rewrites the weights of the layer behind it. Take it at its word for $N$
frames. The layer reads $[a, h]$, the local features *ungated* and a state that has no gate. Return

- the weights that each frame gets, so that $W_n * [a_n, h_n]$ is what $W$ would make of $[g_n \\odot a_n, h_n]$;
- the output, computed from these weights and ungated features, in one call of `F.conv2d`. Its `groups` keep the frames apart:
lay the channels of all frames side by side, as one picture.

The size stays, and there is no bias. Known case: one frame, a 3×3 kernel.""",
    solution=convolve_rewritten,
    hints=(
        "Which axis of `weight` counts what the layer reads? Only its first half meets a gate.",
        "With `groups=N`, `F.conv2d` takes (1, N · 2C, H, W) and weights (N · 2C, 2C, k, k): group n reads frame n.",
    ),
    cases=_layer_cases,
    mistakes=(
        Mistake(
            _rows_scaled,
            "Features that are shut still have an effect.",
            "You scale what the layer answers. The gate sits in front of it and scales what the layer reads.",
        ),
        Mistake(
            _state_gated_too,
            "The output is right where the state is 0.",
            "Your gate scales the columns of the state as well. Nothing gates the state.",
        ),
        Mistake(
            _state_gated_instead,
            "All numbers are off.",
            "Your halves are swapped: the features come first, the state second.",
        ),
        Mistake(
            _first_frame_for_all,
            "The first frame is right, the others are not.",
            "All frames share the weights of the first. Each has gates of its own.",
        ),
        Mistake(
            _gated_twice,
            "The weights are right, the output is too small.",
            "The gate acts twice, in the weights and on the features.",
        ),
        Mistake(
            _channels_interleaved,
            "Right for one frame; with several, frames see each other.",
            "Your channels lie side by side in another order than the groups expect: one frame whole, then the next.",
        ),
        Mistake(
            _gate_detached,
            "Values are right, training would not move the gate.",
            "Your gate is detached: no gradient reaches the branch that makes it.",
        ),
    ),
    gradients=True,
)
EXERCISES = (REWRITTEN,)
