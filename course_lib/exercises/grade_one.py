"""One submission, in a process of its own: `python -m course_lib.exercises.grade_one FILE MEMORY_MB NAME …`.

Writes a line of JSON before and after each exercise, so that who started it knows what it died of. What the submission prints
goes nowhere.
"""

import json
import os
import sys
from pathlib import Path

from course_lib.errors import CourseError
from course_lib.exercises.answers import read_answers
from course_lib.exercises.catalogue import find_exercise
from course_lib.exercises.checking import examine


def main(path: Path, megabytes: int, names: list[str]) -> None:
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
        result = examine(find_exercise(name), answers.functions[name])
        tell(ended=name, status=result.status, case=result.case, problem=result.problem, diagnosis=result.diagnosis)


def limit_memory(megabytes: int) -> None:
    """More than it has now by so much, and no more; where the system has such limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else None
    if pages is not None:
        most = pages * resource.getpagesize() + megabytes * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
