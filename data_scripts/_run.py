"""What the scripts of this folder share: find course_lib from any folder, and turn errors into one message."""

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def run(main: Callable[[], None]) -> None:
    """Run `main`; exit code 2 with one message for what the user can put right, 130 for Ctrl-C."""
    try:
        from course_lib.errors import CourseError

        try:
            main()
        except CourseError as error:
            print(error, file=sys.stderr)
            sys.exit(2)
    except ModuleNotFoundError as error:
        print(
            f"This Python has no package {error.name}. Run `python3 course.py demo` once: it makes .venv, "
            "then use the Python in .venv for this script.",
            file=sys.stderr,
        )
        sys.exit(2)
    except KeyboardInterrupt:
        print("\nInterrupted. Nothing half-made is left; run it again to go on.", file=sys.stderr)
        sys.exit(130)


def say_where(paths: list[Path], licence: str, credit: str) -> None:
    """What lies where, how large it is, on which terms and thanks to whom."""
    for path in paths:
        print(f"{path}  ({path.stat().st_size / 1e6:.2f} MB)")
    print(f"Licence: {licence}")
    print(f"Credit:  {credit}")
