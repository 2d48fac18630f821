"""SparseInst's forks: from stage 1 of the run trained here the decoder goes on, again and again, each time with one change.
And one that is no ablation (`PEOPLE`): the finished run goes on with people only, for the capstone.

`control` changes nothing: the same steps on the same scenes from the same weights. Where a changed part does not
fit the weights it starts from random ones, which costs it some of the budget; `fresh-heads` pays that cost and changes nothing
else, so a decoder with other heads is compared with it too.
"""

from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from course_lib.data.emoji_scenes import CLASS_NAMES
from course_lib.instances import SparseInst
from course_lib.training.fork import Fork, find_among, is_started, load_parent
from course_lib.training.instance_recipes import InstanceRecipe, fork_recipe, people_recipe
from course_lib.training.run_folder import KEPT, RESULTS
from course_lib.training.run_options import RunOptions
from course_lib.training.sparseinst import RUN, build, snapshot_sparseinst, train_sparseinst
from course_lib.training.stage import RunReport, Snapshot
from course_lib.zoo.runs import WEIGHTS

STAGE_1 = f"{RUN}/{KEPT[RUN, 1]}"
RECIPE = fork_recipe()
HEADS = ("iam_conv", "fc", "cls_score", "mask_kernel", "objectness")
PREFIX = "sparseinst-laptop-"  # of the forks' names
COORDINATES = 2  # input channels in front of the features


def _fork(
    name: str,
    changes: str,
    recipe: InstanceRecipe = RECIPE,
    parent: str = STAGE_1,
    frozen: str = "all but the decoder frozen",
    **changed,
) -> Fork:
    """`changed`: arguments of the network."""
    recipe = replace(recipe, network=replace(recipe.network, **changed))
    return Fork(
        name=PREFIX + name,
        changes=changes,
        recipe=recipe,
        build=partial(build, recipe, len(CLASS_NAMES)),
        parent=parent,
        model="sparseinst",
        network="SparseInst, MobileNetV3",
        frozen=frozen,
    )


CONTROL = _fork("control", "nothing")
FRESH_HEADS = _fork("fresh-heads", "the instance branch's heads start from random weights")
PEOPLE = _fork(
    "people",
    "nearly all scenes hold people, most of them several who hide parts of each other",
    people_recipe(),
    f"{RUN}/{WEIGHTS}",
    "the backbone frozen",
)
ABLATIONS = (
    CONTROL,
    FRESH_HEADS,
    _fork("base", "one activation map per query, from random heads", decoder="base"),
    _fork("softmax", "activation maps normalised by a softmax", decoder="group_softmax"),
    _fork("no-objectness", "no objectness", objectness=False),
    _fork("no-coordinates", "no coordinates", coordinates=False),
    _fork("one-to-many", "four queries per object in place of one", replace(RECIPE, queries_per_object=4)),
    _fork(
        "area-targets",
        "true masks shrunk by their area, not at the cells' centres",
        replace(RECIPE, target_sampling="area"),
    ),
)
FORKS = (*ABLATIONS, PEOPLE)


def find_fork(name: str) -> Fork:
    """Raises CourseError for a name that is none."""
    return find_among(FORKS, name)


def train_fork(fork: Fork, options: RunOptions) -> RunReport:
    """Starts a fork, or continues it where it stands, from its checkpoint or its snapshot. Else as `train_sparseinst`."""
    parent = load_parent(fork, options.results)
    return train_sparseinst(
        fork.name,
        fork.recipe,
        replace(options, resume=is_started(fork, options.results)),
        network=forked_network(fork, parent.state, options.seed),
        what=fork.what,
        parent=parent,
    )


def snapshot_fork(fork: Fork, results: Path = RESULTS) -> Snapshot:
    """`snapshot_sparseinst` for a fork."""
    return snapshot_sparseinst(
        fork.name, fork.recipe.stage, what=fork.what, parent=load_parent(fork, results), results=results
    )


def forked_network(fork: Fork, state: dict[str, Tensor], seed: int) -> SparseInst:
    """The fork's network with its parent's weights; what the parent has not, or not in that shape, is random from `seed`."""
    torch.manual_seed(seed)
    network = fork.build()
    own = network.state_dict()
    for name, tensor in state.items():
        if name not in own or (fork.name == FRESH_HEADS.name and any(f".{head}." in name for head in HEADS)):
            continue
        if own[name].shape == tensor.shape:
            own[name] = tensor
        elif name.endswith("_convs.0.weight"):  # without coordinates: what it did with the features stays
            own[name] = tensor[:, COORDINATES:]
    network.load_state_dict(own)
    return network
