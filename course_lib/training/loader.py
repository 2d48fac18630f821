"""The batches of all passes, step by step, made by processes beside the training step."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.utils.data import DataLoader, Dataset

from course_lib.errors import CourseError
from course_lib.training.passes import Batch, Pass


def batches(passes: list[Pass], steps: range, workers: int, pin_memory: bool = False) -> Iterator[list[Batch]]:
    """For each of `steps` the batch of every pass. The same for any number of `workers`; 0: made in this process.

    A CourseError of a batch is raised here as it is, wherever the batch was made.
    """
    if not steps:
        return iter(())
    loader = DataLoader(
        _Iterations(passes),
        batch_size=None,
        sampler=steps,
        num_workers=workers,
        worker_init_fn=_quiet_worker,
        # A forked process inherits locks of threads that it does not have, and waits for them for ever.
        multiprocessing_context="spawn" if workers else None,
        pin_memory=pin_memory,
    )
    return map(_or_raise, iter(loader))  # `iter` starts the processes


@contextmanager
def threads_beside(workers: int) -> Iterator[None]:
    """Inside, torch computes on the cores that `workers` loader processes leave to it.

    With a thread for each core, step and loader get into each other's way, and the step waits for its slowest thread.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads - workers))
    try:
        yield
    finally:
        torch.set_num_threads(threads)


class _Iterations(Dataset):
    """Step number → the batches of all passes, or the CourseError that says why they cannot be made.

    It is handed back and not raised: the loader would wrap it in the stack trace of its process.
    """

    def __init__(self, passes: list[Pass]) -> None:
        self.passes = passes

    def __getitem__(self, step: int) -> list[Batch] | CourseError:
        try:
            return [train_pass.batches[step] for train_pass in self.passes]
        except CourseError as error:
            return error


def _or_raise(made: list[Batch] | CourseError) -> list[Batch]:
    if isinstance(made, CourseError):
        raise made
    return made


def _quiet_worker(worker: int) -> None:
    """Loader processes share the machine with the training step, and leave Ctrl-C to it."""
    import cv2

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
