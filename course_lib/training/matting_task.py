"""RVM's task for the loop, and that of every network that has its parts: one Adam, a rate for each part."""

from functools import partial

from torch import nn

from course_lib.training.clip_gru import use_over_clip
from course_lib.training.modules import keep_in_32_bits, parameter_groups, train_mode
from course_lib.training.recipes import MATTING_TERMS, Recipe
from course_lib.training.task import Task, falling

COLUMNS = (
    *(f"{name}_{term}" for name in ("low", "high") for term in (*MATTING_TERMS, "total")),
    "segmentation_total",
    *(f"validation_{term}" for term in (*MATTING_TERMS, "total")),
)


def matting_task(recipe: Recipe) -> Task:
    """Rates are constant within a stage, as in the paper (§4.2), unless the recipe has them fall."""
    return Task(
        columns=COLUMNS,
        groups=partial(parameter_groups, rates=recipe.rates),
        mode=partial(train_mode, rates=recipe.rates),
        adapt=_adapt,
        rate=partial(falling, drops=recipe.drops),
    )


def _adapt(network: nn.Module, device: str, precision: str) -> None:
    if precision != "no":
        keep_in_32_bits(network, depthwise=device == "cpu")
    if device == "cuda":
        use_over_clip(network)
