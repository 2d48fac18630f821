"""The core exercise of chapter 17: the average precision of a ranking."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def ap_of_ranking(scores, right, G):
    """scores (D,), any order, no two equal; right (D,) bool: does it find an object;
    G int ≥ 0: how many objects there are. D may be 0

    → average precision, a number 0 … 1, or -1 where G is 0.
    """
    if G == 0:
        return -1.0
    TP = right[scores.argsort(descending=True)].cumsum(0)  # (D,)
    precision = TP.double() / torch.arange(1, len(TP) + 1)
    hundredths = 100 * TP  # whole numbers: no rounding decides whether recall ≥ i/100
    total = 0.0
    for i in range(101):
        there = precision[hundredths >= i * G]
        total += there.max().item() if len(there) else 0.0
    return total / 101


def _order_as_given(scores, right, G):
    return ap_of_ranking(-torch.arange(len(scores)), right, G)


def _smallest_first(scores, right, G):
    return ap_of_ranking(-scores, right, G)


def _best_before(scores, right, G):
    precision, recall = _curve(scores, right, G)
    return _at_recalls(precision.cummax(0).values, recall)


def _zigzag(scores, right, G):
    return _at_recalls(*_curve(scores, right, G))


def _bare_area(scores, right, G):
    precision, recall = _curve(scores, right, G)
    return (precision * recall.diff(prepend=torch.zeros(1))).sum().item()


def _recall_of_found(scores, right, G):
    return ap_of_ranking(scores, right, int(right.sum()))


def _eleven_recalls(scores, right, G):
    precision, recall = _curve(scores, right, G)
    best = precision.flip(0).cummax(0).values.flip(0)
    return _at_recalls(best, recall, 11)


def _never_reached_left_out(scores, right, G):
    _, recall = _curve(scores, right, G)
    reached = (recall[-1] >= torch.linspace(0, 1, 101, dtype=torch.double)).sum().item()
    return ap_of_ranking(scores, right, G) * 101 / reached


def _zero_when_not_asked(scores, right, G):
    return ap_of_ranking(scores, right, G) if G > 0 else 0.0


def _curve(scores, right, G):
    TP = right[scores.argsort(descending=True)].cumsum(0)
    return TP.double() / torch.arange(1, len(TP) + 1), TP.double() / G


def _at_recalls(precision, recall, count=101):
    """The mean over recalls of the value where the ranking gets there first."""
    first = torch.searchsorted(recall, torch.linspace(0, 1, count, dtype=torch.double))
    return torch.cat([precision, torch.zeros(1)])[first].mean().item()


def _ranking_cases(draw: Draw):
    # G is a prime: no recall but 0 and 1 falls on a hundredth, where rounding would decide.
    falling = torch.tensor([0.9, 0.8, 0.7, 0.5, 0.2])
    yield Case("five sorted detections, seven objects", (falling, torch.tensor([1, 0, 1, 1, 0]).bool(), 7), public=True)
    yield Case("all found, nothing wrong", (falling[:3], torch.ones(3, dtype=torch.bool), 3), public=True)
    yield Case("detections in any order", (draw.uniform(12), torch.tensor([1, 0, 0] * 4).bool(), 13))
    yield Case("nothing was asked for", (draw.uniform(4), torch.zeros(4, dtype=torch.bool), 0))
    yield Case("no detections", (draw.uniform(0), torch.zeros(0, dtype=torch.bool), 3))
    D = draw.integer(14, 19)
    right = draw.uniform(D) < 0.5
    right[0] = True
    yield Case("a longer ranking", (draw.uniform(D), right, 23))


RANKING = Exercise(
    "17",
    "core",
    "Average precision, from the definition",
    difficulty=3,
    importance=5,
    minutes=15,
    task="""Sort by falling score, and average section 4's best precision over 101 recalls:

$$ \\mathrm{AP} = \\tfrac{1}{101} \\textstyle\\sum_{i=0}^{100} p(i/100), \\qquad
p(r) = \\max_{k\\,:\\; \\text{recall}_k \\,\\geq\\, r} \\text{precision}_k $$

with $p(r) = 0$ where recall never gets there.

Where there are no objects, return −1: not asked for. Known cases: five sorted detections and seven objects; three
detections that find all of three objects.""",
    solution=ap_of_ranking,
    hints=(
        "AP sees the order only. Which numbers are known after each detection, and which one is known from the start?",
        "Write precision and recall after each $k$ as (D,). Then a loop over $i$: of all places where recall is large "
        "enough, the best precision.",
    ),
    cases=_ranking_cases,
    mistakes=(
        Mistake(
            _order_as_given,
            "Right for sorted detections only.",
            "You take the detections as they come. The ranking is by falling score.",
        ),
        Mistake(_smallest_first, "AP far too small.", "Your ranking begins with the smallest score."),
        Mistake(
            _best_before,
            "AP too large: the curve stays up at 1.",
            "Your best is that of the shorter lists. p(r) may look at recall r and beyond, not before.",
        ),
        Mistake(
            _zigzag,
            "A little too small, where precision rises again.",
            "You take the precision where recall gets there first. A longer list may be more precise.",
        ),
        Mistake(
            _bare_area,
            "Close, and never equal.",
            "That is the bare area under the zigzag. COCO's number is a mean over 101 recalls of the best precision.",
        ),
        Mistake(
            _recall_of_found,
            "What is never found costs nothing.",
            "Your recall ends at 1 always, for it is among what was found. It is among all G objects.",
        ),
        Mistake(
            _eleven_recalls, "The number of an older benchmark.", "You average over eleven recalls. COCO takes 101."
        ),
        Mistake(
            _never_reached_left_out,
            "Few detections, and a splendid AP.",
            "You average over the recalls that are reached. Those that never are count too, as 0.",
        ),
        Mistake(
            _zero_when_not_asked,
            "A class without objects pulls the mean down.",
            "Without objects you return 0, as if everything had been missed. The chapter has another value for not asked.",
        ),
    ),
)
EXERCISES = (RANKING,)
