"""The stretch exercise of chapter 02: a dilated convolution as plain ones on the phases of a map."""

import torch
import torch.nn.functional as F

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def dilated_by_phases(x, weight, d):
    """x (B, C, H, W), weight (D, C, k, k), k odd; d int, the dilation, 1 ≤ d ≤ H, W

    → y (B, D, H, W), the convolution with dilation d that keeps the size.
    """
    B, _, H, W = x.shape
    y = x.new_empty(B, len(weight), H, W)
    for row in range(d):
        for column in range(d):
            phase = x[:, :, row::d, column::d]  # every d-th cell: neighbours now
            answer = F.conv2d(phase, weight, padding=weight.shape[-1] // 2)
            y[:, :, row::d, column::d] = answer
    return y


def _phases_side_by_side(x, weight, d):
    rows = []
    for row in range(d):
        phases = [x[:, :, row::d, column::d] for column in range(d)]
        rows.append(torch.cat([_plain(phase, weight) for phase in phases], dim=3))
    return torch.cat(rows, dim=2)


def _one_phase_for_all(x, weight, d):
    y = _plain(x[:, :, ::d, ::d], weight)
    y = y.repeat_interleave(d, dim=2).repeat_interleave(d, dim=3)
    return y[:, :, : x.shape[2], : x.shape[3]]


def _kernel_of_neighbours(x, weight, d):
    return _plain(x, weight)


def _always_two(x, weight, d):
    return dilated_by_phases(x, weight, 2)


def _rows_only(x, weight, d):
    y = x.new_empty(len(x), len(weight), *x.shape[2:])
    for row in range(d):
        y[:, :, row::d] = _plain(x[:, :, row::d], weight)
    return y


def _other_phases_left_empty(x, weight, d):
    y = x.new_zeros(len(x), len(weight), *x.shape[2:])
    y[:, :, ::d, ::d] = _plain(x[:, :, ::d, ::d], weight)
    return y


def _plain(x, weight):
    return F.conv2d(x, weight, padding=weight.shape[-1] // 2)


def _phase_cases(draw: Draw):
    yield Case("dilation 2, even sides", (draw.normal(1, 2, 6, 8), draw.normal(3, 2, 3, 3), 2), public=True)
    yield Case("dilation 1", (draw.normal(1, 2, 4, 5), draw.normal(2, 2, 3, 3), 1))
    yield Case("1×1 kernel, dilation 2", (draw.normal(1, 3, 5, 3), draw.normal(2, 3, 1, 1), 2))
    yield Case("dilation as large as the map", (draw.normal(1, 2, 3, 3), draw.normal(2, 2, 3, 3), 3))
    yield Case("two maps, 5×5 kernel, dilation 3", (draw.normal(2, 2, 10, 11), draw.normal(3, 2, 5, 5), 3))


PHASES = Exercise(
    "02",
    "stretch",
    "Dilation without dilation",
    difficulty=3,
    importance=4,
    minutes=20,
    task="""Section 7 showed that a dilated layer computes what a stride would have thrown away. So write a dilated
convolution that never mentions dilation. Of a map, take every $d$-th row and every $d$-th column: that is one
*phase*, a smaller map in which the taps lie side by side. Convolve each of the $d \\times d$ phases plainly with
`F.conv2d`, keeping its size, and put each result back where its phase was taken from.

Known case: dilation 2 on a map with even sides.""",
    solution=dilated_by_phases,
    hints=(
        "`x[:, :, row::d, column::d]` is a phase. Which cells of the result belong to it?",
        "Make the result first, empty, and fill it phase by phase with the same slices on the left of the equals sign.",
    ),
    cases=_phase_cases,
    mistakes=(
        Mistake(
            _phases_side_by_side,
            "The picture comes out as several small ones.",
            "You lay the phases next to each other. They have to be woven together again.",
        ),
        Mistake(
            _one_phase_for_all,
            "A mosaic of equal blocks.",
            "You convolve one phase and repeat it: the strided map, enlarged. The other phases have values of their own.",
        ),
        Mistake(
            _kernel_of_neighbours,
            "It answers to finer detail than it should.",
            "This is the plain convolution: its taps touch neighbouring cells of the whole map.",
        ),
        Mistake(
            _always_two,
            "Right for dilation 2 only.",
            "Your number of phases is fixed. Dilation d has d in each direction.",
        ),
        Mistake(
            _rows_only,
            "Right from top to bottom, wrong from left to right.",
            "Your taps are spread along rows only. A phase skips columns as well.",
        ),
        Mistake(
            _other_phases_left_empty,
            "Every second row and column is black.",
            "You fill one phase and leave the others empty: this is the stride again, with gaps.",
        ),
    ),
    gradients=True,
)
EXERCISES = (PHASES,)
