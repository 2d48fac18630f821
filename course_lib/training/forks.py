"""Forks: one change each, at equal extra budget, from the same weights. What differs between two of them is that change.

All but one go on from stage 1 of the run trained here, as stored in 16 bits, with the encoder frozen, so that the memory, the
losses and the data are what they differ in. `rvm-laptop-control` changes nothing: each fork is compared with it, never with
the run itself, which has had fewer steps. The last fork trains a deep guided filter for the published network; only the
filter's tensors are stored.

Where a changed memory does not fit the weights: ConvLSTM starts from random ones. The full-width ConvGRU starts with its second
half of the channels as the split one was, deaf to the first half; the memory of that first half is random.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from course_lib.data.backgrounds import KINDS, Kind
from course_lib.matting import ConvLSTM, RobustVideoMatting
from course_lib.training.fork import Fork, find_among, is_started, load_parent
from course_lib.training.modules import make_statistics_audible
from course_lib.training.recipes import LearningRates, PassSize, Recipe
from course_lib.training.recorder import Parent
from course_lib.training.run_folder import KEPT, RESULTS
from course_lib.training.run_options import RunOptions
from course_lib.training.rvm import snapshot_rvm, train_rvm
from course_lib.training.stage import RunReport, Snapshot, checkpoint_path
from course_lib.training.stage_start import finished_weights
from course_lib.zoo.sources import RVM_TERMS, RVM_TFJS

BASE = "rvm-mobilenetv3-laptop"
STAGE_1 = f"{BASE}/{KEPT[BASE, 1]}"
RECIPE = Recipe(
    profile="laptop",
    stage=1,
    steps=1200,
    rates=LearningRates(backbone=0, aspp=3e-4, decoder=3e-4, refiner=0),
    low=PassSize(128, frames=8, batch=2),
    high=None,
    segmentation=PassSize(128, frames=3, batch=2),
    recalibration=16,
    checkpoint_every=100,
    validate_every=300,
)
FILTER_RECIPE = Recipe(
    profile="laptop",
    stage=3,
    steps=1200,
    rates=LearningRates(backbone=0, aspp=0, decoder=0, refiner=1e-2),
    drops=(800, 1100),
    low=None,
    high=PassSize(512, frames=2, batch=2, downsample_ratio=0.25),
    segmentation=None,
    precision="no",
    checkpoint_every=50,
    validate_every=200,
)


def with_audible_statistics() -> RobustVideoMatting:
    """RVM whose deep guided filter sees covariance and variance from the first step on."""
    network = RobustVideoMatting()
    make_statistics_audible(network)
    return network


def _fork(
    name: str,
    changes: str,
    recipe: Recipe = RECIPE,
    build: Callable[[], RobustVideoMatting] = RobustVideoMatting,
    parent: str = STAGE_1,
    **others,
) -> Fork:
    about = {"model": "rvm", "network": "RVM, MobileNetV3"}
    return Fork(name=name, changes=changes, recipe=recipe, build=build, parent=parent, **about, **others)


FORKS = (
    _fork("rvm-laptop-control", "nothing (the control)"),
    _fork("rvm-laptop-no-recurrence", "state reset at each frame", replace(RECIPE, recurrent=False)),
    _fork("rvm-laptop-no-segmentation", "no segmentation objective", replace(RECIPE, segmentation=None)),
    _fork("rvm-laptop-convlstm", "ConvLSTM for ConvGRU", build=partial(RobustVideoMatting, memory=ConvLSTM)),
    _fork(
        "rvm-laptop-no-coherence",
        "no coherence losses",
        replace(RECIPE, matting_terms=("pha_l1", "pha_laplacian", "fgr_l1")),
    ),
    _fork("rvm-laptop-full-width", "ConvGRU on all channels", build=partial(RobustVideoMatting, split=False)),
    _fork(
        "rvm-published-deep-filter",
        "deep guided filter for the published network",
        FILTER_RECIPE,
        with_audible_statistics,
        parent=RVM_TFJS.name,
        frozen="everything but the guided filter frozen",
        only=("refiner.",),
        terms=f"the filter MIT; the network {RVM_TERMS}",
    ),
)


def find_fork(name: str) -> Fork:
    """Raises CourseError for a name that is none."""
    return find_among(FORKS, name)


def train_fork(fork: Fork, options: RunOptions, *, kinds: tuple[Kind, ...] = KINDS) -> RunReport:
    """Starts a fork, or continues it where it stands, from its checkpoint or its snapshot. Else as `train_rvm`."""
    parent = load_or_make_parent(fork, options.results)
    return train_rvm(
        fork.name,
        fork.recipe,
        replace(options, resume=is_started(fork, options.results)),
        network=forked_network(fork, parent.state, options.seed),
        what=fork.what,
        only=fork.only,
        parent=parent,
        kinds=kinds,
    )


def snapshot_fork(fork: Fork, results: Path = RESULTS) -> Snapshot:
    """`snapshot_rvm` for a fork."""
    parent = load_or_make_parent(fork, results)
    network = forked_network(fork, parent.state, 0)
    return snapshot_rvm(
        fork.name,
        fork.recipe.stage,
        network=network,
        what=fork.what,
        only=fork.only,
        parent=parent,
        results=results,
    )


def load_or_make_parent(fork: Fork, results: Path = RESULTS) -> Parent:
    """`load_parent`; the stage-1 weights are made from that stage's checkpoint if need be."""
    if fork.parent == STAGE_1 and not (results / STAGE_1).is_file() and checkpoint_path(BASE, 1).is_file():
        finished_weights("rvm", BASE, 1, results)  # or it says how far that stage is
        snapshot_rvm(BASE, 1, results=results)
    return load_parent(fork, results)


def forked_network(fork: Fork, state: dict[str, Tensor], seed: int) -> RobustVideoMatting:
    """The fork's network with its parent's weights; what the parent has not, or not in that shape, is random from `seed`."""
    torch.manual_seed(seed)
    network = fork.build()
    network.segmentation_available = "project_seg.conv.weight" in state
    own = network.state_dict()
    own |= {name: tensor for name, tensor in state.items() if name in own and own[name].shape == tensor.shape}
    for name in own:
        if name in state and own[name].shape != state[name].shape:
            own[name] = widened(name, own[name], state[name])
    network.load_state_dict(own)
    return network


def widened(name: str, wide: Tensor, half: Tensor) -> Tensor:
    """A weight or bias of a ConvGRU on C channels, from `half`, one of a ConvGRU on the second C/2 of them.

    The second half of the channels sees nothing of the first; the rest of `wide` stays.
    """
    wide = wide.clone()
    outputs = 2 if ".ih." in name else 1  # r and z, or the candidate alone
    rows = _second_halves(len(wide), outputs)
    if wide.ndim == 1:
        wide[rows] = half.to(wide)
        return wide
    columns = _second_halves(wide.shape[1], 2)  # x and h
    wide[rows] = 0
    wide[rows[:, None], columns] = half.to(wide)
    return wide


def _second_halves(length: int, blocks: int) -> Tensor:
    """Of 0 … length − 1, in so many blocks: the second half of each."""
    return torch.arange(length).view(blocks, -1).chunk(2, dim=1)[1].flatten()
