"""A batch seen from inside the decoder: features, maps, and what the network says once the maps are exchanged.

SparseInst §3 (arXiv 2203.12827). Behind its maps Â the instance branch is one function for all queries: z_n = Σ_p Â_n(p) F(p),
then the same heads for every n. So a query is its map and nothing else; `decode_with` takes any maps in place of its own, and
shows what follows.

Paper, authors' code, ours: the authors' code can dump the logits of the maps; all of this is ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from course_lib.instances import HungarianMatcher, SparseInst, SparseInstOutput
from course_lib.instances.coordinates import add_coordinates
from course_lib.instances.decoder import draw_masks
from course_lib.instances.images import batch_images
from course_lib.instances.matching import Assignment
from course_lib.instances.targets import prepare_targets


@dataclass(frozen=True)
class Inside:
    """What a batch is between the backbone and the heads; h, w at stride 8. G maps for each of N queries.

    features: F, that the maps are computed from and that are averaged under them. logits: as in `SparseInstOutput`. maps: Â,
    each of sum 1. mask_features: P, that the kernels are multiplied with.
    """

    features: Float[Tensor, "B C h w"]
    logits: Float[Tensor, "B G*N h w"]
    maps: Float[Tensor, "B N G h w"]
    mask_features: Float[Tensor, "B D h w"]


@torch.no_grad()
def look_inside(model: SparseInst, images: Float[Tensor, "B 3 H W"] | Sequence[Float[Tensor, "3 h w"]]) -> Inside:
    """In eval mode, without gradients. Images as `SparseInst` takes them, and the same ValueErrors."""
    training = model.training
    try:
        x = model.eval().encoder(model.backbone(batch_images(images)))  # (B, width, h, w)
        decoder = model.decoder
        if decoder.coordinates:
            x = add_coordinates(x)
        branch = decoder.inst_branch
        features = branch.inst_convs(x)
        logits = branch.iam_conv(features)  # (B, G·N, h, w)
        maps = branch.normalise(logits).unflatten(1, (branch.groups, -1)).transpose(1, 2)  # (B, N, G, h, w)
        return Inside(features, logits, maps, decoder.mask_branch(x))
    finally:
        model.train(training)


@torch.no_grad()
def decode_with(model: SparseInst, inside: Inside, maps: Float[Tensor, "B N G h w"]) -> SparseInstOutput:
    """What the network would answer with these maps in place of `inside.maps`. They need not sum to 1, and N may be any number.

    ValueError for another number of groups or another size.
    """
    branch = model.decoder.inst_branch
    if maps.shape[2] != branch.groups or maps.shape[3:] != inside.features.shape[2:]:
        raise ValueError(
            f"maps {tuple(maps.shape)} must be (B, N, {branch.groups}, {', '.join(map(str, inside.features.shape[2:]))}): "
            "groups and size are those of the network and of its features"
        )
    flat = maps.transpose(1, 2).flatten(1, 2)  # (B, N, G, h, w) → (B, G·N, h, w)
    classes, kernels, objectness = branch.answer(flat, inside.features)
    return SparseInstOutput(classes, draw_masks(kernels, inside.mask_features), objectness, inside.logits)


def match_queries(output: SparseInstOutput, targets: Sequence[Mapping[str, Tensor]]) -> Assignment:
    """Which query answers for which object, as in training: see `HungarianMatcher`. Targets as the criterion takes them."""
    classes = output.class_logits.shape[2]
    return HungarianMatcher()(output, prepare_targets(targets, tuple(output.mask_logits.shape[2:]), classes))
