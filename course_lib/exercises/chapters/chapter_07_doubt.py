"""The stretch exercise of chapter 07: what L1 asks for when some truths are likelier than others."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def least_expected_l1(truths, chances):
    """truths (n, …), the possible mattes; chances (n,), all > 0 and 1 in sum → (…)."""
    ordered, order = truths.sort(dim=0)  # (n, …): at every pixel by its own order
    reached = chances[order].cumsum(0) >= 0.5  # (n, …)
    first = reached.to(torch.uint8).argmax(0, keepdim=True)  # (1, …)
    return ordered.gather(0, first)[0]


def _mean(truths, chances):
    return torch.tensordot(chances, truths, dims=1)


def _equal_chances(truths, chances):
    return truths.median(0).values


def _likeliest(truths, chances):
    return truths[chances.argmax()]


def _chances_not_ordered(truths, chances):
    ordered = truths.sort(dim=0).values
    return ordered[(chances.cumsum(0) >= 0.5).to(torch.uint8).argmax()]


def _read_unsorted(truths, chances):
    first = (chances[truths.argsort(dim=0)].cumsum(0) >= 0.5).to(torch.uint8).argmax(0, keepdim=True)
    return truths.gather(0, first)[0]


def _best_of_the_truths(truths, chances):
    apart = (truths[:, None] - truths[None]).abs().flatten(2).mean(-1)  # (n, n)
    return truths[(apart @ chances).argmin()]


def _chances(draw: Draw, count: int):
    # Squares, so that some truths are far likelier than others.
    raw = draw.uniform(count, low=0.2, high=1.0).square()
    return raw / raw.sum()


def _doubt_cases(draw: Draw):
    # Rolled, so that the best whole matte is neither the first nor the one in the middle, which mistakes return.
    yield Case("three mattes, equally likely", (draw.uniform(3, 2, 3).roll(1, 0), torch.full((3,), 1 / 3)), public=True)
    hair = torch.tensor([0.0, 0.0, 0.0, 1.0])[:, None]
    yield Case("a hair in one of four truths", (hair, torch.full((4,), 0.25)), public=True)
    # Summed in this order, half of the chance is reached at the second: not at the third, as with equal chances.
    falling = torch.tensor([0.4, 0.25, 0.15, 0.12, 0.08])
    yield Case("five mattes of a row, the likeliest first", (draw.uniform(5, 24), falling))
    yield Case("a single truth", (draw.uniform(1, 2, 2), torch.ones(1)))
    yield Case("two truths, the first likelier", (draw.uniform(2, 3, 5), torch.tensor([0.7, 0.3])))
    yield Case("nine mattes", (draw.uniform(9, 1, 6, 5), _chances(draw, 9)))


DOUBT = Exercise(
    "07",
    "stretch",
    "What L1 asks for in doubt",
    difficulty=3,
    importance=3,
    minutes=20,
    task="""In section 9 all nine truths were equally likely, and L1 asked for their median. Now truth $i$ has the chance
$q_i$. Return, pixel by pixel, the α that minimises

$$ \\operatorname{E} |\\alpha - \\alpha^*| = \\sum_i q_i\\, |\\alpha - \\alpha^*_i| . $$

Its slope is the chance of the truths below α minus the chance of those above, so the minimum is where the truths up to α
first have half of the chance together: no descent is needed, and no loop over pixels.

Known cases: three truths that are equally likely, and a hair that is there in one of four truths.""",
    solution=least_expected_l1,
    hints=(
        "Sort the truths at each pixel and add up chances from the bottom. Every pixel has an order of its own.",
        "`sort` also gives the order: index the chances with it. `argmax` of zeros and ones finds the first one.",
    ),
    cases=_doubt_cases,
    mistakes=(
        Mistake(
            _mean,
            "A hair in one of four truths comes out a quarter opaque.",
            "You return the mean of the truths. That is what squares ask for.",
        ),
        Mistake(
            _equal_chances,
            "Right where all truths are equally likely.",
            "Your median does not look at the chances.",
        ),
        Mistake(
            _likeliest,
            "The result is one of the truths, unchanged.",
            "You return the likeliest truth. It need not have half of the chance, and L1 cares how far the others are.",
        ),
        Mistake(
            _chances_not_ordered,
            "Right where all truths are equally likely, though the chances are used.",
            "You sort the truths and leave the chances as they were: they belong to other truths now.",
        ),
        Mistake(
            _read_unsorted,
            "Where all truths are equally likely, always the same truth comes out.",
            "You find the right place in the sorted truths and read that place in the unsorted ones.",
        ),
        Mistake(
            _best_of_the_truths,
            "The result is one of the truths, a good one.",
            "You look for the best whole matte. Every pixel may take its answer from another truth.",
        ),
    ),
)
EXERCISES = (DOUBT,)
