"""The stretch exercise of chapter 11: NMS in rounds, all candidates at once."""

import torch

from course_lib.exercises.chapters.chapter_11 import overlaps_of, symmetric_overlaps
from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def nms_in_rounds(overlap, scores, threshold):
    """overlap (n, n), scores (n,), no two alike; threshold float

    → who stays (n,) bool, in the order given, and the number of rounds, int.
    """
    better = scores[:, None] > scores  # (n, n): i before j
    drops = better & (overlap > threshold)  # (n, n): i, if it stays, drops j
    stays, rounds = torch.ones(len(scores), dtype=torch.bool), 0
    while True:
        after = ~(drops & stays[:, None]).any(0)  # (n,)
        if torch.equal(after, stays):
            return stays, rounds
        stays, rounds = after, rounds + 1


def _dropped_ones_still_drop(overlap, scores, threshold):
    drops = (scores[:, None] > scores) & (overlap > threshold)
    dropped = drops.any(0)
    return ~dropped, int(dropped.any())


def _worse_drops_better(overlap, scores, threshold):
    return nms_in_rounds(overlap, -scores, threshold)


def _equal_is_too_much(overlap, scores, threshold):
    return nms_in_rounds(overlap, scores, threshold - 1e-6)


def _in_order_of_scores(overlap, scores, threshold):
    stays, rounds = nms_in_rounds(overlap, scores, threshold)
    return stays[scores.argsort(descending=True)], rounds


def _last_round_counted(overlap, scores, threshold):
    stays, rounds = nms_in_rounds(overlap, scores, threshold)
    return stays, rounds + 1


def _rounds_like_candidates(overlap, scores, threshold):
    return nms_in_rounds(overlap, scores, threshold)[0], len(scores)


def _chain(draw: Draw, length: int):
    """Each overlaps the next one only, from the best score down, in mixed order."""
    place = draw.uniform(length).argsort().tolist()
    pairs = {(place[k], place[k + 1]): draw.number(0.6, 0.9) for k in range(length - 1)}
    scores = torch.empty(length)
    scores[place] = torch.linspace(0.9, 0.1, length)
    return overlaps_of(length, pairs), scores


def _round_cases(draw: Draw):
    doubles = overlaps_of(4, {(0, 2): 0.8, (1, 3): 0.7})
    yield Case("two objects, found twice each", (doubles, torch.tensor([0.3, 0.9, 0.6, 0.5]), 0.5), public=True)
    yield Case("a chain of three", (*_chain(draw, 3), 0.5))
    yield Case("a chain of six", (*_chain(draw, 6), 0.5))
    even = overlaps_of(3, {(0, 1): 0.5, (1, 2): 0.25})
    yield Case("an overlap equal to the threshold", (even, draw.uniform(3).argsort() / 3, 0.5))
    yield Case("no candidates", (torch.zeros(0, 0), torch.zeros(0), 0.5))
    yield Case("many candidates", (symmetric_overlaps(draw, 15), draw.uniform(15).argsort() / 15, 0.6))


IN_ROUNDS = Exercise(
    "11",
    "stretch",
    "NMS in rounds",
    difficulty=4,
    importance=3,
    minutes=20,
    task="""Section 6: NMS is a loop in which each step waits for the one before. Does it have to wait $n$ times? Try rounds.
At first everybody stays. In a round all candidates look at once: one stays if no better one *that stayed in the last round*
overlaps it by more than $t$. Repeat until a round changes nothing. Return who stays then, and how many rounds changed
something.

You get what the loop gets (why?), and the rounds follow from the longest chain of neighbours, not from the number of boxes.

Known case: two objects, found twice each.""",
    solution=nms_in_rounds,
    hints=(
        "Look at three in a row: the first overlaps the second, the second the third. Who is gone after one round, and who "
        "comes back?",
        "A matrix of who can drop whom, $n \\times n$, never changes: better, and too much overlap. Without *better* two "
        "would drop each other and come back for ever. What changes is whose rows count.",
    ),
    cases=_round_cases,
    mistakes=(
        Mistake(
            _dropped_ones_still_drop,
            "Right for pairs, too few in a chain.",
            "Who is gone still drops others in your answer. Only those who stay may, so some come back.",
        ),
        Mistake(
            _worse_drops_better,
            "Of each pair the wrong one stays.",
            "Your direction is turned round: the better score drops the worse.",
        ),
        Mistake(
            _equal_is_too_much,
            "Wrong only where an overlap equals the threshold.",
            "You drop at an overlap that equals the threshold. In section 4 such a candidate stays.",
        ),
        Mistake(
            _in_order_of_scores,
            "The right number stays, but not the right ones.",
            "Your answer is sorted by score: the caller's order is asked for.",
        ),
        Mistake(
            _last_round_counted,
            "One round too many.",
            "You count the round that changes nothing too.",
        ),
        Mistake(
            _rounds_like_candidates,
            "The right ones stay, the rounds are as many as candidates.",
            "You count candidates. In a round all of them look at once.",
        ),
    ),
)
EXERCISES = (IN_ROUNDS,)
