"""The stretch exercise of chapter 18: a habit is what is left above chance."""

import math

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def habit_above_chance(query, value, orders):
    """query, value (P,) int64 ≥ 0; orders (S, P): S shufflings of 0 … P − 1

    → a number: I(query; value) above chance, in shares of H(value); 0 if H is 0.
    """
    pairs = query * (value.max() + 1)  # + y: a whole number for each pair (n, y)
    counted = [value, pairs + value, *(pairs + value[order] for order in orders)]
    H = []
    for codes in counted:
        p = codes.bincount().double() / len(codes)
        H.append(-torch.special.xlogy(p, p).sum().item())
    of_values, of_pairs, *of_shuffled = H
    if of_values == 0:
        return 0.0
    # H(n) and H(y) are the same for every shuffling, and cancel.
    return (sum(of_shuffled) / len(of_shuffled) - of_pairs) / of_values


def _no_control(query, value, orders):
    H = _entropy(value)
    return _information(query, value) / H if H > 0 else 0.0


def _all_classes_alike(query, value, orders):
    classes = len(value.unique())
    return _above(query, value, orders) / math.log(classes) if classes > 1 else 0.0


def _share_of_the_query(query, value, orders):
    return _above(query, value, orders) / _entropy(query) if _entropy(value) > 0 else 0.0


def _in_nats(query, value, orders):
    return _above(query, value, orders)


def _chance_summed(query, value, orders):
    H = _entropy(value)
    chance = sum(_information(query, value[order]) for order in orders)
    return (_information(query, value) - chance) / H if H > 0 else 0.0


def _pairs_confused(query, value, orders):
    chance = sum(_entropy(query + value[order]) for order in orders) / len(orders)
    return (chance - _entropy(query + value)) / _entropy(value) if _entropy(value) > 0 else 0.0


def _pairs_kept(query, value, orders):
    H = _entropy(value)
    chance = sum(_information(query[order], value[order]) for order in orders) / len(orders)
    return (_information(query, value) - chance) / H if H > 0 else 0.0


def _tables_averaged(query, value, orders):
    H = _entropy(value)
    chance = _information(query.repeat(len(orders)), value[orders.flatten()])
    return (_information(query, value) - chance) / H if H > 0 else 0.0


def _no_less_than_zero(query, value, orders):
    return max(habit_above_chance(query, value, orders), 0.0)


def _entropy(codes):
    p = codes.bincount().double() / len(codes)
    return -torch.special.xlogy(p, p).sum().item()


def _information(query, value):
    return _entropy(query) + _entropy(value) - _entropy(query * (value.max() + 1) + value)


def _above(query, value, orders):
    return _information(query, value) - sum(_information(query, value[order]) for order in orders) / len(orders)


def _shufflings(draw: Draw, S: int, P: int) -> torch.Tensor:
    return draw.uniform(S, P).argsort(1)


def _habit_cases(draw: Draw):
    query = torch.tensor([0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    value = torch.tensor([0, 0, 1, 1, 2, 2] * 2)
    bound = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    yield Case("two queries, three classes, each in four", (query, bound, _shufflings(draw, 3, 12)), public=True)
    yield Case("a rare class", (query, bound.clamp(max=1), _shufflings(draw, 2, 12)))
    yield Case("no habit at all", (query, value, _shufflings(draw, 8, 12)))
    yield Case("one value only", (query, torch.full((12,), 3), _shufflings(draw, 2, 12)))
    P = draw.integer(30, 50)
    query = draw.integers(P, low=0, high=4)
    value = (query + draw.integers(P, low=0, high=2)) * draw.integers(P, low=0, high=1)
    yield Case("any counts", (query, value, _shufflings(draw, 5, P)))


HABIT = Exercise(
    "18",
    "stretch",
    "How much of a habit is real?",
    difficulty=3,
    importance=3,
    minutes=20,
    task="""Query $n_i$ answered for an object with the property $y_i$, $i = 1 \\dots P$. With few counts the mutual
information is above 0 by accident; so section 4 shuffles. Return

$$ \\frac{I(n; y) - \\overline{I(n; y_\\pi)}}{H(y)}, \\qquad I(n; y) = H(n) + H(y) - H(n, y) $$

the bar a mean over the given shufflings $\\pi$ of the $y$, and $H = -\\sum p \\ln p$ of the counts. The result may be
below 0; where $H(y) = 0$, return 0. Known case: two queries, three classes of four objects each.""",
    solution=habit_above_chance,
    hints=(
        "Section 4 prints this share. Shuffling leaves how often each query and each value occurs; what does it change?",
        "A pair of whole numbers can be written as one whole number, and `bincount` counts. `torch.special.xlogy` is 0 "
        "where nothing was counted.",
    ),
    cases=_habit_cases,
    mistakes=(
        Mistake(
            _no_control,
            "Habits everywhere, even where there are none.",
            "Chance is not subtracted. Few counts make information out of nothing.",
        ),
        Mistake(
            _all_classes_alike,
            "Right where all values are equally frequent.",
            "You divide by the entropy of equally frequent values. Rare ones have less to tell.",
        ),
        Mistake(
            _share_of_the_query,
            "Shares of something else.",
            "You divide by the entropy of the queries. The question is how much of the *property* the query tells.",
        ),
        Mistake(
            _in_nats,
            "Cannot be compared between properties.",
            "That is in nats, not in shares of what there is to know.",
        ),
        Mistake(
            _chance_summed,
            "Below 0, the more so the more often you shuffle.",
            "Your chance is summed over the shufflings. It should not depend on how many there are.",
        ),
        Mistake(
            _pairs_confused,
            "Habits go missing.",
            "Different pairs get the same number in yours: query 0 with value 1, query 1 with value 0.",
        ),
        Mistake(
            _pairs_kept,
            "Always 0.",
            "You shuffle queries and values together, so the pairs stay what they were. Only one side may move.",
        ),
        Mistake(
            _tables_averaged,
            "Chance looks too small.",
            "You put all shuffled pairs into one table and measure that. More counts make less accident; measure each.",
        ),
        Mistake(
            _no_less_than_zero,
            "Right for habits, 0 where there is none.",
            "You cut at 0. A property without a habit lies a little above or a little below; only so the mean is honest.",
        ),
    ),
)
EXERCISES = (HABIT,)
