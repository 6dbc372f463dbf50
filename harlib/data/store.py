"""Arrays kept on disk between runs, believed only if they prove to be the ones stored."""

import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

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
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            # Stored without compression, so that no array can be larger than the file.
            if path.stat().st_size > max_bytes or any(
                member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()
            ):
                return None
            arrays = {}
            for member in archive.infolist():
                with archive.open(member) as content:
                    arrays[member.filename.removesuffix(".npy")] = _read_array(content, max_bytes)
        stored = arrays.pop("sha256")
        return arrays if np.array_equal(stored, _digest(key, arrays)) else None
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, SyntaxError, TypeError,
            NotImplementedError, OverflowError, MemoryError, zipfile.BadZipFile):  # fmt: skip
        return None


def _read_array(content: zipfile.ZipExtFile, max_bytes: int) -> np.ndarray:
    if np.lib.format.read_magic(content) != (1, 0):
        raise ValueError("not an array file of version 1.0")
    shape, _, dtype = np.lib.format.read_array_header_1_0(content)
    # The header's promise is checked before memory is set aside for it.
    if dtype.hasobject or int(np.prod(shape, dtype=object)) * dtype.itemsize > max_bytes:
        raise ValueError("more than was stored")
    content.seek(0)
    return np.lib.format.read_array(content, allow_pickle=False)


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
