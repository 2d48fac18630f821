"""Exercises of chapter 01: another background without knowing F, and alpha from many known backgrounds."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def change_background(I, alpha, B, new_B):
    """I (…, 3, H, W), alpha (…, 1, H, W); B, new_B (…, 3, H, W) or (…, 3, 1, 1)

    → the same foreground before new_B (…, 3, H, W).
    """
    return I + (1 - alpha) * (new_B - B)


def _picture_as_foreground(I, alpha, B, new_B):
    return alpha * I + (1 - alpha) * new_B


def _foreground_solved(I, alpha, B, new_B):
    F = (I - (1 - alpha) * B) / alpha
    return alpha * F + (1 - alpha) * new_B


def _share_of_the_foreground(I, alpha, B, new_B):
    return change_background(I, 1 - alpha, B, new_B)


def _old_light_left(I, alpha, B, new_B):
    return I + (1 - alpha) * new_B


def _exchanged_everywhere(I, alpha, B, new_B):
    return I - B + new_B


def _cut_with_scissors(I, alpha, B, new_B):
    return torch.where(alpha > 0.5, I, new_B)


def _mixture(F, B, alpha):
    return alpha * F + (1 - alpha) * B


def _change_cases(draw: Draw):
    alpha = draw.uniform(1, 1, 4, 5, low=0.2, high=0.8)
    F, B, new_B = draw.uniform(3, 1, 3, 4, 5)
    yield Case("a soft edge", (_mixture(F, B, alpha), alpha, B, new_B), public=True)
    F, B, new_B = draw.uniform(3, 3, 3, 5)
    alpha = draw.integers(1, 3, 5, low=0, high=1).float()
    alpha[0, 0, :2] = torch.tensor([0.0, 1.0])
    yield Case("a matte of 0 and 1, no batch", (_mixture(F, B, alpha), alpha, B, new_B))
    alpha = draw.uniform(2, 1, 5, 3).round(decimals=1)
    F, B, new_B = draw.uniform(2, 3, 5, 3), draw.uniform(2, 3, 1, 1), draw.uniform(2, 3, 5, 3)
    yield Case("two pictures before screens of one colour", (_mixture(F, B, alpha), alpha, B, new_B))


CHANGE = Exercise(
    "01",
    "warm-up",
    "Another background, and no F",
    difficulty=1,
    importance=4,
    minutes=5,
    task="""A picture $I$ was taken before a background $B$ that you know, and somebody gave you its true $\\alpha$.
Return the picture as it would look before $B'$, called `new_B`: exactly, without the rim of section 9. You do not
know $F$, and you do not need it.

Known case: a soft edge, with $\\alpha$ between 0.2 and 0.8 everywhere.""",
    solution=change_background,
    hints=(
        "Write the matting equation twice, for both backgrounds. What do the two pictures have in common?",
        "The term with F is the same in both. Subtract the two equations, and look at what is left over.",
    ),
    cases=_change_cases,
    mistakes=(
        Mistake(
            _picture_as_foreground,
            "A rim in the colour of the old background.",
            "You take the picture itself for its foreground. At the edge it still holds light of the old background.",
        ),
        Mistake(
            _foreground_solved,
            "Right at the edge, NaN elsewhere.",
            "You divide by alpha, which is 0 outside the person. What you need does not ask for F at all.",
        ),
        Mistake(
            _share_of_the_foreground,
            "The person changes and the wall stays.",
            "Your weight is the foreground's share. How much of the background does a pixel show?",
        ),
        Mistake(
            _old_light_left,
            "Too bright wherever the background shows.",
            "You add the light of the new background, and the light of the old one is still in the picture.",
        ),
        Mistake(
            _exchanged_everywhere,
            "The wall shines through the person.",
            "You exchange the background whole. A pixel holds only a share of it, and none where alpha is 1.",
        ),
        Mistake(
            _cut_with_scissors,
            "Hard steps where hair should be.",
            "You choose one of two pictures for each pixel. A pixel with alpha 0.4 is a mixture of both.",
        ),
    ),
)


def alpha_from_many_backgrounds(I, B):
    """I, B (K, 3, H, W), K ≥ 2: one foreground before K known backgrounds, which differ

    → alpha (1, H, W) of least squares over all K and three colours, not clamped.
    """
    dI = I - I.mean(dim=0)  # (K, 3, H, W)
    dB = B - B.mean(dim=0)
    return 1 - (dI * dB).sum(dim=(0, 1))[None] / (dB * dB).sum(dim=(0, 1))[None]


def _first_two_only(I, B):
    return alpha_from_many_backgrounds(I[:2], B[:2])


def _mean_of_pairs(I, B):
    pairs = [alpha_from_many_backgrounds(I[[0, k]], B[[0, k]]) for k in range(1, len(I))]
    return torch.stack(pairs).mean(dim=0)


def _one_colour_at_a_time(I, B):
    dI, dB = I - I.mean(dim=0), B - B.mean(dim=0)
    return 1 - ((dI * dB).sum(dim=0) / (dB * dB).sum(dim=0)).mean(dim=0, keepdim=True)


def _foreground_taken_for_black(I, B):
    return 1 - (I * B).sum(dim=(0, 1))[None] / (B * B).sum(dim=(0, 1))[None]


def _length_not_squared(I, B):
    dI, dB = I - I.mean(dim=0), B - B.mean(dim=0)
    return 1 - (dI * dB).sum(dim=(0, 1))[None] / (dB * dB).sum(dim=(0, 1))[None].sqrt()


def _share_of_the_background(I, B):
    return 1 - alpha_from_many_backgrounds(I, B)


def _shots(draw: Draw, K: int, H: int, W: int, noise: float, alpha: torch.Tensor | None = None):
    """K pictures of one foreground, and their backgrounds."""
    alpha = draw.uniform(1, H, W) if alpha is None else alpha
    B = draw.uniform(K, 3, H, W)
    return _mixture(draw.uniform(3, H, W), B, alpha) + noise * draw.normal(K, 3, H, W), B


def _many_cases(draw: Draw):
    yield Case("two backgrounds, no noise", _shots(draw, 2, 3, 4, 0.0), public=True)
    yield Case("two backgrounds, noise", _shots(draw, 2, 3, 4, 0.05), public=True)
    yield Case("only background", _shots(draw, 3, 2, 3, 0.0, torch.zeros(1, 2, 3)))
    yield Case("four backgrounds, one pixel, noise", _shots(draw, 4, 1, 1, 0.05))
    yield Case("five backgrounds, noise", _shots(draw, 5, 3, 5, 0.05))


MANY = Exercise(
    "01",
    "core",
    "Alpha from many known backgrounds",
    difficulty=3,
    importance=4,
    minutes=15,
    task="""Two known backgrounds are enough; with more of them the noise averages out. Section 3 has $3K$ equations
for the same four unknowns of a pixel, so solve them by least squares,

$$ \\min_{C,\\,\\alpha} \\; \\sum_{k=1}^{K} \\big\\lVert C - \\alpha B_k - (I_k - B_k) \\big\\rVert^2 , $$

and return $\\alpha$ for every pixel. For $K = 2$ this has to be the triangulation of section 3.

Known cases: two backgrounds, without noise and with it.""",
    solution=alpha_from_many_backgrounds,
    hints=(
        "Hold $\\alpha$ for a moment. Which $C$ makes the sum smallest? It is a mean over the $K$ pictures.",
        "Put that $C$ in: pictures and backgrounds are left as differences to their means over $k$, and one unknown.",
    ),
    cases=_many_cases,
    mistakes=(
        Mistake(
            _first_two_only,
            "Right for two backgrounds; more of them do not help.",
            "Only the first two pictures count. The others would make alpha less noisy.",
        ),
        Mistake(
            _mean_of_pairs,
            "Right for two, nearly right for more.",
            "You average the alphas of pairs. A pair whose colours are close is noisy and counts as much as a good one.",
        ),
        Mistake(
            _one_colour_at_a_time,
            "Right without noise, wild with it.",
            "You divide colour by colour and average then. Where two backgrounds share a colour, that divides by nearly 0.",
        ),
        Mistake(
            _foreground_taken_for_black,
            "Bright foregrounds look transparent.",
            "You compare pictures with backgrounds directly, as if C were 0. It has to drop out first.",
        ),
        Mistake(
            _length_not_squared,
            "Too large or too small, as the backgrounds are near or far.",
            "You divide by a length. One length comes from the direction, and the other from how far B moved.",
        ),
        Mistake(
            _share_of_the_background,
            "The matte is its own negative.",
            "This is what the background counts, 1 − alpha: the part of a change of B that is seen in I.",
        ),
    ),
)
EXERCISES = (CHANGE, MANY)
