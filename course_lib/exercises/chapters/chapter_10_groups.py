"""The stretch exercise of chapter 10: how often chance makes a group as bad."""

import itertools

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def chance_of_group(values, group):
    """values, a list of n errors; group, the numbers (from 0) of its m clips

    → the share, in (0, 1], of all groups of m clips that are at least as far off.
    """
    from itertools import combinations  # not among the chapter's imports

    n, m = len(values), len(group)
    overall = sum(values) / n

    def far(clips):
        return abs(sum(values[i] for i in clips) / m - overall)

    found = far(group) * (1 - 1e-9)  # the group itself must reach it
    others = [far(clips) for clips in combinations(range(n), m)]
    return sum(distance >= found for distance in others) / len(others)


def _distances(values, group, ways, signed=False):
    """How far the group and each of `ways` is from the mean of all."""
    overall = sum(values) / len(values)

    def far(clips):
        off = sum(values[i] for i in clips) / len(clips) - overall
        return off if signed else abs(off)

    return far(group), [far(clips) for clips in ways]


def _ways(values, group):
    return list(itertools.combinations(range(len(values)), len(group)))


def _at_least(found, others):
    return sum(distance >= found - 1e-9 * abs(found) for distance in others) / len(others)


def _without_itself(values, group):
    found, others = _distances(values, group, _ways(values, group))
    return sum(distance > found + 1e-9 * abs(found) for distance in others) / len(others)


def _one_sided(values, group):
    return _at_least(*_distances(values, group, _ways(values, group), signed=True))


def _with_repetitions(values, group):
    ways = list(itertools.product(range(len(values)), repeat=len(group)))
    return _at_least(*_distances(values, group, ways))


def _single_clips(values, group):
    return _at_least(*_distances(values, group, [(i,) for i in range(len(values))]))


def _less_far(values, group):
    return 1 - _without_itself(values, group)


def _group_cases(draw: Draw):
    yield Case("four clips, the group is the worst one", ([20.0, 25.0, 30.0, 85.0], [3]), public=True)
    yield Case("a group of better clips", ([*draw.uniform(3, high=20).tolist(), 60.0, 55.0, 90.0, 75.0], [0, 1, 2]))
    yield Case("all clips alike", ([25.0] * 5, [1, 3]))
    yield Case("the group is everybody", (draw.uniform(4, high=50).tolist(), [0, 1, 2, 3]))
    # Not half of the clips: then the rest is as far off, to the last bit or not.
    yield Case("three clips of seven", (draw.uniform(7, high=80).tolist(), [1, 2, 5]))
    low, high = sorted(draw.uniform(8, high=40).tolist()), draw.uniform(1, low=60, high=90).tolist()
    yield Case("three clips of nine", ([*low, *high], [0, 1, 7]))


GROUP = Exercise(
    "10",
    "stretch",
    "Is it the group, or chance?",
    difficulty=3,
    importance=4,
    minutes=20,
    task="""Section 8 shuffled labels a few thousand times. With few clips one can go through *all* groups instead. A
group of $m$ of the $n$ clips has the mean $\\bar x_g$, all clips together have $\\bar x$. Return the share of all groups
of $m$ clips, the given one among them, whose mean is at least as far from $\\bar x$ as $|\\bar x_g - \\bar x|$, on either
side. Plain Python will do.

Known case: four clips with errors 20, 25, 30 and 85; the group is the worst one alone. One of four groups is as far off:
0.25.""",
    solution=chance_of_group,
    hints=(
        "A label shuffled is a group drawn without looking, of the same size, no clip twice.",
        "`itertools.combinations(range(n), m)` goes through all of them. Allow for the last bit of a sum.",
    ),
    cases=_group_cases,
    mistakes=(
        Mistake(
            _without_itself,
            "The worst group of all gets a chance of 0.",
            "You count only groups that are further off. The one that was found is a possible outcome of chance as well.",
        ),
        Mistake(
            _one_sided,
            "Right for a bad group, near 1 for a good one.",
            "You count groups on one side only. Nobody said beforehand that this group would be the worse one.",
        ),
        Mistake(
            _with_repetitions,
            "Right for a group of one clip.",
            "Your groups may hold a clip twice. Shuffled labels never do: that was the bootstrap.",
        ),
        Mistake(
            _single_clips,
            "Right for a group of one clip; far too large for others.",
            "You compare the group's mean with single clips. Means of several clips spread less.",
        ),
        Mistake(
            _less_far,
            "Near 1 where it should be small.",
            "Yours is the share of groups that are no further off than this one: the wrong side is counted.",
        ),
    ),
    tensors=False,
)
EXERCISES = (GROUP,)
