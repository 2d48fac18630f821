"""One step of the optimiser, and what it needs: the device, the precision, the optimiser itself."""

import math

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedDataParallelKwargs
from torch import nn

from course_lib.errors import CourseError
from course_lib.training.passes import Batch, Pass, Terms
from course_lib.training.task import Task

REMEDY = (
    "Continue from the last checkpoint with --resume; if it happens again, lower the learning rates or train with "
    "--precision no."
)


def make_accelerator(precision: str, device: str = "auto") -> Accelerator:
    """Device "auto", "cpu" or "cuda"; precision "no", "bf16" or "fp16". Raises CourseError for what this machine lacks."""
    if device not in ("auto", "cpu", "cuda"):
        raise CourseError(f"--device {device}: choose auto, cpu or cuda.")
    if device == "cuda" and not torch.cuda.is_available():
        raise CourseError("--device cuda: this machine has no CUDA device. Use --device cpu.")
    # accelerate keeps one set-up per process; the next run may want another precision.
    AcceleratorState._reset_state(reset_partial_state=not torch.distributed.is_initialized())
    unused = DistributedDataParallelKwargs(find_unused_parameters=True)  # each pass leaves some out
    try:
        return Accelerator(cpu=device == "cpu", mixed_precision=precision, kwargs_handlers=[unused])
    except ValueError as error:
        raise CourseError(f"Precision {precision} does not work here: {error} Use bf16 or no.") from None


def prepare(model: nn.Module, task: Task, accelerator: Accelerator) -> tuple[nn.Module, torch.optim.Optimizer]:
    """The network in training mode on its device, in the accelerator's precision, and its optimiser.

    Fused: one pass over the parameters where the plain Adam makes ten.
    """
    if accelerator.num_processes > 1 and accelerator.device.type == "cuda":  # torch has none for the CPU
        model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    task.mode(model)
    task.adapt(model, accelerator.device.type, accelerator.mixed_precision)
    return accelerator.prepare(model, task.optimizer(task.groups(model), fused=True))


def optimise(
    train_pass: Pass,
    batch: Batch,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    accelerator: Accelerator,
    step: int,
) -> dict[str, float]:
    """One pass: forward, backward, optimiser step. → its losses, named "pass_term"."""
    terms = train_pass.losses(model, batch)
    losses = numbers(train_pass.name, terms, step)
    accelerator.backward(terms["total"])
    optimizer.step()
    optimizer.zero_grad()
    return losses


def numbers(name: str, terms: Terms, step: int) -> dict[str, float]:
    """Terms as floats, in one transfer, named "pass_term". Raises CourseError that names a term which is not finite."""
    values = torch.stack([term.detach().double() for term in terms.values()]).tolist()
    for term, value in zip(terms, values, strict=True):
        if not math.isfinite(value):
            raise CourseError(f"Step {step}: the loss term {term} of the {name} pass is {value}. {REMEDY}")
    return {f"{name}_{term}": value for term, value in zip(terms, values, strict=True)}
