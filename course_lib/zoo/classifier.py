"""A recorded emoji classifier, told by the layers that name the classes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from torch import Tensor

from course_lib.errors import CourseError

if TYPE_CHECKING:
    from course_lib.instances.classifier import BackboneClassifier

HEAD = "heads.0.weight"


def is_classifier(state: dict[str, Tensor]) -> bool:
    return HEAD in state


def build_classifier(state: dict[str, Tensor], where: str | Path) -> BackboneClassifier:
    """With these weights, in eval mode and without gradients. CourseError where they are of no such network."""
    from course_lib.instances.classifier import BackboneClassifier
    from course_lib.zoo.sparseinst import recognise_backbone

    try:
        model = BackboneClassifier(recognise_backbone(state, where), len(state[HEAD]))
        model.load_state_dict(state)
    except RuntimeError as error:
        raise CourseError(f"{where} is no complete classifier: {error}") from None
    return model.eval().requires_grad_(False)
