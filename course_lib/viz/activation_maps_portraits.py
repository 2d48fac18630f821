"""What each query answers to over many pictures: how often, for which classes, where, and for things of which size.

A query is matched to an object as in training (SparseInst §3.4). Whether queries have habits is then a question of counting:
the mutual information between "which query" and a property of the object,

    I(n; y) = Σ p(n, y) ln( p(n, y) / (p(n) p(y)) )        in nats

is 0 if the query says nothing about the property. Counts of few objects make it larger than 0 by accident, so it is compared
with that of shuffled pairs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int, Int64
from torch import Tensor

from course_lib.instances import SparseInst
from course_lib.viz.activation_maps_inside import decode_with, look_inside, match_queries
from course_lib.viz.activation_maps_measures import cell_shares, centre


@dataclass(frozen=True)
class Portraits:
    """P objects of a data set, each with the query that answered for it.

    area: share of the picture. centre: the object's, row and column in shares of the picture's sides. mean_maps: of each query
    (and each of its groups), over the objects that it answered for; mean_objects: how often each cell belonged to those. Zeros
    for a query that never answered.
    """

    query: Int64[Tensor, "P"]
    label: Int64[Tensor, "P"]
    area: Float[Tensor, "P"]
    centre: Float[Tensor, "P 2"]
    mean_maps: Float[Tensor, "N G h w"]
    mean_objects: Float[Tensor, "N h w"]

    def counts(self) -> Int64[Tensor, "N"]:
        """How many objects each query answered for."""
        return torch.bincount(self.query, minlength=len(self.mean_maps))

    def histogram(self, query: int, classes: int) -> Int64[Tensor, "K"]:
        """How many of each class one query answered for."""
        return torch.bincount(self.label[self.query == query], minlength=classes)


def portray(model: SparseInst, pictures: Iterable[tuple[Float[Tensor, "3 H W"], Mapping[str, Tensor]]]) -> Portraits:
    """`pictures`: image and target (labels, masks), all of one size. ValueError where there are none."""
    queries, labels, areas, centres, sums, covers = [], [], [], [], None, None
    for image, target in pictures:
        inside = look_inside(model, image[None])
        found = match_queries(decode_with(model, inside, inside.maps), [target])
        maps = inside.maps[0]  # (N, G, h, w)
        objects = cell_shares(target["masks"], maps.shape[2:])[found.target]  # (n, h, w)
        if sums is None:
            sums, covers = torch.zeros_like(maps), torch.zeros_like(maps[:, 0])
        sums.index_add_(0, found.query, maps[found.query])
        covers.index_add_(0, found.query, objects)
        queries.append(found.query)
        labels.append(target["labels"][found.target])
        areas.append(target["masks"][found.target].float().mean((1, 2)))
        centres.append(centre(objects / objects.sum((1, 2), keepdim=True)))
    if sums is None:
        raise ValueError("there is no picture to portray queries on")
    query = torch.cat(queries)
    times = torch.bincount(query, minlength=len(sums)).clamp(min=1)[:, None, None]
    return Portraits(
        query, torch.cat(labels), torch.cat(areas), torch.cat(centres), sums / times[..., None], covers / times
    )


def information(query: Int64[Tensor, "P"], value: Int64[Tensor, "P"]) -> float:
    """I(n; y) in nats, from counts. Values are whole numbers ≥ 0."""
    joint = torch.zeros(int(query.max()) + 1, int(value.max()) + 1, dtype=torch.double)
    joint.index_put_((query, value), torch.ones(len(query), dtype=torch.double), accumulate=True)
    joint = joint / len(query)
    alone = joint.sum(1, keepdim=True) * joint.sum(0, keepdim=True)  # were they independent
    there = joint > 0
    return float((joint[there] * (joint[there] / alone[there]).log()).sum())


def information_by_chance(
    query: Int64[Tensor, "P"], value: Int64[Tensor, "P"], shuffles: int = 20, seed: int = 0
) -> float:
    """The mean of `information` over shuffled pairs: what counts of so few objects give for nothing."""
    generator = torch.Generator().manual_seed(seed)
    orders = [torch.randperm(len(value), generator=generator) for _ in range(shuffles)]
    return sum(information(query, value[order]) for order in orders) / shuffles


def in_parts(values: Float[Tensor, "P"], parts: int) -> Int[Tensor, "P"]:
    """Which of `parts` equally filled bins each value is in, 0 … parts − 1; equal values share one."""
    edges = torch.quantile(values.double(), torch.arange(1, parts, dtype=torch.double) / parts)
    return torch.bucketize(values.double(), edges)
