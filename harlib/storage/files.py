"""Files that appear whole or not at all, and files that are read as a stranger's.

A file is written under a temporary name beside its own, ``.<name>.<process>.tmp``, and renamed. A
killed process leaves that name behind; whoever next works on the same file removes it.

What cannot be read raises one of :data:`BROKEN` and nothing else, whatever the file holds. Who
calls says what that means for the user.
"""

import contextlib
import hashlib
import io
import json
import math
import os
import stat
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock, Timeout

from harlib import paths
from harlib.errors import UserError, did_you_mean, one_line

try:
    import fcntl
except ImportError:  # Windows: what a killed process left is not told from what is being written
    fcntl = None

#: Most bytes of a JSON file, and of a file of arrays; the largest written here have 3 and 1 MB.
MAX_JSON, MAX_NPZ = 64 * 2**20, 256 * 2**20
#: What a file that cannot be read raises here.
BROKEN = (OSError, ValueError)


def cannot_write(path: Path, error: OSError) -> UserError:
    """What to tell a user when ``path`` could not be written."""
    reason = error.strerror or one_line(error)
    return UserError(
        f"{paths.shown(path)} cannot be written ({reason}): what was there before is as it was"
    )


def what_is_there(path: Path, kind: str, endings: tuple[str, ...]) -> str:
    """Why ``path`` is no file, and what of its ``kind`` lies beside where it should be."""
    if path.is_dir():
        return "is a folder, not a file"
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    there = sorted(one.name for one in folder.iterdir() if one.suffix in endings)
    listed = f"{kind}s there: {one_line(', '.join(there[:5]))}" if there else f"no {kind} there"
    return (
        f"does not exist{did_you_mean(path.name, there)}; a relative path counts from "
        f"{paths.ROOT}; looked in {folder}: {listed}"
    )


def write(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write ``content`` to ``path``, whole or not at all.

    ``durable``: it has reached the disk before the name changes, so that a power cut leaves the
    old file or the new one. A UserError where it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            _claim(file)
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
            temporary.replace(path)  # while it is claimed
    except OSError as error:
        raise cannot_write(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def sweep(folder: Path, name: str) -> None:
    """Remove what killed processes left of files whose name begins with ``name``."""
    for left in folder.glob(f".{name}*.tmp"):
        with contextlib.suppress(OSError), left.open("rb") as file:
            if fcntl and _claim(file):
                left.unlink(missing_ok=True)


def _claim(file: BinaryIO) -> bool:
    """Say that a file's writer lives; False if another process has said so.

    The operating system takes it back when the process ends, however it ends.
    """
    with contextlib.suppress(OSError):  # also a file system without locks
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


@contextmanager
def held(name: Path, *, wait: bool) -> Iterator[bool]:
    """Hold the lock file ``name`` in the block; False if another process has it.

    It is freed however its process ends. A UserError where its folder cannot be made or written.
    """
    lock = FileLock(name, timeout=-1 if wait else 0)
    try:
        name.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(Timeout):
            lock.acquire()
    except OSError as error:
        raise cannot_write(name.parent, error) from None
    try:
        yield lock.is_locked
    finally:
        lock.release()


def read_bytes(path: Path, limit: int) -> bytes:
    """The bytes of a plain file of at most ``limit`` bytes."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):  # a pipe would be waited for, a device never ends
        raise ValueError("it is not a file")
    with path.open("rb") as stream:
        # As much as is asked for is set aside, however little there is.
        content = stream.read(min(limit, status.st_size) + 1)
    if len(content) > limit:
        raise ValueError(f"it is larger than {limit} bytes, the most that is read")
    return content


def shipped(path: Path, sha256: str, or_else: str = "") -> bytes:
    """The bytes of a file that belongs to the project, which must have this digest.

    Else a UserError says how to get it back, and with ``or_else`` what else helps.
    """
    with contextlib.suppress(*BROKEN):
        content = read_bytes(path, MAX_NPZ)
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
    what = "is damaged or changed" if path.exists() else "is missing"
    name = paths.shown(path)
    raise UserError(f"{name} {what}: `git checkout {name}` brings it back{or_else}")


def parse_json(content: bytes) -> object:
    """The value of a JSON text in UTF-8.

    Refused besides what is no JSON: NaN and infinities, also as ``1e999``; whole numbers of more
    than 64 bits; an object with the same key twice; half a surrogate pair; too many levels.
    """
    try:
        value = json.loads(
            content.decode("utf-8"), object_pairs_hook=_object, parse_float=_finite,
            parse_int=_whole, parse_constant=_finite,
        )  # fmt: skip
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise ValueError("it has too many levels") from None
    return value


def _object(pairs: list[tuple[str, object]]) -> dict:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an entry is there twice")
    return found


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text[:40]} is no finite number")
    return value


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > 19:  # all those of 64 bits
        raise ValueError(f"{text[:40]}... has more than 19 digits")
    return int(text)


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """All arrays of an uncompressed NPZ without pickles, by name; copies, not views."""
    content = io.BytesIO(read_bytes(path, MAX_NPZ))
    try:
        with warnings.catch_warnings(), zipfile.ZipFile(content) as archive:
            warnings.simplefilter("error")  # NumPy bears with headers of Python 2, and says so
            members = archive.infolist()
            # Stored without compression, and together no larger than the file: no bomb.
            if any(member.compress_type != zipfile.ZIP_STORED for member in members):
                raise ValueError("an array in it is compressed")
            if sum(member.file_size for member in members) > len(content.getbuffer()):
                raise ValueError("its arrays overlap")
            if len({member.filename for member in members}) != len(members):
                raise ValueError("an array is there twice")
            return {
                name.removesuffix(".npy"): _array(archive.read(name)) for name in archive.namelist()
            }
    except Exception as error:  # NumPy and zipfile raise a dozen kinds on rubbish
        raise ValueError(f"{type(error).__name__}: {error}") from None


def _array(content: bytes) -> np.ndarray:
    stream = io.BytesIO(content)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an array is not of version 1.0")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    # NumPy sets aside what a header promises before it looks whether that is there.
    if stream.tell() + math.prod(shape) * dtype.itemsize != len(content):
        raise ValueError("an array is longer or shorter than it says")
    return np.load(io.BytesIO(content), allow_pickle=False)
