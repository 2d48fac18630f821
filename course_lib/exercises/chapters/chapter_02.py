"""Exercises of chapter 02: what a convolution costs, and which pixels a cell sees."""

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def macs_of_convolution(H, W, k, C_in, C_out, stride, groups):
    """All int; H, W of the input; padding as in section 1 → MACs, int."""
    cells = -(-H // stride) * -(-W // stride)
    return k * k * (C_in // groups) * C_out * cells


def _cells_of_the_input(H, W, k, C_in, C_out, stride, groups):
    return macs_of_convolution(H, W, k, C_in, C_out, 1, groups)


def _sizes_rounded_down(H, W, k, C_in, C_out, stride, groups):
    return k * k * (C_in // groups) * C_out * (H // stride) * (W // stride)


def _without_padding(H, W, k, C_in, C_out, stride, groups):
    height, width = (max((side - k) // stride + 1, 0) for side in (H, W))
    return k * k * (C_in // groups) * C_out * height * width


def _groups_forgotten(H, W, k, C_in, C_out, stride, groups):
    return macs_of_convolution(H, W, k, C_in, C_out, stride, 1)


def _groups_on_both_sides(H, W, k, C_in, C_out, stride, groups):
    return macs_of_convolution(H, W, k, C_in, C_out // groups, stride, groups)


def _operations_counted(H, W, k, C_in, C_out, stride, groups):
    return 2 * macs_of_convolution(H, W, k, C_in, C_out, stride, groups)


def _macs_cases(draw: Draw):
    yield Case("the first convolution of the encoder", (288, 512, 3, 3, 16, 2, 1), public=True)
    yield Case("layer 15's depthwise kernel", (18, 32, 5, 960, 960, 1, 960), public=True)
    odd = 2 * draw.integer(5, 30) + 1
    yield Case("odd sides, stride 2", (odd, odd + 2, 5, 12, 20, 2, 1))
    yield Case("a single cell", (1, 1, 3, 8, 8, 2, 8))
    yield Case("four groups, stride 3", (3 * draw.integer(3, 9) + 1, 20, 3, 24, 40, 3, 4))


MACS = Exercise(
    "02",
    "warm-up",
    "What one convolution costs",
    difficulty=1,
    importance=3,
    minutes=5,
    task="""Count the multiply-accumulates of one convolution with $g$ groups, as in section 4:

$$ \\mathrm{MACs} = k^2 \\, \\frac{C_{in}}{g} \\, C_{out} \\, H' W' . $$

You are given the size of its *input*. The padding is that of section 1, so only the stride changes the size.

Known cases: the encoder's first convolution on 288×512, and the depthwise kernel of layer 15 on its 18×32 cells.""",
    solution=macs_of_convolution,
    hints=(
        "The dashes matter: each weight is used once for every cell that comes out. Section 1 says how many do.",
        "Begin with H' and W'. In plain Python, `-(-n // s)` rounds up.",
    ),
    cases=_macs_cases,
    mistakes=(
        Mistake(
            _cells_of_the_input,
            "Right for stride 1, four times too much for stride 2.",
            "You count the cells that go in. A weight is used once per cell that comes out.",
        ),
        Mistake(
            _sizes_rounded_down,
            "Right for even sizes, too little for odd ones.",
            "Your sides round down. With this padding the last, incomplete step of a stride gives a cell too.",
        ),
        Mistake(
            _without_padding,
            "A little too little, and nothing at all for tiny maps.",
            "Your kernel never hangs over the border. With the padding of section 1 it does.",
        ),
        Mistake(
            _groups_forgotten,
            "A depthwise kernel looks as dear as a full one.",
            "Your channels all see each other. With groups, a channel reads only the inputs of its own group.",
        ),
        Mistake(
            _groups_on_both_sides,
            "Depthwise kernels are almost free.",
            "You divide inputs and outputs by the groups. That is one group alone, and there are several.",
        ),
        Mistake(
            _operations_counted,
            "Exactly twice too much.",
            "You count floating-point operations. A multiplication and its addition are one multiply-accumulate.",
        ),
    ),
    tensors=False,
)


def pixels_seen(layers, cell, side):
    """layers list of (k, stride, dilation), k odd; cell int, its index along one side

    → first and last pixel of its field, both included, on a picture of `side` pixels.
    """
    r, j = 1, 1
    for k, stride, dilation in layers:
        r, j = r + dilation * (k - 1) * j, j * stride
    middle, reach = j * cell, r // 2
    return max(middle - reach, 0), min(middle + reach, side - 1)


def _field_and_stride(layers):
    r, j = 1, 1
    for k, stride, dilation in layers:
        r, j = r + dilation * (k - 1) * j, j * stride
    return r, j


def _on_the_picture(first, last, side):
    return max(first, 0), min(last, side - 1)


def _middle_of_the_block(layers, cell, side):
    r, j = _field_and_stride(layers)
    middle = j * cell + j // 2
    return _on_the_picture(middle - r // 2, middle + r // 2, side)


def _dilation_forgotten(layers, cell, side):
    return pixels_seen([(k, stride, 1) for k, stride, _ in layers], cell, side)


def _own_stride_too_early(layers, cell, side):
    r, j = 1, 1
    for k, stride, dilation in layers:
        j *= stride
        r += dilation * (k - 1) * j
    return _on_the_picture(j * cell - r // 2, j * cell + r // 2, side)


def _whole_kernels_added(layers, cell, side):
    r, j = 1, 1
    for k, stride, dilation in layers:
        r, j = r + dilation * k * j, j * stride
    return _on_the_picture(j * cell - r // 2, j * cell + r // 2, side)


def _end_not_included(layers, cell, side):
    r, j = _field_and_stride(layers)
    return max(j * cell - r // 2, 0), min(j * cell + r // 2 + 1, side)


def _kernels_in_pixels(layers, cell, side):
    _, j = _field_and_stride(layers)
    reach = sum(dilation * (k - 1) for k, _, dilation in layers) // 2
    return _on_the_picture(j * cell - reach, j * cell + reach, side)


def _beyond_the_border(layers, cell, side):
    r, j = _field_and_stride(layers)
    return j * cell - r // 2, j * cell + r // 2


def _seen_cases(draw: Draw):
    yield Case("one 3×3 layer of stride 2", ([(3, 2, 1)], 5, 32), public=True)
    yield Case("three layers, one dilated", ([(3, 2, 1), (5, 2, 1), (3, 1, 2)], 12, 96), public=True)
    yield Case("no layers", ([], draw.integer(0, 9), 10))
    yield Case("the first cell", ([(3, 2, 1), (3, 2, 1), (5, 1, 2)], 0, 50))
    layers = [(2 * draw.integer(1, 2) + 1, draw.integer(1, 2), draw.integer(1, 3)) for _ in range(4)]
    layers += [(1, 1, 1), (3, 2, 2)]
    _, j = _field_and_stride(layers)
    cells = 12
    side = (cells - 1) * j + 1
    yield Case("six layers, the last cell", (layers, cells - 1, side))
    yield Case("more than the picture", (layers, 1, j + 1))


SEEN = Exercise(
    "02",
    "core",
    "Which pixels one cell sees",
    difficulty=2,
    importance=5,
    minutes=15,
    task="""A receptive field is a size. Where does it lie? For cell number `cell` along one side of the last map,
return the pixels at which its field begins and ends. The recurrence of section 5,

$$ r \\leftarrow r + d\\,(k-1)\\,j, \\qquad j \\leftarrow s\\,j, \\qquad \\text{starting from } r = j = 1 , $$

gives the size, and the end of that section says which pixel is in the middle. What hangs over the border is cut off:
the picture has the pixels 0 to `side` − 1, and padding is no pixel.

Known cases: one 3×3 layer of stride 2, and three layers of which the last is dilated; both with room on all sides.""",
    solution=pixels_seen,
    hints=(
        "You need two numbers: how wide a field is, and how far apart the fields of two neighbouring cells are.",
        "The field of cell 0 has its middle at pixel 0: half of it hangs over the border. Each cell is j pixels further.",
    ),
    cases=_seen_cases,
    mistakes=(
        Mistake(
            _middle_of_the_block,
            "Everything is shifted by half a stride.",
            "You put the field around the middle of the cell's block. With this padding it lies around the block's corner.",
        ),
        Mistake(
            _dilation_forgotten,
            "Right until a layer is dilated.",
            "Your dilated kernels have the width of plain ones: spread taps reach further.",
        ),
        Mistake(
            _own_stride_too_early,
            "Fields nearly twice too wide.",
            "A layer's taps lie as far apart as the cells it reads. Its own stride changes only what comes behind it.",
        ),
        Mistake(
            _kernels_in_pixels,
            "Right for one layer, too narrow for many.",
            "You add kernels as if every layer read pixels. Behind strides, one step of a kernel is several pixels.",
        ),
        Mistake(
            _whole_kernels_added,
            "Fields too wide, by one step for every layer.",
            "You add all taps of a kernel. From its first tap to its last there is one step less than taps.",
        ),
        Mistake(
            _end_not_included,
            "The last pixel is one too far.",
            "Your end is the pixel behind the field, as in a slice. The task wants the last one in it.",
        ),
        Mistake(
            _beyond_the_border,
            "Right in the middle, impossible pixels at the border.",
            "Your field hangs over the border. There is padding, and it does not belong to the picture.",
        ),
    ),
    tensors=False,
)
EXERCISES = (MACS, SEEN)
