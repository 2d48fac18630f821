"""Exercises of chapter 08: composited last, and one step of Adam."""

import torch
from torch import nn

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def composited_small(F, alpha, B):
    """F (T, 3, H, W), alpha (T, 1, H, W), B (T or 1, 3, H, W), H and W even

    → I (T, 3, H/2, W/2).
    """
    F, alpha, B = (nn.functional.avg_pool2d(clip, 2) for clip in (F, alpha, B))
    return alpha * F + (1 - alpha) * B


def _composited_first(F, alpha, B):
    return nn.functional.avg_pool2d(alpha * F + (1 - alpha) * B, 2)


def _every_second_pixel(F, alpha, B):
    F, alpha, B = (clip[..., ::2, ::2] for clip in (F, alpha, B))
    return alpha * F + (1 - alpha) * B


def _hard_alpha(F, alpha, B):
    small = nn.functional.avg_pool2d(alpha, 2).round()
    return small * nn.functional.avg_pool2d(F, 2) + (1 - small) * nn.functional.avg_pool2d(B, 2)


def _premultiplied(F, alpha, B):
    small = nn.functional.avg_pool2d(alpha, 2)
    return nn.functional.avg_pool2d(alpha * F, 2) + (1 - small) * nn.functional.avg_pool2d(B, 2)


def _swapped(F, alpha, B):
    return composited_small(F, 1 - alpha, B)


def _small_cases(draw: Draw):
    blocks = torch.tensor([[1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]).repeat_interleave(2, 0).repeat_interleave(2, 1)
    yield Case(
        "a hard matte of 2 × 2 blocks", (draw.uniform(1, 3, 4, 6), blocks[None, None], draw.uniform(1, 3, 4, 6)), True
    )
    yield Case("one frame", (draw.uniform(1, 3, 6, 10), draw.uniform(1, 1, 6, 10), draw.uniform(1, 3, 6, 10)))
    black = torch.zeros(2, 1, 4, 4)
    yield Case("nobody there", (draw.uniform(2, 3, 4, 4), black, draw.uniform(2, 3, 4, 4)))
    yield Case("a still background", (draw.uniform(3, 3, 8, 6), draw.uniform(3, 1, 8, 6), draw.uniform(1, 3, 8, 6)))


SMALL = Exercise(
    "08",
    "warm-up",
    "A smaller training picture",
    difficulty=1,
    importance=4,
    minutes=5,
    task="""Make a training clip of half the side from $F$, $\\alpha$ and $B$ (section 1). Each small pixel is the mean of
a square of 2 × 2 pixels. The result must obey $I = \\alpha F + (1 - \\alpha) B$ exactly, with the small $F$, $\\alpha$
and $B$ that a network would get as its labels. A still background has one frame for all.

Known case: a hard matte whose outline runs between the squares.""",
    solution=composited_small,
    hints=(
        "The labels are $F$ and $\\alpha$ at the small size. Which of the two comes first, halving or compositing?",
        "`nn.functional.avg_pool2d(clip, 2)` takes the means. A clip of one frame joins any other by broadcasting.",
    ),
    cases=_small_cases,
    mistakes=(
        Mistake(
            _composited_first,
            "Right but for the outline.",
            "You composite before you halve. A mean of products is not the product of means: the labels do not explain it.",
        ),
        Mistake(
            _every_second_pixel,
            "Detail flickers where nothing moves.",
            "You keep every second pixel. Each small pixel is the mean of all four.",
        ),
        Mistake(
            _hard_alpha,
            "The outline has steps.",
            "Your small alpha is only ever 0 or 1. A pixel that is half covered is a half.",
        ),
        Mistake(
            _premultiplied,
            "Right but for the outline, and there by another amount.",
            "You halve the product αF. It is what a camera would see, and not what the halved labels say.",
        ),
        Mistake(
            _swapped,
            "A hole in the shape of a person.",
            "Your F and B have changed places: alpha is the share of the foreground.",
        ),
    ),
)


def adam_update(weight, gradient, m, v, step, rate):
    """weight, m, v (…); gradient (…) or None; step 1, 2, …; rate float

    → weight, m, v (…) after the step.
    """
    if gradient is None:
        return weight, m, v
    m = 0.9 * m + 0.1 * gradient
    v = 0.999 * v + 0.001 * gradient**2
    m_hat = m / (1 - 0.9**step)
    v_hat = v / (1 - 0.999**step)
    return weight - rate * m_hat / (v_hat.sqrt() + 1e-8), m, v


def _none_is_zero(weight, gradient, m, v, step, rate):
    return adam_update(weight, torch.zeros_like(weight) if gradient is None else gradient, m, v, step, rate)


def _no_correction(weight, gradient, m, v, step, rate):
    return adam_update(weight, gradient, m, v, 10**6, rate)


def _corrected_kept(weight, gradient, m, v, step, rate):
    weight, new_m, new_v = adam_update(weight, gradient, m, v, step, rate)
    return (weight, m, v) if gradient is None else (weight, new_m / (1 - 0.9**step), new_v / (1 - 0.999**step))


def _moved(weight, gradient, m, v, step, direction):
    """With another direction, from the corrected means."""
    _, new_m, new_v = adam_update(weight, gradient, m, v, step, 0.0)
    if gradient is None:
        return weight, m, v
    return weight - direction(new_m / (1 - 0.9**step), new_v / (1 - 0.999**step)), new_m, new_v


def _epsilon_under_the_root(weight, gradient, m, v, step, rate):
    return _moved(weight, gradient, m, v, step, lambda m_hat, v_hat: rate * m_hat / (v_hat + 1e-8).sqrt())


def _no_root(weight, gradient, m, v, step, rate):
    return _moved(weight, gradient, m, v, step, lambda m_hat, v_hat: rate * m_hat / (v_hat + 1e-8))


def _no_memory(weight, gradient, m, v, step, rate):
    return _moved(weight, gradient, m, v, step, lambda _, v_hat: rate * gradient / (v_hat.sqrt() + 1e-8))


def _adam_cases(draw: Draw):
    zeros = torch.zeros(2, 3)
    yield Case(
        "the first step, gradients of about 1", (draw.normal(2, 3), draw.normal(2, 3), zeros, zeros, 1, 0.1), True
    )
    tiny = 1e-6 * draw.normal(2, 3).sign()
    yield Case("the first step, gradients of 10⁻⁶", (draw.normal(2, 3), tiny, zeros, zeros, 1, 0.1), True)
    yield Case("a tenth step", (*draw.normal(3, 4, 2), draw.uniform(4, 2, low=0.5, high=2), 10, 0.1))
    yield Case("no gradient", (draw.normal(5), None, draw.normal(5), draw.uniform(5, low=0.5, high=2), 7, 0.1))
    yield Case("a gradient of 0 from the start", (draw.normal(3), *torch.zeros(3, 3), 1, 0.1))
    yield Case("a third step", (*draw.normal(3, 2, 3, 4), draw.uniform(2, 3, 4, low=0.5, high=2), 3, 0.05))


ADAM = Exercise(
    "08",
    "core",
    "One step of Adam",
    difficulty=2,
    importance=4,
    minutes=12,
    task="""Section 3 used Adam's running means without their formulas. In step $n = 1, 2, \\dots$, with
$\\varepsilon = 10^{-8}$,

$$ \\begin{aligned}
m &\\leftarrow 0.9\\, m + 0.1\\, g , & v &\\leftarrow 0.999\\, v + 0.001\\, g^2 , \\\\
\\hat m &= \\frac{m}{1 - 0.9^n} , & \\hat v &= \\frac{v}{1 - 0.999^n} , \\qquad
\\theta \\leftarrow \\theta - \\eta\\, \\frac{\\hat m}{\\sqrt{\\hat v} + \\varepsilon} .
\\end{aligned} $$

Return $\\theta$, $m$ and $v$ after the step. A weight that the pass did not reach has no gradient (`None`) and must stand
still, its means too (section 5).

Known cases: the first step, for gradients of about 1 and of $10^{-6}$.""",
    solution=adam_update,
    hints=(
        "In the first step $\\hat m = g$ and $\\hat v = g^2$, whatever the factors are: your two known cases move equally far.",
        "The means with a hat are for this step only; the ones without go on. `None` is not the same as zero: begin with it.",
    ),
    cases=_adam_cases,
    mistakes=(
        Mistake(
            _none_is_zero,
            "A head moves in a pass that it has no part in.",
            "You take no gradient for a gradient of 0. Momentum then carries the weight on: the trap of section 5.",
        ),
        Mistake(
            _no_correction,
            "The first step is about three times too long.",
            "Your means start from 0 and nothing makes up for that: in the first step both still are far too small.",
        ),
        Mistake(
            _corrected_kept,
            "The step is right, the means are too large.",
            "You hand on the corrected means. Then they are corrected again in each step.",
        ),
        Mistake(
            _epsilon_under_the_root,
            "Small gradients hardly move.",
            "Your ε is under the root, where it acts like a gradient of 10⁻⁴.",
        ),
        Mistake(
            _no_root,
            "Small gradients take the longest steps.",
            "You divide by v without a root: a gradient ten times as large would step a tenth as far.",
        ),
        Mistake(
            _no_memory,
            "The first step is right, later ones are not.",
            "Your step follows the gradient of this batch alone: m is computed and never used.",
        ),
    ),
)
EXERCISES = (SMALL, ADAM)
