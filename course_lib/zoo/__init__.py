"""Every set of weights: where it comes from, its hash and licence, how it is converted, how it is loaded."""

from course_lib.zoo.models import ModelEntry, list_models, load_model

__all__ = ["ModelEntry", "list_models", "load_model"]
