"""METHODS: every method of the comparison by name, and how to get it.

`METHODS["closed-form"].build()` gives a function (frames, extras) → alpha. Building loads weights, so it can fail with a
CourseError that names the remedy; whoever goes through the table leaves such a method out. Methods named 4x show the network
a quarter of the size: they are meant for pictures of 512 and more, at 256 it finds nobody in what is left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from torch import nn

from course_lib.errors import CourseError
from course_lib.matting.background_matting import BackgroundMatting
from course_lib.matting.baselines.background_difference import background_difference
from course_lib.matting.baselines.clean_plate_network import clean_plate_network
from course_lib.matting.baselines.grabcut import grabcut
from course_lib.matting.baselines.interface import Method
from course_lib.matting.baselines.networks import hard_segmentation, per_frame_network, recurrent_network
from course_lib.matting.baselines.one_frame_delay import with_one_frame_delay
from course_lib.matting.baselines.patch_refinement import patch_refinement
from course_lib.matting.baselines.trimap import with_own_trimap
from course_lib.matting.baselines.trimap_methods import closed_form, knn
from course_lib.matting.baselines.upsampling import bilinear
from course_lib.training.run_folder import RESULTS

Speed = Literal["fast", "medium", "slow"]
PUBLISHED = "rvm-mobilenetv3-published"
TRAINED = "rvm-mobilenetv3-laptop"
LEARNED_FILTER = "rvm-published-deep-filter"
PLATE_NETWORK = "background-matting-laptop"
TRUE_TRIMAP = ("trimap of the true alpha",)
FACTOR = 4  # of the methods that restore a small matte
SMALLEST = 512  # of their pictures

RVM = "Lin et al. 2021, arXiv 2108.11515"
LEVIN = "Levin, Lischinski & Weiss 2008, PAMI 30.2"
CHEN = "Chen, Li & Tang 2013, PAMI 35.9"


@dataclass(frozen=True)
class MethodEntry:
    """A method by name. `build(**options)` loads what it needs and raises CourseError, with the remedy, where that is missing.

    needs: what has to be given beside the frames. "… of the true alpha" says that our evaluation makes it from the truth.
    speed: on one core, a frame of 256×256 takes less than 0.2 s (fast), less than 0.5 s (medium), or longer (slow).
    smallest: the shorter side in pixels from which on the method does what it is meant for.
    """

    name: str
    what: str
    needs: tuple[str, ...]
    source: str
    build: Callable[..., Method]
    speed: Speed
    smallest: int = 1


def _network(name: str) -> nn.Module:
    """Weights by name. CourseError where they are not here, and for a run of ours that is not recorded yet."""
    from course_lib.zoo import load_model

    if name in (TRAINED, LEARNED_FILTER):
        _recorded(name)
    return load_model(name)


def _recorded(name: str) -> Path:
    weights = RESULTS / name / "weights.safetensors"
    if not weights.is_file():
        raise CourseError(f"The run {name} is not recorded yet: results/{name}/weights.safetensors is not there.")
    return weights


def _own_trimap(method: Method, weights: str) -> Method:
    return with_own_trimap(method, hard_segmentation(_network(weights)))


def _plate_network(weights: str | Path | None = None) -> Method:
    from course_lib.zoo.checkpoints import read_state_dict

    path = _recorded(PLATE_NETWORK) if weights is None else Path(weights)
    network = BackgroundMatting()
    try:
        network.load_state_dict(read_state_dict(path))
    except RuntimeError as error:
        raise CourseError(f"{path} is no checkpoint of the background-matting network. {error}") from None
    return clean_plate_network(network.eval().requires_grad_(False))


_ENTRIES = (
    MethodEntry(
        "background-difference",
        "Colour distance to the clean plate, between two thresholds.",
        ("clean plate",),
        "Qian & Sezan 1992, ICIP",
        lambda **options: lambda frames, extras: background_difference(frames, extras, **options),
        "fast",
    ),
    MethodEntry(
        "background-matting",
        "A small network on five frames and the clean plate, trained here on puppets with disturbed plates.",
        ("clean plate",),
        "after Sengupta et al. 2020, arXiv 2004.00626",
        _plate_network,
        "fast",
    ),
    MethodEntry(
        "grabcut",
        "Graph cuts from a box that fills most of the picture; hard.",
        (),
        "Rother, Kolmogorov & Blake 2004, SIGGRAPH",
        lambda **options: lambda frames, extras: grabcut(frames, extras, **options),
        "medium",
    ),
    MethodEntry(
        "closed-form",
        "Closed-form matting; the trimap is given, in our tables made from the true alpha.",
        TRUE_TRIMAP,
        LEVIN,
        lambda: closed_form,
        "medium",
    ),
    MethodEntry(
        "knn",
        "KNN matting; the trimap is given, in our tables made from the true alpha.",
        TRUE_TRIMAP,
        CHEN,
        lambda: knn,
        "slow",
    ),
    MethodEntry(
        "closed-form-own-trimap",
        "Closed-form matting; the trimap is made from the hard segmentation of the published RVM.",
        (),
        LEVIN,
        lambda weights=PUBLISHED: _own_trimap(closed_form, weights),
        "medium",
    ),
    MethodEntry(
        "knn-own-trimap",
        "KNN matting; the trimap is made from the hard segmentation of the published RVM.",
        (),
        CHEN,
        lambda weights=PUBLISHED: _own_trimap(knn, weights),
        "slow",
    ),
    MethodEntry(
        "hard-segmentation",
        "The published RVM as a segmentation: alpha > 0.5, since its browser weights have no segmentation head.",
        (),
        RVM,
        lambda weights=PUBLISHED, **options: hard_segmentation(_network(weights), **options),
        "fast",
    ),
    MethodEntry(
        "rvm-per-frame",
        "The published RVM, its state reset before each frame.",
        (),
        RVM,
        lambda weights=PUBLISHED, **options: per_frame_network(_network(weights), **options),
        "fast",
    ),
    MethodEntry(
        "rvm-one-frame-delay",
        "The published RVM, its state reset before each frame, then MODNet's smoothing over three frames.",
        (),
        "Ke et al. 2022, arXiv 2011.11961",
        lambda weights=PUBLISHED, **options: with_one_frame_delay(per_frame_network(_network(weights)), **options),
        "fast",
    ),
    MethodEntry(
        "rvm-published",
        "The published RVM (MobileNetV3).",
        (),
        RVM,
        lambda **options: recurrent_network(_network(PUBLISHED), **options),
        "fast",
    ),
    MethodEntry(
        TRAINED,
        "RVM (MobileNetV3), trained here on puppets from random weights; it looks at the size of its training.",
        (),
        RVM,
        lambda downsample_ratio="auto": recurrent_network(_network(TRAINED), downsample_ratio),
        "fast",
    ),
    MethodEntry(
        "hard-segmentation-laptop",
        "The segmentation head of the RVM trained here, thresholded; it looks at the size of its training.",
        (),
        RVM,
        lambda **options: hard_segmentation(_network(TRAINED), **{"downsample_ratio": "auto", **options}),
        "fast",
    ),
    MethodEntry(
        f"bilinear-{FACTOR}x",
        f"The published RVM at 1/{FACTOR} of the size, alpha enlarged bilinearly.",
        (),
        RVM,
        lambda weights=PUBLISHED, factor=FACTOR: bilinear(_network(weights), factor),
        "fast",
        SMALLEST,
    ),
    MethodEntry(
        f"fast-guided-filter-{FACTOR}x",
        f"The published RVM at 1/{FACTOR} of the size, alpha restored by the fast guided filter.",
        (),
        "He & Sun 2015, arXiv 1505.00996",
        lambda factor=FACTOR: recurrent_network(_network(PUBLISHED), 1 / factor),
        "fast",
        SMALLEST,
    ),
    MethodEntry(
        f"deep-guided-filter-{FACTOR}x",
        f"The published RVM at 1/{FACTOR} of the size, alpha restored by a guided filter learned here.",
        (),
        "Wu et al. 2018, arXiv 1803.05619",
        lambda factor=FACTOR: recurrent_network(_network(LEARNED_FILTER), 1 / factor),
        "fast",
        SMALLEST,
    ),
    MethodEntry(
        f"patch-refinement-{FACTOR}x",
        f"The published RVM at 1/{FACTOR} of the size, and at full size on the patches where that alpha is uncertain.",
        (),
        "after Lin et al. 2021 (BGMv2), arXiv 2012.07810",
        lambda weights=PUBLISHED, **options: patch_refinement(_network(weights), **options),
        "medium",
        SMALLEST,
    ),
)
METHODS: dict[str, MethodEntry] = {entry.name: entry for entry in _ENTRIES}
