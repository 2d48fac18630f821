"""What the lab can run: every recorded RVM, the published one with a part taken away, and GRU steps that are wrong on purpose.

A contestant turns frames into foreground and alpha. A reader's own network is one too: `own(network)`, and a step of the
ConvGRU of their own, put into the published network: `with_step(step)`.
"""

import copy
from collections.abc import Callable, Iterator
from functools import partial

import torch
from jaxtyping import Float
from torch import Tensor, nn

from course_lib.matting.conv_gru import ConvGRU
from course_lib.matting.network import RobustVideoMatting, ratio_for
from course_lib.widgets.model_lab.contestant import Contestant, find_among, fingerprint, load, present_models, spoken
from course_lib.widgets.model_lab.progress import done

PUBLISHED = "rvm-mobilenetv3-published"
STEP_EXERCISE = "conv_gru_step"
PIECE = 4  # frames at once: between two pieces it is told how far the clip is
Answer = tuple[Float[Tensor, "T 3 H W"], Float[Tensor, "T 1 H W"]]
Run = Callable[[Float[Tensor, "T 3 H W"]], Answer]


def contestant_names() -> list[str]:
    return list(_contestants())


def find_contestant(contestant: str | nn.Module | Contestant) -> Contestant:
    """By name, or a reader's own network. CourseError that lists the names for one that there is not."""
    return find_among(_contestants(), contestant, own)


def own(network: nn.Module, name: str = "") -> Contestant:
    """A reader's network; it is called as RVM is: frames (1, T, 3, H, W) → foreground, alpha, …"""
    name = name or f"my {type(network).__name__}"
    return Contestant(name, "Your own network.", lambda: partial(_whole, network.eval()))


def with_step(step: Callable, name: str = "") -> Contestant:
    """The published network with another step in its four ConvGRUs: `step` as the exercise `conv_gru_step` asks for it."""
    name = name or f"my {step.__name__}"
    what = "The published RVM; each step of its four ConvGRUs is your function."
    return Contestant(name, what, lambda: partial(_whole, _stepping(step)))


def _contestants() -> dict[str, Contestant]:
    from course_lib.exercises.catalogue import find_exercise

    found = [_recorded(name, what) for name, what in present_models("rvm-").items()]
    found += [
        _ablation("state reset", "The published RVM; every frame starts without a memory.", _per_frame),
        _ablation("no filter, half size", "The published RVM at half the size; alpha enlarged bilinearly.", _no_filter),
        _ablation("fast filter, half size", "The published RVM at half the size; its guided filter restores.", _half),
        _ablation("one-frame delay", "State reset, then what flickers for one frame is taken out.", _delayed),
    ]
    for mistake in find_exercise(STEP_EXERCISE).mistakes:
        name = spoken(mistake.answer)
        if name not in ("state detached", "padding of three"):  # these two change nothing in a forward pass
            found.append(
                Contestant(
                    f"wrong step: {name}",
                    f"A wrong answer to `{STEP_EXERCISE}` in the published RVM. {mistake.message}",
                    lambda mistake=mistake: partial(_whole, _stepping(mistake.answer)),
                    f"wrong step {name}",
                )
            )
    return {contestant.name: contestant for contestant in found}


def _recorded(name: str, what: str) -> Contestant:
    def build() -> Run:
        network = load(name)
        return _per_frame(network) if name.endswith("no-recurrence") else partial(_whole, network)

    return Contestant(name, what, build, fingerprint(name))


def _ablation(name: str, what: str, change: Callable[[nn.Module], Run]) -> Contestant:
    return Contestant(name, what, lambda: change(load(PUBLISHED)), name)


@torch.no_grad()
def _whole(network: nn.Module, frames: Tensor, ratio: float | None = None) -> Answer:
    ratio = ratio_for(network, frames, "auto") if ratio is None else ratio
    options = {} if ratio == 1 else {"downsample_ratio": ratio}
    states: list[Tensor] = []
    answers = []
    for piece in _pieces(frames) if isinstance(network, RobustVideoMatting) else [frames]:  # others may take no states
        foreground, alpha, *states = network(piece[None], *states, **options)  # (1, n, 3, H, W), (1, n, 1, H, W)
        answers.append((foreground[0], alpha[0]))
    return _joined(answers)


def _per_frame(network: nn.Module) -> Run:
    @torch.no_grad()
    def run(frames: Tensor) -> Answer:
        ratio = ratio_for(network, frames, "auto")
        return _joined([network(piece, downsample_ratio=ratio)[:2] for piece in _pieces(frames)])

    return run


def _pieces(frames: Float[Tensor, "T 3 H W"]) -> Iterator[Float[Tensor, "n 3 H W"]]:
    count = 0
    for piece in frames.split(PIECE):
        yield piece
        count += len(piece)
        done(count, len(frames))


def _joined(answers: list[Answer]) -> Answer:
    foregrounds, alphas = zip(*answers, strict=True)
    return torch.cat(foregrounds), torch.cat(alphas)


def _half(network: nn.Module) -> Run:
    return partial(_whole, network, ratio=0.5)


def _no_filter(network: nn.Module) -> Run:
    @torch.no_grad()
    def run(frames: Tensor) -> Answer:
        resize = partial(nn.functional.interpolate, mode="bilinear", align_corners=False)
        foreground, alpha = _whole(network, resize(frames, scale_factor=0.5), ratio=1)
        return tuple(resize(part, size=frames.shape[-2:]) for part in (foreground, alpha))

    return run


def _delayed(network: nn.Module) -> Run:
    from course_lib.matting.baselines.one_frame_delay import one_frame_delay

    def run(frames: Tensor) -> Answer:
        foreground, alpha = _per_frame(network)(frames)
        return foreground, one_frame_delay(alpha)

    return run


def _stepping(step: Callable) -> nn.Module:
    network = copy.deepcopy(load(PUBLISHED))
    for gru in [module for module in network.modules() if isinstance(module, ConvGRU)]:
        weights = (gru.ih[0].weight, gru.ih[0].bias, gru.hh[0].weight, gru.hh[0].bias)
        gru.step = lambda x, h, weights=weights: step(x, h, *weights)
    return network
