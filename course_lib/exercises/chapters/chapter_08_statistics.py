"""The stretch exercise of chapter 08: measured statistics of batches that differ in size."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def merged_statistics(counts, means, variances):
    """counts (n,), whole numbers > 0; means, variances (n, C), those of each batch

    → mean (C,), variance (C,) of all numbers together.
    """
    share = (counts.to(means) / counts.sum())[:, None]  # (n, 1)
    mean = (share * means).sum(0)
    within = (share * variances).sum(0)
    between = (share * (means - mean) ** 2).sum(0)
    return mean, within + between


def _within_only(counts, means, variances):
    share = (counts.to(means) / counts.sum())[:, None]
    return merged_statistics(counts, means, variances)[0], (share * variances).sum(0)


def _sizes_ignored(counts, means, variances):
    return merged_statistics(torch.ones_like(counts), means, variances)


def _deviations_averaged(counts, means, variances):
    share = (counts.to(means) / counts.sum())[:, None]
    mean, variance = merged_statistics(counts, means, 0 * variances)
    return mean, variance + (share * variances.sqrt()).sum(0) ** 2


def _mean_not_subtracted(counts, means, variances):
    share = (counts.to(means) / counts.sum())[:, None]
    return (share * means).sum(0), (share * (variances + means**2)).sum(0)


def _running(counts, means, variances):
    mean, variance = means[0], variances[0]
    for batch in range(1, len(counts)):
        mean = 0.9 * mean + 0.1 * means[batch]
        variance = 0.9 * variance + 0.1 * variances[batch]
    return mean, variance


def _statistics_cases(draw: Draw):
    yield Case(
        "two batches of the same size",
        (torch.tensor([8, 8]), draw.normal(2, 3), draw.uniform(2, 3, low=0.5, high=2)),
        public=True,
    )
    yield Case("a single batch", (torch.tensor([5]), draw.normal(1, 2), draw.uniform(1, 2)), public=True)
    yield Case(
        "a small batch and a large one",
        (torch.tensor([2, 30]), draw.normal(2, 4), draw.uniform(2, 4, low=0.5, high=2)),
    )
    alike = draw.normal(1, 3).repeat(3, 1)
    yield Case("means alike", (torch.tensor([3, 1, 9]), alike, draw.uniform(3, 3, low=0.5, high=2)))
    yield Case("two pictures of one pixel", (torch.tensor([1, 1]), draw.normal(2, 1), torch.zeros(2, 1)))
    yield Case(
        "five batches",
        (draw.integers(5, low=4, high=40), draw.normal(5, 2), draw.uniform(5, 2, low=0.5, high=2)),
    )


STATISTICS = Exercise(
    "08",
    "stretch",
    "Statistics of everything",
    difficulty=3,
    importance=3,
    minutes=15,
    task="""Section 6 measured batch norm's statistics by a plain average over the clips. That is exact for the mean if
all clips are equally large, and for the variance only if their means are equal, too. Let batch $i$ have $n_i$ numbers per
channel, with mean $\\mu_i$ and variance $\\sigma_i^2 = \\operatorname{mean} (x - \\mu_i)^2$. Compute from these alone,
without the numbers $x$, the mean and the variance that all of them have together:

$$ \\mu = \\operatorname{mean} x , \\qquad \\sigma^2 = \\operatorname{mean} (x - \\mu)^2 . $$

Known cases: two batches of the same size, and a single one, whose statistics stay as they are.""",
    solution=merged_statistics,
    hints=(
        "Two batches without any variance, one all 0 and one all 1: what is the variance of both together?",
        "Write $x - \\mu$ as $(x - \\mu_i) + (\\mu_i - \\mu)$, square, and take means. The mixed term vanishes.",
    ),
    cases=_statistics_cases,
    mistakes=(
        Mistake(
            _within_only,
            "The mean is right, the variance too small.",
            "Your variance is that within the batches. It misses that their means differ.",
        ),
        Mistake(
            _sizes_ignored,
            "Right for batches of one size.",
            "All your batches count alike. A large one has more numbers.",
        ),
        Mistake(
            _deviations_averaged,
            "The mean is right, the variance a little too small.",
            "You average standard deviations. It is squares that add up.",
        ),
        Mistake(
            _mean_not_subtracted,
            "The mean is right, the variance too large, even for a single batch.",
            "Yours is the mean of squares. A variance is of differences from the mean of all.",
        ),
        Mistake(
            _running,
            "The first batch counts for nearly everything.",
            "You update a running average. It remembers its start; here each number counts alike.",
        ),
    ),
)
EXERCISES = (STATISTICS,)
