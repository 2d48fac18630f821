"""Training the heads of a SparseInst decoder alone: a controlled comparison in seconds instead of hours.

The heads are what follows the 3×3 convolutions of both branches: activation maps, classes, kernels, objectness, mask features.
What lies in front of them stays as it is, so its output is computed once for all pictures.

Two trainings from here, with the same seed, see the same pictures in the same order: what differs between them is what differed
in the criterion. It says what a change does to trained features, not what features would be learned with it: for that there
are the forks (`instance_forks`).
"""

import copy
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.instances import SparseInst, SparseInstCriterion
from course_lib.instances.coordinates import add_coordinates
from course_lib.instances.decoder import Decoder
from course_lib.instances.images import batch_images

AT_ONCE = 8  # pictures
RATE, WEIGHT_DECAY = 3e-4, 0.05


class Channels(nn.Module):
    """Some channels of a map: stands where a branch's convolutions were, and takes what they made."""

    def __init__(self, first: int, last: int) -> None:
        super().__init__()
        self.first, self.last = first, last

    def forward(self, features: Float[Tensor, "B C h w"]) -> Float[Tensor, "B c h w"]:
        return features[:, self.first : self.last]


@torch.no_grad()
def head_features(network: SparseInst, images: Float[Tensor, "n 3 H W"]) -> Float[Tensor, "n C h w"]:
    """What the convolutions of both branches make of pictures, in eval mode: the instance branch's channels first."""
    decoder, training, parts = network.decoder, network.training, []
    network.eval()
    try:
        for some in images.split(AT_ONCE):
            features = network.encoder(network.backbone(batch_images(some)))
            if decoder.coordinates:
                features = add_coordinates(features)
            branches = decoder.inst_branch.inst_convs, decoder.mask_branch.mask_convs
            parts.append(torch.cat([convolutions(features) for convolutions in branches], dim=1))
    finally:
        network.train(training)
    return torch.cat(parts)


def heads_alone(decoder: Decoder) -> Decoder:
    """A copy whose input is `head_features`. Its state dict lacks the branches' convolutions, otherwise it is the decoder's."""
    heads = copy.deepcopy(decoder)
    heads.coordinates = False
    width = decoder.inst_branch.iam_conv.in_channels
    heads.inst_branch.inst_convs = Channels(0, width)
    heads.mask_branch.mask_convs = Channels(width, width + decoder.mask_branch.projection.in_channels)
    return heads


def train_heads(
    heads: Decoder,
    features: Float[Tensor, "n C h w"],
    targets: Sequence[Mapping[str, Tensor]],
    criterion: SparseInstCriterion,
    steps: int,
    seed: int = 0,
) -> Decoder:
    """A copy of `heads`, trained with AdamW on batches drawn by `seed`; without gradients afterwards.

    targets: per picture, as the criterion takes them. ValueError where there are not as many as features.
    """
    if len(targets) != len(features):
        raise ValueError(f"{len(features)} pictures, but targets of {len(targets)}")
    heads = copy.deepcopy(heads).requires_grad_(True)
    optimizer = torch.optim.AdamW(heads.parameters(), RATE, weight_decay=WEIGHT_DECAY)
    generator = torch.Generator().manual_seed(seed)
    for _ in range(steps):
        chosen = torch.randperm(len(features), generator=generator)[:AT_ONCE]
        losses = criterion(heads(features[chosen]), [targets[index] for index in chosen.tolist()])
        optimizer.zero_grad()
        torch.stack(list(losses.values())).sum().backward()
        optimizer.step()
    return heads.requires_grad_(False)
