"""`load_model` and `list_models`: the weights of the course by name, and any RVM or SparseInst checkpoint by its path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from course_lib.errors import CourseError
from course_lib.fetch import fetch, is_present
from course_lib.zoo.sources import OFFICIAL, RVM_TERMS, RVM_TFJS

if TYPE_CHECKING:
    from torch import Tensor

    from course_lib.instances import SparseInst
    from course_lib.instances.classifier import BackboneClassifier
    from course_lib.matting import RobustVideoMatting

CARDS = Path(__file__).parent / "cards"  # <name>.md: what a model can do, what it cannot, and its terms


@dataclass(frozen=True)
class ModelEntry:
    """One line of the table of weights."""

    name: str
    what: str
    size: str  # on disk, and what has to be downloaded for it
    licence: str
    source: str
    present: bool
    command: str  # how to get it
    card: Path


def list_models() -> list[ModelEntry]:
    """All models that `load_model` knows by name, whether they are in the cache or not."""
    published = ModelEntry(
        name=RVM_TFJS.name,
        what="RVM, MobileNetV3, 8 bit (browser)",
        size=f"4.4 MB ({RVM_TFJS.megabytes:.0f} MB to fetch)",
        licence=RVM_TFJS.licence,
        source=f"npm {RVM_TFJS.package} {RVM_TFJS.version}",
        present=is_present(RVM_TFJS),
        command=RVM_TFJS.command,
        card=CARDS / f"{RVM_TFJS.name}.md",
    )
    official = [
        ModelEntry(
            name=file.name,
            what=f"RVM, {backbone}, full precision",
            size=f"{file.megabytes} MB",
            licence=RVM_TERMS,
            source=f"{file.file}, brought by you",
            present=file.path.is_file(),
            command=file.command,
            card=CARDS / f"{RVM_TFJS.name}.md",
        )
        for file, backbone in ((OFFICIAL["mobilenetv3"], "MobileNetV3"), (OFFICIAL["resnet50"], "ResNet-50"))
    ]
    return [published, *official, *recorded_runs()]


def load_model(name_or_path: str | Path) -> RobustVideoMatting | SparseInst | BackboneClassifier:
    """A network with its weights, in eval mode and without gradients.

    `name_or_path` is a name of `list_models()` (published weights are fetched if need be) or the path of a `.pth` or
    `.safetensors` file with the state dict of an RVM or a SparseInst, the authors' files among them, or of the classifier from
    which SparseInst starts here. Which network it is, its backbone, refiner or decoder, are told by its keys. Raises
    CourseError that names what is wrong and the remedy.
    """
    from course_lib.zoo.checkpoints import build_rvm, read_state_dict

    name = str(name_or_path)
    if name == RVM_TFJS.name:
        return build_rvm(published_state(), name)
    for file in OFFICIAL.values():
        if name == file.name:
            if not file.path.is_file():
                raise CourseError(
                    f"{name} is not here yet. Get {file.file} from the first release of the authors' repository, "
                    f"then run: {file.command}"
                )
            return build_rvm(read_state_dict(file.path), file.path)
    from course_lib.training.run_folder import RESULTS
    from course_lib.zoo import sparseinst
    from course_lib.zoo.classifier import build_classifier, is_classifier
    from course_lib.zoo.runs import WEIGHTS, run_state, trained_side

    recorded = RESULTS / name / WEIGHTS
    path = recorded if recorded.is_file() else Path(name_or_path).expanduser()
    if not path.is_file():
        raise _unknown(name)
    state = run_state(path.parent) if path.name == WEIGHTS else read_state_dict(path)  # of a fork, with its parent
    if is_classifier(state):
        model = build_classifier(state, path)
        model.class_names = sparseinst.class_names(path.parent, model.class_names)
        return model
    if sparseinst.is_sparseinst(state):
        model = sparseinst.build_sparseinst(state, path)
        model.class_names = sparseinst.class_names(path.parent, model.class_names)
        model.trained_side = sparseinst.trained_side(path.parent, model.trained_side)
        return model
    sparseinst.refuse_bare_backbone(state, path)
    model = build_rvm(state, path)
    if path.name == WEIGHTS:
        model.trained_side = trained_side(path.parent)
    return model


def _unknown(name: str) -> CourseError:
    """A name that may be that of a run to be made. The table of runs takes seconds to import: only a mistake pays for it."""
    models = list_models()
    for entry in models:
        if name == entry.name:
            return CourseError(f"{name} is {entry.size}. To train it: {entry.command}")
    known = ", ".join(entry.name for entry in models)
    return CourseError(f"There is no model and no file {name}. Models known by name: {known}.")


def recorded_runs() -> list[ModelEntry]:
    """The runs that are recorded in `results/`, and those that are yet to be made."""
    from course_lib.training import emoji_classifier, forks, instance_forks
    from course_lib.training.run_folder import CLASSIFIER_RUN

    classifier = "MobileNetV3 that names one thing: SparseInst's start"
    runs = (
        (forks.BASE, "RVM, MobileNetV3, trained here from nothing", "rvm", forks.FORKS),
        (CLASSIFIER_RUN, classifier, emoji_classifier.MODEL, ()),
        (instance_forks.RUN, "SparseInst, MobileNetV3, trained here", "sparseinst", instance_forks.FORKS),
    )
    return [
        entry
        for base, what, system, changed in runs
        for entry in (
            _recorded(base, what, "MIT", f"course train {system} --run {base}"),
            *(_recorded(fork.name, f"fork: {fork.changes}", fork.terms, fork.command) for fork in changed),
        )
    ]


def _recorded(name: str, what: str, licence: str, command: str) -> ModelEntry:
    from course_lib.training.run_folder import RESULTS
    from course_lib.zoo.runs import WEIGHTS

    folder = RESULTS / name
    weights = folder / WEIGHTS
    present = weights.is_file()
    if present:
        size = f"{weights.stat().st_size / 1e6:.1f} MB"
    else:  # the repository keeps the record of every run, and the weights of those that are used again
        size = "recorded without its weights" if (folder / "card.md").is_file() else "not trained yet"
    return ModelEntry(name, what, size, licence, f"results/{name}", present, command, folder / "card.md")


def published_state() -> dict[str, Tensor]:
    """Of the authors' browser model. Converted anew each time: it takes some 50 ms, and no copy can go stale."""
    import torch

    from course_lib.matting import RobustVideoMatting
    from course_lib.zoo.rvm_tfjs import convert
    from course_lib.zoo.tfjs import read_graph_model

    graph = read_graph_model(fetch(RVM_TFJS)["package/models/rvm.json"])
    with torch.device("meta"):  # names and shapes only
        target = RobustVideoMatting("mobilenetv3", "fast_guided_filter")
    return convert(graph, target)
