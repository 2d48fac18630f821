"""The stretch exercise of chapter 16: what dice does to a logit, by hand."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def dice_gradient(x, t):
    """x (P, h, w): mask logits; t (P, h, w), 0 … 1: targets

    → (P, h, w): the gradient of each mask's 1 − D by its own logits.
    """
    p = x.sigmoid()
    S = (p.square() + t.square()).sum((1, 2), keepdim=True) + 1e-4  # (P, 1, 1)
    D = 2 * (p * t).sum((1, 2), keepdim=True) / S
    by_p = 2 * (D * p - t) / S  # (P, h, w)
    return by_p * p * (1 - p)


def _by_the_mask(x, t):
    p = x.sigmoid()
    return dice_gradient(x, t) / (p * (1 - p))


def _sign_turned(x, t):
    return -dice_gradient(x, t)


def _denominator_constant(x, t):
    p, S, _ = _parts(x, t)
    return -2 * t / S * p * (1 - p)


def _square_like_a_sum(x, t):
    p, S, D = _parts(x, t)
    return (D / 2 * p - t) * 2 / S * p * (1 - p)


def _mean_over_pixels(x, t):
    return dice_gradient(x, t) / (x.shape[1] * x.shape[2])


def _one_dice_for_all(x, t):
    return dice_gradient(x.reshape(1, -1, x.shape[2]), t.reshape(1, -1, x.shape[2])).reshape(x.shape)


def _cross_entropys(x, t):
    return (x.sigmoid() - t) / (x.shape[1] * x.shape[2])


def _parts(x, t):
    p = x.sigmoid()
    S = (p.square() + t.square()).sum((1, 2), keepdim=True) + 1e-4
    return p, S, 2 * (p * t).sum((1, 2), keepdim=True) / S


def _targets(draw: Draw, *shape: int) -> torch.Tensor:
    return (draw.uniform(*shape) < 0.4).float()


def _gradient_cases(draw: Draw):
    t = torch.zeros(1, 4, 5)
    t[:, 1:3, 1:4] = 1
    yield Case("one mask, an even haze", (torch.full((1, 4, 5), -2.0), t), public=True)
    yield Case("one mask, any logits", (draw.normal(1, 4, 5), t), public=True)
    yield Case("three masks", (2 * draw.normal(3, 3, 5), _targets(draw, 3, 3, 5)))
    yield Case("a target that vanished", (draw.normal(2, 4, 4), torch.zeros(2, 4, 4)))
    yield Case("soft targets", (2 * draw.normal(4, 5, 3), draw.uniform(4, 5, 3)))


GRADIENT = Exercise(
    "16",
    "stretch",
    "How dice pulls",
    difficulty=4,
    importance=3,
    minutes=20,
    task="""Section 2 says that dice's gradient carries a factor $p\\,(1 - p)$. Where does it come from, and what else is in it?
Derive, with a pencil and without autograd,

$$ \\frac{\\partial}{\\partial x_i} \\Bigl( 1 - \\frac{2 \\sum p\\,t}{S} \\Bigr), \\qquad S = \\sum p^2 + \\sum t^2 + 10^{-4},
\\quad p = \\sigma(x) $$

and return it for every pixel of $P$ masks. Then compare with cross-entropy's $(p - t) / hw$: by what does each divide?
Known cases: one mask that is an even haze, and one with any logits.""",
    solution=dice_gradient,
    hints=(
        "Two steps: first by $p$, as a quotient, then from $p$ to $x$. Both sums contain $p_i$.",
        "The gradient by $p$ gets short when $D$ itself is written into it. Keep $S$ and $D$ as (P, 1, 1).",
    ),
    cases=_gradient_cases,
    mistakes=(
        Mistake(
            _by_the_mask,
            "Far too large where the mask is sure.",
            "That is the gradient by p. The way on to the logit is missing, and with it what makes a sure pixel deaf.",
        ),
        Mistake(_sign_turned, "All signs are wrong.", "That is the gradient of D. The loss is 1 − D."),
        Mistake(
            _denominator_constant,
            "No pull at all outside of the object.",
            "Your S is treated as a constant. It contains p too, and that is what pushes down the background.",
        ),
        Mistake(
            _square_like_a_sum,
            "Right inside a faint mask, off elsewhere.",
            "Your S is derived as if it held p. It holds squares.",
        ),
        Mistake(
            _mean_over_pixels,
            "Far too small.",
            "You divide by the number of pixels. That is cross-entropy's mean; dice has S in its place.",
        ),
        Mistake(
            _one_dice_for_all,
            "Right for one mask, off for several.",
            "Your sums run over all masks together. Each mask has a dice of its own.",
        ),
        Mistake(
            _cross_entropys,
            "The same signs as it should be, other numbers.",
            "That is cross-entropy's gradient.",
        ),
    ),
    tolerance=1e-5,
)
EXERCISES = (GRADIENT,)
