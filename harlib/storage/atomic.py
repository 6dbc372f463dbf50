"""Files that appear whole or not at all, and locks that end with the process that holds them.

A file is written under a temporary name beside its own, ``.<name>.<process>.tmp``, and renamed. A
killed process leaves that name behind; whoever next works on the same file removes it.
"""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from harlib import paths
from harlib.errors import UserError, one_line

try:
    import fcntl
except ImportError:  # Windows: two processes at once are not told apart
    fcntl = None


def cannot_write(path: Path, error: OSError) -> UserError:
    """What to tell a user when ``path`` could not be written."""
    reason = error.strerror or one_line(error)
    return UserError(
        f"{paths.shown(path)} cannot be written ({reason}): what was there before is as it was"
    )


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[BinaryIO]:
    """A stream whose bytes stand at ``path`` when the block has ended, or nothing of them.

    ``durable``: they have reached the disk before the name changes, so that a power cut leaves the
    old file or the new one.

    Raises
    ------
    UserError
        The disk is full, the folder is missing or cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            _lock(file, wait=True)  # says that the writer lives; see sweep
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
            temporary.replace(path)
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write ``content`` to ``path``, whole or not at all; errors as in :func:`replacing`."""
    with replacing(path, durable=durable) as file:
        file.write(content)


def sweep(folder: Path, name: str) -> None:
    """Remove what killed processes left of files whose name begins with ``name``."""
    if fcntl is None:
        return
    for left in folder.glob(f".{name}*.tmp"):
        with contextlib.suppress(OSError), left.open("rb") as file:
            if _lock(file, wait=False):
                left.unlink(missing_ok=True)


@contextmanager
def held(folder: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock of a folder in the block; False if another process has it.

    The operating system frees the lock when its process ends, however it ends.

    Raises
    ------
    UserError
        The folder cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY) if fcntl else -1
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        yield _lock(handle, wait=wait)
    finally:
        if handle >= 0:
            os.close(handle)


def _lock(file: BinaryIO | int, *, wait: bool) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
