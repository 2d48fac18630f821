"""Exercises of chapter 12: how far a place sees, and the four grains of pyramid pooling."""

import math

import torch
import torch.nn.functional as F

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def pixels_read(stride, kernels):
    """stride int, 8, 16 or 32; kernels: list of odd int, may be empty

    → side in pixels, int.
    """
    cells = 1 if stride == 8 else 2  # the resize to stride 8 mixes two neighbours
    for k in kernels:
        cells += k - 1
    return stride * cells


def _enlarging_forgotten(stride, kernels):
    return stride * (1 + sum(k - 1 for k in kernels))


def _enlarged_at_stride_8_too(stride, kernels):
    return stride * (2 + sum(k - 1 for k in kernels))


def _enlarged_by_as_many_cells(stride, kernels):
    return stride * (stride // 8 + sum(k - 1 for k in kernels))


def _one_side_only(stride, kernels):
    return stride * ((1 if stride == 8 else 2) + sum(k // 2 for k in kernels))


def _kernels_multiplied(stride, kernels):
    return stride * ((1 if stride == 8 else 2) + math.prod(kernels) - 1)


def _widest_kernel_only(stride, kernels):
    return stride * ((1 if stride == 8 else 2) + max(kernels, default=1) - 1)


def _convolved_after_enlarging(stride, kernels):
    return stride * (1 if stride == 8 else 2) + 8 * sum(k - 1 for k in kernels)


def _in_cells(stride, kernels):
    return pixels_read(stride, kernels) // stride


def _reach_cases(draw: Draw):
    for stride in (8, 32, 16):
        yield Case(f"one 3×3 convolution at stride {stride}", (stride, [3]), public=True)
    yield Case("two 3×3 convolutions", (16, [3, 3]))
    yield Case("a 1×1 and a 5×5 convolution", (32, [1, 5]))
    yield Case("no convolution at stride 8", (8, []))
    yield Case("no convolution at stride 32", (32, []))
    yield Case("a stack of convolutions", (8 * 2 ** draw.integer(0, 2), [2 * draw.integer(1, 3) + 1 for _ in range(4)]))


REACH = Exercise(
    "12",
    "warm-up",
    "How far a place sees",
    difficulty=2,
    importance=4,
    minutes=6,
    task="""Section 6 counts what one place of X reads without pooling, through one 3×3 convolution a scale. Count it for any
stack of convolutions: a map of stride `stride` goes through convolutions with the sides `kernels`, one behind the other, and is
then brought to stride 8 by the bilinear $\\mathrm{resize}$ (at stride 8 there is nothing to resize). How many pixels a side
does a place of X see, far from the border?

Known cases: one 3×3 convolution at stride 8, at 32, at 16.""",
    solution=pixels_read,
    hints=(
        "Go backwards from the place of X: how many cells does the resize read, and what does each convolution add?",
        "Count in cells of the map, where each convolution adds the same on either side. A cell is `stride` pixels wide.",
    ),
    cases=_reach_cases,
    mistakes=(
        Mistake(
            _enlarging_forgotten,
            "Right at stride 8, a cell too few at 16 and 32.",
            "You forget the resize: between two cells it reads both.",
        ),
        Mistake(
            _enlarged_at_stride_8_too,
            "A cell too many at stride 8.",
            "You resize at stride 8 too, where the map has its size already.",
        ),
        Mistake(
            _enlarged_by_as_many_cells,
            "Right at stride 8 and 16, too large at 32.",
            "Your resize reads more cells the more it enlarges. Bilinear means two, however far apart they come to lie.",
        ),
        Mistake(
            _one_side_only,
            "Too small for every kernel but 1×1.",
            "You add what a kernel reaches on one side. It reaches as far on the other.",
        ),
        Mistake(
            _kernels_multiplied,
            "Right for one convolution, far too large for several.",
            "You multiply the kernels. A second convolution adds its border to what is seen already.",
        ),
        Mistake(
            _widest_kernel_only,
            "More convolutions change nothing.",
            "You count the widest kernel alone. Those behind it widen the view too.",
        ),
        Mistake(
            _convolved_after_enlarging,
            "Right at stride 8, too small at 16 and 32.",
            "You count a kernel's cells as cells of X. The convolutions run before the resize, on larger cells.",
        ),
        Mistake(_in_cells, "Far too small everywhere.", "Your answer is in cells of the map: pixels are asked for."),
    ),
    tensors=False,
)


def four_grains(x, weight, bias):
    """x (B, D, h, w); weight (4, d, D), bias (4, d), one 1×1 convolution a grain

    → [g₁, g₂, g₃, g₆, x] along the channels (B, 4d + D, h, w).
    """
    parts = []
    for s, W, b in zip((1, 2, 3, 6), weight, bias, strict=True):
        pooled = F.adaptive_avg_pool2d(x, s)  # (B, D, s, s)
        mixed = F.conv2d(pooled, W[:, :, None, None], b).relu()  # (B, d, s, s)
        parts.append(F.interpolate(mixed, size=x.shape[2:], mode="bilinear"))
    return torch.cat([*parts, x], dim=1)


def _grains(x, weight, bias, pool=F.adaptive_avg_pool2d, cut=F.relu, **resizing):
    resizing = resizing or {"mode": "bilinear"}
    parts = []
    for s, W, b in zip((1, 2, 3, 6), weight, bias, strict=True):
        mixed = cut(F.conv2d(pool(x, s), W[:, :, None, None], b))
        parts.append(F.interpolate(mixed, size=x.shape[2:], **resizing))
    return torch.cat([*parts, x], dim=1)


def _cells_repeated(x, weight, bias):
    return _grains(x, weight, bias, mode="nearest")


def _corners_aligned(x, weight, bias):
    return _grains(x, weight, bias, mode="bilinear", align_corners=True)


def _nothing_cut(x, weight, bias):
    return _grains(x, weight, bias, cut=lambda mixed: mixed)


def _relu_after_resizing(x, weight, bias):
    grains = _nothing_cut(x, weight, bias)[:, : -x.shape[1]]
    return torch.cat([grains.relu(), x], dim=1)


def _mixed_before_pooling(x, weight, bias):
    parts = []
    for s, W, b in zip((1, 2, 3, 6), weight, bias, strict=True):
        pooled = F.adaptive_avg_pool2d(F.conv2d(x, W[:, :, None, None], b).relu(), s)
        parts.append(F.interpolate(pooled, size=x.shape[2:], mode="bilinear"))
    return torch.cat([*parts, x], dim=1)


def _windows_of_one_size(x, weight, bias):
    def pool(x, s):
        sides = [max(n // s, 1) for n in x.shape[2:]]
        return F.avg_pool2d(x, sides)[..., :s, :s]

    return _grains(x, weight, bias, pool=pool)


def _grain_arguments(draw: Draw, *shape: int, d: int) -> tuple:
    return draw.normal(*shape), draw.normal(4, d, shape[1]), draw.normal(4, d) / 2


def _grain_cases(draw: Draw):
    yield Case("one map of 12 × 6 cells", _grain_arguments(draw, 1, 4, 12, 6, d=2), public=True)
    yield Case("two maps of 7 × 10 cells", _grain_arguments(draw, 2, 3, 7, 10, d=2))
    yield Case("a map of 2 × 4 cells", _grain_arguments(draw, 1, 4, 2, 4, d=1))
    yield Case("a map of 9 × 8 cells", _grain_arguments(draw, 2, 5, 9, 8, d=3))


GRAINS = Exercise(
    "12",
    "core",
    "The whole picture, for every place",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""Write section 4's grains with functions, from the weights alone:

$$ g_s = \\mathrm{resize}\\bigl(\\max(0,\\; W_s\\, \\mathrm{pool}_s(x) + b_s)\\bigr), \\qquad s \\in \\{1, 2, 3, 6\\} $$

and return them with the map itself, $[g_1, g_2, g_3, g_6, x]$, as the last convolution of the block reads them. A map may have
any number of rows and columns, fewer than six too.

Known case: one map of 12 × 6 cells.""",
    solution=four_grains,
    hints=(
        "Follow the formula from the inside out: four steps for a grain, in this order. Which of them know the size of $x$?",
        "`F.adaptive_avg_pool2d` has section 4's bins, also where $s$ does not divide $h$. `W[:, :, None, None]` is a 1×1 "
        "kernel. A resize by `size` fits any map.",
    ),
    cases=_grain_cases,
    mistakes=(
        Mistake(
            _windows_of_one_size,
            "Right where 6 divides both sides, wrong elsewhere.",
            "Your bins are windows of one size, as in an export. They leave rows out, or lack them, where s is no divisor.",
        ),
        Mistake(
            _cells_repeated,
            "The grain of one bin is right, the others have steps.",
            "You repeat cells, as the feature pyramid does. Here the grains are spread bilinearly.",
        ),
        Mistake(
            _corners_aligned,
            "The grain of one bin is right, the others are off between the corners.",
            "You align corner cells. PyTorch's bilinear resize, used here, aligns the outer edges of the maps.",
        ),
        Mistake(
            _relu_after_resizing,
            "Wrong only near a change of sign between bins.",
            "You cut negative values behind the resize. They have then been mixed into their neighbours already.",
        ),
        Mistake(
            _nothing_cut,
            "There are negative grains.",
            "Your grains keep their negative values.",
        ),
        Mistake(
            _mixed_before_pooling,
            "No grain is 0.",
            "You mix each place and pool then. The ReLU has seen single places in that order, not the means.",
        ),
    ),
    gradients=True,
)
EXERCISES = (REACH, GRAINS)
