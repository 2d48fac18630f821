"""What the instance lab can run: every recorded SparseInst, the laptop's with a part taken away, wrong answers built into it.

A contestant turns a picture into an `Answer`. A reader's own network is one too: `own_instances(network)`, and so is a pooling
under activation maps of their own, put into the laptop's network: `with_vectors(function)`.

Chapter 13's mistakes are ablations, too: maps that are not divided by their sum are "wrong vectors: not divided", maps that are
normalised by a softmax "wrong vectors: softmax". Each is put into a network that was trained with the right ones.
"""

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.errors import CourseError
from course_lib.instances import SparseInst, SparseInstOutput, mask_nms
from course_lib.widgets.model_lab.contestant import Contestant, find_among, fingerprint, load, present_models, spoken
from course_lib.widgets.model_lab.found import Answer, answer, predicted

RUN = "sparseinst-mobilenetv3-laptop"
VECTORS_EXERCISE = "query_vectors"
ALIKE = ("sum detached", "no smallest sum")  # these two change nothing in a forward pass over maps that are not empty
NMS = 0.5  # IoU
Run = Callable[[Float[Tensor, "3 H W"]], Answer]
Vectors = Callable[[Float[Tensor, "B M h w"], Float[Tensor, "B C h w"]], Float[Tensor, "B M C"]]


def instance_contestant_names() -> list[str]:
    return list(_contestants())


def find_instance_contestant(contestant: str | nn.Module | Contestant) -> Contestant:
    """By name, or a reader's own network. CourseError that lists the names for one that there is not."""
    return find_among(_contestants(), contestant, own_instances)


def own_instances(network: nn.Module, name: str = "") -> Contestant:
    """A reader's network, with a `predict` as `SparseInst` has it: images (1, 3, H, W) → [scores, labels, masks (n, H, W)].

    Labels are places in `emoji_scenes.CLASS_NAMES`. Of a `SparseInst` queries and activation maps are shown, too. CourseError
    for what has no `predict`; what is wrong with its answer is told when it is asked.
    """
    if not callable(getattr(network, "predict", None)):
        raise CourseError(
            f"{type(network).__name__} has no predict(images): the instance lab asks a network for scores, labels and masks, "
            "as SparseInst.predict gives them. A network for mattes goes into compare(…) and lab(…)."
        )
    name = name or f"my {type(network).__name__}"
    if isinstance(network, nn.Module):
        network.eval()
    ask = answer if isinstance(network, SparseInst) else predicted
    return Contestant(name, "Your own network.", lambda: partial(ask, network))


def with_vectors(vectors: Vectors, name: str = "") -> Contestant:
    """The laptop's network with other query vectors: `vectors` as the exercise `query_vectors` of chapter 13 asks for them.

    It is given all G·N maps at once, and gives a vector for each; a query's G vectors are joined afterwards, as ever.
    """
    name = name or f"my {vectors.__name__}"
    what = "The laptop's SparseInst; its query vectors are made by your function."
    return Contestant(name, what, lambda: partial(answer, _pooling(load(RUN), vectors)))


def _contestants() -> dict[str, Contestant]:
    found = {
        name: Contestant(name, what, lambda name=name: partial(answer, load(name)), fingerprint(name))
        for name, what in present_models("sparseinst-").items()
    }
    if RUN not in found:
        return found
    whole = "The laptop's SparseInst"
    changed = [
        ("objectness off", f"{whole}; a query's score is its class alone.", _without_objectness),
        ("maskness off", f"{whole}; how sure a mask is of itself does not count.", _without_maskness),
        ("with mask NMS", f"{whole}; of masks of one class with IoU > {NMS} the best stays.", _thinned),
        ("half size", f"{whole} looks at half the size; masks enlarged bilinearly.", _half),
        *_wrong_answers(),
    ]
    made = (
        Contestant(name, what, lambda change=change: change(load(RUN)), f"{fingerprint(RUN)} {name}")
        for name, what, change in changed
    )
    return found | {contestant.name: contestant for contestant in made}


def _wrong_answers() -> list[tuple[str, str, Callable[[SparseInst], Run]]]:
    from course_lib.exercises.catalogue import find_exercise

    about = f"A wrong answer to `{VECTORS_EXERCISE}` in the laptop's SparseInst."
    return [
        (
            f"wrong vectors: {spoken(mistake.answer)}",
            f"{about} {mistake.message}",
            lambda network, wrong=mistake.answer: partial(answer, _pooling(network, wrong)),
        )
        for mistake in find_exercise(VECTORS_EXERCISE).mistakes
        if spoken(mistake.answer) not in ALIKE
    ]


def _without_objectness(network: SparseInst) -> Run:
    def run(picture: Tensor) -> Answer:
        return answer(network, picture, replace(network(picture[None]), objectness_logits=None))

    return run


def _without_maskness(network: SparseInst) -> Run:
    return partial(answer, network, maskness=False)


def _thinned(network: SparseInst) -> Run:
    def run(picture: Tensor) -> Answer:
        said = answer(network, picture)
        return replace(said, found=mask_nms(said.found, NMS))

    return run


def _half(network: SparseInst) -> Run:
    def run(picture: Tensor) -> Answer:
        resize = partial(nn.functional.interpolate, mode="bilinear", align_corners=False)
        sides = [side // 2 for side in picture.shape[1:]]
        output: SparseInstOutput = network(resize(picture[None], size=sides, antialias=True))
        return answer(network, picture, replace(output, mask_logits=resize(output.mask_logits, scale_factor=2)))

    return run


def _pooling(network: SparseInst, vectors: Vectors) -> SparseInst:
    """A copy in which `vectors` makes the query vectors."""
    network = copy.deepcopy(network)
    branch = network.decoder.inst_branch

    def forward(features: Float[Tensor, "B C h w"]) -> tuple:
        features = branch.inst_convs(features)
        logits = branch.iam_conv(features)
        Z = vectors(logits, features)  # (B, G·N, C)
        units = torch.eye(Z.shape[2])[
            None, :, :, None
        ]  # (1, C, C, 1): pooled under Z they give Z, and so reach the heads
        return *branch.answer(Z[..., None], units), logits

    branch.forward = forward
    return network
