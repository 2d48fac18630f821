"""Exercises of chapter 11: which thresholds of NMS are right, and masks from names instead of boxes."""

import torch
import torch.nn.functional as F

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def threshold_window(overlap, owner):
    """overlap (n, n): IoU of all candidates, 0 … 1; owner (n,): whose candidate each is

    → two numbers, low and high: a threshold t is right if low ≤ t < high.
    """
    same = owner[:, None] == owner  # (n, n)
    low = torch.where(same, 0.0, overlap).max().item()
    high = torch.where(same, overlap, 1.0).min().item()
    return low, high


def _ends_swapped(overlap, owner):
    return threshold_window(overlap, owner)[::-1]


def _largest_of_both(overlap, owner):
    same = owner[:, None] == owner
    return threshold_window(overlap, owner)[0], torch.where(same, overlap, 0.0).max().item()


def _middle_of_each(overlap, owner):
    same = owner[:, None] == owner
    twice = same & ~torch.eye(len(owner), dtype=torch.bool)
    return overlap[~same].mean().item(), overlap[twice].mean().item()


def _masked_by_multiplying(overlap, owner):
    same = owner[:, None] == owner
    return (overlap * ~same).max().item(), (overlap * same).min().item()


def _neighbours_in_the_list(overlap, owner):
    same, pairs = owner[1:] == owner[:-1], overlap.diagonal(1)
    return max(pairs[~same].tolist(), default=0.0), min(pairs[same].tolist(), default=1.0)


def symmetric_overlaps(draw: Draw, n: int):
    """(n, n): of a candidate with itself 1, of two whatever comes."""
    upper = draw.uniform(n, n, low=0.05, high=0.95).triu(1)
    return upper + upper.T + torch.eye(n)


def overlaps_of(n: int, pairs: dict):
    """(n, n) with 1 on the diagonal, and `pairs`."""
    overlap = torch.eye(n)
    for (i, j), value in pairs.items():
        overlap[i, j] = overlap[j, i] = value
    return overlap


def _window_cases(draw: Draw):
    pairs = {(0, 1): 0.8, (2, 3): 0.7, (0, 2): 0.3, (0, 3): 0.2, (1, 2): 0.4, (1, 3): 0.1}
    crossing = {(0, 1): 0.5, (0, 2): 0.3, (1, 2): 0.6}
    yield Case(
        "two candidates for each of two objects", (overlaps_of(4, pairs), torch.tensor([0, 0, 1, 1])), public=True
    )
    yield Case("two objects that cross", (overlaps_of(3, crossing), torch.tensor([0, 0, 1])), public=True)
    yield Case("every object has one candidate", (symmetric_overlaps(draw, 3), torch.arange(3)))
    yield Case("one object alone", (symmetric_overlaps(draw, 4), torch.zeros(4, dtype=torch.int64)))
    for count in (12, 15):
        mixed = torch.arange(count)[draw.uniform(count).argsort()] % 3
        yield Case(f"{count} candidates in mixed order", (symmetric_overlaps(draw, count), mixed))


WINDOW = Exercise(
    "11",
    "warm-up",
    "Is there a right threshold?",
    difficulty=2,
    importance=4,
    minutes=8,
    task="""Section 4 asks two things of a threshold $t$: any two candidates of *different* objects stay side by side, so
$\\mathrm{IoU} \\leq t$; of any two candidates of *one* object NMS drops one, so $\\mathrm{IoU} > t$. Return `low` and `high`
such that $t$ is right exactly if `low` $\\leq t <$ `high`. Without two objects `low` is 0; where no object has two candidates
`high` is 1. If `low` $\\geq$ `high`, no threshold is right.

Known cases: two candidates for each of two objects; two objects that cross.""",
    solution=threshold_window,
    hints=(
        "Each end is decided by one pair of candidates, the hardest of its kind. Which pairs are of which kind?",
        "`owner[:, None] == owner` marks the pairs of one object. What number must the other pairs get, so that they "
        "decide nothing?",
    ),
    cases=_window_cases,
    mistakes=(
        Mistake(
            _ends_swapped,
            "`low` and `high` have changed places.",
            "Your ends are swapped: neighbours bound the threshold from below, doubles from above.",
        ),
        Mistake(
            _largest_of_both,
            "`high` is 1: nothing seems to bound the threshold from above.",
            "Your `high` is the largest overlap of doubles. A threshold must also drop the pair that overlaps least.",
        ),
        Mistake(
            _middle_of_each,
            "There is a right threshold even for people who cross.",
            "You compare means. That the middles of two histograms lie apart does not keep their tails apart.",
        ),
        Mistake(
            _masked_by_multiplying,
            "`high` is 0 as soon as there are two objects.",
            "Your mask turns pairs of different objects into overlaps of 0, and these win the minimum.",
        ),
        Mistake(
            _neighbours_in_the_list,
            "Right for few candidates in order, too wide a window for many.",
            "You compare each candidate with the next one in the list. Any two can meet in NMS.",
        ),
    ),
)


def masks_by_name(maps, features):
    """maps (N, H, W), ≥ 0, none empty; features (D, H, W)

    → masks (N, H, W), between 0 and 1.
    """
    weights = maps / maps.sum((1, 2), keepdim=True)
    z = torch.einsum("nhw,dhw->nd", weights, features)  # (N, D): the names
    return torch.einsum("nd,dhw->nhw", z, features).sigmoid()


def _agreement(names, features):
    return torch.einsum("nd,dhw->nhw", names, features)


def _names(maps, features):
    return torch.einsum("nhw,dhw->nd", maps / maps.sum((1, 2), keepdim=True), features)


def _not_divided(maps, features):
    return _agreement(torch.einsum("nhw,dhw->nd", maps, features), features).sigmoid()


def _mean_over_the_picture(maps, features):
    return _agreement(torch.einsum("nhw,dhw->nd", maps, features) / maps[0].numel(), features).sigmoid()


def _divided_between_maps(maps, features):
    return _not_divided(maps / maps.sum(0), features)


def _names_of_length_one(maps, features):
    return _agreement(F.normalize(_names(maps, features), dim=1), features).sigmoid()


def _pixels_have_one_owner(maps, features):
    return _agreement(_names(maps, features), features).softmax(0)


def _no_sigmoid(maps, features):
    return _agreement(_names(maps, features), features)


def _names_detached(maps, features):
    return _agreement(_names(maps, features).detach(), features).sigmoid()


def _positive_maps(draw: Draw, *shape: int):
    return draw.uniform(*shape, low=0.1, high=1.0)


def _name_cases(draw: Draw):
    maps = draw.normal(2, 12).softmax(1).view(2, 3, 4)
    yield Case("two maps that each sum to 1", (maps, draw.normal(3, 3, 4)), public=True)
    yield Case("one map", (_positive_maps(draw, 1, 4, 3), draw.normal(4, 4, 3)))
    yield Case("three maps of other sums", (_positive_maps(draw, 3, 5, 3), 2 * draw.normal(2, 5, 3)))


BY_NAME = Exercise(
    "11",
    "core",
    "A mask for each name",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""No boxes: write section 7's two formulas. Features under a map are averaged into the object's name, and every pixel
says how far it agrees with the name:

$$ z_n = \\sum_p \\frac{A_n(p)}{\\sum_{p'} A_n(p')}\\, F(p) , \\qquad m_n(p) = \\sigma\\bigl( z_n \\cdot F(p) \\bigr) $$

Known case: two maps that each sum to 1.""",
    solution=masks_by_name,
    hints=(
        "A name has as many numbers as one pixel has features: what is summed away, and what stays?",
        "Make each map sum to 1 first, over both axes of the picture. Then two `einsum`s: one over pixels, one over $D$.",
    ),
    cases=_name_cases,
    mistakes=(
        Mistake(
            _not_divided,
            "Masks of large maps are all but 0 or 1.",
            "Your names are sums, not means: the larger a map, the louder its name.",
        ),
        Mistake(
            _mean_over_the_picture,
            "All masks are pale, near one half.",
            "You divide by the number of pixels. A mean under a map divides by what the map weighs.",
        ),
        Mistake(
            _divided_between_maps,
            "What one map gives depends on the other maps.",
            "You divide over the maps: each place then shares itself among the objects. Each map has its own sum.",
        ),
        Mistake(
            _names_of_length_one,
            "The right side of one half everywhere, and still other numbers.",
            "You bring the names to length 1, as the chapter's cell does for its threshold. The formula keeps their length.",
        ),
        Mistake(
            _pixels_have_one_owner,
            "The masks of one pixel sum to 1; a single map gives a mask of 1 everywhere.",
            "You let the masks compete for each pixel. Here each name asks on its own, yes or no.",
        ),
        Mistake(
            _no_sigmoid,
            "Numbers below 0 and above 1.",
            "You return how far a pixel agrees, a number without bounds. A mask lies between 0 and 1.",
        ),
        Mistake(
            _names_detached,
            "Values are right, the gradient is not.",
            "Your names are detached: training could not tell the maps where to look.",
        ),
    ),
    gradients=True,
)
EXERCISES = (WINDOW, BY_NAME)
