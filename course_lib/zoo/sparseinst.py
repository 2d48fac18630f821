"""A checkpoint of SparseInst, told by its keys and shapes: the authors' COCO files, and runs of this course.

Everything that `SparseInst` takes can be read off its tensors: the backbone by its names, classes and queries by the rows of
their layers, the groups by how many channels a map looks at, an ablation by what is not there.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from course_lib.errors import CourseError
from course_lib.training.files import read_json

if TYPE_CHECKING:
    from course_lib.instances import SparseInst

BACKBONES = {  # how its entries start; the first that fits
    "backbone.res2.": "resnet50",
    "backbone.features.": "mobilenetv3",
    "backbone.layer1.0.conv3.": "resnet50_torchvision",
    "backbone.layer1.2.": "resnet34",
    "backbone.layer1.": "resnet18",
}
COCO_NAMES = tuple(
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,bird,"
    "cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,snowboard,"
    "sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,knife,spoon,"
    "bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,dining table,"
    "toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,vase,scissors,"
    "teddy bear,hair drier,toothbrush".split(",")
)  # of the 80 categories, in ascending order of their numbers
BUILT = "The backbones of this course are ResNet-18, -34, -50 and MobileNetV3-Large."
BRANCH = "decoder.inst_branch."
# How timm, torchvision and others call the parts of a backbone that is no part of a larger network.
BARE_BACKBONE = ("layer1.", "res2.", "stages.", "features.", "blocks.", "block1.")


def is_sparseinst(state: dict[str, Tensor]) -> bool:
    return any(key.startswith((BRANCH, "encoder.fpn_laterals.")) for key in state)


def refuse_bare_backbone(state: dict[str, Tensor], where: str | Path) -> None:
    """CourseError for ImageNet weights of a backbone, which fit no name of a whole network and would leave it random."""
    if not any(key.startswith(("backbone.", "encoder.", "decoder.")) for key in state) and any(
        key.startswith(BARE_BACKBONE) for key in state
    ):
        raise CourseError(
            f"{where} holds a backbone alone (first entries: {', '.join(list(state)[:3])}), no RVM and no SparseInst: "
            "nothing in it starts with backbone., encoder. or decoder.\n"
            "To train from ImageNet weights, build the network with pretrained_backbone=True."
        )


def build_sparseinst(state: dict[str, Tensor], where: str | Path) -> SparseInst:
    """The network that `state` belongs to, with these weights, in eval mode and without gradients.

    Raises CourseError, naming `where` and the first entry that is missing, unexpected or of another shape.
    """
    from course_lib.instances import SparseInst

    try:
        model = SparseInst(recognise_backbone(state, where), **recognise_heads(state, where))
    except ValueError as error:
        raise CourseError(f"{where}: {error}. It was trained with another architecture.") from None
    target = model.state_dict()
    for key, tensor in target.items():
        if key not in state:
            raise CourseError(f"{where} lacks {key}. It is not a complete SparseInst checkpoint. {BUILT}")
        if state[key].shape != tensor.shape:
            raise CourseError(
                f"{where}: {key} has shape {tuple(state[key].shape)}, but SparseInst needs {tuple(tensor.shape)} here. "
                "It was trained with another architecture."
            )
    for key in state:
        if key not in target:
            raise CourseError(f"{where} holds {key}, which SparseInst does not have. {BUILT}")
    model.load_state_dict(state)
    return model.eval().requires_grad_(False)


def class_names(folder: Path, unnamed: tuple[str, ...]) -> tuple[str, ...]:
    """As the run in `folder` has recorded them; of 80 classes without a record COCO's; else `unnamed` as they are."""
    names = tuple(read_json(folder / "config.json").get("classes", ()))
    if len(names) == len(unnamed):
        return names
    return COCO_NAMES if len(unnamed) == len(COCO_NAMES) else unnamed


def trained_side(folder: Path, otherwise: int) -> int:
    """The largest of the sides of pictures that the run in `folder` was trained on, if it has recorded them."""
    stages = read_json(folder / "config.json").get("stages", {})
    sides = stages[max(stages, key=int)]["recipe"].get("sides") if stages else None
    return max(sides) if sides else otherwise


def recognise_backbone(state: dict[str, Tensor], where: str | Path) -> str:
    for start, name in BACKBONES.items():
        if any(key.startswith(start) for key in state):
            return name
    found = [key for key in state if key.startswith("backbone.")]
    if not found:
        raise CourseError(
            f"{where} is a SparseInst without its backbone: no entry starts with backbone. Save model.state_dict() whole."
        )
    raise CourseError(f"{where} has another backbone (first entries: {', '.join(found[:3])}). {BUILT}")


def recognise_heads(state: dict[str, Tensor], where: str | Path) -> dict:
    """The arguments of `SparseInst` beside the backbone."""

    def size(layer: str, axis: int) -> int:
        """Of the layer's weight: outputs on axis 0, inputs on axis 1."""
        key = f"{BRANCH}{layer}.weight"
        if key not in state:
            raise CourseError(f"{where} lacks {key}. It is not a complete SparseInst checkpoint.")
        if state[key].ndim < 2 or 0 in state[key].shape:
            raise CourseError(f"{where}: {key} has shape {tuple(state[key].shape)}, which is no layer's.")
        return state[key].shape[axis]

    width = size("inst_convs.0", 0)
    groups = max(width // size("iam_conv", 1), 1)  # a map looks at width / groups channels
    grouped, softmax = f"{BRANCH}fc.weight" in state, f"{BRANCH}softmax_bias" in state
    return {
        "decoder": "group_softmax" if softmax else "group" if grouped else "base",
        "num_classes": size("cls_score", 0),
        "num_masks": size("iam_conv", 0) // groups,
        "groups": groups,
        "coordinates": size("inst_convs.0", 1) != width,
        "objectness": f"{BRANCH}objectness.weight" in state,
        "frozen_batch_norm": not any(key.endswith("num_batches_tracked") for key in state),
        "width": width,
        "kernel_width": size("mask_kernel", 0),
        "depth": sum(key.startswith(f"{BRANCH}inst_convs.") and key.endswith(".weight") for key in state),
    }
