"""The core exercise of chapter 21: where one person ends and the next begins, for all at once."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def gates_of_all(d, ramp):
    """d, a tensor (P, H, W): pixels to the mask of each person, negative inside;
    ramp float > 0: how many pixels wide a border is

    → gates (P, H, W), 0 … 1; of one person alone 1 everywhere.
    """
    own = torch.eye(len(d), dtype=torch.bool)[:, :, None, None]  # (P, P, 1, 1)
    others = d.expand(len(d), *d.shape).masked_fill(own, torch.inf)  # (P, P, H, W)
    nearest = others.amin(1)  # (P, H, W)
    return (0.5 + (nearest - d) / ramp).clamp(0, 1)


def _own_among_others(d, ramp):
    return (0.5 + (d.amin(0) - d) / ramp).clamp(0, 1)


def _sign_swapped(d, ramp):
    return 1 - gates_of_all(d, ramp)


def _the_other_of_two(d, ramp):
    return (0.5 + (d.flip(0) - d) / ramp).clamp(0, 1)


def _nearest_takes_all(d, ramp):
    return (d == d.amin(0)).to(d.dtype)


def _softmax(d, ramp):
    return (-d / ramp).softmax(0)


def _ramp_of_three(d, ramp):
    return gates_of_all(d, 3.0)


def _mean_of_others(d, ramp):
    mean = (d.sum(0) - d) / (len(d) - 1) if len(d) > 1 else torch.full_like(d, torch.inf)
    return (0.5 + (mean - d) / ramp).clamp(0, 1)


def _product_over_others(d, ramp):
    return (0.5 + (_others(d) - d[:, None]) / ramp).clamp(0, 1).prod(1)


def _next_in_the_list(d, ramp):
    far = torch.full_like(d[:1], torch.inf)
    nearest = torch.minimum(torch.cat([far, d[:-1]]), torch.cat([d[1:], far]))
    return (0.5 + (nearest - d) / ramp).clamp(0, 1)


def _others(d):
    """(P, P, H, W): of each person the distances to all, to themselves infinite."""
    own = torch.eye(len(d), dtype=torch.bool)[:, :, None, None]
    return d.expand(len(d), *d.shape).masked_fill(own, torch.inf)


def _discs(draw: Draw, places: torch.Tensor, H: int, W: int) -> torch.Tensor:
    """(P, H, W): signed distances to discs; places (P, 2): their centres, rows and columns as shares of the picture."""
    row, column = torch.meshgrid(torch.arange(H) + 0.5, torch.arange(W) + 0.5, indexing="ij")
    y, x = (places * torch.tensor([H, W]))[..., None, None].unbind(1)  # (P, 1, 1) each
    return torch.hypot(row - y, column - x) - draw.uniform(len(places), 1, 1, low=1, high=2)


def _around(draw: Draw, P: int) -> torch.Tensor:
    """(P, 2): on a ring in mixed order, so that all border on all in the middle."""
    angle = 2 * torch.pi * (draw.uniform(P).argsort() + draw.number()) / P
    return 0.5 + 0.35 * torch.stack([angle.sin(), angle.cos()], 1)


def _gate_cases(draw: Draw):
    row = torch.tensor([[-1.0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, -1]])[:, None]  # (2, 1, 6)
    two = torch.tensor([[0.3, 0.2], [0.6, 0.8]])
    yield Case("a row of six pixels, two people at its ends", (row, 3.0), public=True)
    yield Case("two people in a small picture, ramp 3", (_discs(draw, two, 7, 9), 3.0), public=True)
    yield Case("two people, another ramp", (_discs(draw, _around(draw, 2), 6, 8), draw.number(1.2, 2.2)))
    yield Case("one person alone", (_discs(draw, _around(draw, 1), 5, 7), draw.number(2, 4)))
    yield Case("three people around a place", (_discs(draw, _around(draw, 3), 9, 11), draw.number(3.5, 5)))
    P = draw.integer(4, 6)
    yield Case("a crowd around a place", (_discs(draw, _around(draw, P), 11, draw.integer(9, 13)), draw.number(4, 6)))


GATES = Exercise(
    "21",
    "core",
    "The gates of all people at once",
    difficulty=3,
    importance=5,
    minutes=15,
    task="""The first factor of section 3's gate, for everybody and any width of the ramp. With $d_p(x)$ the distance from
pixel $x$ to the mask of person $p$, negative inside,

$$ \\text{gate}_p(x) =
\\operatorname{clip}\\Bigl(\\tfrac12 + \\frac{\\min_{q \\ne p} d_q(x) - d_p(x)}{\\text{ramp}}\\Bigr)_0^1 . $$

Who is alone has nobody to share with: the gate is 1 everywhere.

Known cases: a row of six pixels with a person at each end, `ramp` 3, where the first gate is 1, 1, 5/6, 1/6, 0, 0 and the
second is the same from the right; two people in a small picture, `ramp` 3.""",
    solution=gates_of_all,
    hints=(
        "For every pair $(p, q)$ there is a map of distances, and the pairs with $q = p$ must never win the minimum.",
        "`d.expand(len(d), *d.shape)` is (P, P, H, W): for each $p$ the distances to all $q$. Which number, put on its "
        "diagonal, is never the smallest, and what becomes of it when there is only one person?",
    ),
    cases=_gate_cases,
    mistakes=(
        Mistake(
            _own_among_others,
            "No gate is above one half.",
            "The person's own distance is among the others'. Nobody is nearer to a pixel than the nearest of all.",
        ),
        Mistake(
            _sign_swapped,
            "Everybody gets what is somebody else's.",
            "Your difference has the wrong sign: where the others are far, the pixel is the person's.",
        ),
        Mistake(
            _the_other_of_two,
            "Right for two people, one half everywhere for one.",
            "You compare with the one at the other end of the list, which takes for granted that there are two people.",
        ),
        Mistake(
            _nearest_takes_all,
            "Only 0 and 1, with jagged borders.",
            "You give each pixel to the nearest person whole. The ramp makes the border soft.",
        ),
        Mistake(
            _softmax,
            "A gate of nearly 1 at most, even in the middle of the person.",
            "You share each pixel by a softmax. It never quite ends; a clipped ramp leaves the inside alone.",
        ),
        Mistake(
            _ramp_of_three,
            "Right for `ramp` 3 only.",
            "Your border is 3 pixels wide, whatever `ramp` says.",
        ),
        Mistake(
            _mean_of_others,
            "Right for two people. With more, a gate reaches over onto others' masks.",
            "You compare with the mean distance to the others. One who is far away then makes room next to one who is near.",
        ),
        Mistake(
            _product_over_others,
            "Right for two people, too dark where three meet.",
            "You multiply one gate for each of the others. Only the nearest of them counts.",
        ),
        Mistake(
            _next_in_the_list,
            "Right for two people. With more, some gates overlap.",
            "You compare each person with the neighbours in the list. They come in no order: anybody can stand beside anybody.",
        ),
    ),
)
EXERCISES = (GATES,)
