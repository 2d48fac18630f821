"""Exercises of chapter 15: how far a matching is from its receipt, and the score of every pair."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def gap_to_receipt(C, held, price):
    """C (N, M): scores; held (M,) int64: the query of each object; price (N,), ≥ 0

    → a scalar ≥ 0: by how much the matching's sum falls short of the receipt.
    """
    w = (C - price[:, None]).amax(0)  # (M,): the best that each object can expect
    receipt = w.sum() + price.sum()
    return receipt - C[held, torch.arange(len(held))].sum()


def _best_of_each_query(C, held, price):
    return (C - price[:, None]).amax(1).sum() + price.sum() - _sum_of(C, held)


def _price_along_objects(C, held, price):
    return (C - price).amax(0).sum() + price.sum() - _sum_of(C, held)


def _price_as_income(C, held, price):
    return gap_to_receipt(C, held, -price) + 2 * price.sum()


def _prices_not_counted(C, held, price):
    return gap_to_receipt(C, held, price) - price.sum()


def _prices_of_held_only(C, held, price):
    return gap_to_receipt(C, held, price) - price.sum() + price[held].sum()


def _what_is_held_for_the_best(C, held, price):
    return _sum_of(C - price[:, None], held) + price.sum() - _sum_of(C, held)


def _sum_of(C, held):
    return C[held, torch.arange(len(held))].sum()


def table_by_hand() -> torch.Tensor:
    """The chapter's three queries and three objects, (N, M)."""
    return torch.tensor([[0.9, 0.8, 0.1], [0.8, 0.2, 0.1], [0.3, 0.6, 0.4]])


def _receipt_cases(draw: Draw):
    prices = torch.tensor([0.1, 0.0, 0.0])
    yield Case("the table by hand, its best matching", (table_by_hand(), torch.tensor([1, 0, 2]), prices), public=True)
    yield Case("the table by hand, greedy", (table_by_hand(), torch.tensor([0, 2, 1]), prices), public=True)
    yield Case("one query, one object", (draw.uniform(1, 1), torch.zeros(1, dtype=torch.int64), draw.uniform(1)))
    yield Case("five queries, two objects", (draw.uniform(5, 2), torch.tensor([3, 1]), draw.uniform(5, low=0.2)))
    N, M = draw.integer(6, 9), draw.integer(3, 5)
    held = draw.uniform(N).argsort()[:M]
    yield Case("more queries than objects, all with a price", (draw.normal(N, M), held, draw.uniform(N, low=0.2)))


RECEIPT = Exercise(
    "15",
    "warm-up",
    "How far from the receipt?",
    difficulty=1,
    importance=4,
    minutes=5,
    task="""Somebody hands you a matching $\\sigma$ and prices $p$, and claims that it is the best. Section 2 has the
receipt that no matching exceeds, $\\sum_m w_m + \\sum_n p_n$ with $w_m = \\max_n (C_{nm} - p_n)$. Return the gap: receipt
minus $\\sum_m C_{\\sigma(m)\\,m}$. Where it is 0, the claim is proved.

Known cases: the chapter's table with prices (0.1, 0, 0) and its best matching, which leaves no gap; the same with the
greedy matching, which leaves 0.4.""",
    solution=gap_to_receipt,
    hints=(
        "Of the matching itself only its sum is needed. The receipt knows nothing of it.",
        "Prices belong to queries, so they go down the rows of $C$. The best is looked for by each object.",
    ),
    cases=_receipt_cases,
    mistakes=(
        Mistake(
            _best_of_each_query,
            "A best matching leaves a gap.",
            "You take the best object of each query. It is the objects that look for the best query.",
        ),
        Mistake(
            _price_along_objects,
            "A best matching leaves a gap, and other tables raise an error.",
            "Your prices run along the objects. In C, queries count down the rows.",
        ),
        Mistake(
            _price_as_income,
            "The gap is too large where there are prices.",
            "Your prices are added to the scores: what a query costs, an object has less.",
        ),
        Mistake(
            _prices_not_counted,
            "The gap may be below 0.",
            "Your receipt has the w only. Without the prices it is no bound: a sum can exceed it.",
        ),
        Mistake(
            _prices_of_held_only,
            "Right for the square table, too small where queries are left over.",
            "You count the prices of queries in the matching only. The receipt holds for every matching, so it knows none.",
        ),
        Mistake(
            _what_is_held_for_the_best,
            "The gap is 0 for greedy too.",
            "Your w is what each object has in this matching, so everything proves itself. It is the best that it could have.",
        ),
    ),
)


def pair_scores(mask_logits, class_logits, masks, labels):
    """One picture: mask_logits (N, h, w), class_logits (N, K);
    its objects, perhaps none: masks (M, h, w) bool, labels (M,) int64

    → C (N, M), in the dtype of the logits.
    """
    p = mask_logits.sigmoid().flatten(1)  # (N, hw)
    t = masks.flatten(1).to(p.dtype)  # (M, hw)
    squares = p.square().sum(1)[:, None] + t.square().sum(1)  # (N, M)
    D = 2 * (p @ t.T) / (squares + 1e-4)
    c = class_logits.sigmoid()[:, labels]  # (N, M)
    return D**0.8 * c**0.2


def _powers_swapped(mask_logits, class_logits, masks, labels):
    D, c = _dice_of(mask_logits.sigmoid(), masks), class_logits.sigmoid()[:, labels]
    return D**0.2 * c**0.8


def _softmax(mask_logits, class_logits, masks, labels):
    return _dice_of(mask_logits.sigmoid(), masks) ** 0.8 * class_logits.softmax(1)[:, labels] ** 0.2


def _hard_masks(mask_logits, class_logits, masks, labels):
    sure = torch.where(mask_logits > 0, 200.0, -200.0).to(mask_logits)
    return pair_scores(sure, class_logits, masks, labels)


def _no_squares(mask_logits, class_logits, masks, labels):
    D = _dice_of(mask_logits.sigmoid(), masks, power=1)
    return D**0.8 * class_logits.sigmoid()[:, labels] ** 0.2


def _no_epsilon(mask_logits, class_logits, masks, labels):
    D = _dice_of(mask_logits.sigmoid(), masks, epsilon=0.0)
    return D**0.8 * class_logits.sigmoid()[:, labels] ** 0.2


def _soft_iou(mask_logits, class_logits, masks, labels):
    D = _dice_of(mask_logits.sigmoid(), masks, power=1)
    return (D / (2 - D)) ** 0.8 * class_logits.sigmoid()[:, labels] ** 0.2


def _class_by_place(mask_logits, class_logits, masks, labels):
    return pair_scores(mask_logits, class_logits, masks, torch.arange(len(labels)))


def _dice_of(p, masks, power=2, epsilon=1e-4):
    p, t = p.flatten(1), masks.flatten(1).to(p.dtype)
    return 2 * (p @ t.T) / ((p**power).sum(1)[:, None] + t.sum(1) + epsilon)


def _picture(draw: Draw, N: int, K: int, labels: torch.Tensor, h: int, w: int) -> tuple:
    return 2 * draw.normal(N, h, w), draw.normal(N, K), draw.uniform(len(labels), h, w) < 0.4, labels


def _score_cases(draw: Draw):
    yield Case(
        "three queries, objects of classes 0 and 1", _picture(draw, 3, 4, torch.tensor([0, 1]), 4, 5), public=True
    )
    yield Case("two objects of one class", _picture(draw, 4, 3, torch.tensor([2, 2]), 5, 3))
    x, classes, masks, labels = _picture(draw, 2, 3, torch.tensor([1, 0]), 3, 3)
    x[0], masks[1] = -200, False
    yield Case("a mask and a target that are empty", (x, classes, masks, labels))
    yield Case("no object", _picture(draw, 3, 2, torch.zeros(0, dtype=torch.int64), 4, 4))
    labels = draw.integers(7, low=1, high=4)
    yield Case("more objects than queries", _picture(draw, 5, 5, labels, draw.integer(3, 6), draw.integer(3, 6)))


SCORES = Exercise(
    "15",
    "core",
    "The score of every pair",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""The table that the matching starts from, straight from the network's logits and without a loop over pairs:

$$ C_{nm} = D(p_n, t_m)^{0.8} \\cdot c_{n,\\ell_m}^{\\,0.2}, \\quad
D(p, t) = \\frac{2 \\sum p\\,t}{\\sum p^2 + \\sum t^2 + 10^{-4}} $$

with $p$ and $c$ the sigmoids of the logits. Known case: three queries and two objects, of the classes 0 and 1.""",
    solution=pair_scores,
    hints=(
        "Sections 4 and 5. Flatten the pixels: then one matrix product has all the intersections.",
        "Sums of squares are one number for each query and one for each object: add a column to a row. `labels` picks "
        "columns of the class table.",
    ),
    cases=_score_cases,
    mistakes=(
        Mistake(
            _powers_swapped,
            "The class decides nearly everything.",
            "Your exponents are swapped: the mask has the larger say.",
        ),
        Mistake(
            _softmax,
            "Off, as soon as there are several classes.",
            "Your classes share one probability (a softmax). Here each class is a yes-or-no question of its own.",
        ),
        Mistake(
            _hard_masks,
            "Scores come in few levels.",
            "Your masks are cut to 0 and 1. The dice of the matching is soft: it counts how sure a pixel is.",
        ),
        Mistake(
            _no_squares,
            "Masks that are hazy score too low.",
            "Your denominator has plain sums of p. For soft masks that is another dice than the chapter's.",
        ),
        Mistake(
            _soft_iou,
            "All scores are too low.",
            "That is a soft IoU: intersection over union. Dice has twice the intersection over the two squares.",
        ),
        Mistake(
            _no_epsilon,
            "NaN, in rare pictures.",
            "Two empty masks make 0 divided by 0. The chapter's dice has something in its denominator against that.",
        ),
        Mistake(
            _class_by_place,
            "Right for objects of classes 0, 1, 2 … in this order.",
            "You read the class at the object's place in the list. Its label says which class it has.",
        ),
    ),
)
EXERCISES = (RECEIPT, SCORES)
