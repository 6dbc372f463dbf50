"""What a target of the attacks on readers is, and the list of them.

A target writes valid files with the project's own code, changes them, and has them read. A reader
may refuse with one line, or give something whole: what it gives is used as the project uses it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

#: A file by its path in the folder it is read from, and the bytes in it.
File = tuple[str, bytes]
Mutate = Callable[[np.random.Generator, bytes, list[bytes]], bytes]


@dataclass(frozen=True)
class Target:
    """A reader and how to attack it.

    Attributes
    ----------
    what : str
        What is read, in words.
    times : int
        How often it is tried in ``make torture``.
    prepare : callable
        Valid files, made in an empty folder.
    change : callable
        Makes one of them invalid.
    read : callable
        Reads a file and uses what comes of it; an AssertionError says what is not whole.
    """

    what: str
    times: int
    prepare: Callable[[Path], list[File]]
    change: Mutate
    read: Callable[[Path], object]


TARGETS: dict[str, Target] = {}


def target(what: str, times: int, prepare: Callable, change: Mutate) -> Callable:
    """Make a target of the function that reads; its name becomes the target's."""

    def register(read: Callable[[Path], object]) -> Callable[[Path], object]:
        TARGETS[read.__name__] = Target(what, times, prepare, change, read)
        return read

    return register


def files(folder: Path) -> list[File]:
    """Every file under ``folder``, by its name."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path.name, path.read_bytes()) for path in found]
