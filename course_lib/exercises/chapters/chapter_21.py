"""The warm-up of chapter 21: what is seen of people who stand in front of each other."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def visible_shares(a):
    """a (P, H, W): what each person alone would cover, 0 … 1, from front to back

    → alphas (P, H, W): what is seen of each.
    """
    through = (1 - a).cumprod(0)  # (P, H, W): what the first p + 1 people let through
    before = torch.cat([torch.ones_like(a[:1]), through[:-1]])  # (P, H, W)
    return a * before


def _back_to_front(a):
    return visible_shares(a.flip(0)).flip(0)


def _own_in_the_product(a):
    return a * (1 - a).cumprod(0)


def _hidden_by_everybody(a):
    through = [torch.cat([1 - a[:p], 1 - a[p + 1 :]]).prod(0) for p in range(len(a))]
    return a * torch.stack(through)


def _divided_by_the_sum(a):
    return a / a.sum(0).clamp(min=1)


def _only_the_next_one(a):
    return torch.cat([a[:1], a[1:] * (1 - a[:-1])])


def _coverages_subtracted(a):
    return a * (1 - (a.cumsum(0) - a)).clamp(min=0)


def _shares_in_the_product(a):
    seen = []
    for own in a:
        before = torch.stack([torch.ones_like(own), *(1 - share for share in seen)]).prod(0)
        seen.append(own * before)
    return torch.stack(seen)


def _two_people(a):
    return torch.cat([a[:1], a[1:2] * (1 - a[:1]), a[2:]])


def _own_divided_out(a):
    return a * (1 - a).cumprod(0) / (1 - a)


def _share_cases(draw: Draw):
    yield Case("one pixel of two people", (torch.tensor([[[0.5]], [[0.8]]]),), public=True)
    yield Case("two people in a small picture", (draw.uniform(2, 3, 4, low=0.1, high=0.9),), public=True)
    yield Case("one person", (draw.uniform(1, 5, 3),))
    opaque = draw.uniform(2, 4, 3, low=0.1, high=0.9)
    opaque[0, :2], opaque[:, 3, 0] = 1, 0
    yield Case("two people, the one in front partly opaque", (opaque,))
    yield Case("three people", (draw.uniform(3, 3, 5, low=0.1, high=0.9),))
    yield Case("a crowd", (draw.uniform(draw.integer(4, 6), 5, draw.integer(3, 7), low=0.05, high=0.6),))


SHARES = Exercise(
    "21",
    "warm-up",
    "What is seen of each",
    difficulty=1,
    importance=4,
    minutes=6,
    task="""Section 1: person $p$ alone would cover the share $a_p$ of a pixel, and is seen through whoever stands in front,

$$ \\alpha_p = a_p \\prod_{q \\text{ in front of } p} (1 - a_q) . $$

The people come in order, the one in front first. Return the visible alpha of each; their sum is what RVM is taught.

Known cases: one pixel of two people, $a = (0.5,\\ 0.8)$, of which 0.5 and 0.4 are seen; two people in a small picture.""",
    solution=visible_shares,
    hints=(
        "Walk from front to back and carry one picture along: what all before have let through. What is it for the first?",
        "`cumprod` along the people multiplies up to and including each one. You need it one person earlier.",
    ),
    cases=_share_cases,
    mistakes=(
        Mistake(
            _back_to_front,
            "The one in front is hidden by those behind.",
            "Your order is turned round: the first person stands in front and is hidden by nobody.",
        ),
        Mistake(
            _own_in_the_product,
            "The one in front is too faint already.",
            "Your product includes the person's own coverage. Nobody stands in front of themselves.",
        ),
        Mistake(
            _hidden_by_everybody,
            "The one in front is as faint as those behind.",
            "Your product goes over all other people. Who stands behind hides nothing.",
        ),
        Mistake(
            _divided_by_the_sum,
            "The one in front fades when somebody steps behind.",
            "You divide a pixel among the people by their coverages, as if order did not matter.",
        ),
        Mistake(
            _only_the_next_one,
            "Right for two people, too much of the third.",
            "You count only the person directly in front. Everybody further in front hides too.",
        ),
        Mistake(
            _coverages_subtracted,
            "Right for two people, the third is gone too soon.",
            "You add up the coverages in front and take them from 1. Two who each hide a half let a quarter through, "
            "not nothing.",
        ),
        Mistake(
            _shares_in_the_product,
            "Right for two people, a little too much of the third.",
            "Your factors are 1 minus what is seen of those in front. What somebody hides depends on their own coverage, "
            "however little of them is seen.",
        ),
        Mistake(
            _two_people,
            "Right for two people, the third is seen whole.",
            "Your answer ends after two people. There may be one, or many.",
        ),
        Mistake(
            _own_divided_out,
            "NaN where somebody is opaque.",
            "You multiply by 1 − a of the person and divide it out again: at a = 1 that is 0 divided by 0.",
        ),
    ),
)
EXERCISES = (SHARES,)
