"""How one call trains a stage, whatever network it is: the same for RVM, SparseInst, their forks and the plate network."""

from dataclasses import dataclass
from pathlib import Path

from course_lib.training.loop import Judge, Show
from course_lib.training.run_folder import RESULTS


@dataclass(frozen=True)
class RunOptions:
    """`seed` decides the numbers; the rest only where and for how long they are computed, and who looks on.

    resume: continue at the checkpoint, or without one at the snapshot in `results`. max_minutes: None for no limit.
    device: auto, cpu or cuda. workers: processes that make batches; 0 for none of their own. results: the folder of the runs.
    judge: further measures of a network at each validation. show: called with the step, the network and the first batch there.
    """

    seed: int = 0
    resume: bool = False
    max_minutes: float | None = None
    device: str = "auto"
    workers: int = 0
    results: Path = RESULTS
    judge: Judge | None = None
    show: Show | None = None
