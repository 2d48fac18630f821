"""Exercises of chapter 13: what each object adds to a class's score, and the vectors of all queries."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def votes_of_objects(F, weight, bias, masks):
    """F (C, h, w); weight (K, C); bias (K,); masks (n, h, w), bool, disjoint

    → (n, K): what the places of each mask add to the score of each class.
    """
    M = torch.einsum("kc,chw->khw", weight, F) + bias[:, None, None]  # (K, h, w)
    inside = masks.to(F.dtype)  # (n, h, w)
    return torch.einsum("nhw,khw->nk", inside, M) / F[0].numel()


def _mean_in_the_mask(F, weight, bias, masks):
    share = masks.to(F.dtype).mean((1, 2))[:, None]  # (n, 1)
    return votes_of_objects(F, weight, bias, masks) / share.clamp(min=1e-6)


def _bias_for_each_mask(F, weight, bias, masks):
    return votes_of_objects(F, weight, 0 * bias, masks) + bias


def _bias_forgotten(F, weight, bias, masks):
    return votes_of_objects(F, weight, 0 * bias, masks)


def _votes_summed(F, weight, bias, masks):
    return votes_of_objects(F, weight, bias, masks) * F[0].numel()


def _only_votes_for(F, weight, bias, masks):
    M = (torch.einsum("kc,chw->khw", weight, F) + bias[:, None, None]).relu()
    return torch.einsum("nhw,khw->nk", masks.to(F.dtype), M) / F[0].numel()


def _shared_among_masks(F, weight, bias, masks):
    inside = masks.any(0).sum().clamp(min=1)
    return votes_of_objects(F, weight, bias, masks) * F[0].numel() / inside


def _parted(draw: Draw, n: int, h: int, w: int):
    """(n, h, w): each place belongs to one of n masks, or to none; the first place to the first."""
    owner = draw.integers(h, w, low=0, high=n)
    owner[0, 0] = 0
    return owner == torch.arange(n)[:, None, None]


def _linear(draw: Draw, K: int, C: int) -> tuple:
    return draw.normal(K, C), draw.normal(K)


def _vote_cases(draw: Draw):
    halves = torch.zeros(2, 2, 4, dtype=torch.bool)
    halves[0, :, :2] = halves[1, :, 2:] = True
    yield Case(
        "two halves of a picture, no bias",
        (draw.normal(2, 2, 4), draw.normal(3, 2), torch.zeros(3), halves),
        public=True,
    )
    yield Case("one mask over everything", (draw.normal(2, 3, 3), *_linear(draw, 4, 2), torch.ones(1, 3, 3).bool()))
    yield Case("an empty mask", (draw.normal(2, 4, 3), *_linear(draw, 1, 2), torch.zeros(2, 4, 3).bool()))
    yield Case("three masks", (draw.normal(4, 5, 7), *_linear(draw, 2, 4), _parted(draw, 3, 5, 7)))


VOTES = Exercise(
    "13",
    "warm-up",
    "Who voted for this class?",
    difficulty=2,
    importance=3,
    minutes=8,
    task="""The score of class $k$ is a mean of votes, $s_k = \\frac{1}{hw} \\sum_p M_k(p)$ with
$M_k(p) = w_k \\cdot F(p) + b_k$. So it can be split by places. Return how much of each score comes from the places of each
mask. If the masks cover the picture and share no place, their parts add up to $s_k$.

Known case: two halves of a picture, no bias.""",
    solution=votes_of_objects,
    hints=(
        "Make all votes first, a map for each class. Which of the numbers in $s_k$ does a mask choose, and which stay?",
        "A sum of votes under a mask is an `einsum` of the two. The divisor is that of $s_k$, whatever the mask.",
    ),
    cases=_vote_cases,
    mistakes=(
        Mistake(
            _mean_in_the_mask,
            "The parts are too large and do not add up to the score.",
            "You divide by the mask's area: that is a score of its own. A part of s_k is divided as s_k is.",
        ),
        Mistake(
            _bias_for_each_mask,
            "Right without a bias. With one, small masks have too much of it.",
            "You give the bias whole to each mask. Every place casts it, so a mask has as much of it as it has places.",
        ),
        Mistake(
            _bias_forgotten,
            "Right without a bias.",
            "Your votes lack the bias: it is part of what each place says.",
        ),
        Mistake(
            _votes_summed,
            "Too large by the number of places.",
            "You add votes up. The score is their mean.",
        ),
        Mistake(
            _only_votes_for,
            "All parts are positive.",
            "You drop votes against. A place may speak against a class, and the score hears it.",
        ),
        Mistake(
            _shared_among_masks,
            "Right if the masks cover the picture; too large if they do not.",
            "You divide by the places that have an owner. The others vote too, in s_k.",
        ),
    ),
)


def query_vectors(A, F):
    """A (B, N, h, w), logits; F (B, C, h, w) → Z (B, N, C): a vector for each query."""
    s = A.sigmoid()
    A_hat = s / s.sum((2, 3), keepdim=True).clamp(min=1e-6)  # (B, N, h, w)
    return A_hat.flatten(2) @ F.flatten(2).mT  # (B, N, hw) × (B, hw, C)


def _under(maps, F):
    return torch.einsum("bnhw,bchw->bnc", maps, F)


def _not_divided(A, F):
    return _under(A.sigmoid(), F)


def _logits_as_maps(A, F):
    return _under(A / A.sum((2, 3), keepdim=True).clamp(min=1e-6), F)


def _no_smallest_sum(A, F):
    s = A.sigmoid()
    return _under(s / s.sum((2, 3), keepdim=True), F)


def _divided_over_queries(A, F):
    s = A.sigmoid()
    return _under(s / s.sum(1, keepdim=True).clamp(min=1e-6), F)


def _mean_of_places(A, F):
    return _under(A.sigmoid(), F) / A[0, 0].numel()


def _softmax(A, F):
    return _under(A.flatten(2).softmax(2).view_as(A), F)


def _queries_share_a_sum(A, F):
    s = A.sigmoid()
    return _under(s / s.sum((1, 2, 3), keepdim=True).clamp(min=1e-6), F)


def _sum_detached(A, F):
    s = A.sigmoid()
    return _under(s / s.detach().sum((2, 3), keepdim=True).clamp(min=1e-6), F)


def _vector_cases(draw: Draw):
    yield Case("two queries", (2 * draw.normal(1, 2, 4, 4) - 1, draw.normal(1, 3, 4, 4)), public=True)
    flat = torch.zeros(2, 1, 3, 4)
    yield Case("flat maps of one query", (flat, draw.normal(2, 3, 3, 4)), public=True)
    empty = torch.full((1, 2, 4, 3), -200.0)
    yield Case("empty maps", (empty, draw.normal(1, 2, 4, 3)))
    yield Case("maps far below zero", (draw.normal(1, 3, 4, 4) - 8, draw.normal(1, 2, 4, 4)))
    yield Case("several pictures and queries", (2 * draw.normal(2, 4, 5, 3) - 1, draw.normal(2, 3, 5, 3)))


VECTORS = Exercise(
    "13",
    "core",
    "Sigmoid, normalise, matmul",
    difficulty=2,
    importance=5,
    minutes=10,
    task="""From logits and features to the vectors of all queries, for a batch:

$$ \\hat A_n(p) = \\frac{\\sigma(A_n(p))}{\\max\\bigl(\\sum_{p'} \\sigma(A_n(p')),\\; 10^{-6}\\bigr)} , \\qquad
z_n = \\sum_p \\hat A_n(p)\\, F(p) $$

Known cases: two queries; flat maps of one query (its vector is the mean over the picture).""",
    solution=query_vectors,
    hints=(
        "What is summed in the divisor: places, queries or pictures? A map should not know of the other maps.",
        "First all maps with `sigmoid`, then their sums with `keepdim=True`, then the division, then one matrix product "
        "over the $hw$ places.",
    ),
    cases=_vector_cases,
    mistakes=(
        Mistake(
            _not_divided,
            "Large maps have long vectors.",
            "Your vectors are sums under the map: large objects shout.",
        ),
        Mistake(
            _logits_as_maps,
            "Vectors are far too long, and of either sign.",
            "Your maps are logits: the sigmoid is missing, and a negative weight is none.",
        ),
        Mistake(
            _no_smallest_sum,
            "NaN as soon as a map is empty.",
            "An empty map makes you divide 0 by 0. The divisor needs its smallest value.",
        ),
        Mistake(
            _divided_over_queries,
            "A query's vector changes with the number of queries.",
            "You divide over the queries, so that they share each place. A map is divided by its own sum over places.",
        ),
        Mistake(
            _mean_of_places,
            "All vectors are too short, those of small maps most.",
            "You divide by the number of places, as CAM does. A query's weights sum to 1 by its own map.",
        ),
        Mistake(
            _softmax,
            "Right for flat maps, and nearly for maps far below zero.",
            "Your maps are softmax maps, section 7's variant: a very sure place outweighs a sure one.",
        ),
        Mistake(
            _queries_share_a_sum,
            "Right for one query, too short for several.",
            "You sum over all queries' maps at once. Each map has its own sum.",
        ),
        Mistake(
            _sum_detached,
            "Values are right, the gradient is not.",
            "Your divisor is detached. It is what makes places compete: without its gradient all may rise together.",
        ),
    ),
    gradients=True,
)
EXERCISES = (VOTES, VECTORS)
