"""Exercises of chapter 05: a foreground from a small correction, and one level of the decoder."""

import torch
from torch import nn
from torch.nn.functional import avg_pool2d, interpolate

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def foreground_from_small(I, residual):
    """I (B, 3, H, W) in [0, 1]; residual (B, 3, ⌈H/2⌉, ⌈W/2⌉)

    → F (B, 3, H, W) in [0, 1].
    """
    H, W = I.shape[2:]
    up = interpolate(residual, scale_factor=2, mode="bilinear", align_corners=False)
    return (I + up[:, :, :H, :W]).clamp(0, 1)


def _colour_enlarged(I, residual):
    half = avg_pool2d(I, 2, ceil_mode=True)
    return doubled_and_cut((half + residual).clamp(0, 1), I)


def _stretched(I, residual):
    return (I + interpolate(residual, I.shape[2:], mode="bilinear")).clamp(0, 1)


def _corners_aligned(I, residual):
    enlarged = interpolate(residual, scale_factor=2, mode="bilinear", align_corners=True)
    return (I + enlarged[:, :, : I.shape[2], : I.shape[3]]).clamp(0, 1)


def _nearest(I, residual):
    return (I + interpolate(residual, scale_factor=2)[:, :, : I.shape[2], : I.shape[3]]).clamp(0, 1)


def _correction_never_negative(I, residual):
    return foreground_from_small(I, residual.clamp(0, 1))


def _not_clamped(I, residual):
    return I + doubled_and_cut(residual, I)


def doubled_and_cut(x, level):
    x = interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
    return x[:, :, : level.shape[2], : level.shape[3]]


def _foreground_cases(draw: Draw):
    I = draw.uniform(1, 3, 6, 8, low=0.4, high=0.6)
    yield Case("even sides, small corrections", (I, draw.uniform(1, 3, 3, 4, low=-0.3, high=0.3)), public=True)
    yield Case("one pixel", (draw.uniform(1, 3, 1, 1), draw.normal(1, 3, 1, 1)))
    yield Case("no correction", (draw.uniform(1, 3, 4, 5), torch.zeros(1, 3, 2, 3)))
    yield Case("two pictures, odd sides", (draw.uniform(2, 3, 7, 5), draw.normal(2, 3, 4, 3) / 2))


FOREGROUND = Exercise(
    "05",
    "warm-up",
    "A sharp foreground from a small answer",
    difficulty=1,
    importance=3,
    minutes=5,
    task="""The network ran on a frame of half the size and left its residual $\\rho$ there. Return $F$ at full size,
with all the detail of $I$, as in section 5. The residual is enlarged as section 2 enlarges every map, for odd sizes
too.

Known case: a frame of 6×8 pixels and corrections so small that $I + \\rho$ stays within 0 and 1.""",
    solution=foreground_from_small,
    hints=(
        "What is enlarged here, a colour or a correction? Where do the details come from?",
        "Twice the size, then cut; then add. The clamp comes last.",
    ),
    cases=_foreground_cases,
    mistakes=(
        Mistake(
            _colour_enlarged,
            "The face is blurred.",
            "You enlarge a colour. Its detail was lost when the frame was made small; the large frame still has it.",
        ),
        Mistake(
            _stretched,
            "Right for even sizes, shifted towards the far side for odd ones.",
            "You ask the interpolation for the frame's own size, and it stretches. Maps are doubled, then cut.",
        ),
        Mistake(
            _corners_aligned,
            "Off everywhere, most along the border.",
            "Your interpolation puts the outermost centres on top of each other. Pixels are areas.",
        ),
        Mistake(
            _nearest,
            "Little blocks of 2×2 pixels.",
            "You repeat each value. Section 2 interpolates between neighbours; PyTorch does so only when told.",
        ),
        Mistake(
            _correction_never_negative,
            "F is never darker than I.",
            "You clamp the residual. A correction may be negative: only the colour has limits.",
        ),
        Mistake(
            _not_clamped,
            "Colours below 0 or above 1 where the correction is large.",
            "Your sum is not limited. A colour lies between 0 and 1.",
        ),
    ),
)


def decoder_level(below, f, s, h, weight, z):
    """below (B, C, ⌈H/2⌉, ⌈W/2⌉), f (B, S, H, W), s (B, 3, H, W), h (B, D/2, H, W)

    weight (D, C + S + 3, 3, 3), z float → y (B, D, H, W) and the new h.
    """
    up = interpolate(below, scale_factor=2, mode="bilinear", align_corners=False)
    up = up[:, :, : s.shape[2], : s.shape[3]]
    joined = torch.cat([up, f, s], dim=1)  # (B, C + S + 3, H, W)
    x = nn.functional.conv2d(joined, weight, padding=1).relu()
    a, b = x.chunk(2, dim=1)  # (B, D/2, H, W) each
    h = (1 - z) * h + z * b
    return torch.cat([a, h], dim=1), h


def _skip_first(below, f, s, h, weight, z):
    x = _mixed([f, doubled_and_cut(below, s), s], weight)
    return _remembered(x, h, z)


def _level_stretched(below, f, s, h, weight, z):
    up = interpolate(below, s.shape[2:], mode="bilinear")
    return _remembered(_mixed([up, f, s], weight), h, z)


def _first_half_remembered(below, f, s, h, weight, z):
    a, b = _mixed([doubled_and_cut(below, s), f, s], weight).chunk(2, dim=1)
    h = (1 - z) * h + z * a
    return torch.cat([h, b], dim=1), h


def _proposal_passed_on(below, f, s, h, weight, z):
    x = _mixed([doubled_and_cut(below, s), f, s], weight)
    return x, _remembered(x, h, z)[1]


def _rate_swapped(below, f, s, h, weight, z):
    return decoder_level(below, f, s, h, weight, 1 - z)


def _relu_forgotten(below, f, s, h, weight, z):
    joined = torch.cat([doubled_and_cut(below, s), f, s], dim=1)
    return _remembered(nn.functional.conv2d(joined, weight, padding=1), h, z)


def _skip_detached(below, f, s, h, weight, z):
    return decoder_level(below, f.detach(), s, h, weight, z)


def _mixed(parts, weight):
    return nn.functional.conv2d(torch.cat(parts, dim=1), weight, padding=1).relu()


def _remembered(x, h, z):
    a, b = x.chunk(2, dim=1)
    h = (1 - z) * h + z * b
    return torch.cat([a, h], dim=1), h


def level_inputs(draw: Draw, lead: tuple, C: int, S: int, D: int, size: tuple[int, int]):
    """below, f, s with leading axes `lead` (B, or B and T), the first state, weights and a rate."""
    half = [(side + 1) // 2 for side in size]
    maps = draw.normal(*lead, C, *half), draw.normal(*lead, S, *size), draw.uniform(*lead, 3, *size)
    weight = draw.normal(D, C + S + 3, 3, 3) / (C + S + 3) ** 0.5
    return *maps, draw.normal(lead[0], D // 2, *size), weight, draw.number(0.2, 0.8)


def _level_cases(draw: Draw):
    yield Case("two pictures, even sides", level_inputs(draw, (2,), 4, 3, 6, (4, 6)), public=True)
    *maps, h, weight, _ = level_inputs(draw, (1,), 2, 4, 4, (6, 4))
    yield Case("no state yet, z = 1", (*maps, 0 * h, weight, 1.0))
    yield Case("one pixel", level_inputs(draw, (1,), 3, 2, 2, (1, 1)))
    yield Case("two pictures, odd sides", level_inputs(draw, (2,), 3, 2, 4, (7, 5)))


LEVEL = Exercise(
    "05",
    "core",
    "One level of the decoder",
    difficulty=2,
    importance=5,
    minutes=15,
    task="""Write a level of the decoder from its equation (section 4), without batch normalisation and with the
simplest memory in place of the ConvGRU, a leaky average of rate $z$:

$$ x = \\mathrm{ReLU}\\big(W * [\\,U(y_{below}),\\ f,\\ s\\,]\\big), \\qquad [a, b] = x, $$

$$ h' = (1 - z)\\,h + z\\,b, \\qquad y = [a, h'] . $$

$U$ doubles and cuts as in section 2. The convolution keeps the size. Known case: two pictures with even sides.""",
    solution=decoder_level,
    hints=(
        "Three inputs side by side, in the order that the weights know; two halves behind them, of which one is remembered.",
        "Begin with U: to which of the arguments does it have to fit? Then `torch.cat`, `nn.functional.conv2d`, `chunk`.",
    ),
    cases=_level_cases,
    mistakes=(
        Mistake(
            _skip_first,
            "Right shapes, all numbers off.",
            "You join f before the map from below. The weights know one order only.",
        ),
        Mistake(
            _level_stretched,
            "Right for even sizes only.",
            "You stretch the map from below to the level's size. It is doubled, then cut.",
        ),
        Mistake(
            _first_half_remembered,
            "State and output look exchanged.",
            "You remember the first half. The first half passes untouched, the second is remembered.",
        ),
        Mistake(
            _proposal_passed_on,
            "The state is right, the output has no memory.",
            "You hand b on instead of what is remembered. Then the state has no effect on the picture.",
        ),
        Mistake(
            _rate_swapped,
            "The state clings to the past, or forgets it.",
            "Your z and 1 − z are swapped: z is what the new half counts.",
        ),
        Mistake(
            _relu_forgotten,
            "Negative numbers in the half that passes.",
            "Nothing cuts off negative numbers behind your convolution.",
        ),
        Mistake(
            _skip_detached,
            "Values are right, the encoder would not learn.",
            "Your skip connection is detached: no gradient reaches f.",
        ),
    ),
    gradients=True,
)
EXERCISES = (FOREGROUND, LEVEL)
