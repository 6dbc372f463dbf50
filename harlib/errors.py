"""The one exception that means: the input is wrong, not the program."""


class UserError(Exception):
    """Something the user gave cannot be used.

    The message is one line: what is wrong, where, and what is allowed.
    Notebooks show only that line; any other exception keeps its traceback,
    because it is a defect of this project.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for this before it formats a traceback.
        return [f"harlib: {self}"]


def one_line(error: BaseException) -> str:
    """Text of ``error`` on one line, for use inside another message."""
    return " ".join(str(error).split()) or type(error).__name__
