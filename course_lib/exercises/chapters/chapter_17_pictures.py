"""The stretch exercise of chapter 17: from the overlaps of many pictures to one ranking."""

import torch

from course_lib.exercises.exercise import Case, Draw, Exercise, Mistake


def right_in_one_ranking(scores, ious, t):
    """scores: list of (D_i,), ious: list of (D_i, G_i): an entry for each picture, its
    detections in any order; D_i or G_i may be 0; t float > 0

    → (D,) bool, D = ΣD_i: all detections by falling score, is it right.
    """
    right = []
    for s, pairs in zip(scores, ious, strict=True):
        free = torch.ones(pairs.shape[1], dtype=torch.bool)  # (G_i,)
        hit = torch.zeros(len(s), dtype=torch.bool)  # (D_i,)
        for d in s.argsort(descending=True).tolist():
            near = free & (pairs[d] >= t)
            if near.any():
                free[torch.where(near, pairs[d], 0).argmax()] = False
                hit[d] = True
        right.append(hit)
    return torch.cat(right)[torch.cat(scores).argsort(descending=True)]


def _picture_after_picture(scores, ious, t):
    pairs = zip(scores, ious, strict=True)
    return torch.cat([right_in_one_ranking([s], [table], t) for s, table in pairs])


def _object_taken_again(scores, ious, t):
    hits = [(pairs >= t).any(1) for pairs in ious]
    return torch.cat(hits)[torch.cat(scores).argsort(descending=True)]


def _best_fit_first(scores, ious, t):
    return _ranked(scores, ious, t, [_best_fit(pairs).argsort(descending=True) for pairs in ious])


def _order_as_given(scores, ious, t):
    return _ranked(scores, ious, t, [torch.arange(len(s)) for s in scores])


def _favourite_or_nothing(scores, ious, t):
    favourites = [torch.where(pairs == _best_fit(pairs)[:, None], pairs, 0) for pairs in ious]
    return right_in_one_ranking(scores, favourites, t)


def _threshold_not_enough(scores, ious, t):
    return right_in_one_ranking(scores, [torch.where(pairs > t, pairs, 0) for pairs in ious], t)


def _best_fit(pairs):
    """(D, G) → (D,), 0 where there are no objects."""
    return torch.cat([pairs, pairs.new_zeros(len(pairs), 1)], dim=1).amax(1)


def _ranked(scores, ious, t, orders):
    """As the solution, but who may choose first in a picture is said by `orders`."""
    hits = []
    for table, order in zip(ious, orders, strict=True):
        place = order.argsort()  # (D,): whose turn comes when
        hits.append(right_in_one_ranking([-place.float()], [table], t)[place])
    return torch.cat(hits)[torch.cat(scores).argsort(descending=True)]


def _picture(draw: Draw, D: int, G: int) -> tuple:
    return draw.uniform(D), draw.uniform(D, G)


def _pictures_cases(draw: Draw):
    first = torch.tensor([[0.7, 0.0], [0.8, 0.1], [0.0, 0.6]])
    scores = [torch.tensor([0.9, 0.6, 0.3]), torch.tensor([0.8, 0.7])]
    yield Case("two pictures", (scores, [first, torch.tensor([[0.6], [0.2]])], 0.5), public=True)
    yield Case("an IoU of exactly t", (scores, [first, torch.tensor([[0.5], [0.2]])], 0.5))
    turned = [scores[0].flip(0), scores[1]]
    yield Case("the surest detection last", (turned, [first, torch.tensor([[0.6], [0.2]])], 0.5))
    crowd = torch.tensor([[0.6, 0.0], [0.5, 0.4], [0.1, 0.2]])
    yield Case("a low t, the favourite is taken", ([scores[0]], [crowd], 0.3))
    empty = [_picture(draw, 0, 2), _picture(draw, 3, 0), _picture(draw, 2, 1)]
    yield Case("pictures without detections, without objects", (*map(list, zip(*empty, strict=True)), 0.4))
    many = [_picture(draw, draw.integer(3, 6), draw.integer(2, 5)) for _ in range(4)]
    yield Case("four pictures", (*map(list, zip(*many, strict=True)), draw.number(0.3, 0.6)))


PICTURES = Exercise(
    "17",
    "stretch",
    "One ranking for all pictures",
    difficulty=3,
    importance=4,
    minutes=20,
    task="""From overlaps to a ranking, sections 2 and 3 together. In each picture, from the best score down, a detection takes
the free object that it overlaps most, if their IoU is at least $t$; then it is right. Afterwards all detections of all
pictures stand in one row by falling score: return who is right. Scores are all different.

With `ap_of_ranking` this makes the AP of one class and one threshold. Known case: two pictures, of three and of two
detections.""",
    solution=right_in_one_ranking,
    hints=(
        "Two different orders matter: one decides inside a picture who may take an object, the other makes the row.",
        "Keep for each picture which objects are still free. Write hits at their detection's own place; sort once at the end.",
    ),
    cases=_pictures_cases,
    mistakes=(
        Mistake(
            _picture_after_picture,
            "Right inside a picture, and the row is not.",
            "Your pictures stand one behind the other. A picture has no place in the ranking, only its detections have.",
        ),
        Mistake(
            _object_taken_again,
            "Doubles are right.",
            "Your objects are found again and again. Whoever comes second to an object is wrong.",
        ),
        Mistake(
            _best_fit_first,
            "The better mask wins over the surer one.",
            "In yours the best fit chooses first. The better score takes the object, even with the poorer mask.",
        ),
        Mistake(
            _order_as_given,
            "Right, as long as detections come sorted.",
            "Inside a picture your detections choose in the order in which they are listed. It is the score that counts.",
        ),
        Mistake(
            _favourite_or_nothing,
            "Right from t = ½ on, too strict below.",
            "Where its favourite is taken, your detection gives up. Another free object may still be near enough.",
        ),
        Mistake(
            _threshold_not_enough,
            "Off by one where an IoU is exactly t.",
            "An IoU that equals t is enough; yours wants more.",
        ),
    ),
    tensors=False,
)
EXERCISES = (PICTURES,)
