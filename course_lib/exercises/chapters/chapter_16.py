"""Exercises of chapter 16: the class loss of a network that says one thing, and a focal loss that stays finite."""

import math

import torch
import torch.nn.functional as F

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def focal_of_one_answer(p, yes, no, gamma):
    """p float, 0 < p < 1: the answer to every question; gamma float ≥ 0;
    yes, no int ≥ 0: how many questions should be answered so

    → float: the focal loss per yes.
    """
    of_a_yes = 0.25 * (1 - p) ** gamma * -math.log(p)
    of_a_no = 0.75 * p**gamma * -math.log(1 - p)
    return (yes * of_a_yes + no * of_a_no) / max(yes, 1)


def _alphas_swapped(p, yes, no, gamma):
    total = yes * 0.75 * (1 - p) ** gamma * -math.log(p) + no * 0.25 * p**gamma * -math.log(1 - p)
    return total / max(yes, 1)


def _easy_ones_count(p, yes, no, gamma):
    total = yes * 0.25 * p**gamma * -math.log(p) + no * 0.75 * (1 - p) ** gamma * -math.log(1 - p)
    return total / max(yes, 1)


def _mean_over_questions(p, yes, no, gamma):
    return focal_of_one_answer(p, yes, no, gamma) * max(yes, 1) / (yes + no)


def _not_divided(p, yes, no, gamma):
    return focal_of_one_answer(p, yes, no, gamma) * max(yes, 1)


def _one_no_for_one_yes(p, yes, no, gamma):
    return focal_of_one_answer(p, 1, 1, gamma)


def _gamma_is_two(p, yes, no, gamma):
    return focal_of_one_answer(p, yes, no, 2)


def _answer_cases(draw: Draw):
    yield Case("p = 0.01, 3 times yes, 1797 times no, γ = 2", (0.01, 3, 1797, 2.0), public=True)
    yield Case("p = 0.5, 3 times yes, 1797 times no, γ = 2", (0.5, 3, 1797, 2.0), public=True)
    yield Case("γ = 0", (draw.number(0.1, 0.4), draw.integer(2, 9), draw.integer(20, 90), 0.0))
    yield Case("no yes at all", (draw.number(0.2, 0.4), 0, draw.integer(20, 90), 1.0))
    yield Case("any of them", (draw.number(0.2, 0.8), draw.integer(2, 9), draw.integer(20, 90), draw.number(0.5, 3)))


ONE_ANSWER = Exercise(
    "16",
    "warm-up",
    "What silence costs",
    difficulty=1,
    importance=4,
    minutes=5,
    task="""A network that has learned nothing gives one answer $p$ to every question. What is its focal loss, before the
weight 2? Sum section 1's $-\\alpha_t (1 - p_t)^\\gamma \\log p_t$ over all questions, with $\\alpha_t = \\tfrac14$ for yes and
$\\tfrac34$ for no, and divide by the number of *yes*, or by 1 where there is none. Plain Python.

Known cases: a scene of 3 objects, 50 queries and 36 classes with $\\gamma = 2$, for $p = 0.01$ and for $p = 0.5$. (The
second loss is some seventy times the first: that is what the bias is for.)""",
    solution=focal_of_one_answer,
    hints=(
        "There are only two kinds of questions. What is $p_t$ for each of them?",
        "Find the loss of one yes and of one no. Then count them.",
    ),
    cases=_answer_cases,
    mistakes=(
        Mistake(
            _alphas_swapped,
            "Too large or too small by up to a factor of 3.",
            "Your weights are swapped. The few get the smaller one, although that looks the wrong way round.",
        ),
        Mistake(
            _easy_ones_count,
            "The many easy answers cost most.",
            "Your factor is largest where the answer is right already. It should count how wrong an answer still is.",
        ),
        Mistake(
            _mean_over_questions,
            "The loss is tiny.",
            "You divide by the number of questions. Then a scene's few yes would count for nearly nothing.",
        ),
        Mistake(_not_divided, "More objects, more loss.", "That is the sum over a scene, not yet per object."),
        Mistake(
            _one_no_for_one_yes,
            "The same loss for any number of questions.",
            "You add one yes and one no. The whole difficulty is that there are so many more of the second.",
        ),
        Mistake(_gamma_is_two, "Right for γ = 2.", "Your γ is always 2. It is an argument here."),
    ),
    tensors=False,
)


def focal_per_match(logits, positive, gamma):
    """logits (B, N, K), also very large ones; positive (B, N, K) bool; gamma float ≥ 0

    → the focal loss per positive, a scalar in the dtype of the logits.
    """
    signed = torch.where(positive, logits, -logits)  # large where the answer is right
    miss = (-signed).sigmoid()  # 1 − p_t
    alpha = torch.where(positive, 0.25, 0.75).to(logits)
    total = -(alpha * miss**gamma * F.logsigmoid(signed)).sum()
    return total / positive.sum().clamp(min=1)


def _log_of_sigmoid(logits, positive, gamma):
    p_t = _p_t(logits, positive)
    total = -(_alpha(positive, logits) * (1 - p_t) ** gamma * p_t.log()).sum()
    return total / positive.sum().clamp(min=1)


def _log_clamped(logits, positive, gamma):
    p_t = _p_t(logits, positive)
    total = -(_alpha(positive, logits) * (1 - p_t) ** gamma * p_t.clamp(min=1e-6).log()).sum()
    return total / positive.sum().clamp(min=1)


def _weight_detached(logits, positive, gamma):
    p_t = _p_t(logits, positive)
    cost = F.binary_cross_entropy_with_logits(logits, positive.to(logits), reduction="none")
    total = (_alpha(positive, logits) * (1 - p_t.detach()) ** gamma * cost).sum()
    return total / positive.sum().clamp(min=1)


def _quiet_where_wrong(logits, positive, gamma):
    p_t = _p_t(logits, positive)
    cost = F.binary_cross_entropy_with_logits(logits, positive.to(logits), reduction="none")
    return (_alpha(positive, logits) * p_t**gamma * cost).sum() / positive.sum().clamp(min=1)


def _mean_of_all(logits, positive, gamma):
    return focal_per_match(logits, positive, gamma) * positive.sum().clamp(min=1) / logits.numel()


def _weight_of_yes_for_all(logits, positive, gamma):
    nothing = torch.zeros_like(positive)  # as if all were a no, which weighs ¾
    signed = torch.where(positive, -logits, logits)
    return focal_per_match(signed, nothing, gamma) / 3 / positive.sum().clamp(min=1)


def _nothing_without_objects(logits, positive, gamma):
    return focal_per_match(logits, positive, gamma) * positive.any()


def _divided_by_nothing(logits, positive, gamma):
    return focal_per_match(logits, positive, gamma) * positive.sum().clamp(min=1) / positive.sum()


def _p_t(logits, positive):
    return torch.where(positive, logits.sigmoid(), 1 - logits.sigmoid())


def _alpha(positive, logits):
    return torch.where(positive, 0.25, 0.75).to(logits)


def _focal_cases(draw: Draw):
    yield Case("two pictures, γ = 2", (draw.normal(2, 3, 4), draw.uniform(2, 3, 4) < 0.3, 2.0), public=True)
    nothing = torch.zeros(2, 3, 2, dtype=torch.bool)
    yield Case("nobody there", (draw.normal(2, 3, 2), nothing, 2.0))
    sure = 200 * draw.normal(1, 2, 3).sign()
    yield Case("very sure, and wrong", (sure, sure < 0, 2.0))
    positive = draw.uniform(2, 5, 3) < 0.3
    positive[0, 0, 0] = True
    yield Case("another γ", (2 * draw.normal(2, 5, 3), positive, draw.number(0.6, 2.4)))


FOCAL = Exercise(
    "16",
    "core",
    "A focal loss for any logit",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""The chapter's `focal_loss` takes the logarithm of a sigmoid. At a logit of −200 that is the logarithm of 0. Write
it so that it holds for all logits, and divide by the number of positives, or by 1 where there is none:

$$ \\frac1n \\sum -\\alpha_t\\,(1 - p_t)^\\gamma \\log p_t, \\qquad \\alpha_t = \\tfrac14 \\text{ for yes},\\;
\\tfrac34 \\text{ for no} $$

Gradients are checked too: the factor $(1 - p_t)^\\gamma$ is a part of the loss. Known case: two pictures, $\\gamma = 2$.""",
    solution=focal_per_match,
    hints=(
        "$1 - \\sigma(x) = \\sigma(-x)$. So a no is a yes with the sign of its logit turned.",
        "Turn the signs first. Then `F.logsigmoid` has the logarithm, and a sigmoid of the opposite sign has $1 - p_t$.",
    ),
    cases=_focal_cases,
    mistakes=(
        Mistake(
            _log_clamped,
            "Finite, and too small, where the network is very sure of something wrong.",
            "You hold p away from 0 by hand. That caps the loss, and where it caps there is no gradient either.",
        ),
        Mistake(
            _log_of_sigmoid,
            "Infinite, once the network is very sure of something wrong.",
            "Your sigmoid has become exactly 0 before its logarithm is taken. The two have to be done in one.",
        ),
        Mistake(
            _weight_detached,
            "Values are right, the gradient is not.",
            "Your factor (1 − p_t)^γ passes no gradient: it counts as a constant. It is a part of the loss.",
        ),
        Mistake(
            _quiet_where_wrong,
            "What is right already costs most.",
            "Your factor is a power of p_t: it silences the wrong answers.",
        ),
        Mistake(
            _mean_of_all,
            "The loss shrinks as classes or queries are added.",
            "You take the mean of all answers. Divide by those that should be yes.",
        ),
        Mistake(
            _weight_of_yes_for_all,
            "Too small, mostly for the many.",
            "Your α is the same for yes and no.",
        ),
        Mistake(
            _nothing_without_objects,
            "Scenes without objects teach nothing.",
            "Your loss is 0 where nobody is there. But every answer should be no there, and that can be learned.",
        ),
        Mistake(
            _divided_by_nothing,
            "Infinite in a batch without objects.",
            "Nothing to find, and you divide by its number. Section 4 says what n is at least.",
        ),
    ),
    gradients=True,
)
EXERCISES = (ONE_ANSWER, FOCAL)
