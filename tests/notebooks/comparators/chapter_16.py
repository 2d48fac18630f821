"""Chapter 16: the four losses, alone and together, and the shrinking of true masks are the library's."""

import torch

from course_lib.instances import SparseInstCriterion, SparseInstOutput, dice, losses, targets

from ..comparing import draws, same_function


def focal(notebook_function):
    """Few positives, many, none; one query and one class."""
    draw = draws(seed=160)
    shapes = [(2, 5, 4), (1, 7, 3), (1, 1, 1)]
    cases = [(2 * draw(*shape), draw(*shape) > bound) for shape in shapes for bound in (-9, 0, 1, 9)]
    same_function(notebook_function, losses.focal_loss, cases=cases)


def agreement(notebook_function):
    """Soft and hard masks, a single one, an empty target, and more than one leading axis."""
    draw = draws(seed=161)
    cases = [(draw(4, 6, 7).sigmoid(), draw(4, 6, 7).sigmoid()), (draw(5, 3).sigmoid(), (draw(5, 3) > 0).double())]
    cases += [(draw(2, 6, 6).sigmoid(), torch.zeros(2, 6, 6).double()), (draw(2, 3, 4, 4), draw(2, 3, 4, 4))]
    same_function(notebook_function, dice.dice, cases=cases)


def overlap(notebook_function):
    """Targets that sit on the threshold of ½, and masks that sit on 0.4; no gradient; no pair at all."""
    draw = draws(seed=162)
    quarters = (draw(6, 8, 9).sigmoid() * 4).round() / 4
    same_function(
        notebook_function, losses.overlap_targets, cases=[(draw(6, 8, 9), quarters), (draw(0, 4, 4), draw(0, 4, 4))]
    )
    edge = torch.logit(torch.tensor([[[0.4, 0.39, 0.41]]], dtype=torch.float64))
    same_function(notebook_function, losses.overlap_targets, cases=[(edge, torch.ones_like(edge))])
    x = draw(1, 3, 3).requires_grad_()
    assert not notebook_function(x, quarters[:1, :3, :3]).requires_grad


def output_of(draw, images: int, queries: int, classes: int, side: int) -> SparseInstOutput:
    return SparseInstOutput(
        draw(images, queries, classes),
        2 * draw(images, queries, side, side),
        draw(images, queries, 1),
        draw(images, queries, 1, 1),
    )


def together(notebook_function):
    """Pictures with and without objects, none in the whole batch, more objects than queries, masks smaller than the padding."""
    draw = draws(seed=163)
    for counts, queries in (((2, 0, 3), 6), ((0, 0), 5), ((7,), 4), ((1, 1), 1)):
        output = output_of(draw, len(counts), queries, 4, 8)
        truth = [
            {"labels": torch.arange(n) % 4, "masks": draw(n, 32, 27 if k else 32) > 0.3} for k, n in enumerate(counts)
        ]
        leaves = [{k: v.clone().requires_grad_() for k, v in vars(output).items()} for _ in range(2)]
        results = []
        for function, parts in zip((notebook_function, SparseInstCriterion(4)), leaves, strict=True):
            found = function(SparseInstOutput(**parts), truth)
            sum(found.values()).backward()
            results.append(found)
        assert list(results[0]) == list(results[1])
        for name in results[0]:
            torch.testing.assert_close(results[0][name], results[1][name], rtol=1e-9, atol=1e-12)
        for one, other in zip(*(parts.values() for parts in leaves), strict=True):
            torch.testing.assert_close(one.grad, other.grad, rtol=1e-8, atol=1e-12)


def shrink(notebook_function):
    """Both samplings; a single cell; sides that 4 divides, as in the chapter."""
    draw = draws(seed=164)
    for shape in ((3, 12, 20), (1, 4, 4), (2, 32, 8)):
        masks = draw(*shape) > 0
        for sampling in ("centre", "area"):
            torch.testing.assert_close(notebook_function(masks, sampling), targets.shrink_masks(masks, sampling))


_MODULE = "course_lib.instances."
COMPARATORS = {
    _MODULE + "losses.focal_loss": focal,
    _MODULE + "dice.dice": agreement,
    _MODULE + "losses.overlap_targets": overlap,
    _MODULE + "losses.SparseInstCriterion": together,
    _MODULE + "targets.shrink_masks": shrink,
}
