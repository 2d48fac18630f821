"""`python -m course_lib …`, the same as the command `course …`."""

from course_lib.cli.main import run

if __name__ == "__main__":
    run()
