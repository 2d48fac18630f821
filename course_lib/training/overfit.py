"""One batch, again and again: the total loss must fall, or something is broken. Stores nothing."""

from torch import nn

from course_lib.training.passes import Pass
from course_lib.training.stage_recipe import Precision
from course_lib.training.step import make_accelerator, optimise, prepare
from course_lib.training.task import Task


def overfit(
    network: nn.Module, train_pass: Pass, task: Task, precision: Precision, steps: int, device: str = "auto"
) -> list[float]:
    """The total loss at each step on the first batch of `train_pass`. The rates are those of the task, never lowered."""
    from tqdm import trange

    accelerator = make_accelerator(precision, device)
    batch = {name: tensor.to(accelerator.device) for name, tensor in train_pass.batches[0].items()}
    model, optimizer = prepare(network, task, accelerator)
    losses = []
    with trange(steps, unit="step", disable=None) as bar:
        for step in bar:
            total = optimise(train_pass, batch, model, optimizer, accelerator, step)[f"{train_pass.name}_total"]
            losses.append(total)
            bar.set_postfix(total=f"{total:.4f}")
    return losses
