"""Exercises of chapter 10: what MAD and MSE say together, and the interval of a paired change."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def size_and_share(p, g):
    """p, g (T, 1, H, W) → s (T,), q (T,), both 0 for a frame without error."""
    error = (p - g).abs()
    mad, mse = error.mean((1, 2, 3)), error.square().mean((1, 2, 3))
    some = mse > 0
    return torch.where(some, mse / mad, 0.0), torch.where(some, mad**2 / mse, 0.0)


def _root_for_size(p, g):
    mse = (p - g).square().mean((1, 2, 3))
    return mse.sqrt(), size_and_share(p, g)[1]


def _pixels_counted(p, g):
    share = (p != g).to(p).mean((1, 2, 3))
    mad = (p - g).abs().mean((1, 2, 3))
    return torch.where(share > 0, mad / share, 0.0), share


def _signs_kept(p, g):
    error = p - g
    mad, mse = error.mean((1, 2, 3)), error.square().mean((1, 2, 3))
    return torch.where(mse > 0, mse / mad, 0.0), torch.where(mse > 0, mad**2 / mse, 0.0)


def _whole_clip(p, g):
    whole = size_and_share(p.flatten()[None, None, None], g.flatten()[None, None, None])
    return tuple(part.expand(len(p)) for part in whole)


def _nothing_over_nothing(p, g):
    error = (p - g).abs()
    mad, mse = error.mean((1, 2, 3)), error.square().mean((1, 2, 3))
    return mse / mad, mad**2 / mse


def _swapped(p, g):
    return size_and_share(p, g)[::-1]


def _concentration_cases(draw: Draw):
    g = torch.zeros(1, 1, 4, 4)
    p = g.clone()
    p[..., :2, :2] = 0.8
    yield Case("a quarter of the picture wrong by 0.8", (p, g), public=True)
    yield Case("all of the picture wrong by 0.1", (g + 0.1, g), public=True)
    yield Case("three frames, odd sides", (*draw.uniform(2, 3, 1, 5, 3),))
    truth = draw.uniform(3, 1, 4, 4)
    wrong = truth.clone()
    wrong[1, :, :2] = 1 - wrong[1, :, :2]
    yield Case("two frames of three without error", (wrong, truth))
    yield Case("five frames", (*draw.uniform(2, 5, 1, 4, 6),))


CONCENTRATION = Exercise(
    "10",
    "warm-up",
    "How wrong, and over how much of the picture?",
    difficulty=2,
    importance=3,
    minutes=7,
    task="""If a share $q$ of a frame's pixels is wrong by $s$ each and the rest is right, then MAD is $q s$ and MSE is
$q s^2$, without the factors 1000. Turn that round (section 1): return, for each frame, the $s$ and the $q$ that its MAD
and MSE would mean. For a soft error they are not the truth but a good picture of it. Without any error both are 0.

Known cases: a quarter of the picture wrong by 0.8, and all of it wrong by 0.1.""",
    solution=size_and_share,
    hints=(
        "Two equations, two unknowns. What is left when you divide one by the other?",
        "$s$ is a quotient of the two metrics. Then $q$ follows from MAD. Take care of frames where both are 0.",
    ),
    cases=_concentration_cases,
    mistakes=(
        Mistake(
            _root_for_size,
            "s is right only where all of the picture is wrong.",
            "Your s is the root of MSE: that spreads the error over all pixels, also those that are right.",
        ),
        Mistake(
            _pixels_counted,
            "Right for a hard error; for a soft one q is near 1.",
            "You count pixels that differ at all. A thousandth off then weighs as much as a hole.",
        ),
        Mistake(
            _signs_kept,
            "Right while the matte is wrong in one direction.",
            "Your errors cancel: too much here makes up for too little there.",
        ),
        Mistake(
            _whole_clip,
            "All frames have the same answer.",
            "You take means over the clip. Each frame has a MAD and an MSE of its own.",
        ),
        Mistake(
            _nothing_over_nothing,
            "NaN for a frame that is right.",
            "A frame without error gives you 0/0.",
        ),
        Mistake(
            _swapped,
            "Both numbers are right, in each other's place.",
            "You return the share first: s, then q.",
        ),
    ),
)


def paired_interval(a, b, picks):
    """a, b (n,), errors > 0; picks (draws, n), numbers of clips → low (), high ()."""
    change = b[picks].mean(1) / a[picks].mean(1) - 1  # (draws,)
    low, high = change.quantile(torch.tensor([0.025, 0.975], dtype=a.dtype))
    return low, high


def _ends(change, lowest=0.025):
    return change.quantile(lowest), change.quantile(1 - lowest)


def _drawn_apart(a, b, picks):
    return _ends(b[picks.flip(0)].mean(1) / a[picks].mean(1) - 1)


def _mean_of_changes(a, b, picks):
    return _ends((b / a - 1)[picks].mean(1))


def _from_b_to_a(a, b, picks):
    return paired_interval(b, a, picks)


def _absolute(a, b, picks):
    return _ends((b - a)[picks].mean(1))


def _ninety(a, b, picks):
    return _ends(b[picks].mean(1) / a[picks].mean(1) - 1, 0.05)


def _bell(a, b, picks):
    change = b[picks].mean(1) / a[picks].mean(1) - 1
    middle, reach = change.mean(), 1.96 * change.std(correction=0)
    return middle - reach, middle + reach


def _spread_of_clips(a, b, picks):
    return _ends((b / a - 1)[picks].flatten())


def _methods(draw: Draw, count: int) -> tuple:
    """Clips of very different difficulty, on which b is better by a share that differs, too."""
    a = draw.uniform(count, low=1, high=10).square()
    return a, a * draw.uniform(count, low=0.4, high=1.2)


def _interval_cases(draw: Draw):
    a, _ = _methods(draw, 6)
    yield Case("a fifth better on every clip", (a, 0.8 * a, draw.integers(50, 6, low=0, high=5)), public=True)
    every_way = torch.tensor([[0, 0], [0, 1], [1, 0], [1, 1]])
    yield Case("two clips, drawn in all ways", (torch.full((2,), 20.0), torch.tensor([10.0, 20.0]), every_way), True)
    yield Case("nine clips", (*_methods(draw, 9), draw.integers(200, 9, low=0, high=8)))
    yield Case("a single clip", (*_methods(draw, 1), torch.zeros(20, 1, dtype=torch.long)))
    yield Case("fifteen clips", (*_methods(draw, 15), draw.integers(300, 15, low=0, high=14)))


INTERVAL = Exercise(
    "10",
    "core",
    "The interval of a paired change",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""Method $a$ is the reference; both methods were measured on the same $n$ clips. Each row of `picks` is one draw
of the bootstrap: $n$ numbers of clips, with repetitions. Return the ends of the 95 % interval of the relative change
(section 7),

$$ \\frac{\\bar b^{*}}{\\bar a^{*}} - 1 , $$

whose means are over the *same* clips for both: the quantiles $q_{2.5\\,\\%}$ and $q_{97.5\\,\\%}$ over the draws.

Known cases: $b$ is a fifth better on every clip, so that both ends are −0.2; and two clips, drawn in all four ways, that
are equally hard for $a$, with errors 20 and 20, and 10 and 20 for $b$.""",
    solution=paired_interval,
    hints=(
        "`a[picks]` has the shape of `picks`. Which axis is a draw, and which is one that a mean is taken over?",
        "First the two means of each draw, then their quotient, then `quantile` over the draws.",
    ),
    cases=_interval_cases,
    mistakes=(
        Mistake(
            _drawn_apart,
            "Far too wide, even if b is a fifth better on every clip.",
            "Your draws for a and b hold different clips. What makes a clip hard should be in both, or it does not cancel.",
        ),
        Mistake(
            _mean_of_changes,
            "Right if b is better by the same share everywhere.",
            "You average the relative changes of clips. Easy clips, with hardly an error, then count like hard ones.",
        ),
        Mistake(
            _from_b_to_a,
            "A better method comes out worse.",
            "Yours is the change from b to a. The reference is a.",
        ),
        Mistake(
            _absolute,
            "The ends are in the unit of the errors.",
            "Yours is the interval of the difference, not of the relative change.",
        ),
        Mistake(
            _ninety,
            "A little too narrow.",
            "Your interval leaves out 5 % on each side: it is one of 90 %.",
        ),
        Mistake(
            _bell,
            "Nearly right, and symmetrical.",
            "You take 1.96 standard deviations for the quantiles. Means of few uneven clips do not lie on a bell curve.",
        ),
        Mistake(
            _spread_of_clips,
            "Far too wide, and no narrower with more clips.",
            "Yours are quantiles of single clips. The question is how far the mean of a draw moves.",
        ),
    ),
)
EXERCISES = (CONCENTRATION, INTERVAL)
