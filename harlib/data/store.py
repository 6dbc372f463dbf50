"""Arrays kept on disk between runs, believed only if they prove to be the ones stored."""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from harlib.storage import files

Arrays = dict[str, np.ndarray]


def _digest(key: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    digest = hashlib.sha256(key.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return np.frombuffer(digest.digest(), dtype=np.uint8)


def read(path: Path, key: str, max_bytes: int) -> Arrays | None:
    """Arrays stored in ``path`` under ``key``, or None if it holds anything else.

    A file that is damaged, foreign, of another key or unreadable is no error:
    the arrays can be made anew.
    """
    try:
        # Nothing in it is compressed, so that no array can be larger than the file.
        arrays = files.read_npz(path, max_bytes)
        stored = arrays.pop("sha256")
        return arrays if np.array_equal(stored, _digest(key, arrays)) else None
    except (*files.BROKEN, KeyError):
        return None


def write(path: Path, key: str, arrays: Arrays) -> bool:
    """Store ``arrays`` under ``key``; False where the folder does not take files.

    The file appears whole or not at all.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Root could write into a folder marked read-only, and should not.
        if not path.parent.stat().st_mode & 0o222:
            return False
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with os.fdopen(handle, "wb") as stream:
            np.savez(stream, allow_pickle=False, sha256=_digest(key, arrays), **arrays)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
        return True
    except OSError:
        return False
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
