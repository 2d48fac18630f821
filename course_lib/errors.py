"""The one error that is meant for a person."""


class CourseError(Exception):
    """Something the user can put right. The message names the thing, the cause and the remedy.

    The command line prints it and leaves with exit code 2; no stack trace.
    """
