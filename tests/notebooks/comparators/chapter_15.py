"""Chapter 15: the notebook's algorithm finds what SciPy finds, its dice and its matcher are the library's."""

import ast

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from course_lib.instances import HungarianMatcher, SparseInstOutput
from course_lib.instances.dice import pairwise_dice
from course_lib.instances.targets import prepare_targets

from ...reference.test_sparseinst import DATA
from ...reference.test_sparseinst_losses import ellipses
from ..comparing import draws, same_function


def solver(notebook_function):
    """Equal sums, and prices that prove them: random, tied, equal and negative scores; tall, square, thin and empty tables."""
    rng = np.random.default_rng(150)
    shapes = [(1, 1), (7, 1), (5, 5), (12, 5), (40, 17), (6, 0)]
    for queries, objects in shapes * 4:
        for scores in (
            rng.random((queries, objects)),
            rng.integers(0, 3, (queries, objects)).astype(float),
            np.full((queries, objects), 0.25),
            rng.normal(size=(queries, objects)),
        ):
            held, price = notebook_function(scores)
            query, target = linear_sum_assignment(scores, maximize=True)
            assert len(held) == len(set(held.tolist())) == objects, "a query for each object, none twice"
            best = scores[query, target].sum()
            np.testing.assert_allclose(scores[held, np.arange(objects)].sum(), best, atol=1e-9)
            assert price.min() >= 0, "a price below 0"
            worth = (scores - price[:, None]).max(axis=0).sum()
            np.testing.assert_allclose(worth + price.sum(), best, atol=1e-9, err_msg="the prices prove nothing")


def all_pairs(notebook_function):
    """Soft and binary targets, empty masks on both sides, no objects; targets of another precision."""
    draw = draws(seed=151)
    empty = torch.zeros(2, 5, 6, dtype=torch.float64)
    cases = [(draw(4, 5, 6).sigmoid(), draw(3, 5, 6).sigmoid()), (draw(2, 5, 6).sigmoid(), empty), (empty, empty)]
    cases += [(draw(3, 4, 4).sigmoid(), torch.zeros(0, 4, 4, dtype=torch.float64))]
    same_function(notebook_function, pairwise_dice, cases=cases)
    mixed = (draw(2, 3, 3).sigmoid(), (draw(4, 3, 3) > 0).float())
    torch.testing.assert_close(notebook_function(*mixed), pairwise_dice(*mixed))


def matcher(notebook_class):
    """The authors' own logits (every tenth query is stored) against their targets, and edges: nobody there, too many there."""
    for name in ("base", "giam"):
        reference = np.load(DATA / f"sparseinst_r50_{name}.npz")
        meta = ast.literal_eval(str(reference["meta"]))
        classes, masks = (torch.from_numpy(reference[key]) for key in ("pred_logits", "pred_masks"))
        output = SparseInstOutput(classes[:, ::10], masks, None, masks)
        compare(notebook_class, output, prepare_targets(ellipses(meta), tuple(masks.shape[2:]), 80))
    draw = draws(seed=152)
    output = SparseInstOutput(2 * draw(3, 6, 5), 3 * draw(3, 6, 4, 4), None, draw(3, 6, 2, 2))
    for counts in ((2, 0, 3), (0, 0, 0), (9, 1, 6)):
        targets = [
            {"labels": torch.arange(count) % 5, "masks": draw(count, 16, 16) > 0 if count else draw(0, 16, 16) > 0}
            for count in counts
        ]
        compare(notebook_class, output, prepare_targets(targets, (4, 4), 5))


def compare(notebook_class, output, batch) -> None:
    for powers in ((0.8, 0.2), (1.0, 0.0), (0.3, 0.7)):
        ours, theirs = HungarianMatcher(*powers), notebook_class(*powers)
        for one, other in zip(theirs.scores(output, batch), ours.scores(output, batch), strict=True):
            torch.testing.assert_close(one, other)
        found, expected = theirs(output, batch), ours(output, batch)
        for one, other in zip(found, (expected.image, expected.query, expected.target), strict=True):
            assert one.dtype == torch.int64
            torch.testing.assert_close(one, other)
    default = notebook_class()(output, batch)
    torch.testing.assert_close(default[1], HungarianMatcher()(output, batch).query)


COMPARATORS = {
    "scipy.optimize.linear_sum_assignment": solver,
    "course_lib.instances.dice.pairwise_dice": all_pairs,
    "course_lib.instances.matching.HungarianMatcher": matcher,
}
