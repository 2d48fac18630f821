"""One submission, in a process of its own: `python -m course_lib.exercises.grade_one FILE MEMORY_MB SEED NAME …`.

Writes a line of JSON before and after each exercise, so that who started it knows what it died of. What the submission prints
goes nowhere.
"""

import importlib.util
import json
import os
import sys
from pathlib import Path

import torch

from course_lib.errors import CourseError
from course_lib.exercises.answers import read_answers

STATUS = Path("/proc/self/statm")  # how much memory this process has; Linux


def main(path: Path, megabytes: int, seed: int, names: list[str]) -> None:
    """Grades the exercises `names`; without any, says which functions there are."""
    answers_to = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def tell(**line: object) -> None:
        print(json.dumps(line), file=answers_to, flush=True)

    limit_memory(megabytes)
    try:
        answers = read_answers(path)
    except CourseError as error:
        tell(unreadable=str(error))
        return
    if not names:
        tell(found=sorted(answers.functions), problems=answers.problems)
    for name in names:
        tell(began=name)
        torch.manual_seed(seed)  # an answer that draws by itself draws the same again
        result = answers.examine(name, seed)
        tell(ended=name, status=result.status, case=result.case, problem=result.problem, diagnosis=result.diagnosis)


def can_limit_memory() -> bool:
    """On Windows and macOS: no."""
    return importlib.util.find_spec("resource") is not None and STATUS.exists()


def limit_memory(megabytes: int) -> None:
    """More than it has now by so much, and no more; where the system has such limits."""
    if not can_limit_memory():
        return
    import resource

    most = int(STATUS.read_text().split()[0]) * resource.getpagesize() + megabytes * 2**20
    _, highest = resource.getrlimit(resource.RLIMIT_AS)
    if highest != resource.RLIM_INFINITY:
        most = min(most, highest)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
