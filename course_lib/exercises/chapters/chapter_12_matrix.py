"""The stretch exercise of chapter 12: a grain as a matrix, whose rows say what each place reads."""

import torch
import torch.nn.functional as F

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def grain_matrix(cells, bins):
    """cells int, n; bins int, s → (n, n): row i is what place i reads of each cell."""
    impulses = torch.eye(cells)[None]  # (1, n, n): channel j is 1 at cell j alone
    pooled = F.adaptive_avg_pool1d(impulses, bins)  # (1, n, s)
    spread = F.interpolate(pooled, size=cells, mode="linear")  # (1, n, n)
    return spread[0].T


def _answers(cells, pooled, **resizing):
    return F.interpolate(pooled, size=cells, **(resizing or {"mode": "linear"}))[0].T


def _impulses(cells):
    return torch.eye(cells)[None]


def _cells_in_rows(cells, bins):
    return grain_matrix(cells, bins).T


def _bins_repeated(cells, bins):
    return _answers(cells, F.adaptive_avg_pool1d(_impulses(cells), bins), mode="nearest")


def _corners_aligned(cells, bins):
    return _answers(cells, F.adaptive_avg_pool1d(_impulses(cells), bins), mode="linear", align_corners=True)


def _windows_of_one_size(cells, bins):
    windows = F.avg_pool1d(_impulses(cells), max(cells // bins, 1))[..., :bins]
    return _answers(cells, windows)


def _sums(cells, bins):
    pooled = F.adaptive_avg_pool1d(_impulses(cells), bins)  # (1, n, s)
    return _answers(cells, (pooled > 0).to(pooled))


def _bins_never_share(cells, bins):
    means = torch.zeros(1, cells, bins)
    for i in range(bins):
        first, end = i * cells // bins, (i + 1) * cells // bins
        means[0, first:end, i] = 1 / max(end - first, 1)
    return _answers(cells, means)


def _matrix_cases(draw: Draw):
    yield Case("one bin of four cells", (4, 1), public=True)
    yield Case("two bins of four cells", (4, 2), public=True)
    yield Case("three bins of eight cells", (8, 3))
    yield Case("six bins of four cells", (4, 6))
    yield Case("one cell", (1, 3))
    yield Case("six bins of many cells", (draw.integer(13, 17), 6))


MATRIX = Exercise(
    "12",
    "stretch",
    "A grain as a matrix",
    difficulty=4,
    importance=3,
    minutes=15,
    task="""Pooling and resizing only add and multiply by constants, so on a row of $n$ cells the two together are an
$n \\times n$ matrix: $\\mathrm{resize}(\\mathrm{pool}_s(x)) = G\\,x$. Its row $i$ is what place $i$ reads, cell by cell.
Return $G$, with section 4's bins and PyTorch's `F.interpolate(…, mode="linear")`, which is the bilinear one along a single
axis. Look at its rows: how far does each place see, and what do they sum to?

Known cases: one bin of four cells, two bins of four cells.""",
    solution=grain_matrix,
    hints=(
        "What does a linear step answer to a row that is 1 at one cell and 0 elsewhere? That is one part of the matrix: a "
        "row or a column?",
        "Send all $n$ such rows through at once, as the channels of one map. `F.adaptive_avg_pool1d` has the bins.",
    ),
    cases=_matrix_cases,
    mistakes=(
        Mistake(
            _cells_in_rows,
            "Right for one bin; else the rows do not sum to 1.",
            "Your matrix is transposed. The answer to a 1 at one cell says how that cell is read, from every place.",
        ),
        Mistake(
            _bins_repeated,
            "All places of a bin read the same.",
            "You repeat the bins. The linear resize mixes neighbouring ones.",
        ),
        Mistake(
            _corners_aligned,
            "The outer places are right, those between are not.",
            "You align the outermost cells. The resize used here aligns the outer edges.",
        ),
        Mistake(
            _windows_of_one_size,
            "Right where the bins divide the cells, wrong elsewhere.",
            "Your windows all have one size. Section 4's bins share a cell where they do not fit.",
        ),
        Mistake(
            _sums,
            "Rows sum to more than 1.",
            "Your bins are sums: a grain is a mean.",
        ),
        Mistake(
            _bins_never_share,
            "Right where the bins divide the cells. More bins than cells, and some are empty.",
            "You give each cell to one bin alone. In section 4 a bin ends with the last cell it touches, whole or in part.",
        ),
    ),
    tensors=False,
)
EXERCISES = (MATRIX,)
