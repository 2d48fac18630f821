"""The stretch exercise of chapter 21: numbers that stay with their people from frame to frame."""

import torch
from scipy.optimize import linear_sum_assignment

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def numbers_carried_on(iou, numbers, fresh, least):
    """iou, a tensor (n, m): of n people of the frame before with m of this one;
    numbers (n,) int64: of those before; fresh int: nobody has had it, nor a larger one;
    least float > 0

    → (m,) int64: the numbers in this frame.
    """
    score = iou * (iou >= least)  # (n, m): too little is worth nothing
    now = numbers.new_full((iou.shape[1],), -1)
    for i, j in zip(*linear_sum_assignment(score, maximize=True), strict=True):
        if score[i, j] > 0:
            now[j] = numbers[i]
    new = now < 0  # (m,)
    now[new] = fresh + torch.arange(int(new.sum()))
    return now


def _best_of_each_column(iou, numbers, fresh, least):
    n, m = iou.shape
    best = [(int(iou[:, j].argmax()), j) for j in range(m)] if n else []
    return _numbered(_enough(best, iou, least), numbers, fresh, m)


def _best_of_each_row(iou, numbers, fresh, least):
    n, m = iou.shape
    best = [(i, int(iou[i].argmax())) for i in range(n)] if m else []
    return _numbered(_enough(best, iou, least), numbers, fresh, m)


def _largest_pair_first(iou, numbers, fresh, least):
    left, pairs = iou * (iou >= least), []
    while left.numel() and left.max() > 0:
        i, j = divmod(int(left.argmax()), left.shape[1])
        pairs.append((i, j))
        left[i], left[:, j] = 0, 0
    return _numbered(pairs, numbers, fresh, iou.shape[1])


def _least_asked_afterwards(iou, numbers, fresh, least):
    return _numbered(_enough(_assigned(iou), iou, least), numbers, fresh, iou.shape[1])


def _least_not_asked(iou, numbers, fresh, least):
    return _numbered(_assigned(iou), numbers, fresh, iou.shape[1])


def _smallest_sum(iou, numbers, fresh, least):
    return _numbered(_enough(_assigned(-iou), iou, least), numbers, fresh, iou.shape[1])


def _places_for_numbers(iou, numbers, fresh, least):
    return numbers_carried_on(iou, torch.arange(len(numbers)), fresh, least)


def _all_new_ones_alike(iou, numbers, fresh, least):
    return numbers_carried_on(iou, numbers, fresh, least).clamp(max=fresh)


def _numbered_by_column(iou, numbers, fresh, least):
    now = numbers_carried_on(iou, numbers, fresh, least)
    return torch.where(now < fresh, now, fresh + torch.arange(len(now)))


def _one_above_the_last_frame(iou, numbers, fresh, least):
    return numbers_carried_on(iou, numbers, max(numbers.tolist(), default=fresh - 1) + 1, least)


def _assigned(score):
    return list(zip(*linear_sum_assignment(score, maximize=True), strict=True))


def _enough(pairs, iou, least):
    return [(i, j) for i, j in pairs if iou[i, j] >= least]


def _numbered(pairs, numbers, fresh, m):
    """(m,): those in pairs carry on, the others get fresh ones."""
    of = {int(j): int(numbers[i]) for i, j in pairs}
    new = iter(range(fresh, fresh + m))
    return torch.tensor([of[j] if j in of else next(new) for j in range(m)], dtype=torch.int64)


def _mixed(draw: Draw, iou: torch.Tensor) -> torch.Tensor:
    """The same people, in another order in both frames: SparseInst finds them in none."""
    return iou[draw.uniform(len(iou)).argsort()][:, draw.uniform(iou.shape[1]).argsort()]


def _some_numbers(draw: Draw, count: int) -> tuple[torch.Tensor, int]:
    """Of some of those who were seen so far, and the first unused one: whoever had the largest number is away."""
    return draw.uniform(count + 2).argsort()[:count] + 3, count + 5 + draw.integer(1, 4)


def _number_cases(draw: Draw):
    three = torch.tensor([[0.8, 0.1, 0.0], [0.2, 0.0, 0.7]])
    yield Case("two people before, three now", (three, torch.tensor([4, 2]), 5, 0.3), public=True)
    changed = torch.tensor([[0.6, 0.0], [0.0, 0.1]])
    yield Case("one leaves, another comes", (changed, torch.tensor([0, 1]), 2, 0.3), public=True)
    wanted = torch.tensor([[0.8, 0.7], [0.6, 0.0]])
    columns = draw.uniform(2).argsort()
    yield Case("two people want the same one", (wanted[:, columns], *_some_numbers(draw, 2), 0.3))
    faint = torch.tensor([[0.45, 0.28], [0.26, 0.0]])
    yield Case("faint overlaps beside a plain one", (_mixed(draw, faint), *_some_numbers(draw, 2), 0.3))
    new = torch.tensor([[0.6, 0.0, 0.1, 0.0], [0.0, 0.1, 0.0, 0.0]])
    yield Case("three new people, one is away", (_mixed(draw, new), *_some_numbers(draw, 2), 0.4))
    even = torch.tensor([[0.25, 0.0], [0.0, 0.5]])
    yield Case("an overlap equal to `least`", (_mixed(draw, even), *_some_numbers(draw, 2), 0.25))
    yield Case("nobody before", (torch.zeros(0, 2), torch.zeros(0, dtype=torch.int64), draw.integer(0, 5), 0.3))
    yield Case("nobody now", (torch.zeros(2, 0), *_some_numbers(draw, 2), 0.3))
    n = draw.integer(5, 7)
    yield Case("a crowd", (draw.uniform(n, draw.integer(6, 9)), *_some_numbers(draw, n), draw.number(0.4, 0.6)))


NUMBERS = Exercise(
    "21",
    "stretch",
    "Who is who, and who is new",
    difficulty=3,
    importance=4,
    minutes=20,
    task="""One step of section 2, with nothing but the table of overlaps. Of all ways to pair the people of the frame before
with those of this one, each with one at most, take the one with the largest

$$ \\sum_{(i, j)} \\text{IoU}_{ij} \\quad \\text{over pairs with } \\text{IoU}_{ij} \\geq \\text{least} . $$

Whoever is paired keeps the number, new people get `fresh`, `fresh` + 1, … in the order of the columns. Some people may be
away: they are in no row, and their numbers stay theirs. SciPy's `linear_sum_assignment` is allowed.

(The library's `Tracker` takes this step twice a frame: in the second, those who are left over meet those who were away.)

Known cases, `least` 0.3: two people, numbers 4 and 2, `fresh` 5, and three columns, which become 4, 5, 2; one leaves and
another comes.""",
    solution=numbers_carried_on,
    hints=(
        "A pair that may not count must not have a say in the assignment either. What is it worth there?",
        "Change the table, assign, then fill the result: first those with a pair that is worth something, then "
        "the others, counting up from `fresh`.",
    ),
    cases=_number_cases,
    mistakes=(
        Mistake(
            _best_of_each_column,
            "Two people with the same number.",
            "Each column looks for its own best in yours, so two may find the same person. Pairs are chosen together.",
        ),
        Mistake(
            _best_of_each_row,
            "Somebody who is still there gets a new number.",
            "In yours each person of before takes the best column, taken or not. Who had it loses it, and has no other.",
        ),
        Mistake(
            _largest_pair_first,
            "Right mostly; in a crowd somebody gets a new number for nothing.",
            "You take the largest overlap first, and then what is left. Two pairs a little smaller can be the larger sum.",
        ),
        Mistake(
            _least_asked_afterwards,
            "Somebody who hardly moved gets a new number.",
            "You assign with all overlaps and drop small ones afterwards. Two that are dropped can have pushed out one that "
            "counts.",
        ),
        Mistake(
            _least_not_asked,
            "Who comes gets the number of who leaves.",
            "Your assignment pairs all it can, even people who hardly touch. `least` is to stop that.",
        ),
        Mistake(
            _smallest_sum,
            "Nearly everybody is new in every frame.",
            "Your assignment has the smallest sum. `linear_sum_assignment` takes the table for costs unless told otherwise.",
        ),
        Mistake(
            _places_for_numbers,
            "Right in the first two frames, then numbers change hands.",
            "You hand on the place in the list of before. Which number stands at that place?",
        ),
        Mistake(
            _all_new_ones_alike,
            "Right for one new person, the same number for several.",
            "All new people get the same number in yours.",
        ),
        Mistake(
            _numbered_by_column,
            "Numbers are left out.",
            "You add the column to `fresh`, so it matters how many known people stand in front. Count new people only.",
        ),
        Mistake(
            _one_above_the_last_frame,
            "Right as long as nobody is away.",
            "You count on from the largest number of the frame before. It may belong to somebody who is away and comes back.",
        ),
    ),
)
EXERCISES = (NUMBERS,)
