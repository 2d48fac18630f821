"""What a contestant of the instance lab says of one picture: detections, each with its query, and what that query looked at."""

from dataclasses import dataclass
from typing import Self

import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.instances import Detections, SparseInst, SparseInstOutput
from course_lib.instances.postprocess import THRESHOLD, postprocess, score_queries

NO_QUERY = -1


@dataclass(frozen=True)
class Found(Detections):
    """queries: which one each detection is. maps: Â of that query, the mean of its groups, which sums to 1.

    Of a network that only says what it finds: NO_QUERY, and maps (n, 0, 0).
    """

    queries: Int[Tensor, "n"]
    maps: Float[Tensor, "n h w"]

    def __getitem__(self, index: Tensor | slice) -> Self:
        parts = (self.scores, self.labels, self.masks, self.queries, self.maps)
        return Found(*(part[index] for part in parts))


@dataclass(frozen=True)
class Answer:
    """found: what counts. output, drawn: of all queries, in their order, to ask which of them answers for which object; None
    where the network has no queries."""

    found: Found
    output: SparseInstOutput | None = None
    drawn: Detections | None = None


@torch.no_grad()
def answer(
    network: SparseInst, picture: Float[Tensor, "3 H W"], output: SparseInstOutput | None = None, maskness: bool = True
) -> Answer:
    """As `network.predict(picture[None])`, but that it also says which query it was, and what that looked at.

    output: of the network for this picture, changed for an ablation. maskness: False leaves it out of the score.
    """
    output = network(picture[None]) if output is None else output
    size = tuple(picture.shape[1:])
    (drawn,) = postprocess(output, [size], [size], threshold=-1.0)  # no query is left out
    before = score_queries(output)[0][0]  # (N,): without the maskness
    maps = network.normalised_maps(output)[0].mean(dim=1)  # (N, G, h, w) → (N, h, w)
    stride = 4 * output.mask_logits.shape[-1] / maps.shape[-1]  # 8; in pixels of the picture
    rows, columns = (-int(-side // stride) for side in size)  # cells that the padding alone has are left out
    every = Found(
        drawn.scores if maskness else before,
        drawn.labels,
        drawn.masks,
        torch.arange(len(before)),
        maps[:, :rows, :columns],
    )
    return Answer(every[before > THRESHOLD], output, drawn)


@torch.no_grad()
def predicted(network: object, picture: Float[Tensor, "3 H W"]) -> Answer:
    """What any network with `predict` finds. CourseError that says what is wrong with its answer."""
    name, said = type(network).__name__, network.predict(picture[None])
    wanted = f"{name}.predict(images) must give a list: for each picture scores (n,), labels (n,), masks (n, h, w) bool"
    if not isinstance(said, list | tuple) or len(said) != 1:
        raise CourseError(f"{wanted}. For one picture it gave {_describe(said)}.")
    try:
        scores, labels, masks = (torch.as_tensor(_part(said[0], part)) for part in ("scores", "labels", "masks"))
    except (AttributeError, KeyError, TypeError):
        raise CourseError(f"{wanted}. It gave {_describe(said[0])}.") from None
    if not (len(scores) == len(labels) == len(masks)) or masks.shape[1:] != picture.shape[1:] or scores.ndim != 1:
        shapes = f"scores {tuple(scores.shape)}, labels {tuple(labels.shape)}, masks {tuple(masks.shape)}"
        raise CourseError(
            f"{wanted}, masks as large as the picture. Of one of {tuple(picture.shape)} it gave {shapes}."
        )
    if masks.dtype != torch.bool or labels.is_floating_point() or not scores.isfinite().all():
        raise CourseError(
            f"{wanted}. It gave masks of {masks.dtype}, labels of {labels.dtype}, or scores that are NaN."
        )
    count = len(scores)
    nothing = (torch.full((count,), NO_QUERY), torch.zeros(count, 0, 0))
    return Answer(Found(scores.float(), labels.long(), masks, *nothing))


def _part(answer: object, name: str) -> object:
    return answer[name] if isinstance(answer, dict) else getattr(answer, name)


def _describe(value: object) -> str:
    return f"{type(value).__name__} of {len(value)}" if isinstance(value, list | tuple) else type(value).__name__
