"""The one exception that means: the input is wrong, not the program."""

import difflib
import errno
import functools
import sys
from collections.abc import Callable, Iterable
from pathlib import Path


class UserError(Exception):
    """Something the user gave cannot be used.

    The message is one line: what is wrong, where, and what is allowed. Notebooks show only that
    line; any other exception keeps its traceback, because it is a defect of this project.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for this before it formats a traceback.
        return [f"harlib: {self}"]


def one_line(error: BaseException | str) -> str:
    """Text of ``error`` on one line, for use inside another message.

    What a terminal would obey rather than show, from a file's content, is written out; what is
    longer than a few lines is cut.
    """
    text = " ".join(str(error).split())
    if not text and isinstance(error, BaseException):
        text = type(error).__name__
    # Cut first: what is written out gets longer, and may be as long as a file.
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:500]
    )
    return shown if len(text) <= 500 and len(shown) <= 500 else f"{shown[:500]} ..."


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`` (did you mean X?)`` with what is nearest to ``name`` among ``known``, or nothing."""
    by_spelling = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name.lower(), by_spelling, n=1)
    return f" (did you mean {one_line(by_spelling[close[0]])}?)" if close else ""


#: What the system says of a disk that is full, of a file too long, and of what may not be written.
SHORTAGES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)


def command(main: Callable[..., None]) -> Callable[..., int]:
    """Make ``main`` a command: its exit code is 0, or 1 after an error, shown as one line.

    Errors are those of the user, and a disk that takes nothing more, wherever it is met.
    """

    @functools.wraps(main)
    def run(*args: object) -> int:
        try:
            main(*args)
        except UserError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        except OSError as error:
            if error.errno not in SHORTAGES:
                raise
            # What fails in the middle of a file names none: then the command that wrote.
            place = error.filename or Path(sys.argv[0]).name
            print(f"error: {place}: {error.strerror}", file=sys.stderr)
            return 1
        return 0

    return run
