"""Exercises of chapter 07: the change of an error, and what a row of pixels pays layer by layer."""

import torch
import torch.nn.functional as fn

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def change_of_error(alpha, true_alpha):
    """alpha, true_alpha (B, T, 1, H, W), T ≥ 1 → the price (), 0 for T = 1."""
    change = (alpha - true_alpha).diff(dim=1)  # (B, T-1, 1, H, W)
    return 5 * change.square().sum() / max(change.numel(), 1)


def _forbids_change(alpha, true_alpha):
    return change_of_error(alpha, torch.zeros_like(alpha))


def _along_the_rows(alpha, true_alpha):
    return 5 * (alpha - true_alpha).diff().square().mean()


def _divided_by_all(alpha, true_alpha):
    frames = alpha.shape[1]
    return change_of_error(alpha, true_alpha) * (frames - 1) / frames


def _norm(alpha, true_alpha):
    return 5 * (alpha - true_alpha).diff(dim=1).norm()


def _square_of_the_mean(alpha, true_alpha):
    change = (alpha - true_alpha).diff(dim=1)
    return 5 * (change.sum() / max(change.numel(), 1)) ** 2


def _nothing_for_one_frame(alpha, true_alpha):
    return 5 * (alpha - true_alpha).diff(dim=1).square().mean()


def _change_cases(draw: Draw):
    truth = draw.uniform(2, 3, 1, 4, 4) + torch.tensor([0.0, 1.0, 2.0]).view(1, 3, 1, 1, 1)
    truth = truth / 3  # it grows, so that rises and falls do not cancel
    yield Case("an error that stays", (truth + 0.25, truth), public=True)
    yield Case("a frozen matte", (truth[:, :1].repeat(1, 3, 1, 1, 1), truth), public=True)
    yield Case("one clip, odd sides", (*draw.uniform(2, 1, 4, 1, 5, 3),))
    yield Case("a single frame", (*draw.uniform(2, 2, 1, 1, 4, 4),))
    yield Case("two clips of three frames", (*draw.uniform(2, 2, 3, 1, 4, 6),))


CHANGE = Exercise(
    "07",
    "warm-up",
    "The price of a change",
    difficulty=1,
    importance=4,
    minutes=5,
    task="""Write coherence (section 3) so that it also survives a photograph (section 10):

$$ 5 \\operatorname{mean}_{t \\ge 1} \\left( e_t - e_{t-1} \\right)^2 , \\qquad e = \\alpha - \\alpha^* , $$

and 0 for a clip of one frame, where no change can be measured.

Known cases: an error that stays, which is free, and a matte that is frozen at its first frame.""",
    solution=change_of_error,
    hints=(
        "Which axis is time? And how many differences have three frames?",
        "Subtract first, then `diff`. Divide a sum by a count that you keep from being 0.",
    ),
    cases=_change_cases,
    mistakes=(
        Mistake(
            _forbids_change,
            "A constant error costs something, a frozen matte nothing.",
            "You charge for the change of the matte. What should cost is the change of its error.",
        ),
        Mistake(
            _along_the_rows,
            "A price comes out that has nothing to do with time.",
            "Your differences are between neighbours in a row: diff takes the last axis when no other is named.",
        ),
        Mistake(
            _divided_by_all,
            "A little too cheap, most of all for short clips.",
            "You divide by the number of frames. There is one difference less than frames.",
        ),
        Mistake(
            _norm,
            "The price grows with the size of the picture.",
            "You take a norm. The mean square has no root, and divides by the number of pixels.",
        ),
        Mistake(
            _square_of_the_mean,
            "Nearly free, whatever flickers.",
            "You square the mean of the changes: rises and falls cancel before they are squared.",
        ),
        Mistake(
            _nothing_for_one_frame,
            "NaN for a photograph, and one step later in every weight.",
            "Your mean over no differences at all is 0/0.",
        ),
    ),
    gradients=True,
)


def row_price(error, layers):
    """error (N, W), rows of pixels, W a multiple of 2 ** layers → the price ()."""
    taps = torch.tensor([[[1, 4, 6, 4, 1]]], dtype=error.dtype) / 16

    def smooth(x):  # (N, W), ends are mirrored
        return fn.conv1d(fn.pad(x[:, None], (2, 2), "reflect"), taps)[:, 0]

    price = 0
    for k in range(layers):
        smaller = smooth(error)[:, ::2]
        wide = torch.zeros_like(error)
        wide[:, ::2] = 2 * smaller  # every second pixel is 0
        price = price + 2**k / layers * (error - smooth(wide)).abs().mean()
        error = smaller
    return price


def _priced(error, layers, factor=2, mode="reflect", weight=lambda k: 2**k, remainder=False):
    """The price with one thing changed."""
    taps = torch.tensor([[[1, 4, 6, 4, 1]]], dtype=error.dtype) / 16

    def smooth(x):
        return fn.conv1d(fn.pad(x[:, None], (2, 2), mode), taps)[:, 0]

    price = 0
    for k in range(layers):
        smaller = smooth(error)[:, ::2]
        wide = torch.stack([factor * smaller, torch.zeros_like(smaller)], dim=-1).flatten(1)
        price = price + weight(k) / layers * (error - smooth(wide)).abs().mean()
        error = smaller
    return price + weight(layers) / layers * error.abs().mean() if remainder else price


def _four_as_in_pictures(error, layers):
    return _priced(error, layers, factor=4)


def _zeros_beyond(error, layers):
    return _priced(error, layers, mode="constant")


def _equal_weights(error, layers):
    return _priced(error, layers, weight=lambda k: 1)


def _nothing_made_up(error, layers):
    return _priced(error, layers, factor=1)


def _remainder_counted(error, layers):
    return _priced(error, layers, remainder=True)


def _always_five(error, layers):
    return row_price(error, layers) * layers / 5


def _row_cases(draw: Draw):
    yield Case("noise, one layer", (draw.normal(2, 16), 1), public=True)
    yield Case("an offset, three layers", (torch.full((1, 32), 0.25), 3), public=True)
    yield Case("one row, two layers", (draw.normal(1, 12), 2))
    yield Case("five layers", (draw.normal(2, 96), 5))
    yield Case("three rows, three layers", (draw.normal(3, 40), 3))


ROW = Exercise(
    "07",
    "core",
    "A pyramid over a row",
    difficulty=3,
    importance=4,
    minutes=15,
    task="""Build the Laplacian loss for rows of pixels, from nothing but the kernel $b = \\frac1{16} (1, 4, 6, 4, 1)$.
Smooth and keep every second pixel, beginning with the first: one step down. Zeros between the pixels, smooth, and make up
for the zeros: one step up. With mirrored ends and

$$ L_k = x_k - \\operatorname{enlarge}(x_{k+1}) , \\qquad
\\text{price} = \\frac1n \\sum_{k=0}^{n-1} 2^k \\operatorname{mean} |L_k(e)| $$

for $n$ layers; the remainder is left out. How much has to be made up for is not what it was in a picture: think.

Known cases: noise with one layer, and an offset with three layers, which must be free.""",
    solution=row_price,
    hints=(
        "An offset tells you the factor: a constant must survive the way down and up. Which share of a widened row is not 0?",
        "`fn.conv1d` wants (N, 1, W), `fn.pad(…, 'reflect')` mirrors. Loop over k, and go on with the shrunken row.",
    ),
    cases=_row_cases,
    mistakes=(
        Mistake(
            _four_as_in_pictures,
            "An offset costs something.",
            "You multiply by 4, as in a picture, where three of four pixels are zeros. How many are it in a row?",
        ),
        Mistake(
            _zeros_beyond,
            "Nearly right; an offset costs something at both ends.",
            "Your rows end in zeros, so a constant falls off there: the ends have to be mirrored.",
        ),
        Mistake(
            _equal_weights,
            "Right with one layer, too cheap with several.",
            "All your layers weigh the same. Coarse ones should push harder.",
        ),
        Mistake(
            _nothing_made_up,
            "An offset costs half of itself in the first layer.",
            "You do not make up for the zeros: what you enlarge comes back weaker than it was.",
        ),
        Mistake(
            _remainder_counted,
            "An offset costs something although all layers are 0.",
            "You charge for the remainder too. It holds the offset, and the loss leaves it out.",
        ),
        Mistake(
            _always_five,
            "Right with five layers only.",
            "You divide by 5, the chapter's number of layers. Here it is an argument.",
        ),
    ),
    gradients=True,
)
EXERCISES = (CHANGE, ROW)
