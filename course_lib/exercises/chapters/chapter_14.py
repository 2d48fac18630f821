"""Exercises of chapter 14: a walk between two kernels, and masks from kernels."""

import numpy as np
import torch
import torch.nn.functional as F

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def turning_point(a, b, cut):
    """a, b (n,): logits of pixels under two kernels; cut float, a probability,
    such that sigmoid(a) > cut > sigmoid(b)

    → t (n,), between 0 and 1: where each pixel leaves the mask.
    """
    threshold = np.log(cut / (1 - cut))  # the logit whose probability is `cut`
    return (a - threshold) / (a - b)


def _cut_at_one_half(a, b, cut):
    return turning_point(a, b, 0.5)


def _sign_of_the_cut_turned(a, b, cut):
    return turning_point(a, b, 1 - cut)


def _probabilities_mixed(a, b, cut):
    return (a.sigmoid() - cut) / (a.sigmoid() - b.sigmoid())


def _from_the_other_end(a, b, cut):
    return 1 - turning_point(a, b, cut)


def _always_halfway(a, b, cut):
    return torch.full_like(a, 0.5)


def _cut_taken_for_a_logit(a, b, cut):
    return (a - cut) / (a - b)


def _walk_cases(draw: Draw):
    yield Case("cut at 0.5", (torch.tensor([3.0, 2.0, 0.5]), torch.tensor([-1.0, -2.0, -4.5]), 0.5), public=True)
    yield Case("cut at 0.45", (draw.uniform(4, low=1, high=5), -draw.uniform(4, low=1, high=5), 0.45))
    yield Case("a cut below one half", (draw.uniform(3, low=1, high=5), -draw.uniform(3, low=2, high=5), 0.2))
    yield Case("no pixels", (draw.uniform(0), draw.uniform(0), 0.45))
    yield Case(
        "a cut above one half",
        (draw.uniform(6, low=2, high=5), -draw.uniform(6, low=1, high=5), draw.number(0.6, 0.8)),
    )


WALK = Exercise(
    "14",
    "warm-up",
    "When a pixel changes sides",
    difficulty=2,
    importance=3,
    minutes=8,
    task="""Walk from kernel $w_A$ to $w_B$ as in section 3, $w(t) = (1 - t)\\,w_A + t\\,w_B$. A pixel has the logit $a$ under
$w_A$ and $b$ under $w_B$, and belongs to the mask if its probability exceeds `cut`. Under $w_A$ it does, under $w_B$ it does
not. At which $t$ does it leave? For many pixels at once.

Known case: three pixels, cut at 0.5.""",
    solution=turning_point,
    hints=(
        "What is mixed along the way, logits or probabilities? And at which value of that does a pixel leave?",
        "Which logit has the probability `cut`? Section 3 has it for 0.45. A straight line from $a$ to $b$ passes it once.",
    ),
    cases=_walk_cases,
    mistakes=(
        Mistake(
            _cut_at_one_half,
            "Right for a cut at 0.5 only.",
            "Your pixels leave at a logit of 0. That is a probability of one half, whatever `cut` says.",
        ),
        Mistake(
            _sign_of_the_cut_turned,
            "Right for a cut at 0.5 only, and elsewhere off to the wrong side.",
            "Your threshold has the wrong sign: a cut below one half belongs to a logit below 0.",
        ),
        Mistake(
            _probabilities_mixed,
            "Right where yes and no are equally loud, and otherwise too near the middle.",
            "You mix probabilities. Kernels are mixed, and logits with them; the sigmoid comes behind.",
        ),
        Mistake(
            _from_the_other_end,
            "Loud pixels leave early, and quiet ones late.",
            "You measure from the second kernel: t = 0 is the first.",
        ),
        Mistake(
            _always_halfway,
            "Right for pixels whose yes and no are equally loud, at 0.5.",
            "You let all pixels leave halfway. It depends on how loud each one's yes and no are.",
        ),
        Mistake(
            _cut_taken_for_a_logit,
            "All pixels leave a little early, or late.",
            "You compare a logit with a probability.",
        ),
    ),
)


def masks_from_kernels(kernels, P):
    """kernels (B, N, D); P (B, D, h, w), the features at stride 8

    → mask logits at stride 4 (B, N, 2h, 2w).
    """
    M = torch.einsum("bnd,bdhw->bnhw", kernels, P)
    return F.interpolate(M, scale_factor=2, mode="bilinear")


def _small_masks(kernels, P):
    return torch.einsum("bnd,bdhw->bnhw", kernels, P)


def _cells_repeated(kernels, P):
    return F.interpolate(_small_masks(kernels, P), scale_factor=2, mode="nearest")


def _corners_aligned(kernels, P):
    return F.interpolate(_small_masks(kernels, P), scale_factor=2, mode="bilinear", align_corners=True)


def _already_probabilities(kernels, P):
    return masks_from_kernels(kernels, P).sigmoid()


def _enlarged_as_probabilities(kernels, P):
    return F.interpolate(_small_masks(kernels, P).sigmoid(), scale_factor=2, mode="bilinear")


def _cosine(kernels, P):
    return masks_from_kernels(F.normalize(kernels, dim=2), F.normalize(P, dim=1))


def _as_in_attention(kernels, P):
    return masks_from_kernels(kernels, P) / kernels.shape[2] ** 0.5


def _kernels_of_the_first_picture(kernels, P):
    return masks_from_kernels(kernels[:1].expand_as(kernels), P)


def _kernels_detached(kernels, P):
    return masks_from_kernels(kernels.detach(), P)


def _mask_cases(draw: Draw):
    yield Case("two kernels, one picture", (draw.normal(1, 2, 3), draw.normal(1, 3, 4, 4)), public=True)
    yield Case("one kernel of one number", (draw.normal(1, 1, 1), draw.normal(1, 1, 3, 5)))
    yield Case("two pictures", (draw.normal(2, 3, 4), draw.normal(2, 4, 5, 3)))
    yield Case("three pictures, a single row", (draw.normal(3, 4, 2), draw.normal(3, 2, 1, 6)))
    yield Case("as many pictures as kernels", (draw.normal(3, 3, 5), draw.normal(3, 5, 3, 4)))


MASKS = Exercise(
    "14",
    "core",
    "All masks in one product",
    difficulty=1,
    importance=5,
    minutes=8,
    task="""Let the branches meet: every query of a picture asks every place of *its* picture, then the answers are enlarged to
stride 4 with the chapter's bilinear $\\mathrm{resize}_2$.

$$ M_n(p) = w_n \\cdot P(p) , \\qquad M = \\mathrm{resize}_2 (W P) $$

Known case: two kernels, one picture of 4 × 4 cells.""",
    solution=masks_from_kernels,
    hints=(
        "Which axis disappears, which stays, and which do the two arguments share?",
        "As `einsum`, or as a matrix product per picture with the places in one row: $(N \\times D)(D \\times hw)$. Enlarge "
        "logits.",
    ),
    cases=_mask_cases,
    mistakes=(
        Mistake(
            _kernels_of_the_first_picture,
            "The first picture's masks are right, the others' are not.",
            "You ask every picture with the kernels of the first. Each picture made its own.",
        ),
        Mistake(
            _cells_repeated,
            "Right on average, but in steps of two pixels.",
            "You repeat cells. The chapter enlarges bilinearly.",
        ),
        Mistake(
            _corners_aligned,
            "Right at the corners, a little off between them.",
            "You align corner cells. The chapter's resize aligns the outer edges of the two maps.",
        ),
        Mistake(
            _already_probabilities,
            "All numbers lie between 0 and 1.",
            "You return probabilities. The network hands out logits: the loss wants them.",
        ),
        Mistake(
            _enlarged_as_probabilities,
            "All numbers lie between 0 and 1.",
            "You enlarge probabilities, as section 7 does on the way to the original's size. In the network it is the logits.",
        ),
        Mistake(
            _cosine,
            "All numbers are small; a longer kernel changes nothing.",
            "Your answer is the cosine alone. The lengths of kernel and pixel belong to the product.",
        ),
        Mistake(
            _as_in_attention,
            "Right for kernels of one number, else too small.",
            "You divide by a root of D, as attention does. SparseInst's dot product stands as it is.",
        ),
        Mistake(
            _kernels_detached,
            "Values are right, the gradient is not.",
            "Your kernels are detached: the mask loss could not teach the instance branch.",
        ),
    ),
    gradients=True,
)
EXERCISES = (WALK, MASKS)
